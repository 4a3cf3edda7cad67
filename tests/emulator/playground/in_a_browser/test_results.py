"""What the playground shows of a request: its state, its result, its program and its price."""

from __future__ import annotations

import re

import pytest
from fal_codegen.emulator import Emulator

from emulator.conftest import PAINT
from emulator.playground.documents import FILES, FILM, IMAGES, OPTIONAL, PIKA, SHAPES

pytest.importorskip("playwright", reason="needs `pip install playwright`")

from playwright.sync_api import Page, expect

from .actions import says, sent, submit, unfold, visit

pytestmark = pytest.mark.browser


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
