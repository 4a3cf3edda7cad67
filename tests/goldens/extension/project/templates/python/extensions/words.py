"""What the recipes share."""

from __future__ import annotations

from collections.abc import Iterable


def joined(fruits: Iterable[str]) -> str:
    """Return a list of fruits for a prompt."""
    return ", ".join(fruits)
