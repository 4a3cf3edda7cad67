"""The commands: each a function from a project and what the user asked to an exit code."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """What a command's exit code means."""

    FINE = 0
    DIFFERS = 1
    FAILED = 2
