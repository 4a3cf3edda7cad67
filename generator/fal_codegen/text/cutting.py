"""Cutting of long text."""

from __future__ import annotations


def cut(text: str, limit: int) -> str:
    """Return text of at most `limit` characters; the last is an ellipsis if there were more."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
