"""Files that one process, and one use of them in it, has to itself."""

from __future__ import annotations

import os
import sys


def lock(descriptor: int) -> None:
    """Keep everybody else who locks it from a file, until it is unlocked or closed.

    Raises:
        OSError: somebody else has it, or the file system cannot lock.
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
    """Let others lock a file that is about to be closed.

    Closing it does not do so while a process that was forked off meanwhile has it open too.
    """
    if sys.platform != "win32":
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_UN)
