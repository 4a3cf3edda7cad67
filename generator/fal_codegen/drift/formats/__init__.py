"""The formats in which a survey is told: each a module with a `tell` from `Survey` to text.

Text of documents is hostile in every one of them: each format quotes it in its own way.
"""

from __future__ import annotations

from importlib import import_module

from fal_codegen.drift.survey import Survey

FORMATS = ("text", "markdown", "json", "github", "junit", "sarif", "html")
"""Names of the formats; each is told by the module `as_<name>`."""

POINTING = frozenset({"github", "sarif"})
"""Formats that point at lines of files (see `Survey.lines`)."""


def render(survey: Survey, form: str, *, colour: bool = False) -> str:
    """Return a survey as text.

    Args:
        survey: What changed.
        form: One of `FORMATS`.
        colour: Whether `text` is to be coloured, for a terminal.
    """
    told_by = import_module(f"{__name__}.as_{form}")
    told: str = told_by.tell(survey, colour=colour) if form == "text" else told_by.tell(survey)
    # What no UTF-8 can carry is shown as it would be escaped in JSON.
    return told.encode("utf-8", "backslashreplace").decode()
