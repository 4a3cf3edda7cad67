"""Markdown of reference pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence


def markdown_page(title: str, *blocks: str) -> str:
    """Return a page: blocks are separated by an empty line."""
    note = "<!-- Generated from the code: pytest tests/guide/test_reference.py --update-goldens -->"
    # The note is at the end, because mkdocs takes a title only from the first line.
    return "\n\n".join([f"# {title}", *(block.strip("\n") for block in blocks), note]) + "\n"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of cells that hold Markdown."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, cells))} |" for cells in lines)


def fenced(language: str, text: str) -> str:
    return f"```{language}\n{text.strip()}\n```"


def code(text: str) -> str:
    return f"`{text}`"


def escaped(text: str) -> str:
    """Return plain text so that a page shows it as it is, with its code spans."""
    return re.sub(r"(`[^`]*`)|([*_<\[])", lambda found: found[1] or f"\\{found[2]}", text)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
