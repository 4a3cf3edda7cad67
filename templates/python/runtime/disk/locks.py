"""Exclusive locks on files."""

from __future__ import annotations

import os
import sys


def lock(descriptor: int) -> None:
    """Lock a file exclusively until it is unlocked or closed.

    Raises:
        OSError: The file is locked already, or the file system has no locks.
    """
    if sys.platform == "win32":
        import msvcrt

        at = os.lseek(descriptor, 0, os.SEEK_CUR)
        os.lseek(descriptor, 1 << 30, os.SEEK_SET)  # a byte that nobody reads or writes
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        os.lseek(descriptor, at, os.SEEK_SET)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def unlock(descriptor: int) -> None:
    """Unlock a file that is about to be closed.

    Closing it does not unlock it while a forked process has it open too.
    """
    if sys.platform != "win32":
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_UN)
