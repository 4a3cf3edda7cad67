"""The formats of a report: each is a module with a `render` from `DriftReport` to text.

Text of documents is hostile in every format, and each quotes it in its own way.
"""

from __future__ import annotations

from importlib import import_module

from fal_codegen.drift.report import DriftReport

FORMATS = ("text", "markdown", "json", "github", "junit", "sarif", "html")
"""Names of the formats; the module of each is `as_<name>`."""

POINTING = frozenset({"github", "sarif"})
"""Formats that point at lines of files (see `DriftReport.lines`)."""


def render(drift: DriftReport, name: str, *, colour: bool = False) -> str:
    """Return a report as text.

    Args:
        drift: What changed.
        name: One of `FORMATS`.
        colour: Whether to colour `text`, for a terminal.
    """
    renderer = import_module(f"{__name__}.as_{name}")
    text: str = renderer.render(drift, **({"colour": colour} if name == "text" else {}))
    # Characters that UTF-8 cannot encode are shown as JSON escapes them.
    return text.encode("utf-8", "backslashreplace").decode()
