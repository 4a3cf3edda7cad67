"""Files, written so that a crash leaves the old or the new, never half of one."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from fal_codegen.errors import ProjectError

TEMPORARY = ".fal-codegen-"
"""How the names of temporary files start; one that is left over is removed by the next run."""

PRIVATE_FOLDER = ".fal-codegen"
"""The tool's own folder in a project."""

_LOCK_WAIT = 60.0


def digest_of(text: str) -> str:
    """Return the SHA-256 of a file with this text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def write_atomic(path: Path, text: str) -> None:
    """Write a file by way of a temporary one beside it; folders are made as needed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{TEMPORARY}{os.getpid()}.tmp")
    try:
        temporary.write_bytes(text.encode())
        temporary.replace(path)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            error.filename = str(path)  # not the temporary file, which means nothing to the user
        raise


def remove_empty_parents(path: Path, folder: Path) -> None:
    """Remove the folders around a file that is gone, up to a folder that stays.

    Only those go that are left with nothing in them but what Python itself put there.
    """
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


def remove_temporaries(folder: Path) -> None:
    """Remove what a killed run left; only while no other run can be writing (see `exclusive`)."""
    for path in folder.rglob(f"{TEMPORARY}*.tmp"):
        with contextlib.suppress(OSError):
            path.unlink()


@contextlib.contextmanager
def exclusive(project: Path) -> Iterator[None]:
    """Keep every other run on the same project out, waiting for one that is under way.

    What a killed run left unfinished in `specs/` is removed first.

    Raises:
        ProjectError: Another run did not end in time.
    """
    from filelock import FileLock, Timeout

    try:
        with FileLock(private_folder(project) / "lock", timeout=_LOCK_WAIT):
            remove_temporaries(project / "specs")
            remove_temporaries(project / PRIVATE_FOLDER)
            yield
    except Timeout as error:
        raise ProjectError(
            f"another fal-codegen has been at work on {project} for over {_LOCK_WAIT:.0f} seconds",
            hint="wait for it, or end it, and try again",
        ) from error


def private_folder(project: Path) -> Path:
    """Return the project's folder for the tool's own files, which git ignores, made if missing."""
    folder = project / PRIVATE_FOLDER
    folder.mkdir(exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")
    return folder
