"""The site of the guide: it is built in one command, and loads nothing from elsewhere."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from folders import shared
from targets.pages import Tags

from .examples import ROOT

pytestmark = pytest.mark.guide

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WIDTHS = (390, 1280)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    def build(folder: Path) -> None:
        # `--strict` also rejects a page that the navigation lacks.
        done = subprocess.run(
            [sys.executable, "-m", "mkdocs", "build", "--strict", "-q", "-d", str(folder)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    return shared(tmp_path_factory, "guide", build)


def test_it_has_every_page(site: Path) -> None:
    pages = {path.relative_to(ROOT / "docs").with_suffix("") for path in ROOT.glob("docs/**/*.md")}
    built = {path.relative_to(site).with_suffix("") for path in site.rglob("*.html")}
    assert built == pages | {Path("404")}
    index = json.loads((site / "search/search_index.json").read_text("utf-8"))
    assert any(entry["location"].startswith("reference/errors.html") for entry in index["docs"])


def test_it_loads_nothing_from_elsewhere(site: Path) -> None:
    for path in site.rglob("*.html"):
        for tag, attributes in Tags(path.read_text("utf-8")).found:
            loaded = attributes.get("src") or (attributes.get("href") if tag == "link" else None)
            assert not (loaded or "").startswith(("http:", "https:", "//")), loaded


@pytest.mark.browser
@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_is_wider_than_the_window(site: Path, browser: Browser, width: int) -> None:
    window = browser.new_page(viewport={"width": width, "height": 900})
    asked_for: list[str] = []
    window.on("request", lambda asked: asked_for.append(asked.url))
    pages = [path for path in sorted(site.rglob("*.html")) if path.name != "404.html"]
    for path in pages:  # the page for errors has addresses that need a server
        window.goto(path.as_uri())
        measured = window.evaluate("document.scrollingElement.scrollWidth")
        assert measured <= width, path.relative_to(site)
    window.close()
    assert [url for url in asked_for if not url.startswith(site.as_uri())] == []
