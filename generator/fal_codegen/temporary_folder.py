"""Temporary folders that are removed even if their process is killed.

A process holds a lock on its folder. If it is killed, the lock is released, and the next process
removes the folder.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

__all__ = ["TemporaryFolder", "sweep"]

_SUFFIX = ".tmp"
"""The end of every name, so that nobody's own folder is taken for one of these."""

_ATTEMPTS = 3
"""Attempts to create a folder; another process may remove it before it is locked."""


@dataclass(frozen=True)
class TemporaryFolder:
    """A temporary folder of this process.

    Attributes:
        path: The folder.
        lock: Descriptor that holds the lock; None on systems without such locks.
    """

    path: Path
    lock: int | None

    @classmethod
    def create(cls, prefix: str, parent: Path | None = None) -> TemporaryFolder:
        """Create a folder and lock it.

        Args:
            prefix: The start of its name.
            parent: The folder that it is in; if left out, the system's for temporary files.
        """
        for _ in range(_ATTEMPTS):
            path = Path(tempfile.mkdtemp(_SUFFIX, prefix, parent))
            lock = _lock(path)
            if lock is not None or sys.platform == "win32":
                break
        return cls(path, lock)

    def remove(self) -> None:
        """Remove the folder with everything in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self.lock is not None:
            os.close(self.lock)


def sweep(prefix: str, parent: Path | None = None) -> None:
    """Remove the folders of processes that were killed; see `TemporaryFolder.create`."""
    for path in (parent or Path(tempfile.gettempdir())).glob(f"{prefix}*{_SUFFIX}"):
        lock = _lock(path)
        if lock is not None:
            TemporaryFolder(path, lock).remove()


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
