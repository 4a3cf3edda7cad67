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
"""What a process exits with after Ctrl-C, as shells have it: 128 and the number of the signal."""
