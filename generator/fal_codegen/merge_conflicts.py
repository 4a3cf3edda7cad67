"""Merge conflicts: the markers that git leaves in a file that it could not merge."""

from __future__ import annotations

from fal_codegen.errors import ProjectError

KEEP_BOTH = (
    "keep what you want of both sides, and remove the lines with <<<<<<<, ======= and >>>>>>>"
)
"""A hint for a file that people edit."""


def reject_conflict(
    data: bytes | str, file: object, hint: str = KEEP_BOTH, endpoint: str | None = None
) -> None:
    """Raise a ProjectError if git left a merge conflict in a file.

    Args:
        data: The content of the file.
        file: Its path, for the message.
        hint: How to resolve the conflict.
        endpoint: The endpoint that the file belongs to, if it belongs to one.
    """
    text = data if isinstance(data, str) else data.decode(errors="replace")
    if line := conflict_line(text):
        raise ProjectError(
            f"{file}, line {line}: git left a merge conflict there", endpoint=endpoint, hint=hint
        )


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
