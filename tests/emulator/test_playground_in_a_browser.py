"""The playground as people use it: in a browser, with a mouse, a keyboard or a screen reader."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fal_codegen.emulator import Emulator

from .conftest import PAINT
from .test_playground import (
    CHOICES,
    FILES,
    FILM,
    HOSTILE,
    IMAGES,
    OPTIONAL,
    PIKA,
    SHAPES,
    UNPLANNED,
    WORST,
    documents,
    prices,
)

pytest.importorskip("playwright", reason="needs `pip install playwright`")

from playwright.sync_api import Browser, Page, Route, expect

pytestmark = pytest.mark.browser

PATIENCE = 30_000
"""Milliseconds to wait on a slow machine."""


@pytest.fixture(scope="module")
def served() -> Iterator[Emulator]:
    with Emulator(documents(), prices=prices()) as emulator:
        yield emulator


@pytest.fixture
def emulator(served: Emulator) -> Emulator:
    served.reset()
    return served


@pytest.fixture
def page(browser: Browser, emulator: Emulator) -> Iterator[Page]:
    """A page that must not log an error, and may send requests to the emulator only."""
    context = browser.new_context(base_url=f"{emulator.base_url}/playground/")
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    page = context.new_page()
    errors: list[str] = []
    asked_for: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if "policy" in said.text else None)
    page.on("request", lambda asked: asked_for.append(asked.url))
    yield page
    context.close()
    assert errors == []
    assert [url for url in asked_for if not url.startswith(f"{emulator.base_url}/")] == []


def visit(page: Page, path: str = "") -> None:
    answer = page.goto(path)
    assert answer is not None
    assert answer.ok


def says(page: Page, text: str) -> None:
    """Wait for a status."""
    expect(page.locator("#status")).to_contain_text(text)


def unfold(page: Page) -> None:
    page.get_by_text("Optional fields").click()


def submit(page: Page, *, faults: str = "") -> None:
    if faults:
        page.get_by_text("Advanced").click()
        page.get_by_label("Faults").fill(faults)
    page.get_by_role("button", name="Submit").click()


def slowly(route: Route) -> None:
    """Delay a requested page."""
    time.sleep(0.3)
    route.continue_()


def sent(emulator: Emulator) -> Any:
    return emulator.journal.select("submit")[-1].json


def test_a_user_picks_fills_submits_and_sees_the_result(page: Page, emulator: Emulator) -> None:
    visit(page)
    page.get_by_label("Find an endpoint").fill("PAINT draft")
    page.get_by_text("1 found.").wait_for()
    page.get_by_role("link", name=PAINT).click()
    page.get_by_label("prompt").fill("a blue fox")
    unfold(page)
    page.get_by_label("style").select_option("vivid")
    page.get_by_label("steps").fill("3")
    submit(page, faults="logs=4")
    says(page, "Completed")
    assert sent(emulator) == {"prompt": "a blue fox", "style": "vivid", "steps": 3}
    lines = page.get_by_role("log", name="Logs").locator("li")
    expect(lines).to_have_text([f"step {line}/4" for line in (1, 2, 3, 4)])
    expect(page.get_by_role("img", name="image")).to_have_js_property("naturalWidth", 1024)
    page.get_by_text("JSON", exact=True).click()
    expect(page.get_by_label("Result as JSON")).to_contain_text('"mood": "calm"')


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


def test_a_job_that_waits_is_shown_and_cancelled(page: Page, emulator: Emulator) -> None:
    visit(page, PAINT)
    cancel = page.get_by_role("button", name="Cancel the job")
    assert cancel.get_attribute("aria-disabled") == "true"
    submit(page, faults="queued=600, ahead=3")
    says(page, "In the queue, 3 ahead.")
    page.get_by_role("progressbar", name="The job is in progress").wait_for()
    page.get_by_role("button", name="Submit").press("Enter")  # one at a time
    cancel.click()
    says(page, "Cancelled.")
    assert emulator.journal.count("submit") == emulator.journal.count("cancel") == 1
    assert page.get_by_role("progressbar").count() == 0
    page.get_by_label("Faults").fill("running=600, logs=3")
    submit(page)
    says(page, "Running.")
    page.get_by_text("step 1/3").wait_for()
    cancel.click()
    says(page, "Cancelled.")


def test_a_request_is_sent_by_keyboard_alone(page: Page, emulator: Emulator) -> None:
    def tab_to(label: str) -> None:
        for _ in range(40):
            page.keyboard.press("Tab")
            name = page.evaluate(
                "document.activeElement.labels?.[0]?.innerText ?? document.activeElement.innerText"
            )
            if " ".join(name.split()) == label:
                return
        raise AssertionError(f"Tab does not lead to {label}")

    visit(page, PAINT)
    tab_to("prompt")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Control+A")
    page.keyboard.type("a green fox")
    tab_to("Optional fields (5)")
    page.keyboard.press("Enter")
    tab_to("style")
    page.keyboard.press("ArrowDown")
    tab_to("Add to tags")
    page.keyboard.press("Enter")
    page.keyboard.type("one")
    tab_to("Advanced")
    page.keyboard.press("Enter")
    tab_to("Submit")
    page.keyboard.press("Enter")
    says(page, "Completed")
    assert sent(emulator) == {"prompt": "a green fox", "style": "plain", "tags": ["one"]}
    assert page.evaluate("document.activeElement.innerText") == "Submit"
    tab_to("Python")
    page.keyboard.press("ArrowRight")
    page.locator("#snippet", has_text="@fal-ai/client").wait_for()

    # What a mouse drags, the keyboard sets in the number beside it.
    tab_to("prompt")
    tab_to("steps")
    page.keyboard.press("ArrowUp")
    tab_to("Random seed")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")
    says(page, "Completed")
    assert sent(emulator)["steps"] == 21
    assert isinstance(sent(emulator)["seed"], int)
    tab_to("History")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert emulator.journal.count("submit") == 2
    page.keyboard.press("Enter")  # the earlier of the two
    says(page, "Completed")
    expect(page.get_by_label("steps")).to_have_value("20")


def test_every_control_has_a_role_and_a_name(page: Page) -> None:
    visit(page, PAINT)
    page.get_by_role("heading", name=PAINT, level=1).wait_for()
    unfold(page)
    for role, names in {
        "textbox": ["prompt", "Faults", "Key"],
        "spinbutton": ["seed", "steps"],
        "combobox": ["style", "size"],
        "group": ["tags", "Language", "Send to"],
        "radio": ["Python", "TypeScript", "cURL", "this emulator", "fal"],
        "button": ["Submit", "Cancel the job", "Reset to the example", "Copy", "Random seed"],
        "form": ["Input"],
        "region": ["Result", "Code"],
    }.items():
        for name in names:
            if name == "Faults":
                page.get_by_text("Advanced").click()
            assert page.get_by_role(role, name=name, exact=True).count() == 1, (role, name)  # type: ignore[arg-type]
    steps = page.get_by_label("steps")
    described = (steps.get_attribute("aria-describedby") or "").split()[0]
    assert page.locator(f"#{described}").inner_text() == "Default: 20 · 1 to 50"


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


def test_results_are_played_and_shown(page: Page) -> None:
    visit(page, SHAPES)
    submit(page)
    says(page, "Completed")
    expect(page.get_by_label("video")).to_have_js_property("videoWidth", 320)
    expect(page.get_by_label("audio")).to_have_js_property("readyState", 4)
    visit(page, "acme/count")
    submit(page)
    says(page, "Completed")
    assert page.get_by_label("Result as JSON").inner_text() == "{}"


def test_programs_follow_the_form_and_are_copied(page: Page, emulator: Emulator) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit(page, PIKA)
    program = page.get_by_label("Code example")
    page.get_by_label("prompt", exact=True).fill("a slow nod")
    program.get_by_text(re.compile('prompt="a slow nod"')).wait_for()
    assert emulator.base_url in program.inner_text()
    page.get_by_label("cURL").check()
    program.get_by_text(re.compile("curl --silent")).wait_for()
    page.get_by_label("fal", exact=True).check()
    program.get_by_text(re.compile("https://queue.fal.run/")).wait_for()
    page.get_by_role("button", name="Copy").click()
    page.get_by_text("Copied.").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == program.inner_text()


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


def test_hostile_text_does_nothing(page: Page, emulator: Emulator) -> None:
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    visit(page, HOSTILE)
    assert page.get_by_label(WORST, exact=True).first.input_value() == WORST
    unfold(page)
    page.get_by_label("one_of").select_option(WORST)
    submit(page)
    expect(page.get_by_role("progressbar")).to_be_hidden()
    assert sent(emulator)["one_of"] == sent(emulator)[WORST] == WORST
    page.locator("#snippet", has_text="alert(1)").wait_for()
    assert page.locator("img[src=x], main script").count() == 0


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


def test_the_estimated_price_follows_the_form(page: Page) -> None:
    visit(page, IMAGES)
    price = page.locator("#estimate")
    expect(price).to_have_text("0.035 USD")
    page.get_by_label("num_images").fill("4")
    expect(price).to_have_text("0.14 USD")
    page.get_by_label("num_images").fill("-1")
    expect(price).to_have_text("unknown")
    page.get_by_label("num_images").fill("2")
    expect(price).to_have_text("0.07 USD")
    page.get_by_role("button", name="Reset").click()
    expect(price).to_have_text("0.035 USD")
    visit(page, FILM)
    expect(price).to_have_text("unknown")
    page.get_by_label("duration").select_option("10s")
    expect(price).to_have_text("0.4 USD")


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


def test_earlier_requests_are_shown_again(page: Page, emulator: Emulator) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit(page, PAINT)
    ids = []
    for prompt in ("a blue fox", "a green fox"):
        page.get_by_label("prompt").fill(prompt)
        submit(page)
        says(page, "Completed")
        ids.append(page.locator("#request-id").inner_text())
    fetched = [entry.path.rpartition("/")[2] for entry in emulator.journal.select("result")]
    assert fetched == ids
    page.get_by_role("button", name="Copy the request id").click()
    expect(page.locator("#copied-id")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == ids[1]

    page.reload()
    page.get_by_text("History").click()
    earlier = page.get_by_role("button", name="show this request")
    expect(earlier).to_have_count(2)
    earlier.last.click()
    says(page, "Completed")
    assert page.locator("#request-id").inner_text() == ids[0]
    expect(page.get_by_label("prompt")).to_have_value("a blue fox")
    emulator.reset()
    earlier.first.click()
    says(page, "The emulator no longer has this job.")
    expect(page.get_by_label("prompt")).to_have_value("a green fox")
    page.get_by_role("button", name="Forget these requests").click()
    expect(page.get_by_role("heading", name="History")).to_be_hidden()
    page.reload()
    expect(page.get_by_role("heading", name="History")).to_be_hidden()


def test_a_result_is_downloaded(page: Page) -> None:
    visit(page, PAINT)
    submit(page)
    says(page, "Completed")
    with page.expect_download() as started:
        page.get_by_role("link", name="Download fox.png").click()
    assert started.value.path().read_bytes().startswith(b"\x89PNG")


def test_results_that_are_no_pictures_are_described(page: Page) -> None:
    visit(page, FILES)
    submit(page)
    says(page, "Completed")
    expect(page.get_by_role("link", name="chair.glb", exact=True)).to_be_visible()
    expect(page.get_by_text("model/gltf-binary")).to_be_visible()
    expect(page.get_by_role("group", name="words")).to_contain_text("words.txt")
    expect(page.get_by_text("placeholders that the emulator makes")).to_be_visible()


def test_a_result_without_required_parts_has_the_others(page: Page) -> None:
    visit(page, OPTIONAL)
    submit(page)
    says(page, "Completed")
    expect(page.get_by_label("Result as JSON")).to_contain_text('"score"')
    visit(page, "acme/count")
    submit(page)
    says(page, "Completed")
    expect(page.get_by_text("The result is empty")).to_be_visible()


@pytest.mark.parametrize("width", [390, 1280])
def test_the_result_is_in_view_after_submitting(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    visit(page, SHAPES)
    unfold(page)
    page.get_by_label("branch").press("Control+Enter")
    says(page, "Completed")
    expect(page.get_by_role("heading", name="Result")).to_be_in_viewport()
    expect(page.locator("#status")).to_be_in_viewport()
    expect(page.locator("#media img")).to_be_in_viewport()


def test_descriptions_have_their_markup(page: Page) -> None:
    visit(page, CHOICES)
    about = page.locator("#call .about", has_text="How much")
    expect(about.locator("code")).to_have_text("0")
    expect(about.locator("strong")).to_have_text("keeps")
    link = about.get_by_role("link", name="Strength")
    expect(link).to_have_attribute("href", "https://example.com/strength")
    assert about.inner_text().startswith("How much to change: 0 keeps all. See Strength.")
    assert "· 1 to 14142" in page.locator("#call .about", has_text="Pixels").inner_text()


def test_an_icon_says_what_an_endpoint_makes(page: Page) -> None:
    visit(page)
    for endpoint, icon in {PAINT: "image", PIKA: "video", FILES: "3d", HOSTILE: "other"}.items():
        entry = page.get_by_role("listitem").filter(has=page.get_by_role("link", name=endpoint))
        expect(entry.locator("use")).to_have_attribute("href", f"#icon-{icon}")


def test_a_phone_shows_it_without_scrolling_sideways(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    for path in ("", PIKA, SHAPES, HOSTILE):
        visit(page, path)
        if path:
            expect(page.get_by_label("Code example")).to_contain_text("import")
            unfold(page)
            submit(page)
            expect(page.locator("#progress")).to_be_hidden()
            page.get_by_role("heading", name="History").click()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_phone_has_room_for_a_list_in_a_list(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    visit(page, SHAPES)
    unfold(page)
    page.get_by_role("button", name="Add to rows", exact=True).click()
    page.get_by_role("button", name="Add to rows 1").click()
    box = page.get_by_role("spinbutton", name="rows").bounding_box()
    assert box is not None
    assert box["width"] > 240
    page.get_by_role("button", name="Remove rows 1").first.click()
    expect(page.get_by_role("spinbutton", name="rows")).to_have_count(0)
