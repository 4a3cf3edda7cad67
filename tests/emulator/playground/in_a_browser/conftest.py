"""A page of the playground, open in Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from fal_codegen.emulator import Emulator

from emulator.playground.documents import documents, prices

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

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
    from playwright.sync_api import expect

    context = browser.new_context(base_url=f"{emulator.base_url}/playground/")
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    page = context.new_page()
    errors: list[str] = []
    asked_for: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if "policy" in line.text else None)
    page.on("request", lambda asked: asked_for.append(asked.url))
    yield page
    context.close()
    assert errors == []
    assert [url for url in asked_for if not url.startswith(f"{emulator.base_url}/")] == []
