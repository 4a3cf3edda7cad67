"""The exit codes of the command line."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """How a command ended."""

    SUCCESS = 0
    """The command did what it says."""
    FAILED = 1
    """The model or fal failed, a row of a batch did, or fal does not cancel a request."""
    INVALID = 2
    """The command, the input or the configuration is invalid, or a file cannot be used."""
    UNREACHABLE = 3
    """The server could not be reached. No request was accepted."""
    REJECTED = 4
    """fal rejected the request: the key, the balance, a limit or an id."""
    UNCERTAIN = 5
    """fal may have accepted the request, or it still runs. Do not send it again before you know."""
    INTERRUPTED = 130
    """Ctrl-C, by the convention of shells: 128 plus the number of the signal."""
