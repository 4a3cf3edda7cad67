"""The documentation as people read it: in a browser, on a phone, in the dark, or by its search."""

from __future__ import annotations

import functools
import http.server
import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

import pytest
from axe import serious_violations
from documents import document
from folders import shared

from .sites import built, generated

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Scheme: TypeAlias = "Literal['light', 'dark']"

pytestmark = pytest.mark.browser

WIDTHS = (390, 768, 1024)
PAGES = (
    "index",
    "calling",
    *(
        f"endpoints/acme/{name}"
        for name in ("choices", "nested", "whisk", "quoting", "bounds", "clips", "enums", "tags")
    ),
)
NAMED = ("fal-ai/wizper", "fal-ai/flux/dev", "fal-ai/kling-video/v1.6")
"""Endpoints that people look for by a part of their ids."""

OVERFLOWING = """() => {
  const article = document.querySelector("article").getBoundingClientRect();
  const scrolls = (element) => {
    for (let at = element.parentElement; at && at.tagName !== "ARTICLE"; at = at.parentElement)
      if (getComputedStyle(at).overflowX !== "visible") return true;
    return false;
  };
  return [...document.querySelectorAll("article *")]
    .filter((element) => element.getBoundingClientRect().right > article.right + 1)
    .filter((element) => element.getBoundingClientRect().width && !scrolls(element))
    .map((element) => element.outerHTML.slice(0, 200));
}"""


@pytest.fixture(scope="module")
def sites(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One site in two folders, `docs` and `mkdocs`, built by different site generators."""

    def make(folder: Path) -> None:
        source = generated(folder, more=[document(endpoint_id) for endpoint_id in NAMED])
        shutil.copytree(source, folder / "mkdocs")
        built(source)
        built(folder / "mkdocs", "mkdocs")

    return shared(tmp_path_factory, "docs-site", make)


@pytest.fixture(scope="module")
def site(sites: Path) -> Path:
    return sites / "docs/build"


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture(scope="module")
def address(sites: Path) -> Iterator[str]:
    """Serve the sites: a browser searches only over HTTP."""
    handler = functools.partial(_Quiet, directory=str(sites))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def open_tabs(page: Page) -> int:
    """Return how many tabs of programs a page has."""
    return page.locator(".tabbed-labels label").count()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(site: Path, browser: Browser, scheme: Scheme) -> None:
    context = browser.new_context(color_scheme=scheme, reduced_motion="reduce")
    page = context.new_page()
    for name in PAGES:
        page.goto((site / f"{name}.html").as_uri())
        assert serious_violations(page) == [], name
    page.goto((site / "endpoints/acme/nested.html").as_uri())
    for tab in range(open_tabs(page)):
        page.locator(".tabbed-labels label").nth(tab).click()
        assert serious_violations(page) == [], f"tab {tab}"
    context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wider_than_the_article(site: Path, browser: Browser, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    asked_for: list[str] = []
    page.on("request", lambda asked: asked_for.append(asked.url))
    for name in PAGES:
        page.goto((site / f"{name}.html").as_uri())
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width, name
        assert page.evaluate(OVERFLOWING) == [], name
    page.close()
    assert [url for url in asked_for if not url.startswith(site.as_uri())] == []


def test_names_in_tables_stay_whole_on_a_phone(site: Path, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 900})
    page.goto((site / "calling.html").as_uri())
    names = page.locator("td code").filter(has_text=re.compile(r"^\w+$"))
    lines: list[int] = names.evaluate_all("all => all.map((name) => name.getClientRects().length)")
    assert len(lines) > 20
    assert set(lines) == {1}
    page.close()


@pytest.mark.parametrize("folder", ["docs", "mkdocs"])
@pytest.mark.parametrize(
    ("query", "endpoint"),
    [
        ("nest", "acme/nested"),
        ("quoting index", "acme/quoting/index_"),
        ("whisk", "acme/whisk"),
        ("wizper", "fal-ai/wizper"),
        ("wizp", "fal-ai/wizper"),
        ("flux dev", "fal-ai/flux/dev"),
        ("v1.6 kling", "fal-ai/kling-video/v1.6"),
    ],
)
def test_search_finds_an_endpoint_by_a_part_of_its_id(
    address: str, browser: Browser, folder: str, query: str, endpoint: str
) -> None:
    page = browser.new_page()
    page.goto(f"{address}/{folder}/build/index.html")
    if folder == "docs":
        page.get_by_role("button", name="Search").first.click()
        page.locator("input:focus").fill(query)
    else:
        page.get_by_role("textbox", name="Search").fill(query)
    page.locator(f'a[href*="endpoints/{endpoint}.html"]').filter(visible=True).first.wait_for()
    page.close()


def test_a_link_to_a_field_shows_the_field(site: Path, browser: Browser) -> None:
    page = browser.new_page()
    page.goto((site / "endpoints/acme/choices.html").as_uri())
    page.get_by_role("link", name="style", exact=True).click()
    assert page.url.endswith("#Input-style")
    assert page.locator(":target").inner_text() == "style"
    page.close()
