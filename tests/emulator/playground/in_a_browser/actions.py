"""What tests do on a page of the playground."""

from __future__ import annotations

import time
from typing import Any

from fal_codegen.emulator import Emulator
from playwright.sync_api import Page, Route, expect


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
