"""Local files as input: which values are files, and how they are read for an upload."""

from __future__ import annotations

import base64
import hashlib
import inspect
import io
import mimetypes
import os
import re
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import IO, Any, TypeAlias, cast

from .disk.regular_files import open_regular
from .errors import NOTHING, ValidationError
from .forks import renew_in_children
from .images import PNG, Picture, encoded, is_picture, picture_problem
from .problems import Problem
from .text import line, short

_Readable: TypeAlias = os.PathLike[str] | bytes | IO[bytes]

Source: TypeAlias = _Readable | Picture
"""The source of a local file's content."""

UNKNOWN_TYPE = "application/octet-stream"

_PIECE = 1 << 20  # bytes read at a time
_MEDIA_TYPE = r"[A-Za-z0-9.+!#$&^_-]+/[A-Za-z0-9.+!#$&^_-]+( *;[ -~]*)?"
PATH_HINT = (
    "pass pathlib.Path(...) to upload a local file; "
    "for base64, add the prefix 'data:image/png;base64,' or decode it to bytes"
)

# The media types of what `mimetypes` calls encodings.
_ENCODINGS = {
    "gzip": "application/gzip",
    "bzip2": "application/x-bzip2",
    "xz": "application/x-xz",
    "compress": "application/x-compress",
}

# The first bytes of the formats that models accept; `.` is any byte.
_MAGIC = {
    rb"\x89PNG\r\n": "image/png",
    rb"\xff\xd8\xff": "image/jpeg",
    rb"GIF8": "image/gif",
    rb"RIFF....WEBP": "image/webp",
    rb"RIFF....WAVE": "audio/wav",
    rb"....ftypavif": "image/avif",
    rb"....ftypM4A": "audio/mp4",
    rb"....ftypqt": "video/quicktime",
    rb"....ftyp": "video/mp4",
    rb"\x1a\x45\xdf\xa3": "video/webm",
    rb"ID3|\xff[\xfb\xf3\xf2]": "audio/mpeg",
    rb"fLaC": "audio/flac",
    rb"OggS": "audio/ogg",
    rb"%PDF": "application/pdf",
    rb"PK\x03\x04": "application/zip",
}


class Unreadable(Exception):
    """The reason why a local file cannot be read."""


class LocalFile:
    """A local file to send, with its content type and its name.

    Use this class to set the type or the name of a file. If its name or its first bytes show the
    type, pass the path, the bytes or the binary file object itself.

    Args:
        source: The path, bytes, binary file object, Pillow image or numpy array to upload. A file
            object is read from its current position. An image is encoded when the request is sent.
            A string is never a path: pass `pathlib.Path("frame.png")`.
        content_type: The media type; taken from the name, or from the first bytes, if left out. An
            image is encoded as this type, or else as the type of `file_name`, or as PNG.
        file_name: The name; that of the path or file object if left out.

    Raises:
        ValidationError: An argument cannot be used.

    Example:
        ```python
        from fal_endpoints import LocalFile

        chair = LocalFile(b"...", content_type="model/gltf-binary", file_name="chair.glb")
        ```
    """

    # Not a dataclass, because pydantic would dump it as a dictionary.

    def __init__(
        self, source: Source, content_type: str | None = None, file_name: str | None = None
    ) -> None:
        problems: list[Problem] = []
        if reason := source_problem(source):
            problems.append(Problem("source", reason, "file_input", source, has_input=True))
        if content_type is not None and not re.fullmatch(_MEDIA_TYPE, content_type):
            reason = "should be a media type, such as image/png"
            problems.append(
                Problem("content_type", reason, "media_type", content_type, has_input=True)
            )
        if problems:
            raise ValidationError(problems, NOTHING)
        self.source = source
        self.content_type = content_type
        self.file_name = file_name

    def __repr__(self) -> str:
        return f"LocalFile({short(self.source)}, {self.content_type!r}, {self.file_name!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LocalFile) and self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self._identity())

    def _identity(self) -> tuple[object, ...]:
        """Return the values that two equal files share. Most objects equal only themselves."""
        source = self.source
        is_value = isinstance(source, (bytes, PurePath))  # other paths may not be hashable
        return (source if is_value else id(source), self.content_type, self.file_name)

    def __reduce__(self) -> tuple[object, ...]:
        is_value = isinstance(self.source, (os.PathLike, bytes, io.BytesIO))
        if not (is_value or is_picture(self.source)):
            raise TypeError(
                f"{short(self.source)} is an open file, which cannot be copied or sent to another "
                "process: pass its path or its bytes"
            )
        return LocalFile, (self.source, self.content_type, self.file_name)


def is_file_url(text: str) -> bool:
    """Return whether a string is a URL that fal accepts for a file."""
    return re.match(r"https?://[^/?#\s]|data:", text, re.IGNORECASE) is not None


def source_problem(value: object) -> str | None:
    """Return the reason why a value cannot be the source of a file; None if it can."""
    if isinstance(value, str):
        if is_file_url(value):
            return "is a URL already: use it as it is"
        return f"should be a path, bytes or a binary file object; {PATH_HINT}"
    if isinstance(value, (bytes, os.PathLike)):
        return None
    if is_picture(value):
        return picture_problem(value)
    if isinstance(_attribute(value, "file"), io.TextIOBase) or isinstance(value, io.TextIOBase):
        return "is a file opened as text; open it in binary mode"
    read = _attribute(value, "read")
    if inspect.iscoroutinefunction(read):
        return "has a coroutine function as read(): pass `upload.file`, or `await upload.read()`"
    if not callable(read):
        if isinstance(_attribute(value, "url"), str):
            return "is a file of a result already: use its url as it is"
        return "should be a URL, a pathlib.Path, bytes, a binary file object or a Pillow image"
    return None


def _attribute(value: object, name: str) -> object:
    """Return an attribute of the caller's object; None if it is missing or fails.

    Some properties open a file. Their failures are reported when the object is read.
    """
    try:
        return getattr(value, name, None)
    except Exception:
        return None


@dataclass(frozen=True, eq=False)
class Content:
    """The content of a local file, measured first; if it has changed since, reading fails."""

    source: _Readable
    start: int
    """The offset of the content in the source."""
    size: int
    """Bytes."""
    content_type: str
    file_name: str
    can_be_read_again: bool
    """Whether the source itself is read, rather than a copy in memory."""
    version: tuple[int, ...] = ()
    """The identity and modification time of a file on disk."""

    @classmethod
    def of(cls, file: LocalFile) -> Content:
        """Return the content of `file`. Raises Unreadable if it cannot be read."""
        source, content_type = file.source, file.content_type
        if is_picture(source):
            content_type = content_type or content_type_of(file.file_name or "") or PNG
            source = _encoded(source, content_type)
        source = cast("_Readable", source)
        can_be_read_again = _can_be_read_again(source)
        if not can_be_read_again:
            source = _whole(cast("IO[bytes]", source))
        with _opened(source) as opened:
            start, head, size = _measured(opened)
            version = _version(opened)
            if type(source) is io.BytesIO:  # the caller may refill it for the next request
                source = source.getvalue()
            name = file.file_name or _name_of(file.source)
        content_type = content_type or content_type_of(name) or sniffed_type(head)
        name = name or "upload" + (mimetypes.guess_extension(content_type) or ".bin")
        name = name.encode(errors="replace").decode()  # a path need not be valid Unicode
        return cls(source, start, size, content_type, name, can_be_read_again, version)

    def has_known_type(self) -> bool:
        """Return whether the media type is known."""
        return self.content_type != UNKNOWN_TYPE

    def read(self, offset: int, size: int) -> Iterator[bytes]:
        """Yield a part of the content in pieces.

        Raises:
            Unreadable: It cannot be read, or it has changed since it was measured.
        """
        position = self.start + offset
        end, end_of_all = position + size, self.start + self.size
        with _opened(self.source) as file:
            self._check_version(file)
            while position < end:
                piece = _read_at(file, position, min(_PIECE, end - position))
                if not piece:
                    raise Unreadable("it became shorter while it was read")
                position += len(piece)
                yield piece
            if end == end_of_all and _read_at(file, end, 1):
                raise Unreadable("it became longer while it was read")
            self._check_version(file)

    @contextmanager
    def reader(self) -> Generator[Callable[[int, int], bytes], None, None]:
        """Open the content once, for several reads: each of an offset and a size.

        Raises:
            Unreadable: It cannot be read, or it has changed since it was measured.
        """
        with _opened(self.source) as file:
            self._check_version(file)
            yield lambda offset, size: _read_at(file, self.start + offset, size)

    def data_uri(self) -> str:
        """Return the whole content as a data URI. Raises Unreadable as `read` does."""
        data = b"".join(self.read(0, self.size))
        return f"data:{self.content_type};base64,{base64.b64encode(data).decode()}"

    def sha256(self) -> str:
        """Return the digest of the whole content. Raises Unreadable as `read` does."""
        digest = hashlib.sha256()
        for piece in self.read(0, self.size):
            digest.update(piece)
        return digest.hexdigest()

    def _check_version(self, file: IO[bytes]) -> None:
        if self.version and _version(file) != self.version:
            raise Unreadable("it changed while it was read")


def with_fixed_content(file: LocalFile | Content) -> LocalFile | Content:
    """Fix the content of a file object or image as it is now, if it can be read more than once.

    Other files are returned unchanged. Errors are reported when a file is read.
    """
    if isinstance(file, Content) or isinstance(file.source, (bytes, os.PathLike)):
        return file
    with suppress(Unreadable):
        if is_picture(file.source) or _can_be_read_again(cast("_Readable", file.source)):
            return Content.of(file)
    return file


def _encoded(picture: Picture, content_type: str) -> bytes:
    try:
        return encoded(picture, content_type)
    except ValueError as error:
        raise Unreadable(line(str(error))) from error
    except Exception as error:  # for instance from a lazily opened file
        raise Unreadable(short(error)) from error


@contextmanager
def _opened(source: _Readable) -> Generator[IO[bytes], None, None]:
    """Open a source, and raise every error as `Unreadable`."""
    try:
        if isinstance(source, bytes):
            yield io.BytesIO(source)
        elif isinstance(source, os.PathLike):
            path = Path(os.fsdecode(source))
            with os.fdopen(open_regular(path, os.O_RDONLY), "rb") as file:
                yield file
        else:
            yield source
    except Unreadable:
        raise
    except OSError as error:
        raise Unreadable(error.strerror or type(error).__name__) from error
    except Exception as error:  # from the caller's file object, or from a path with a null byte
        raise Unreadable(short(error)) from error


def _version(file: IO[bytes]) -> tuple[int, ...]:
    if not isinstance(getattr(file, "raw", file), io.FileIO):
        return ()
    status = os.fstat(file.fileno())
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _can_be_read_again(source: _Readable) -> bool:
    if isinstance(source, (bytes, os.PathLike)):
        return True
    seekable = _attribute(source, "seekable")  # SpooledTemporaryFile of Python 3.10 has none
    try:
        return callable(seekable) and bool(seekable())
    except Exception as error:
        raise Unreadable(short(error)) from error


def _whole(source: IO[bytes]) -> bytes:
    """Return the content of a source that can be read only once."""
    with _opened(source) as file:
        data = _bytes(file.read())
    if not data:
        raise Unreadable("it is at its end; to send it more than once, pass its bytes")
    return data


# A file object has one position, and several threads may read the same object.
class _Turn:
    def __init__(self) -> None:
        self.renew()
        renew_in_children(self)

    def renew(self) -> None:
        self.lock = threading.Lock()


_turn = _Turn()


def _measured(file: IO[bytes]) -> tuple[int, bytes, int]:
    """Return the position of a file object, its next bytes, and the bytes up to its end."""
    with _turn.lock:
        start = file.tell()
        try:
            head = _bytes(file.read(16))
            file.seek(0, os.SEEK_END)
            return start, head, max(file.tell() - start, 0)
        finally:
            file.seek(start)


def _read_at(file: IO[bytes], position: int, size: int) -> bytes:
    """Read from a position, and restore the position of the file object."""
    with _turn.lock:
        before = file.tell()
        try:
            file.seek(position)
            return _bytes(file.read(size))
        finally:
            file.seek(before)


def _bytes(data: object) -> bytes:
    if not isinstance(data, bytes):
        raise Unreadable(f"its read() returned {type(data).__name__} instead of bytes")
    return data


def _name_of(source: Source) -> str:
    if isinstance(source, os.PathLike):
        return Path(os.fsdecode(source)).name
    name = _attribute(source, "name")
    return Path(name).name if isinstance(name, str) else ""  # the name of a descriptor is a number


def content_type_of(name: str) -> str | None:
    """Return the media type that a file name suggests."""
    content_type, encoding = mimetypes.guess_type(name)
    # The type of a compressed file is that of its compression: `table.csv.gz` is gzip.
    return content_type if encoding is None else _ENCODINGS.get(encoding, UNKNOWN_TYPE)


def sniffed_type(head: bytes) -> str:
    """Return the media type that the first bytes of a file show."""
    for magic, content_type in _MAGIC.items():
        if re.match(magic, head, re.DOTALL):
            return content_type
    return UNKNOWN_TYPE


def local_files(
    value: object, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], LocalFile | Content]]:
    """Yield each local file in a payload, with the keys and indices that lead to it."""
    if isinstance(value, (LocalFile, Content)):
        yield path, value
    elif isinstance(value, dict):
        for key, item in cast("dict[str, object]", value).items():
            yield from local_files(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(cast("list[object]", value)):
            yield from local_files(item, (*path, index))


def replace_files(value: Any, replacement: Callable[[Any], object]) -> Any:
    """Return a copy of a payload with each local file replaced."""
    if isinstance(value, (LocalFile, Content)):
        return replacement(value)
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value).items()
        return {key: replace_files(item, replacement) for key, item in items}
    if isinstance(value, list):
        return [replace_files(item, replacement) for item in cast("list[object]", value)]
    return value
