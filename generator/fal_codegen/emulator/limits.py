"""Limits of an emulator, so that it can run for days without filling the memory or the disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

__all__ = ["Limits", "keep"]

_K = TypeVar("_K")
_V = TypeVar("_V")


@dataclass(frozen=True)
class Limits:
    """The most that an emulator keeps; the oldest are dropped first.

    Attributes:
        journal: Bytes of all recorded requests together.
        results: Bytes of all results together; a job is dropped with its result.
        files: Bytes of all uploaded files together.
        announcements: Announced uploads; as many tokens, restricted files and deletions are kept.
        body: Bytes of the body of one request other than an upload.
    """

    journal: int = 64 << 20
    results: int = 128 << 20
    files: int = 512 << 20
    announcements: int = 10_000
    body: int = 64 << 20


def keep(kept: dict[_K, _V], key: _K, value: _V, most: int) -> _V | None:
    """Add a value as the newest; remove and return the oldest if there are too many."""
    kept.pop(key, None)
    kept[key] = value
    return kept.pop(next(iter(kept))) if len(kept) > most else None
