"""Report formats: each is a module whose `render` turns a `DriftReport` into text.

Text from documents is untrusted, and each format escapes it in its own way.
"""

from __future__ import annotations

from importlib import import_module

from fal_codegen.drift.formats import as_text
from fal_codegen.drift.report import DriftReport

FORMATS = ("text", "markdown", "json", "github", "junit", "sarif", "html")
"""Names of the formats; the module of each is `as_<name>`."""

POINTING = frozenset({"github", "sarif"})
"""Formats that point at lines of files (see `DriftReport.lines`)."""


def render(drift: DriftReport, name: str, *, colour: bool = False) -> str:
    """Render a report in a format.

    Args:
        drift: The report.
        name: One of `FORMATS`.
        colour: Whether to colour the format `text`, for a terminal. False by default.
    """
    if name == "text":
        text = as_text.render(drift, colour=colour)
    else:
        text = import_module(f"{__name__}.as_{name}").render(drift)
    # Characters that UTF-8 cannot encode become JSON escapes.
    return text.encode("utf-8", "backslashreplace").decode()
