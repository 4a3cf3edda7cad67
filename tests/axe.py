"""axe-core: checks of accessibility, in a page of a browser."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

_SERIOUS = ("serious", "critical")


@cache
def _source() -> str:
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs node (https://nodejs.org)")
    found = subprocess.run(
        [node, "-p", "require.resolve('axe-core/axe.min.js')"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
    )
    if found.returncode:
        pytest.skip("needs axe-core of npm, and NODE_PATH naming its node_modules")
    return Path(found.stdout.strip()).read_text("utf-8")


def serious_violations(page: Page) -> list[str]:
    """Return what keeps people from reading or using a page, with one element for each rule."""
    page.evaluate(_source())
    found = page.evaluate("axe.run({resultTypes: ['violations']})")
    return [
        f"{violation['id']}: {violation['nodes'][0]['html'][:200]}: "
        f"{violation['nodes'][0]['failureSummary']}"
        for violation in found["violations"]
        if violation["impact"] in _SERIOUS
    ]
