"""Standard input, as `-` among the options."""

from __future__ import annotations

import sys
from typing import BinaryIO

from .session import CommandError

STDIN = "-"


def stdin() -> BinaryIO:
    """Return standard input. Raises CommandError if the program has none."""
    if sys.stdin is None:
        raise CommandError("standard input is closed", "pipe a file into it")
    return sys.stdin.buffer


def read_stdin() -> bytes:
    """Return the content of standard input.

    Raises:
        CommandError: It is empty, for instance because another option has read it.
    """
    content = stdin().read()
    if not content:
        raise CommandError("standard input is empty", "pass `-` once, and pipe a file into it")
    return content
