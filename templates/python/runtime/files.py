"""Files given as input: what may be given, and how it is read when it is uploaded."""

from __future__ import annotations

import base64
import io
import mimetypes
import os
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, BinaryIO, TypeAlias, cast

from pydantic import PlainValidator
from pydantic_core import PydanticCustomError

from .json_values import json_array, json_object
from .text import short

_PIECE = 1 << 20  # bytes read at a time
_UNKNOWN = "application/octet-stream"

# What the formats that models take begin with; `.` is any byte.
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


class LocalFile:
    """A file that is uploaded when the request is sent.

    A path, bytes or a binary file object may be given for a file as they are; this class is for
    saying more about them.

    Args:
        source: what to upload. A file object is read from its current position.
        content_type: found from the name, or from the first bytes, if it is not given.
        file_name: the path's or file object's own name if it is not given.
    """

    # Not a dataclass, because pydantic would dump one as a dictionary.

    def __init__(
        self,
        source: str | os.PathLike[str] | bytes | BinaryIO,
        content_type: str | None = None,
        file_name: str | None = None,
    ) -> None:
        self.source = source
        self.content_type = content_type
        self.file_name = file_name

    def __repr__(self) -> str:
        return f"LocalFile({short(self.source)}, {self.content_type!r}, {self.file_name!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LocalFile) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((self.source, self.content_type, self.file_name))

    def __reduce__(self) -> tuple[object, ...]:
        if not isinstance(self.source, (str, os.PathLike, bytes, io.BytesIO)):
            raise TypeError(
                f"{short(self.source)} is an open file, which cannot be copied or sent to another "
                "process: pass its path or its bytes"
            )
        return LocalFile, (self.source, self.content_type, self.file_name)


def _file_input(value: object) -> object:
    """Accept what can be a file, looking at nothing but the value itself."""
    if isinstance(value, str):
        if re.match(r"(https?://|data:)", value, re.IGNORECASE):
            return value
        if not value or re.match(r"[a-z][a-z0-9+.-]+://", value, re.IGNORECASE):
            raise _not_a_file("should be an http(s) or data URL, or the path of a file")
        return LocalFile(value)
    if isinstance(value, io.TextIOBase):
        raise _not_a_file("is a file opened as text; open it in binary mode")
    if isinstance(value, LocalFile):
        return value
    if isinstance(value, (bytes, os.PathLike)) or callable(getattr(value, "read", None)):
        return LocalFile(cast("bytes | os.PathLike[str] | BinaryIO", value))
    raise _not_a_file("should be a URL, a path, bytes or a binary file object")


def _not_a_file(message: str) -> PydanticCustomError:
    return PydanticCustomError("file_input", "{message}", {"message": message})


FileInput: TypeAlias = Annotated[
    str | os.PathLike[str] | bytes | BinaryIO | LocalFile, PlainValidator(_file_input)
]
"""The type of a field that names a file: its URL, or a local file to upload."""


@dataclass(frozen=True)
class Content:
    """A local file, found and ready to be read."""

    source: str | os.PathLike[str] | bytes | BinaryIO
    start: int
    """Where the content begins in the source."""
    size: int
    """Bytes."""
    content_type: str
    file_name: str

    @classmethod
    def of(cls, file: LocalFile) -> Content:
        """Find `file`. Raises OSError if it cannot be read."""
        source = file.source
        if not isinstance(source, (str, os.PathLike, bytes)) and not source.seekable():
            source = source.read()
        with _opened(source) as opened:
            start = opened.tell()
            head = opened.read(16)
            size = opened.seek(0, os.SEEK_END) - start
            opened.seek(start)
        name = file.file_name or _name_of(file.source)
        content_type = file.content_type or mimetypes.guess_type(name)[0] or _sniffed(head)
        name = name or "upload" + (mimetypes.guess_extension(content_type) or ".bin")
        return cls(source, start, size, content_type, name)

    def has_known_type(self) -> bool:
        """Whether something says what the content is."""
        return self.content_type != _UNKNOWN

    def read(self, offset: int, size: int) -> Iterator[bytes]:
        """Yield a part of the content in pieces."""
        with _opened(self.source) as file:
            file.seek(self.start + offset)
            while piece := file.read(min(_PIECE, size)):
                size -= len(piece)
                yield piece

    def data_uri(self) -> str:
        """Return the whole content as a data URI."""
        data = b"".join(self.read(0, self.size))
        return f"data:{self.content_type};base64,{base64.b64encode(data).decode()}"


def _opened(source: str | os.PathLike[str] | bytes | BinaryIO) -> AbstractContextManager[BinaryIO]:
    if isinstance(source, bytes):
        return io.BytesIO(source)
    if isinstance(source, (str, os.PathLike)):
        return Path(source).open("rb")
    return nullcontext(source)


def _name_of(source: str | os.PathLike[str] | bytes | BinaryIO) -> str:
    if isinstance(source, (str, os.PathLike)):
        return Path(source).name
    name: object = getattr(source, "name", "")  # a descriptor, where the file has no name
    return Path(name).name if isinstance(name, str) else ""


def _sniffed(head: bytes) -> str:
    for magic, content_type in _MAGIC.items():
        if re.match(magic, head, re.DOTALL):
            return content_type
    return _UNKNOWN


def local_files(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[Any, LocalFile]]:
    """Yield each local file in a payload, with the keys and indices that lead to it."""
    if isinstance(value, LocalFile):
        yield path, value
    for key, item in json_object(value).items():
        yield from local_files(item, (*path, key))
    for index, item in enumerate(json_array(value)):
        yield from local_files(item, (*path, index))


def replace_files(value: Any, replacement: Callable[[LocalFile], object]) -> Any:
    """Return a copy of a payload with each local file replaced."""
    if isinstance(value, LocalFile):
        return replacement(value)
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value).items()
        return {key: replace_files(item, replacement) for key, item in items}
    if isinstance(value, list):
        return [replace_files(item, replacement) for item in cast("list[object]", value)]
    return value
