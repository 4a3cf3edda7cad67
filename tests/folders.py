"""Folders of files: what is in one, and those that all workers of a test run share."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from fal_codegen import scratch
from filelock import FileLock

_ROOM = 2**30
"""Bytes of memory for files; a run of all tests needs less than a tenth of it at a time."""


def in_memory() -> Path | None:
    """Return the folder in memory if tests can use it for their files, else None.

    Tests create tens of thousands of small files, which can take a disk a minute. Containers often
    have a folder that is too small, or that cannot hold programs.
    """
    if sys.platform != "linux":  # elsewhere, there is no such folder and no `os.ST_NOEXEC`
        return None
    folder = scratch.in_memory(_ROOM)
    return folder if folder and not os.statvfs(folder).f_flag & os.ST_NOEXEC else None


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder, by its path, without bytecode, which others may write."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in paths
        if path.parent.name != "__pycache__"
    }


def plant(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write files below a new folder, each by its path, and return the folder."""
    contents = {folder / path: content for path, content in files.items()}
    for parent in dict.fromkeys(path.parent for path in contents):
        parent.mkdir(parents=True, exist_ok=True)
    for path, content in contents.items():
        path.write_bytes(content)
    return folder


def shared(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return the folder of this name, which `make` fills once per test run.

    Tests must not write into it.
    """
    root = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent  # that of the whole run; each worker has a folder in it
    folder = root / "shared" / name
    folder.parent.mkdir(exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            unfinished = folder.with_name(f"{name}.unfinished")
            make(unfinished)
            unfinished.rename(folder)
    return folder
