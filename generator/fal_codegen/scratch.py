"""Temporary folders for files that another program or library reads.

They are in memory on Linux. On ext4, a small file can take ten times as long if many were removed
in the last minute: for each new one, it looks for an inode that was not freed recently.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fal_codegen.temporary_folder import TemporaryFolder, sweep

_PREFIX = "fal-codegen-"

_MEMORY = Path("/dev/shm")
"""The folder in memory that Linux has for every user."""

_ROOM = 256 * 2**20
"""Bytes that must be free there; the package of 1,400 endpoints has a tenth of it."""


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Make a temporary folder, and remove it at the end.

    It is where the user wants temporary files; otherwise in memory, if the system has room there.
    """
    is_chosen = any(map(os.environ.get, ("TMPDIR", "TEMP", "TMP")))
    parent = None if is_chosen else in_memory(_ROOM)
    sweep(_PREFIX, parent)
    folder = TemporaryFolder.create(_PREFIX, parent)
    try:
        yield folder.path
    finally:
        folder.remove()


def in_memory(room: int) -> Path | None:
    """Return the folder in memory; None if there is none with so many bytes free."""
    if not os.access(_MEMORY, os.W_OK) or shutil.disk_usage(_MEMORY).free < room:
        return None
    return _MEMORY
