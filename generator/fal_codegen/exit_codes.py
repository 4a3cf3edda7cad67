"""The exit codes of the command line."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """The result of a command.

    Attributes:
        SUCCESS: It did what it was asked to do, and found no difference.
        DIFFERENCE: It found a difference.
        FAILURE: It was called wrongly, or could not do what it was asked to do.
        BREAKING: It found a change of fal's that breaks callers.
    """

    SUCCESS = 0
    DIFFERENCE = 1
    FAILURE = 2
    BREAKING = 3


INTERRUPTED = 130
"""What a process exits with after Ctrl-C, as shells have it: 128 and the number of the signal."""
