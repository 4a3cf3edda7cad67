"""The form of an endpoint: what it takes, keeps and sends."""

from __future__ import annotations

import re

import httpx
import pytest
from fal_codegen.emulator import Emulator

from emulator.conftest import PAINT
from emulator.playground.documents import CHOICES, PIKA, SHAPES, UNPLANNED

pytest.importorskip("playwright", reason="needs `pip install playwright`")

from playwright.sync_api import Page, Route, expect

from .actions import says, sent, slowly, submit, unfold, visit

pytestmark = pytest.mark.browser


def test_what_is_typed_while_the_page_is_loading_stays(page: Page, emulator: Emulator) -> None:
    page.route("**/playground.js", slowly)
    page.goto(PAINT, wait_until="commit")
    page.get_by_label("prompt").fill("a blue fox")
    submit(page)
    says(page, "Completed")
    assert sent(emulator)["prompt"] == "a blue fox"


def test_what_is_looked_for_while_the_page_is_loading_is_found(page: Page) -> None:
    page.route("**/playground.js", slowly)
    page.goto("", wait_until="commit")
    page.get_by_label("Find an endpoint").fill("PAINT draft")
    page.get_by_text("1 found.").wait_for()


def test_only_what_is_set_is_sent(page: Page, emulator: Emulator) -> None:
    visit(page, SHAPES)
    submit(page)
    says(page, "Completed")
    assert sent(emulator) == {
        "prompt": "a fox",
        "note": "note",
        "picture_url": "https://example.com/a.png",
        "corner": {"x": 0},
    }
    page.get_by_label("note").fill("")
    submit(page)
    says(page, "Completed")
    assert sent(emulator)["note"] is None  # it is required, and null is one of its values


def test_every_shape_can_be_set(page: Page, emulator: Emulator) -> None:
    visit(page, SHAPES)
    unfold(page)
    page.get_by_label("word", exact=True).fill("so")
    page.get_by_label("count", exact=True).fill("4")
    page.get_by_label("weight").fill("0.5")
    page.get_by_role("switch", name="exact").uncheck()
    page.get_by_label("level").select_option(value='"1"')
    page.get_by_label("note").fill("well")
    corner = page.get_by_role("group", name="corner", exact=True)
    corner.get_by_label("x").fill("1")
    page.get_by_role("button", name="Add to words").click()
    page.keyboard.type("first")  # the focus is where one goes on
    page.get_by_role("button", name="Add to words").click()
    page.keyboard.type("second")
    page.get_by_role("button", name="Add to words").click()
    page.get_by_role("button", name="Remove words 1").click()
    assert page.get_by_role("textbox", name="words 1").input_value() == "second"
    page.get_by_role("button", name="Add to corners").click()
    page.get_by_role("group", name="corners 1").get_by_label("y").fill("2")
    page.get_by_role("button", name="Add to rows", exact=True).click()
    page.get_by_role("button", name="Add to rows 1").click()
    page.keyboard.type("5")
    page.get_by_label("size", exact=True).select_option("custom…")
    page.get_by_label("width").fill("9")
    page.get_by_label("Type of amount").select_option("integer")
    page.get_by_label("amount, integer").fill("6")
    page.get_by_label("tags").fill('{"a": "b"}')
    page.get_by_label("anything").fill("[1, null]")
    page.get_by_label("leaf").fill("green")
    page.get_by_label("branch").fill('{"branch": {"leaf": "red"}}')
    submit(page)
    says(page, "The model rejected")  # a corner without x, and an item that is no text yet
    assert sent(emulator)["corners"] == [{"y": 2}]
    page.get_by_role("group", name="corners 1").get_by_label("x").fill("3")
    submit(page)
    says(page, "Completed")
    assert sent(emulator) == {
        "prompt": "a fox",
        "word": "so",
        "count": 4,
        "weight": 0.5,
        "exact": False,
        "level": "1",
        "note": "well",
        "picture_url": "https://example.com/a.png",
        "corner": {"x": 1},
        "words": ["second", ""],
        "corners": [{"x": 3, "y": 2}],
        "rows": [[5]],
        "size": {"width": 9},
        "amount": 6,
        "tags": {"a": "b"},
        "anything": [1, None],
        "tree": {"leaf": "green", "branch": {"branch": {"leaf": "red"}}},
    }
    page.get_by_label("size", exact=True).select_option("wide")
    page.get_by_label("Type of amount").select_option("Corner")
    page.get_by_role("group", name="amount, Corner").get_by_label("x").fill("7")
    submit(page)
    says(page, "Completed")
    assert (sent(emulator)["size"], sent(emulator)["amount"]) == ("wide", {"x": 7})


def test_complaints_stand_next_to_their_fields(page: Page) -> None:
    visit(page, PAINT)
    page.get_by_label("prompt").fill("x")
    unfold(page)
    page.get_by_label("steps").fill("99")
    page.get_by_label("size", exact=True).select_option("custom…")
    page.get_by_label("width").fill("0")
    for _ in range(3):
        page.get_by_role("button", name="Add to tags").click()
    unfold(page)  # folds them, but not what is wrong with them
    expect(page.get_by_label("steps")).to_be_hidden()
    submit(page)
    says(page, "The model rejected the input.")
    complaints = {
        "prompt": "at least 2",
        "steps": "less than or equal to 50",
        "width": "greater than 0",
    }
    for label, message in complaints.items():
        control = page.get_by_label(label)
        assert control.get_attribute("aria-invalid") == "true"
        near = control.get_attribute("aria-describedby")
        assert near is not None
        alert = page.locator(f"#{near.split()[1]}")
        assert alert.get_attribute("role") == "alert"
        assert message in alert.inner_text()
    tags = page.get_by_role("group", name="tags", exact=True)
    assert "at most 2" in tags.get_by_role("alert").inner_text()
    assert page.locator("[aria-invalid]").count() == 3
    assert page.evaluate("document.activeElement.labels[0].innerText") == "prompt"

    page.get_by_role("button", name="Reset to the example").click()
    assert page.get_by_role("alert").count() == page.locator("[aria-invalid]").count() == 0
    page.get_by_label("prompt").fill("")
    submit(page)
    page.get_by_role("alert").get_by_text("Field required").wait_for()
    page.get_by_label("prompt").fill("a fox")
    submit(page)
    says(page, "Completed")
    assert page.get_by_role("alert").count() == 0


def test_complaints_about_no_field_stand_on_top(page: Page) -> None:
    visit(page, PAINT)
    submit(page, faults="model-error=content_policy_violation")
    page.get_by_role("alert").get_by_text("Content policy violation").wait_for()
    page.get_by_label("Faults").fill("infrastructure-error=runner_disconnected")
    submit(page)
    page.get_by_role("alert").get_by_text("Runner disconnected (503)").wait_for()
    assert page.evaluate("document.activeElement.id") == "problems"
    page.get_by_label("Faults").fill("nonsense")
    submit(page)
    page.get_by_role("alert").get_by_text("nonsense").wait_for()
    page.get_by_label("Faults").fill("rate-limit; on=status; times=2")
    submit(page)
    says(page, "Completed")


def test_what_is_no_json_is_not_sent(page: Page, emulator: Emulator) -> None:
    visit(page, SHAPES)
    unfold(page)
    page.get_by_label("anything").fill("{")
    submit(page)
    page.get_by_role("alert").get_by_text("This is not JSON").wait_for()
    assert page.get_by_label("anything").get_attribute("aria-invalid") == "true"
    page.get_by_label("anything").fill("")
    page.get_by_label("count", exact=True).fill("9007199254740993")
    submit(page)
    page.get_by_role("alert").get_by_text("exactly").wait_for()
    assert emulator.journal.count("submit") == 0


def test_a_file_is_uploaded(page: Page, emulator: Emulator) -> None:
    visit(page, PIKA)
    page.get_by_label("Choose a file for image_url").set_input_files(
        {"name": "first frame.png", "mimeType": "image/png", "buffer": b"a picture"}
    )
    control = page.get_by_role("textbox", name="image_url")
    expect(control).to_have_value(re.compile(f"^{emulator.base_url}/files/"))
    url = control.input_value()
    uploaded = httpx.get(url)
    assert (uploaded.content, uploaded.headers["content-type"]) == (b"a picture", "image/png")
    expect(page.locator("#snippet")).to_contain_text('image_url=Path("first frame.png")')
    preview = page.locator(".preview")
    expect(preview).to_contain_text("image/png, 9 bytes")
    expect(preview).to_contain_text("The browser cannot show this file.")  # it is no picture
    expect(page.get_by_role("progressbar")).to_have_count(0)
    submit(page)
    says(page, "Completed")
    assert sent(emulator)["image_url"] == url


def test_a_file_that_the_emulator_does_not_have_is_named(page: Page, emulator: Emulator) -> None:
    visit(page, PIKA)
    page.get_by_role("textbox", name="image_url").fill(f"{emulator.base_url}/files/%E0%A4")
    page.keyboard.press("Tab")
    expect(page.locator(".preview")).to_contain_text("%E0%A4 cannot be loaded")
    page.get_by_role("textbox", name="image_url").fill("https://example.com/a.png")
    page.keyboard.press("Tab")
    expect(page.locator(".preview")).to_be_empty()  # nothing is loaded from elsewhere


def test_the_progress_of_an_upload_is_shown(page: Page) -> None:
    held: list[Route] = []
    page.route("**/files/**", lambda route: held.append(route))
    visit(page, PIKA)
    page.get_by_label("Choose a file for image_url").set_input_files(
        {"name": "a.png", "mimeType": "image/png", "buffer": b"a picture"}
    )
    bar = page.get_by_role("progressbar", name="Upload for image_url")
    bar.wait_for()
    while not held:
        page.wait_for_timeout(10)
    held[0].abort()
    page.get_by_role("alert").get_by_text("The file was not uploaded").wait_for()
    expect(bar).to_be_hidden()


def test_an_input_can_be_written_as_json_alone(page: Page, emulator: Emulator) -> None:
    visit(page, UNPLANNED)
    assert '"prompt": "a red fox"' in page.get_by_label("Input", exact=True).last.input_value()
    page.locator("textarea").fill('{"prompt": "x"}')
    submit(page)
    page.get_by_role("alert").get_by_text("prompt: String should have").wait_for()
    page.locator("textarea").fill('{"prompt": "a fox"}')
    submit(page)
    says(page, "Completed")
    assert sent(emulator) == {"prompt": "a fox"}


def test_what_says_its_default_is_not_sent(page: Page, emulator: Emulator) -> None:
    visit(page, CHOICES)
    for label, value in {"mood": "calm", "strength": "0.5", "size": "square"}.items():
        expect(page.get_by_label(label, exact=True)).to_have_value(
            value if label == "strength" else f'"{value}"'
        )
    expect(page.get_by_role("switch", name="checked")).to_be_checked()
    expect(page.get_by_label("negative")).to_have_value("blurry")
    submit(page)
    says(page, "Completed")
    assert sent(emulator) == {}
    page.get_by_label("mood").select_option("null")
    page.get_by_label("strength", exact=True).fill("0.75")
    page.get_by_role("switch", name="checked").uncheck()
    page.get_by_label("negative").fill("")
    submit(page)
    says(page, "Completed")
    assert sent(emulator) == {"mood": None, "strength": 0.75, "checked": False, "negative": ""}
    page.get_by_role("switch", name="is_closed").check()
    submit(page)
    says(page, "Completed")
    assert sent(emulator)["frame"] == {"is_closed": True, "colour": "black"}
    page.get_by_role("button", name="Reset to the example").click()
    submit(page)
    says(page, "Completed")
    assert sent(emulator) == {}


def test_a_slider_has_its_number_and_a_seed_its_dice(page: Page, emulator: Emulator) -> None:
    visit(page, CHOICES)
    slider = page.locator("[type=range]")
    assert [slider.get_attribute(name) for name in ("min", "max", "step")] == ["0", "1", "0.01"]
    expect(slider).to_have_value("0.5")
    slider.fill("0.25")
    expect(page.get_by_label("strength", exact=True)).to_have_value("0.25")
    page.get_by_label("strength", exact=True).fill("0.9")
    expect(slider).to_have_value("0.9")
    page.get_by_role("button", name="Random seed").click()
    rolled = page.get_by_label("seed", exact=True).input_value()
    submit(page)
    says(page, "Completed")
    assert sent(emulator) == {"strength": 0.9, "seed": int(rolled)}


def test_one_of_many_options_is_found_by_its_name(page: Page, emulator: Emulator) -> None:
    visit(page, SHAPES)
    unfold(page)
    styles = page.get_by_role("group", name="styles")
    expect(styles.get_by_role("status")).to_have_text("1 selected: styles 277")
    styles.get_by_role("searchbox", name="Find in styles").fill("STYLES 12")
    expect(styles.get_by_role("checkbox")).to_have_count(13)  # 12, 112, 212, and 120 to 129
    page.keyboard.press("Enter")  # submits nothing
    for style in ("styles 129", "styles 12"):
        styles.get_by_label(style, exact=True).check()
    expect(styles.get_by_role("status")).to_have_text(
        "3 selected: styles 277, styles 129, styles 12"
    )
    assert emulator.journal.count("submit") == 0
    submit(page)
    says(page, "Completed")
    assert sent(emulator)["styles"] == ["styles 277", "styles 129", "styles 12"]


def test_a_form_survives_a_reload_until_it_is_reset(page: Page) -> None:
    visit(page, PAINT)
    page.get_by_label("prompt").fill("a blue fox")
    unfold(page)
    page.get_by_label("size", exact=True).select_option("custom…")
    page.get_by_label("width").fill("7")
    page.get_by_role("button", name="Add to tags").click()
    page.keyboard.type("one")
    page.locator("#snippet", has_text='"one"').wait_for()
    page.reload()
    expect(page.get_by_label("prompt")).to_have_value("a blue fox")
    expect(page.get_by_text("Optional fields (5, 2 set)")).to_be_visible()
    unfold(page)
    expect(page.get_by_label("width")).to_have_value("7")
    expect(page.get_by_label("tags 1", exact=True)).to_have_value("one")
    page.get_by_role("button", name="Reset to the example").click()
    page.locator("#snippet", has_text="a red fox").wait_for()
    page.reload()
    expect(page.get_by_label("prompt")).to_have_value("a red fox")


@pytest.mark.parametrize("kept", ["{", "null", '{"tags": 5, "prompt": [], "steps": "x"}', "[1]"])
def test_what_another_program_left_in_the_browser_is_harmless(page: Page, kept: str) -> None:
    visit(page, PAINT)
    page.evaluate(
        f"""kept => {{
            sessionStorage.setItem("draft of {PAINT}", kept);
            localStorage.setItem("requests to {PAINT}", kept);
        }}""",
        kept,
    )
    page.reload()
    page.get_by_label("prompt").fill("a blue fox")
    submit(page)
    says(page, "Completed")
