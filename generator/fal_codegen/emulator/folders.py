"""Temporary folders that are removed even if their process is killed.

A process holds a lock on its folder. If it is killed, the lock is released, and the next emulator
removes the folder.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Folder", "sweep"]

_PREFIX = "fal-emulator-"

_ATTEMPTS = 3
"""Attempts to create a folder; another emulator may remove it before it is locked."""


@dataclass(frozen=True)
class Folder:
    """A temporary folder of this process."""

    path: Path
    lock: int | None
    """Descriptor that holds the lock; None on systems without such locks."""

    @classmethod
    def create(cls) -> Folder:
        """Create a folder and lock it."""
        for _ in range(_ATTEMPTS):
            path = Path(tempfile.mkdtemp(prefix=_PREFIX))
            lock = _lock(path)
            if lock is not None:
                break
        return cls(path, lock)

    def remove(self) -> None:
        """Remove the folder with everything in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self.lock is not None:
            os.close(self.lock)


def sweep() -> None:
    """Remove the folders of emulators that were killed."""
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        lock = _lock(path)
        if lock is not None:
            Folder(path, lock).remove()


if sys.platform == "win32":

    def _lock(path: Path) -> int | None:
        return None

else:
    import fcntl

    def _lock(path: Path) -> int | None:
        """Return a descriptor that locks a folder of this user; None if it cannot be locked."""
        try:
            folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            return None
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # The previous holder of the lock may have removed the folder.
            is_same = os.path.samestat(path.stat(), os.fstat(folder))
            if is_same and os.fstat(folder).st_uid == os.getuid():
                return folder
        except OSError:
            pass
        os.close(folder)
        return None
