"""A file that an endpoint returned, and the type of fields that accept files."""

from __future__ import annotations

import os
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any, TypeAlias, cast

from pydantic import PlainValidator, PrivateAttr, model_validator
from pydantic_core import PydanticCustomError

from .images import Picture
from .local_file import PATH_HINT, LocalFile, Source, is_file_url, source_problem
from .models import OutputModel
from .options import check_progress
from .protocol.connection import Connection, default_connection

if TYPE_CHECKING:
    from .progress import OnProgress
    from .transport.io import Io


class _Origin:
    """The connection that returned a file, if any; not part of the file's value."""

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
    """A file that an endpoint returned.

    Pass it to an endpoint as it is: only its URL is sent.

    Example:
        ```python
        from fal_endpoints import Fal

        client = Fal()
        endpoint = client.fal_ai.pika.v2_2.image_to_video
        output = endpoint(image_url="https://example.com/a.png", prompt="It waves").subscribe()
        file = output.video
        print(file.url, file.content_type)
        ```
    """

    url: str
    """The URL to download it from."""
    content_type: str | None = None
    """Its media type, such as `image/png`."""
    file_name: str | None = None
    """Its name."""
    file_size: int | None = None
    """Bytes."""

    _origin: _Origin = PrivateAttr(default_factory=_Origin)

    @model_validator(mode="before")
    @classmethod
    def _of_url(cls, value: object) -> object:
        # Some documents promise a file, and give a bare URL as their example of a result.
        return {"url": value} if isinstance(value, str) else value

    def model_post_init(self, context: Any, /) -> None:
        """Store the connection that returned the file (called by pydantic)."""
        if isinstance(context, Connection):
            self._origin = _Origin(context)

    def download(
        self, path: str | os.PathLike[str], *, on_progress: OnProgress | None = None
    ) -> Path:
        """Download the file, and return its path.

        The file appears when it is complete. A download that was interrupted continues where it
        stopped.

        Args:
            path: The file to write, which is replaced if it exists, or an existing folder, in which
                the file gets a free name, such as `out-1.mp4`.
            on_progress: Called with the `Progress` of the download, after each MiB. An
                exception that it raises ends the download.

        Raises:
            ConfigurationError: `on_progress` is not a function.
            APIError: The server rejected the request, for instance because the file has expired.
            ConnectionFailed: The connection broke several times.
            UnexpectedResponse: The URL cannot be downloaded.
            OSError: The file cannot be written.

        Example:
            ```python
            print(file.download("cat.mp4"))
            ```
        """
        check_progress("download", on_progress)
        return self._connection().execute(self._download(path, on_progress))

    async def download_async(
        self, path: str | os.PathLike[str], *, on_progress: OnProgress | None = None
    ) -> Path:
        """The asynchronous twin of `download`."""
        check_progress(None, on_progress)
        return await self._connection().execute_async(self._download(path, on_progress))

    def _download(
        self, path: str | os.PathLike[str], on_progress: OnProgress | None
    ) -> Callable[[Io], Coroutine[Any, Any, Path]]:
        from .protocol.downloads import download

        return partial(download, url=self.url, path=path, on_progress=on_progress)

    def _connection(self) -> Connection:
        return self._origin.connection or default_connection()


def file_input(value: object) -> object:
    """Return a value that can be a file, without reading anything.

    Raises:
        PydanticCustomError: It cannot be a file.
    """
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
    if reason := source_problem(value):
        raise _not_a_file(reason)
    return LocalFile(cast("Source", value))


FileInput: TypeAlias = Annotated[
    str | os.PathLike[str] | bytes | IO[bytes] | Picture | LocalFile | File,
    PlainValidator(file_input),
]
"""The type of a file field: a URL, a local file or an image to upload, or a file of a result.

A string is a URL (http, https or data) and never a path: pass `pathlib.Path("frame.png")`.
"""


def _not_a_file(message: str) -> PydanticCustomError:
    return PydanticCustomError("file_input", "{message}", {"message": message})
