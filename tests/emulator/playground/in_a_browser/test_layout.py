"""How the playground looks and is reached: on a phone, by keyboard, by a screen reader."""

from __future__ import annotations

import pytest
from fal_codegen.emulator import Emulator

from emulator.conftest import PAINT
from emulator.playground.documents import CHOICES, FILES, HOSTILE, PIKA, SHAPES, WORST

pytest.importorskip("playwright", reason="needs `pip install playwright`")

from playwright.sync_api import Page, expect

from .actions import says, sent, submit, unfold, visit

pytestmark = pytest.mark.browser


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
