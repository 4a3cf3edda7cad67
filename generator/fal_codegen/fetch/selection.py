"""Selection: which endpoints of the catalogue are meant, without naming them."""

from __future__ import annotations

import re
from dataclasses import dataclass

STATUSES = ("active", "deprecated")
"""The statuses that the catalogue can be searched by."""


@dataclass(frozen=True)
class Selection:
    """What endpoints have to be; whatever is left empty does not restrict.

    Attributes:
        text: Words of an endpoint's name, description or category.
        category: Such as `image-to-video`.
        status: `active` or `deprecated`.
        pattern: Of their ids: `*` stands for any part of a segment, `**` for any part of an id.
    """

    text: str = ""
    category: str = ""
    status: str = ""
    pattern: str = ""

    def includes(self, endpoint_id: str) -> bool:
        """Return whether an id fits the pattern."""
        return _fits(endpoint_id, self.pattern or "**")


def _fits(text: str, pattern: str) -> bool:
    """Return whether a text fits a pattern, in one pass over the text.

    The places of the pattern that the text so far can lead to are the bits of a number: a regular
    expression would try them one after the other, and take for ever on an id made for that.
    """
    parts = re.findall(r"\*\*+|.", pattern, re.DOTALL)
    literal: dict[str, int] = {}
    within_segment = anywhere = 0
    for place, part in enumerate(parts):
        if part == "*":
            within_segment |= 1 << place
        elif part.startswith("**"):
            anywhere |= 1 << place
        else:
            literal[part] = literal.get(part, 0) | 1 << place
    stars = within_segment | anywhere
    places = _past(1, stars)
    for char in text:
        stay = places & (anywhere if char == "/" else stars)
        places = _past(stay | (places & literal.get(char, 0)) << 1, stars)
    return bool(places >> len(parts) & 1)


def _past(places: int, stars: int) -> int:
    """Add the places that are reached without a character: those after a star."""
    return places | (places & stars) << 1
