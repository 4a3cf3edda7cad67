"""Merge conflicts: the marks that git leaves in a file whose changes it could not put together."""

from __future__ import annotations

KEEP_BOTH = (
    "keep what you want of both sides, and remove the lines with <<<<<<<, ======= and >>>>>>>"
)


def conflict_line(text: str) -> int | None:
    """Return the number of the line in which a conflict starts, if there is one."""
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
