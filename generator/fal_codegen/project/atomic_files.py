"""Atomic writing and removing of files: a crash leaves the old file or the new one, whole."""

from __future__ import annotations

import contextlib
import itertools
import os
import stat
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import NamedTuple

from fal_codegen.errors import ProjectError
from fal_codegen.paths import TEMPORARY


class _Change(NamedTuple):
    """A change of a file, with what undoes it and what makes it final."""

    undo: Callable[[], object]
    finish: Callable[[], object]


_changes: ContextVar[list[_Change] | None] = ContextVar("changes", default=None)
_numbers = itertools.count()


@contextlib.contextmanager
def all_or_nothing() -> Iterator[None]:
    """Undo what `write_atomic` and `remove` did in this block, if the block raises.

    Undoing needs no disk space: a link keeps each file that is replaced.
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
                change.finish()
    finally:
        _changes.reset(token)


def stay_inside(root: Path, folder: Path, *, called: str) -> None:
    """Reject a folder that a link leads out of `root`.

    Links come with the repository. Their author must not decide where files are written on another
    machine.

    Args:
        root: The folder to stay inside of.
        folder: The folder, which need not exist.
        called: What messages call `root`.

    Raises:
        ProjectError: The folder is outside.
    """
    real = folder.resolve()
    if not real.is_relative_to(root.resolve()):
        raise ProjectError(
            f"{folder} is outside {called}: a link leads to {real}", hint="remove the link"
        )


def write_atomic(path: Path, text: str) -> None:
    """Write a file by replacing it with a temporary one; missing folders are created.

    The mode of a replaced file is kept. A link is replaced, not followed.
    """
    _make_folder(path.parent)
    temporary, mode = _temporary(path), _mode(path)
    try:
        temporary.write_bytes(text.encode())
        if stat.S_ISREG(mode):
            temporary.chmod(mode & 0o777)
        _before_replacing(path, exists=mode != 0)
        temporary.replace(path)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            error.filename = str(path)  # the user does not know the temporary file
        raise


def remove(path: Path, root: Path) -> None:
    """Remove a file, if it exists, and the folders that this leaves empty.

    Args:
        path: The file.
        root: A folder around it, which is kept.
    """
    if not path.is_file() and not path.is_symlink():
        return
    _before_removing(path)
    path.unlink()
    _remove_empty_parents(path, root)


def remove_temporaries(folder: Path) -> None:
    """Remove the temporary files of a killed run. No other run may be writing (`exclusive`)."""
    for path in folder.rglob(f"{TEMPORARY}*.tmp"):
        with contextlib.suppress(OSError):
            path.unlink()


def _make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    missing = [parent for parent in (folder, *folder.parents) if not parent.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for created in reversed(missing):
        _remember(created.rmdir)


def _mode(path: Path) -> int:
    """Return the type and the permissions of what is at a path; 0 if nothing is there."""
    try:
        return path.lstat().st_mode
    except FileNotFoundError:
        return 0


def _before_replacing(path: Path, *, exists: bool) -> None:
    if not exists:
        _remember(path.unlink)
    elif _changes.get() is not None and not path.is_dir():
        backup = _temporary(path)
        if not _linked(path, backup):
            backup.write_bytes(path.read_bytes())
            backup.chmod(path.stat().st_mode & 0o777)

        def restore() -> None:
            backup.replace(path)
            backup.unlink(missing_ok=True)  # replacing keeps it if both are the same file

        _remember(restore, backup.unlink)


def _linked(path: Path, name: Path) -> bool:
    """Give a file another name; return False if the system or the file system has no links."""
    if not hasattr(os, "link"):
        return False
    try:
        os.link(path, name, follow_symlinks=False)
    except OSError:
        return False
    return True


def _before_removing(path: Path) -> None:
    if path.is_symlink():
        target = path.readlink()
        _remember(lambda: path.symlink_to(target))
    else:
        data, mode = path.read_bytes(), path.stat().st_mode & 0o777

        def restore() -> None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            path.chmod(mode)

        _remember(restore)


def _remember(undo: Callable[[], object], finish: Callable[[], object] = lambda: None) -> None:
    changes = _changes.get()
    if changes is not None:
        changes.append(_Change(undo, finish))


def _temporary(path: Path) -> Path:
    return path.with_name(f"{TEMPORARY}{os.getpid()}-{next(_numbers)}.tmp")


def _remove_empty_parents(path: Path, root: Path) -> None:
    """Remove the parents of a file that are empty, or hold nothing but Python's bytecode cache."""
    for parent in path.parents:
        if parent == root:
            return
        cache = parent / "__pycache__"
        if any(entry != cache for entry in parent.iterdir()):
            return
        if cache.is_dir():
            for compiled in cache.glob("*.pyc"):
                compiled.unlink(missing_ok=True)
            cache.rmdir()
        parent.rmdir()
