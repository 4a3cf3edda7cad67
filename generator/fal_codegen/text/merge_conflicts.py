"""Merge conflicts: the markers that git leaves in a file that it could not merge."""

from __future__ import annotations

KEEP_BOTH = (
    "keep what you want of both sides, and remove the lines with <<<<<<<, ======= and >>>>>>>"
)
"""A hint for a file that people edit."""


def conflict_line(text: str) -> int | None:
    """Return the number of the line at which a conflict starts; None if there is none."""
    if "<<<<<<<" not in text:
        return None
    start, is_divided = None, False
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("<<<<<<<"):
            start, is_divided = number, False
        elif start is not None and line.rstrip() == "=======":
            is_divided = True
        elif is_divided and line.startswith(">>>>>>>"):
            return start
    return None
