"""An incomplete download: the file `<name>.part`, and the version of its content."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import stat
import sys
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import NamedTuple

from ..json_values import json_object
from .file_names import numbered, shortened
from .links import link
from .locks import lock, unlock

_ROOM = 200  # bytes of the destination's name in the name of the partial file
_AS_THEY_ARE = getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
_FLAGS = os.O_RDWR | os.O_CREAT | _AS_THEY_ARE


class Version(NamedTuple):
    """The content of a URL at one time, as the server describes it."""

    url: str
    validator: str
    """The entity tag or date, which changes when the content does."""
    size: int
    """The bytes of the complete content."""


class PartialFile:
    """A file that grows beside its destination, and takes its name when it is complete.

    One download uses it alone. Its name is `<name>.part`, or a random one if that is in use or is
    not a partial download. `<name>.part.origin` records which version of the content it holds, so
    that a later download can continue it.
    """

    def __init__(self, destination: Path) -> None:
        name = shortened(destination.name, _ROOM)
        path = destination.with_name(f"{name}.part")
        origin = path.with_name(f"{path.name}.origin")
        opened = _open_alone(path, origin)
        if opened is None:
            path = destination.with_name(f"{name}.{secrets.token_hex(8)}.part")
            descriptor = os.open(path, _FLAGS | os.O_EXCL, 0o666)
            self._origin, self._begun = None, None
        else:
            descriptor, self._begun = opened
            self._origin = origin
        self._path, self._file = path, os.fdopen(descriptor, "r+b", buffering=0)
        self.size = os.fstat(descriptor).st_size

    def version(self, url: str) -> Version | None:
        """Return the version to continue, if the file holds the beginning of one from this URL."""
        begun = self._begun
        return begun if begun is not None and begun.url == _digest(url) and self.size else None

    def begin(self, url: str, validator: str | None, size: int | None) -> None:
        """Start over. The version can be continued later if it has a validator and a size."""
        self._forget()
        self._file.seek(0)
        self._file.truncate()
        self.size = 0
        if validator is not None and size is not None:
            self._begun = Version(_digest(url), validator, size)
            if self._origin is not None:
                _write_new(self._origin, json.dumps(self._begun._asdict()).encode())

    def write(self, content: bytes) -> None:
        """Append to the file."""
        self._file.seek(self.size)
        written = 0
        while written < len(content):
            written += self._file.write(content[written:])
        self.size += written

    def finish(self, destination: Path, *, is_new: bool) -> Path:
        """Rename the file to its destination, or to a free numbered name if it `is_new`."""
        if sys.platform == "win32":
            self._release()  # Windows cannot rename an open file
        if is_new:
            destination = _take_free_name(self._path, destination)
        else:
            self._path.replace(destination)  # while it is still locked
        self._forget()
        self._release()
        return destination

    def close(self) -> None:
        """Close the file, and remove it unless a later download can continue it."""
        if self._file.closed:
            return
        if sys.platform == "win32":
            self._release()  # Windows cannot remove an open file
        if self._begun is None or self._origin is None or not self.size:
            self._forget()
            with suppress(OSError):
                self._path.unlink()  # while it is still locked
        self._release()

    def _release(self) -> None:
        if not self._file.closed:
            unlock(self._file.fileno())
            self._file.close()

    def _forget(self) -> None:
        self._begun = None
        if self._origin is not None:
            self._origin.unlink(missing_ok=True)


def _open_alone(path: Path, origin: Path) -> tuple[int, Version | None] | None:
    """Open and lock a partial file, with its origin; return None if that is not possible.

    A file with content but without an origin was not left by a download.
    """
    if os.path.lexists(origin) and _read_origin(origin) is None:
        return None
    try:
        descriptor = os.open(path, _FLAGS | getattr(os, "O_NONBLOCK", 0), 0o666)
    except OSError:
        return None
    with suppress(OSError):
        lock(descriptor)
        opened = os.fstat(descriptor)
        # Another download may have finished and renamed it before it was locked.
        is_there = os.path.samestat(opened, path.lstat())
        is_plain = stat.S_ISREG(opened.st_mode) and opened.st_nlink == 1
        begun = _read_origin(origin)
        if is_there and is_plain and (begun is not None or not opened.st_size):
            return descriptor, begun
    os.close(descriptor)
    return None


def _take_free_name(part: Path, wanted: Path) -> Path:
    for number in count():
        path = wanted.with_name(numbered(wanted.name, number))
        with suppress(FileExistsError):
            if link(part, path):
                part.unlink()
            else:
                _write_new(path, b"")
                part.replace(path)
            return path
    raise AssertionError("unreachable")


def _write_new(path: Path, content: bytes) -> None:
    """Write a file that must not exist yet."""
    with os.fdopen(os.open(path, _FLAGS | os.O_EXCL, 0o666), "wb") as file:
        file.write(content)


def _read_origin(path: Path) -> Version | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | _AS_THEY_ARE)
        with os.fdopen(descriptor, "rb") as file:
            content = json_object(json.loads(file.read(10_000)))
    except (OSError, ValueError, RecursionError):
        return None
    match [content.get(name) for name in Version._fields]:
        case [str(url), str(validator), int(size)]:
            return Version(url, validator, size)
        case _:
            return None


def _digest(url: str) -> str:
    """Return a digest of a URL, which may be signed and so must not be stored."""
    return hashlib.sha256(url.encode()).hexdigest()
