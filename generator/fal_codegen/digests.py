"""SHA-256 digests of text and of text files.

Line endings do not count, so that a checkout with `core.autocrlf` has the digests of its
repository.

Only cheap imports here: a run with nothing to do needs this.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

Digests = dict[str, str]
"""Digests of files by path."""

Wanted = Callable[[str], bool]
"""Returns whether a path below a folder counts; the paths of folders end with a slash."""


def digest_of(content: str | bytes) -> str:
    r"""Return the digest of a text file with this content and `\n` line endings, in hexadecimal."""
    data = content.encode() if isinstance(content, str) else content
    return hashlib.sha256(data).hexdigest()


def read_normalised(path: Path) -> bytes:
    r"""Return the content of a text file with `\n` line endings, however git checked it out."""
    return path.read_bytes().replace(b"\r\n", b"\n")


def file_digest(path: Path) -> str:
    """Return the digest of a text file, in hexadecimal."""
    return digest_of(read_normalised(path))


def file_digest_or_empty(path: Path) -> str:
    """Return the digest of a text file, or the empty string if it does not exist."""
    return file_digest(path) if path.exists() else ""


def folder_digests(folder: Path, wanted: Wanted) -> Digests:
    """Return the digest of every wanted file below a folder, by path."""
    files = ((path, folder / path) for path in sorted(paths_below(folder, wanted)))
    # A pipe or a broken link exists and equals nothing.
    return {path: file_digest(file) if file.is_file() else "" for path, file in files}


def labelled_digests(label: str, folder: Path, suffixes: tuple[str, ...] = ("",)) -> Digests:
    """Return the digests of the files below a folder that have one of some suffixes.

    Args:
        label: What the keys start with instead of the folder.
        folder: The folder.
        suffixes: The suffixes; by default, all files count. Bytecode caches never do.
    """

    def wanted(path: str) -> bool:
        return path.endswith(("/", *suffixes)) and not is_bytecode_cache(path)

    return {f"{label}/{path}": digest for path, digest in folder_digests(folder, wanted).items()}


def is_bytecode_cache(path: str) -> bool:
    """Return whether a folder's path ends in `__pycache__/`."""
    return path == "__pycache__/" or path.endswith("/__pycache__/")


def paths_below(folder: Path, wanted: Wanted) -> Iterator[str]:
    """Yield the paths of the wanted files below a folder, relative to it."""
    return _paths(str(folder), "", wanted)


def _paths(folder: str, prefix: str, wanted: Wanted) -> Iterator[str]:
    try:
        entries = list(os.scandir(folder))
    except OSError:  # missing, not a folder, or a circular link
        return
    for entry in entries:
        path = f"{prefix}{entry.name}/" if entry.is_dir() else prefix + entry.name
        if not wanted(path):
            continue
        if entry.is_dir() and not _is_link_to_parent(entry):
            yield from _paths(entry.path, path, wanted)
        else:
            yield path


def _is_link_to_parent(entry: os.DirEntry[str]) -> bool:
    """Return whether an entry links to one of the folders that contain it."""
    if not entry.is_symlink():
        return False
    folder = Path(entry.path).parent.resolve()
    return folder.is_relative_to(Path(entry.path).resolve())
