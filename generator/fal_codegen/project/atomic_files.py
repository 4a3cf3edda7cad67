"""Atomic writing and removing of files: a crash leaves the old file or the new one, whole."""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import NamedTuple

from fal_codegen.errors import ProjectError

TEMPORARY = ".fal-codegen-"
"""How the names of temporary files start; one that is left over is removed by the next run."""


class _Change(NamedTuple):
    """A change of a file, and what ends it, one way or the other."""

    undo: Callable[[], object]
    settle: Callable[[], object]


_changes: ContextVar[list[_Change] | None] = ContextVar("changes", default=None)
_numbers = itertools.count()


@contextlib.contextmanager
def all_or_nothing() -> Iterator[None]:
    """Undo what `write_atomic` and `remove` do in this block, if the block raises.

    Undoing needs no room on the disk: what was replaced is kept by a link to it.
    """
    changes: list[_Change] = []
    token = _changes.set(changes)
    try:
        yield
    except BaseException:
        for change in reversed(changes):
            with contextlib.suppress(OSError):
                change.undo()
        raise
    else:
        for change in changes:
            with contextlib.suppress(OSError):
                change.settle()
    finally:
        _changes.reset(token)


def stay_inside(root: Path, folder: Path, *, called: str) -> None:
    """Refuse to read or write files in a folder that a link leads elsewhere.

    A link comes with the repository, and its author says where it leads: that is not to decide
    where files are written on another machine.

    Args:
        root: The folder that it has to be in.
        folder: The folder, which need not exist.
        called: What messages call `root`.

    Raises:
        ProjectError: It is elsewhere.
    """
    real = folder.resolve()
    if not real.is_relative_to(root.resolve()):
        raise ProjectError(
            f"{folder} is outside {called}: a link leads to {real}", hint="remove the link"
        )


def write_atomic(path: Path, text: str) -> None:
    """Write a file by way of a temporary one beside it; folders are made as needed.

    A file that is replaced hands its mode on; a link is replaced, not followed.
    """
    _make_folder(path.parent)
    temporary = _temporary(path)
    try:
        temporary.write_bytes(text.encode())
        if path.is_file() and not path.is_symlink():
            temporary.chmod(path.stat().st_mode & 0o777)
        _before_replacing(path)
        temporary.replace(path)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            error.filename = str(path)  # not the temporary file, which means nothing to the user
        raise


def remove(path: Path, folder: Path) -> None:
    """Remove a file, if it is there, and the folders around it that are left empty.

    Args:
        path: The file.
        folder: The folder around it that stays.
    """
    if not path.is_file() and not path.is_symlink():
        return
    _before_removing(path)
    path.unlink()
    _remove_empty_parents(path, folder)


def _make_folder(folder: Path) -> None:
    missing = [parent for parent in (folder, *folder.parents) if not parent.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for made in reversed(missing):
        _note(made.rmdir)


def _before_replacing(path: Path) -> None:
    if not path.exists() and not path.is_symlink():
        _note(path.unlink)
    elif _changes.get() is not None and not path.is_dir():
        kept = _temporary(path)
        try:
            os.link(path, kept, follow_symlinks=False)
        except OSError:  # a file system without links
            kept.write_bytes(path.read_bytes())
            kept.chmod(path.stat().st_mode & 0o777)

        def restore() -> None:
            kept.replace(path)
            kept.unlink(missing_ok=True)  # it stays if both are still the same file

        _note(restore, kept.unlink)


def _before_removing(path: Path) -> None:
    if path.is_symlink():
        target = path.readlink()
        _note(lambda: path.symlink_to(target))
    else:
        data, mode = path.read_bytes(), path.stat().st_mode & 0o777

        def restore() -> None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            path.chmod(mode)

        _note(restore)


def _note(undo: Callable[[], object], settle: Callable[[], object] = lambda: None) -> None:
    changes = _changes.get()
    if changes is not None:
        changes.append(_Change(undo, settle))


def _temporary(path: Path) -> Path:
    return path.with_name(f"{TEMPORARY}{os.getpid()}-{next(_numbers)}.tmp")


def _remove_empty_parents(path: Path, folder: Path) -> None:
    """Remove the folders that hold nothing but what Python itself put there."""
    for parent in path.parents:
        if parent == folder:
            return
        cache = parent / "__pycache__"
        if any(entry != cache for entry in parent.iterdir()):
            return
        if cache.is_dir():
            for compiled in cache.glob("*.pyc"):
                compiled.unlink(missing_ok=True)
            cache.rmdir()
        parent.rmdir()


def is_temporary(path: str) -> bool:
    """Return whether a path is that of a file that a run writes before it renames it."""
    return path.rpartition("/")[2].startswith(TEMPORARY)


def remove_temporaries(folder: Path) -> None:
    """Remove what a killed run left; only while no other run can be writing (see `exclusive`)."""
    for path in folder.rglob(f"{TEMPORARY}*.tmp"):
        with contextlib.suppress(OSError):
            path.unlink()
