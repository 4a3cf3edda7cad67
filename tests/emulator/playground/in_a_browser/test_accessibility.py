"""The pages of the playground for people who cannot see them well, before and after a call."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe import violations
from fal_codegen.emulator import Emulator

from emulator.playground.documents import documents

pytest.importorskip("playwright", reason="needs `pip install playwright`")

from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

GOLDENS = Path(__file__).parents[3] / "goldens"
CASES = ("clips", "composition", "enums", "files", "limits", "nullable", "objects", "odd_pages")
PATIENCE = 30_000


@pytest.fixture(scope="module")
def served() -> Iterator[Emulator]:
    """An emulator of at least twenty endpoints, of all shapes."""
    paths = (
        path for case in CASES for path in sorted((GOLDENS / case).rglob("documents/**/*.json"))
    )
    golden = [json.loads(path.read_text("utf-8")) for path in paths]
    with Emulator([*documents(), *golden]) as emulator:
        yield emulator


def test_axe_finds_nothing_in_light_and_dark_colours(browser: Browser, served: Emulator) -> None:
    page = browser.new_page(base_url=f"{served.base_url}/playground/")
    page.set_default_timeout(PATIENCE)
    page.goto("")
    assert violations(page) == []
    endpoints = page.locator("#endpoints a").all_inner_texts()
    assert len(endpoints) >= 20
    for endpoint in endpoints[:20]:
        page.goto(endpoint)
        page.locator("#snippet", has_text="import").wait_for()
        unfold(page)
        assert violations(page) == [], endpoint
        page.get_by_role("button", name="Submit").click()
        expect(page.locator("#progress")).to_be_hidden(timeout=PATIENCE)
        unfold(page)
        assert violations(page) == [], endpoint
    page.close()


def unfold(page: Page) -> None:
    """Open every fold, and add an item to every list."""
    page.evaluate(
        """() => {
            for (const fold of document.querySelectorAll("details")) fold.open = true;
            for (const add of document.querySelectorAll(".add")) {
                if (!add.parentElement.querySelector(".items > li")) add.click();
            }
        }"""
    )
