"""The exit codes of the command line."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """The result of a command.

    Attributes:
        SUCCESS: The command succeeded, and found no difference.
        DIFFERENCE: The command found a difference.
        FAILURE: The usage was wrong, or the command failed.
        BREAKING: The command found a change by fal that breaks callers.
    """

    SUCCESS = 0
    DIFFERENCE = 1
    FAILURE = 2
    BREAKING = 3


INTERRUPTED = 130
"""The exit status after Ctrl-C, by the convention of shells: 128 plus the signal's number."""
