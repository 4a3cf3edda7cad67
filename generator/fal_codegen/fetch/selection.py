"""Selections of endpoints from the catalogue, other than by naming them."""

from __future__ import annotations

import re
from dataclasses import dataclass

STATUSES = ("active", "deprecated")
"""The statuses that the catalogue can be searched by."""


@dataclass(frozen=True)
class Selection:
    """What endpoints must match. An empty attribute matches every endpoint.

    Attributes:
        text: Words of the name, description or category.
        category: The category, such as `image-to-video`.
        status: One of `STATUSES`.
        pattern: Pattern of the id: `*` is any part of a segment, `**` any part of an id.
    """

    text: str = ""
    category: str = ""
    status: str = ""
    pattern: str = ""

    def includes(self, endpoint_id: str) -> bool:
        """Return whether an id matches the pattern."""
        return _matches(endpoint_id, self.pattern or "**")


def _matches(text: str, pattern: str) -> bool:
    """Return whether a string matches a pattern, in one pass over the string.

    The bits of a number are the positions in the pattern that the string so far can lead to. A
    regular expression would try them one by one, and never end on an id that is crafted for that.
    """
    parts = re.findall(r"\*\*+|.", pattern, re.DOTALL)
    literal: dict[str, int] = {}
    within_segment = anywhere = 0
    for position, part in enumerate(parts):
        if part == "*":
            within_segment |= 1 << position
        elif part.startswith("**"):
            anywhere |= 1 << position
        else:
            literal[part] = literal.get(part, 0) | 1 << position
    stars = within_segment | anywhere
    positions = _with_stars_skipped(1, stars)
    for char in text:
        stay = positions & (anywhere if char == "/" else stars)
        advance = (positions & literal.get(char, 0)) << 1
        positions = _with_stars_skipped(stay | advance, stars)
    return bool(positions >> len(parts) & 1)


def _with_stars_skipped(positions: int, stars: int) -> int:
    """Add the positions after stars, which can match nothing."""
    return positions | (positions & stars) << 1
