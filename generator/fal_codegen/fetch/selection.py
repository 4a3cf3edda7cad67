"""Selection: which endpoints of the catalogue are meant, without naming them."""

from __future__ import annotations

import re
from dataclasses import dataclass


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
        """Say whether an id fits the pattern."""
        parts = re.split(r"(\*+)", self.pattern or "**")
        regex = "".join(
            re.escape(part) if "*" not in part else "[^/]*" if part == "*" else ".*"
            for part in parts
        )
        return re.fullmatch(regex, endpoint_id, re.DOTALL) is not None
