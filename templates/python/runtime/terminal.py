"""Writing to the terminal of a person who waits."""

from __future__ import annotations

import sys
from contextlib import suppress


def show(text: str) -> None:
    """Write to the terminal, if there is one; its errors must not end what it reports on."""
    # A program without a console has None for stderr.
    with suppress(AttributeError, OSError, ValueError):
        if sys.stderr.isatty():
            print(text, end="", file=sys.stderr, flush=True)
