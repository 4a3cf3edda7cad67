"""The blocks of a description: paragraphs, lists and code.

Descriptions are Markdown, docstrings of Python, or neither. Only what all of them agree on is
parsed here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import groupby
from typing import NamedTuple, TypeAlias

_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_ITEM = re.compile(r"(?P<mark>[-*+•]|[0-9]{1,9}[.)])\s+(?=\S)")
_FENCE = re.compile(r"(?P<indent> *)(?P<ticks>`{3,}|~{3,})[^`]*")

_DEEPER = 2
"""Columns of a deliberate indentation."""

_DEEPEST_LIST = 5
"""Lists inside each other, after which items are no longer nested."""

_CODE_INDENT = 4
"""Columns of indentation from which on Markdown reads a line as code, so that it is not joined."""


class Line(NamedTuple):
    """A line of prose, which can be wrapped between words.

    Attributes:
        indent: Columns of its indentation.
        mark: The mark of a list item: `-`, `*`, `+`, `•`, `1.` or `1)`; empty for other lines.
        text: Its text, without the mark.
    """

    indent: int
    mark: str
    text: str


class Paragraph(NamedTuple):
    """Lines without an empty line between them."""

    lines: tuple[Line, ...]


class Item(NamedTuple):
    """An item of a list, with the lists inside it."""

    line: Line
    lists: tuple[List, ...]


class List(NamedTuple):
    """Items of one kind: all are numbered, or none is."""

    items: tuple[Item, ...]

    @property
    def start(self) -> int | None:
        """The number of the first item; None if the items are not numbered."""
        mark = self.items[0].line.mark
        return int(mark[:-1]) if _is_numbered(mark) else None

    def lines(self) -> Iterator[Line]:
        """Yield the lines of all items, also of those in inner lists."""
        for item in self.items:
            yield item.line
            for inner in item.lists:
                yield from inner.lines()


class Code(NamedTuple):
    """A fenced block of code."""

    lines: tuple[str, ...]


Block: TypeAlias = "Paragraph | List | Code"


def blocks(text: str) -> list[Block]:
    """Return the blocks of a description."""
    found: list[Block] = []
    for is_list, parts in groupby(_parts(text), key=_is_item):
        if is_list:  # empty lines between items do not end a list
            items = [line for part in parts if isinstance(part, Paragraph) for line in part.lines]
            is_alone = len(items) == 1  # as a sentence that starts with a number
            found += [Paragraph(tuple(items))] if is_alone else _lists(items, _DEEPEST_LIST)
        else:
            found += parts
    return found


def _parts(text: str) -> Iterator[Paragraph | Code]:
    """Yield the parts of a description; every paragraph has either items or lines of prose."""
    lines = dedented(text)
    fences = _fences(lines)
    at = 0
    while at < len(lines):
        if at in fences:
            yield _code(lines[at : fences[at] + 1])
            at = fences[at] + 1
        elif not lines[at].strip():
            at += 1
        else:
            end = at + 1
            while end < len(lines) and lines[end].strip() and end not in fences:
                end += 1
            for _, alike in groupby(_joined(lines[at:end]), key=lambda line: bool(line.mark)):
                yield Paragraph(tuple(alike))
            at = end


def _is_item(part: Paragraph | Code) -> bool:
    return isinstance(part, Paragraph) and bool(part.lines[0].mark)


def _lists(lines: Sequence[Line], deepest: int) -> list[List]:
    """Return the lists that items form. Items that are indented are inside the one before."""
    items: list[Item] = []
    at = 0
    while at < len(lines):
        line, end = lines[at], at + 1
        while deepest and end < len(lines) and lines[end].indent >= line.indent + _DEEPER:
            end += 1
        items.append(Item(line, tuple(_lists(lines[at + 1 : end], deepest - 1))))
        at = end
    alike = groupby(items, key=lambda item: _is_numbered(item.line.mark))
    return [List(tuple(group)) for _, group in alike]


def _is_numbered(mark: str) -> bool:
    return mark[0].isdigit()


@cache  # targets ask for the lines of the same text several times
def source_lines(text: str) -> tuple[tuple[str, bool], ...]:
    """Return the lines of a description, and whether each is code; fences count as code.

    Fences are moved to the start of their lines, so that every parser of Markdown sees a block end
    at the same line.
    """
    lines = dedented(text)
    fences = _fences(lines)
    if not fences:
        return tuple((line, False) for line in lines)
    found: list[tuple[str, bool]] = []
    end, indent = -1, 0
    for at, line in enumerate(lines):
        if at in fences:
            end, indent = fences[at], _indent(line)
        is_code = at <= end
        margin = _indent(line) if at == end else min(indent, _indent(line))
        found.append((line[margin:] if is_code else line, is_code))
    return tuple(found)


def mark_of(line: str) -> str:
    """Return the mark of a list item with its white space; empty for other lines."""
    item = _ITEM.match(line.strip())
    return item[0] if item else ""


def dedented(text: str) -> list[str]:
    """Return the lines of a text without the common indentation of all but the first."""
    lines = [line.rstrip() for line in _LINE_END.sub("\n", text).expandtabs(4).split("\n")]
    while lines and not lines[0]:
        del lines[0]
    while lines and not lines[-1]:
        del lines[-1]
    if not lines:
        return []
    first, *rest = lines
    margin = min((_indent(line) for line in rest if line), default=0)
    return [first.lstrip(" "), *(line[margin:] for line in rest)]


def _fences(lines: list[str]) -> dict[int, int]:
    """Return the last line of each fenced block by its first line."""
    ends: dict[int, int] = {}
    if not any(map(_FENCE.fullmatch, lines)):  # as most descriptions
        return ends
    open_at, ticks = -1, ""
    longest = {"`": [0], "~": [0]}  # longest closing fence from each line on
    for line in reversed(lines):
        for mark, lengths in longest.items():
            lengths.append(max(lengths[-1], _closing(line, mark)))
    for at, line in enumerate(lines):
        if ticks and _closing(line, ticks[0]) >= len(ticks):
            ends[open_at], ticks = at, ""
        elif not ticks and (opening := _FENCE.fullmatch(line)):
            mark = opening["ticks"]
            if longest[mark[0]][len(lines) - at - 1] >= len(mark):
                open_at, ticks = at, mark
    return ends


def _closing(line: str, mark: str) -> int:
    """Return the length of a closing fence; 0 for other lines."""
    marks = line.strip(" ")
    return len(marks) if len(marks) >= 3 and set(marks) == {mark} else 0


def _code(lines: list[str]) -> Code:
    """Return a fenced block without the indentation of its fence."""
    opening, *inside, _ = lines
    fence = _FENCE.fullmatch(opening)
    assert fence is not None
    indent = len(fence["indent"])
    return Code(tuple(line[min(indent, _indent(line)) :] for line in inside))


def _joined(lines: list[str]) -> Iterator[Line]:
    """Yield lines of prose, with continuation lines joined."""
    indent, mark, parts = 0, "", list[str]()
    for raw in lines:
        text = raw.strip()
        item = _ITEM.match(text)
        is_alike = abs(_indent(raw) - indent) < _DEEPER and indent < _CODE_INDENT
        if parts and item is None and (mark or is_alike):
            parts.append(text)
            continue
        if parts:
            yield Line(indent, mark, " ".join(parts))
        indent, mark = _indent(raw), item["mark"] if item else ""
        parts = [text[item.end() :] if item else text]
    yield Line(indent, mark, " ".join(parts))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
