"""Layout: source text on one line where it fits, else broken at its brackets.

There is no formatter for TypeScript to call when generating, so what is written is written well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias, Union

WIDTH = 100
_STEP = 2


@dataclass(frozen=True)
class Group:
    """Parts between brackets.

    Attributes:
        before: What precedes every part where each has a line of its own.
        after: What follows every part there but the last one.
        last: What follows the last one there.
        between: What stands between them where all are on one line.
    """

    opening: str
    parts: tuple[Source, ...]
    closing: str
    before: str = ""
    after: str = ","
    last: str = ","
    between: str = ", "


Source: TypeAlias = Union[str, Group, "tuple[Source, ...]"]
"""Source text with the places where it may be broken."""


def flat(source: Source) -> str:
    """Return source on one line."""
    if isinstance(source, str):
        return source
    if isinstance(source, tuple):
        return "".join(map(flat, source))
    return f"{source.opening}{source.between.join(map(flat, source.parts))}{source.closing}"


def laid_out(source: Source, indent: int = 0, reserved: int = 0) -> str:
    """Return source that fits the line, as far as it can be broken.

    Args:
        source: The source.
        indent: Column at which its first line starts, and at which its last one is to start.
        reserved: Columns that what stands around it takes on its line.
    """
    line = flat(source)
    pieces = list(_pieces(source))
    groups = [piece for piece in pieces if isinstance(piece, Group) and piece.parts]
    if indent + len(line) + reserved <= WIDTH or not groups:
        return line
    widest = max(groups, key=lambda group: len(flat(group)))
    at = pieces.index(widest)
    head, tail = flat(tuple(pieces[:at])), flat(tuple(pieces[at + 1 :]))
    return _broken(head, widest, tail, indent)


def _broken(head: str, group: Group, tail: str, indent: int) -> str:
    opening = f"{head}{group.opening}".rstrip()
    inner = indent + _STEP if opening else indent
    around = len(group.before) + len(group.after)
    lines = [f"{group.before}{laid_out(part, inner, around)}{group.after}" for part in group.parts]
    lines[-1] = lines[-1].removesuffix(group.after) + group.last
    closing = f"\n{' ' * indent}{group.closing}" if group.closing else ""
    return f"\n{' ' * inner}".join([opening, *lines] if opening else lines) + closing + tail


def _pieces(source: Source) -> Iterator[str | Group]:
    if isinstance(source, tuple):
        for part in source:
            yield from _pieces(part)
    else:
        yield source


def call(function: str, *arguments: Source) -> Source:
    """Return the call of a function."""
    return (function, Group("(", arguments, ")"))


def call_with_array(function: str, *items: Source) -> Source:
    """Return the call of a function with an array, broken as one with its brackets."""
    return (function, Group("([", items, "])"))
