"""The layout of values in snippets: one item a line."""

from __future__ import annotations

from fal_codegen.text.brackets import Bracketed, Fragment, Style, broken, flat


def spread(fragment: Fragment, style: Style, indent: int) -> str:
    """Return source whose outermost brackets are broken, even if they fit on one line."""
    if isinstance(fragment, Bracketed) and fragment.parts:
        return broken(fragment, style, indent)
    return flat(fragment)
