"""A file that an endpoint made, and the type of fields that take files."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import IO, Annotated, Any, TypeAlias, cast

from pydantic import PlainValidator, PrivateAttr, model_validator
from pydantic_core import PydanticCustomError

from .local_file import PATH_HINT, LocalFile, Source, is_file_url, why_no_source
from .models import OutputModel
from .protocol.connection import Connection, default_connection
from .protocol.downloads import download


class _Origin:
    """The connection that a file came by, if it did: no part of the file's value."""

    def __init__(self, connection: Connection | None = None) -> None:
        self.connection = connection

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Origin)

    def __hash__(self) -> int:
        return 0

    def __deepcopy__(self, memo: object) -> _Origin:
        return self

    def __reduce__(self) -> tuple[type[_Origin], tuple[()]]:
        return _Origin, ()  # a connection belongs to its process, and holds a key


class File(OutputModel):
    """A file that an endpoint made."""

    url: str
    """Where it can be downloaded from."""
    content_type: str | None = None
    """Its media type, such as `image/png`."""
    file_name: str | None = None
    file_size: int | None = None
    """Bytes."""

    _origin: _Origin = PrivateAttr(default_factory=_Origin)

    @model_validator(mode="before")
    @classmethod
    def _of_url(cls, value: object) -> object:
        # Some documents promise a file, and give a bare URL as their example of a result.
        return {"url": value} if isinstance(value, str) else value

    def model_post_init(self, context: Any, /) -> None:
        """Remember the connection that the file came by (called by pydantic)."""
        if isinstance(context, Connection):
            self._origin = _Origin(context)

    def download(self, path: str | os.PathLike[str]) -> Path:
        """Download to `path`, or into it if it is a folder, and return where the file is.

        The file appears when it is complete; a download that was broken off goes on. At a `path`
        of its own it replaces what is there; in a folder it takes a free name: `out-1.mp4`. The
        folder has to exist.

        Raises:
            APIError: the server refused; results are not kept for ever.
            ConnectionFailed: the connection broke again and again.
            UnexpectedResponse: the URL is none that can be downloaded.
            OSError: the file cannot be written.
        """
        flow = partial(download, url=self.url, path=path)
        return self._connection().run(flow)

    async def download_async(self, path: str | os.PathLike[str]) -> Path:
        """Do what `download` does."""
        flow = partial(download, url=self.url, path=path)
        return await self._connection().run_async(flow)

    def _connection(self) -> Connection:
        return self._origin.connection or default_connection()


def _file_input(value: object) -> object:
    """Accept what can be a file, looking at nothing but the value itself."""
    if isinstance(value, str):
        if not is_file_url(value):
            raise _not_a_file(f"should be an http(s) or data URL; {PATH_HINT}")
        return value
    if isinstance(value, File):
        if not is_file_url(value.url):
            raise _not_a_file("is a file whose url is not an http(s) or data URL")
        return value.url
    if isinstance(value, LocalFile):
        return value
    if reason := why_no_source(value):
        raise _not_a_file(reason)
    return LocalFile(cast("Source", value))


FileInput: TypeAlias = Annotated[
    str | os.PathLike[str] | bytes | IO[bytes] | LocalFile | File, PlainValidator(_file_input)
]
"""The type of a field that names a file: its URL, a local file to upload, or a file of a result.

A string is a URL (http, https or data) and never a path: pass `pathlib.Path("frame.png")`.
"""


def _not_a_file(message: str) -> PydanticCustomError:
    return PydanticCustomError("file_input", "{message}", {"message": message})
