"""Opening regular files only: a pipe may block, and a device may have effects."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path


def open_regular(path: Path, flags: int) -> int:
    """Open a regular file as `os.open` does, and return its descriptor.

    Raises:
        OSError: The path is not a regular file, or cannot be opened.
    """
    flags |= getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    is_link_itself = bool(flags & getattr(os, "O_NOFOLLOW", 0))
    with suppress(FileNotFoundError):  # first, because opening a device may have effects
        _check(path.lstat() if is_link_itself else path.stat())
    descriptor = os.open(path, flags, 0o666)
    try:
        _check(os.fstat(descriptor))
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _check(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise OSError(None, "it is not a regular file")
