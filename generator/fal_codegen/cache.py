"""The user's cache folder: what the tool keeps between runs, outside of any project.

The cache never decides what is generated. A missing or damaged entry, or one of an unexpected type,
counts as a miss, and a folder that cannot be written is not an error. The folder is not used where
somebody else could have filled it: inside a project or working tree, whose files come from a
repository, or where other users of the machine can write.

Only cheap imports here: a run with nothing to do needs this.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import sys
import time
from pathlib import Path
from typing import Any

from fal_codegen.digests import digest_of
from fal_codegen.paths import DECLARATION

_MAX_BYTES = 64_000_000
"""Size above which an entry is not read."""

_MAX_AGE = 90 * 24 * 3600
"""Seconds after its last writing after which an entry is removed."""


def read(name: str) -> Any:
    """Return the JSON value of an entry; None if it is missing or damaged."""
    folder = trusted_folder()
    if folder is None:
        return None
    try:
        path = folder / name
        if not path.is_file() or path.stat().st_size > _MAX_BYTES:
            return None
        digest, _, text = path.read_bytes().decode().partition("\n")
        return json.loads(text) if digest_of(text) == digest else None
    except (OSError, ValueError, RecursionError):
        return None


def write(name: str, value: Any) -> None:
    """Write a JSON value as an entry that only this user can read; failures are ignored."""
    import tempfile

    folder = trusted_folder()
    if folder is None:
        return
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_private(folder):
            return
        _remove_old(folder)
        text = json.dumps(value, sort_keys=True)
        descriptor, temporary = tempfile.mkstemp(dir=folder)  # only this user can read it
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(f"{digest_of(text)}\n{text}".encode())
            Path(temporary).replace(folder / name)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise


def trusted_folder() -> Path | None:
    """Return the folder, which need not exist yet; None if it cannot be trusted."""
    try:
        folder = _user_cache()
        if not folder.is_absolute():  # the user has no home
            return None
        folder = folder.resolve()
        parents = (folder, *folder.parents)
        if any((path / ".git").exists() or (path / DECLARATION).is_file() for path in parents):
            return None
        return folder if not folder.exists() or _is_private(folder) else None
    except (OSError, RuntimeError):  # a circular link, or a user without a home
        return None


def _user_cache() -> Path:
    """Return the folder of the user's caches for this tool.

    `XDG_CACHE_HOME` counts on every system. On Linux, another line applies the rest of that rule;
    importing platformdirs takes as long as starting Python.
    """
    given = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if given.is_absolute():
        return given / "fal-codegen"
    if sys.platform != "linux":
        from platformdirs import user_cache_path

        return user_cache_path("fal-codegen", appauthor=False)
    return Path.home() / ".cache" / "fal-codegen"


def _is_private(folder: Path) -> bool:
    """Return whether only this user can write to a folder."""
    if sys.platform == "win32":  # the folder is inside the user's profile
        return True
    status = folder.stat()
    others = stat.S_IWGRP | stat.S_IWOTH
    return status.st_uid == os.geteuid() and not status.st_mode & others


def _remove_old(folder: Path) -> None:
    """Remove entries that were written long ago, and temporary files of killed runs."""
    oldest = time.time() - _MAX_AGE
    for entry in os.scandir(folder):
        with contextlib.suppress(OSError):
            if entry.is_file(follow_symlinks=False) and entry.stat().st_mtime < oldest:
                Path(entry.path).unlink()
