"""Limits of an emulator, so that it can run for days without filling the memory or the disk."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Limits"]


@dataclass(frozen=True)
class Limits:
    """The most that an emulator keeps; the oldest are dropped first.

    Attributes:
        journal: Bytes of all recorded requests together.
        results: Bytes of all results together; a job is dropped with its result.
        files: Bytes of all uploaded files together.
        announcements: Announced uploads.
        body: Bytes of the body of one request other than an upload.
    """

    journal: int = 64 << 20
    results: int = 128 << 20
    files: int = 512 << 20
    announcements: int = 10_000
    body: int = 64 << 20
