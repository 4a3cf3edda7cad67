"""The lock that keeps two runs on the same project apart."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from fal_codegen.errors import ProjectError
from fal_codegen.project.atomic_files import remove_temporaries, write_atomic

_FOLDER = ".fal-codegen"
"""The folder in a project that holds the lock file."""

_TIMEOUT = 60.0
"""Seconds to wait for another run."""


@contextlib.contextmanager
def exclusive(project: Path) -> Iterator[bool]:
    """Keep other runs out of a project, after waiting for one that is under way.

    Temporary files of a killed run in `specs/` are removed first. Yields whether there was another
    run, which may have done the work of this one.

    Raises:
        ProjectError: The other run did not end in time.
    """
    from filelock import FileLock, Timeout

    try:
        lock, was_taken = FileLock(_folder(project) / "lock"), False
        try:
            lock.acquire(blocking=False)
        except Timeout:
            was_taken = True
            lock.acquire(timeout=_TIMEOUT)
        try:
            remove_temporaries(project / "specs")
            yield was_taken
        finally:
            lock.release()
    except Timeout as error:
        raise ProjectError(
            f"another fal-codegen has been working on {project} for over {_TIMEOUT:.0f} seconds",
            hint="wait for it or end it, and try again",
        ) from error


def _folder(project: Path) -> Path:
    """Return the folder of the lock file, which git ignores; it is created if missing."""
    folder = project / _FOLDER
    if folder.is_symlink():  # it could lead anywhere
        raise ProjectError(f"{folder} is a link", hint="remove it")
    folder.mkdir(exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.is_file():
        write_atomic(ignore, "*\n")
    return folder
