"""Source text with brackets: on one line if it fits, else broken at its brackets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias, Union


@dataclass(frozen=True)
class Style:
    """How lines are broken.

    Attributes:
        width: Columns of the longest line.
        step: Columns of one level of indentation.
    """

    width: int
    step: int


@dataclass(frozen=True)
class Bracketed:
    """Parts between brackets.

    Attributes:
        opening: The opening bracket, and a space if there is one before parts on the same line.
        parts: The parts.
        closing: The closing bracket, and a space if there is one after parts on the same line.
        before: What precedes each part on a line of its own.
        after: What follows each part but the last one on a line of its own.
        last: What follows the last part on a line of its own.
        between: What separates parts on the same line.
    """

    opening: str
    parts: tuple[Fragment, ...]
    closing: str
    before: str = ""
    after: str = ","
    last: str = ","
    between: str = ", "


Fragment: TypeAlias = Union[str, Bracketed, "tuple[Fragment, ...]"]
"""Source text that may be broken at its brackets."""


def flat(fragment: Fragment) -> str:
    """Return source on one line."""
    if isinstance(fragment, str):
        return fragment
    if isinstance(fragment, tuple):
        return "".join(map(flat, fragment))
    inside = fragment.between.join(map(flat, fragment.parts))
    return f"{fragment.opening}{inside}{fragment.closing}"


def laid_out(fragment: Fragment, style: Style, indent: int = 0, reserved: int = 0) -> str:
    """Return source on one line if it fits, else broken at its widest brackets.

    Args:
        fragment: The source.
        style: How to break lines.
        indent: Column of the first line and of the last one.
        reserved: Columns that other text takes on the same line.
    """
    line = flat(fragment)
    pieces = list(_pieces(fragment))
    candidates = [piece for piece in pieces if isinstance(piece, Bracketed) and piece.parts]
    if indent + len(line) + reserved <= style.width or not candidates:
        return line
    widest = max(candidates, key=lambda piece: len(flat(piece)))
    at = pieces.index(widest)
    head, tail = flat(tuple(pieces[:at])), flat(tuple(pieces[at + 1 :]))
    return broken(widest, style, indent, head=head, tail=tail)


def broken(
    bracketed: Bracketed, style: Style, indent: int = 0, *, head: str = "", tail: str = ""
) -> str:
    """Return source with each part on a line of its own, the long ones of them broken too.

    Args:
        bracketed: The source.
        style: How to break lines.
        indent: Column of the first line and of the last one.
        head: What precedes the opening bracket.
        tail: What follows the closing bracket.
    """
    opening, closing = f"{head}{bracketed.opening}".rstrip(), bracketed.closing.strip()
    inner = indent + style.step if opening else indent
    around = len(bracketed.before) + len(bracketed.after)
    lines = [
        f"{bracketed.before}{laid_out(part, style, inner, around)}{bracketed.after}"
        for part in bracketed.parts
    ]
    lines[-1] = lines[-1].removesuffix(bracketed.after) + bracketed.last
    end = f"\n{' ' * indent}{closing}" if closing else ""
    return f"\n{' ' * inner}".join([opening, *lines] if opening else lines) + end + tail


def _pieces(fragment: Fragment) -> Iterator[str | Bracketed]:
    if isinstance(fragment, tuple):
        for part in fragment:
            yield from _pieces(part)
    else:
        yield fragment
