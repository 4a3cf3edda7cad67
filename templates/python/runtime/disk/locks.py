"""Exclusive locks on files."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress


def lock(descriptor: int) -> None:
    """Lock a file exclusively until it is unlocked or closed.

    Raises:
        OSError: The file is locked already, or the file system has no locks.
    """
    if sys.platform == "win32":
        import msvcrt

        with _at_locked_byte(descriptor):
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def unlock(descriptor: int) -> None:
    """Unlock a file that is about to be closed.

    Closing it does not unlock it while a forked process has it open too. Windows unlocks it some
    time after it is closed.
    """
    if sys.platform == "win32":
        import msvcrt

        with suppress(OSError), _at_locked_byte(descriptor):  # it may not be locked
            msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_UN)


@contextmanager
def _at_locked_byte(descriptor: int) -> Generator[None, None, None]:
    """Move to a byte that nobody reads or writes, because Windows locks bytes, and back."""
    at = os.lseek(descriptor, 0, os.SEEK_CUR)
    os.lseek(descriptor, 1 << 30, os.SEEK_SET)
    try:
        yield
    finally:
        os.lseek(descriptor, at, os.SEEK_SET)
