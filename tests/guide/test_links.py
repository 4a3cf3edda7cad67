"""Links of the project's pages lead somewhere: in the repository, and on the site of the guide."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from .examples import CLIENT, ROOT

GUIDE = ROOT / "docs"
PAGES = (
    *sorted(ROOT.glob("*.md")),
    *sorted(GUIDE.rglob("*.md")),
    *(path for path in sorted(ROOT.glob("generated/*/README.md"))),
)


def tokens(path: Path) -> Iterator[Token]:
    parsed = MarkdownIt("commonmark").enable("table").parse(path.read_text("utf-8"))
    for token in parsed:
        yield token
        yield from token.children or ()


def links(path: Path) -> list[str]:
    attributes = ((token, token.attrs) for token in tokens(path))
    found = (
        given.get("src") if token.type == "image" else given.get("href")
        for token, given in attributes
        if token.type in ("image", "link_open")
    )
    return [str(link) for link in found]


@cache
def anchors(path: Path) -> frozenset[str]:
    """Return the anchors of a page's headings, where GitHub and the site agree on them."""
    stream = list(tokens(path))
    titles = [
        stream[position + 1].content.replace("`", "")
        for position, token in enumerate(stream)
        if token.type == "heading_open"
    ]
    count = Counter(map(on_github, titles))
    return frozenset(
        on_github(title)
        for title in titles
        if count[on_github(title)] == 1 and on_github(title) == on_the_site(title)
    )


def on_github(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def on_the_site(title: str) -> str:
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain).strip().lower())


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_has_a_target(path: Path) -> None:
    for link in links(path):
        parts = urlsplit(link)
        if parts.scheme:
            assert parts.scheme == "https" or parts.hostname == "127.0.0.1", link
            continue
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        assert target.exists(), f"{link}: no such file"
        assert target.is_relative_to(GUIDE) or not path.is_relative_to(GUIDE), (
            f"{link}: the site has only what is in docs/"
        )
        if parts.fragment:
            assert parts.fragment in anchors(target), f"{link}: no such heading"


@pytest.mark.parametrize("section", ["tutorial", "how-to", "reference", "explanation"])
def test_the_index_of_a_section_lists_its_pages(section: str) -> None:
    listed = links(GUIDE / section / "index.md")
    pages = {path.name for path in (GUIDE / section).glob("*.md")} - {"index.md"}
    assert sorted(listed) == sorted(pages)


def test_links_are_found() -> None:
    assert any("#" in link for link in links(GUIDE / "reference/errors.md"))
    assert "exit-codes" in anchors(GUIDE / "reference/command-line.md")
    assert CLIENT / "README.md" in PAGES
