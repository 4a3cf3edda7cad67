"""axe-core, which finds what keeps people with disabilities from using a page."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

VERSION = "4.14.1"

_RULES = {
    "all": "axe.run({ resultTypes: ['violations'] })",
    "contrast": "axe.run({ runOnly: ['color-contrast'], resultTypes: ['violations'] })",
}


@cache
def _script() -> str:
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs node (https://nodejs.org)")
    find = "console.log(require.resolve('axe-core/axe.min.js'))"
    found = subprocess.run(
        [node, "-e", find], cwd=Path(__file__).parent, capture_output=True, text=True
    )
    if found.returncode:
        pytest.skip(
            f"needs `npm install --no-save axe-core@{VERSION}` here or in a folder above, "
            "or NODE_PATH naming the node_modules it is in"
        )
    return Path(found.stdout.strip()).read_text("utf-8")


def violations(page: Page) -> list[str]:
    """Return what axe-core finds on a page as it is now: the rule, and the element.

    In dark colours, only the contrast is checked again: nothing else differs.
    """
    page.emulate_media(color_scheme="light")
    found = _found(page, "all")
    page.emulate_media(color_scheme="dark")
    return found + _found(page, "contrast")


def serious_violations(page: Page) -> list[str]:
    """Return what axe-core calls serious or critical, in the colours that the page has now."""
    return [it for it in _found(page, "all") if "(serious)" in it or "(critical)" in it]


def _found(page: Page, rules: str) -> list[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(_script())
    result: dict[str, Any] = page.evaluate(_RULES[rules])
    return [
        f"{found['id']} ({found['impact']}): {node['html']}"
        for found in result["violations"]
        for node in found["nodes"]
    ]
