"""SHA-256 digests of text and of text files, and stamps, which show that a file is unchanged.

Line endings do not count, so that a checkout with `core.autocrlf` has the digests of its
repository.

Only cheap imports here: a run with nothing to do needs this.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

Digests = dict[str, str]
"""Digests of files by path."""

File = Path | os.DirEntry[str]
"""A file, by its path or as an entry of its folder."""

Digester = Callable[[File], str]
"""Returns the digest of a file, or something else that shows that the file is unchanged."""

_SETTLED = 2_000_000_000
"""Nanoseconds after which the next change of a file gets another time (FAT: two seconds)."""

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


class Stamp(NamedTuple):
    """What the file system says about a regular file; every change of the file changes it.

    git decides in the same way which files to read: no program can set the time at which a file
    last changed (ctime).
    """

    inode: int
    size: int
    modified: int
    changed: int

    @classmethod
    def of(cls, file: File) -> Stamp | None:
        """Return the stamp of a file, or None if there is no regular file."""
        try:
            status = file.stat()
        except OSError:
            return None
        if not stat.S_ISREG(status.st_mode):
            return None
        return cls(status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)

    def is_lasting(self) -> bool:
        """Return whether the file keeps this stamp, which has just been taken, until it changes.

        Two changes in quick succession can have the same time. Windows does not report this time.
        """
        return os.name != "nt" and self.changed <= time.time_ns() - _SETTLED


def file_digest_or_empty(file: File) -> str:
    """Return the digest of a text file, or the empty string if there is none.

    A pipe or a broken link exists, and equals nothing.
    """
    stamp = Stamp.of(file)
    return "" if stamp is None else stamped_digest(os.fspath(file), stamp)


def stamped_digest(path: str, stamp: Stamp) -> str:
    """Return the digest of a text file whose stamp has just been taken.

    A run reads a file with a lasting stamp once only, however often it compares.
    """
    if not stamp.is_lasting():
        return file_digest(Path(path))
    known = _digests.get(path)
    if known is None or known[0] != stamp:
        known = _digests[path] = stamp, file_digest(Path(path))
    return known[1]


_digests: dict[str, tuple[Stamp, str]] = {}
"""The lasting stamps and the digests of the files that were read, by path."""


def folder_digests(
    folder: Path,
    wanted: Wanted,
    digest: Digester = file_digest_or_empty,
    *,
    within: Path | None,
) -> Digests:
    """Return the digest of every wanted file below a folder, by path (see `paths_below`)."""
    return {path: digest(file) for path, file in sorted(files_below(folder, wanted, within))}


def labelled_digests(
    label: str,
    folder: Path,
    digest: Digester,
    suffixes: tuple[str, ...] = ("",),
    *,
    within: Path | None = None,
) -> Digests:
    """Return the digests of the files below a folder that have one of some suffixes.

    Args:
        label: What the keys start with instead of the folder.
        folder: The folder.
        digest: Returns the digest of a file.
        suffixes: The suffixes; by default, all files count. Bytecode caches never do.
        within: The folder that links must not lead out of (see `paths_below`).
    """
    digests = folder_digests(folder, with_suffix(suffixes), digest, within=within)
    return {f"{label}/{path}": value for path, value in digests.items()}


def with_suffix(suffixes: tuple[str, ...]) -> Wanted:
    """Return what wants the files that have one of some suffixes, and no bytecode cache."""
    return lambda path: path.endswith(("/", *suffixes)) and not is_bytecode_cache(path)


def is_bytecode_cache(path: str) -> bool:
    """Return whether a folder's path ends in `__pycache__/`."""
    return path == "__pycache__/" or path.endswith("/__pycache__/")


def paths_below(folder: Path, wanted: Wanted, within: Path | None) -> Iterator[str]:
    """Yield the paths of the wanted files below a folder, relative to it.

    Args:
        folder: The folder.
        wanted: Decides what counts.
        within: A link to a folder outside of this one is yielded itself, with a slash, because its
            author must not decide what is read on another machine. None follows every link.
    """
    return (path for path, _ in files_below(folder, wanted, within))


def files_below(
    folder: Path, wanted: Wanted, within: Path | None = None
) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Yield the path and the entry of each wanted file below a folder (see `paths_below`)."""
    return _files(str(folder), "", wanted, within and within.resolve())


def _files(
    folder: str, prefix: str, wanted: Wanted, within: Path | None
) -> Iterator[tuple[str, os.DirEntry[str]]]:
    try:
        entries = list(os.scandir(folder))
    except OSError:  # missing, not a folder, or a circular link
        return
    for entry in entries:
        is_folder = entry.is_dir()
        path = f"{prefix}{entry.name}/" if is_folder else prefix + entry.name
        if not wanted(path):
            continue
        if is_folder and not (entry.is_symlink() and _leads_back_or_out(entry.path, within)):
            yield from _files(entry.path, path, wanted, within)
        else:
            yield path, entry


def _leads_back_or_out(link: str, within: Path | None) -> bool:
    """Return whether a link leads to a folder that contains it, or to one outside of `within`."""
    target = Path(link).resolve()
    leads_back = Path(link).parent.resolve().is_relative_to(target)
    return leads_back or (within is not None and not target.is_relative_to(within))
