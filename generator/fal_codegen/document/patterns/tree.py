"""The syntax tree of a pattern."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

LAST = 0x10FFFF
"""The last code point."""

Ranges: TypeAlias = tuple[tuple[int, int], ...]
"""A set of characters: first and last code point of each range."""


@dataclass(frozen=True)
class Characters:
    """One character of a set; `ranges` may cover more than the set if its bounds are not known."""

    source: str
    ranges: Ranges


@dataclass(frozen=True)
class Anchor:
    """`^`, `$`, or another part that matches no character, such as a lookahead."""

    source: str


@dataclass(frozen=True)
class Concatenation:
    """Parts, one after another."""

    items: tuple[PatternNode, ...]


@dataclass(frozen=True)
class Group:
    """Alternatives between brackets, or at the top of a pattern."""

    options: tuple[PatternNode, ...]
    opening: str = "(?:"


@dataclass(frozen=True)
class Repeat:
    """A part that matches several times in a row.

    Attributes:
        body: The part.
        low: The fewest times.
        high: The most times; None if there is no limit.
        suffix: The quantifier as the pattern spells it, such as `+?`.
    """

    body: PatternNode
    low: int
    high: int | None
    suffix: str


PatternNode: TypeAlias = "Characters | Anchor | Concatenation | Group | Repeat"
