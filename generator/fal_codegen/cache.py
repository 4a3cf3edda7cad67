"""The user's cache folder: what is remembered between runs, apart from any project.

Nothing here decides what is generated: an entry that is missing, damaged or of another kind than
expected is as good as none, and a folder that cannot be written is no error. The folder is not
used where somebody other than the user could have filled it: in a project or a working tree, whose
files come from a repository, or where other users of the machine may write.

Only cheap imports here: a run with nothing to do needs this.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import time
from pathlib import Path
from typing import Any

from fal_codegen.digests import digest_of
from fal_codegen.paths import DECLARATION

_MAX_BYTES = 64_000_000
"""Size above which an entry is not read."""

_UNUSED_SECONDS = 90 * 24 * 3600
"""Age at which an entry that no run has rewritten since is removed."""


def read(name: str) -> Any:
    """Return the JSON value of an entry; None if there is none, or it is damaged."""
    folder = _folder()
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
    """Keep a JSON value as an entry, for this user alone; where that fails, go without."""
    import tempfile

    folder = _folder()
    if folder is None:
        return
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_private(folder):
            return
        _sweep(folder)
        text = json.dumps(value, sort_keys=True)
        descriptor, temporary = tempfile.mkstemp(dir=folder)  # for this user alone
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(f"{digest_of(text)}\n{text}".encode())
            Path(temporary).replace(folder / name)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise


def _folder() -> Path | None:
    """Return the folder, which need not exist yet; None if there is none to be trusted."""
    from platformdirs import user_cache_path

    folder = user_cache_path("fal-codegen", appauthor=False)
    if not folder.is_absolute():  # there is no home
        return None
    try:
        folder = folder.resolve()
        around = (folder, *folder.parents)
        if any((it / ".git").exists() or (it / DECLARATION).is_file() for it in around):
            return None
        return folder if not folder.exists() or _is_private(folder) else None
    except (OSError, RuntimeError):  # a loop of links
        return None


def _is_private(folder: Path) -> bool:
    """Return whether only this user can write to a folder."""
    if os.name == "nt":  # the cache folder is inside the user's profile
        return True
    found = folder.stat()
    others = stat.S_IWGRP | stat.S_IWOTH
    return found.st_uid == os.geteuid() and not found.st_mode & others


def _sweep(folder: Path) -> None:
    """Remove entries that no run has needed for long, and what killed runs left."""
    oldest = time.time() - _UNUSED_SECONDS
    for entry in os.scandir(folder):
        with contextlib.suppress(OSError):
            if entry.is_file(follow_symlinks=False) and entry.stat().st_mtime < oldest:
                Path(entry.path).unlink()
