"""Downloading files of results."""

from __future__ import annotations

import base64
import errno
import os
import re
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import unquote_to_bytes

import httpx

from ..disk.file_names import name_from
from ..disk.partial_file import PartialFile, Version
from ..errors import NOTHING, APIError, AuthenticationError, ConnectionFailed, UnexpectedResponse
from ..progress import OnProgress, Progress
from ..text import short
from ..transport.io import NEVER, HttpRequest, HttpResponse, Io
from .policies import DOWNLOAD
from .responses import api_error
from .retry import deliver
from .subjects import with_response

_PARTIAL_CONTENT, _RANGE_NOT_SATISFIABLE = 206, 416
_MISSING = (404, 410)
_NEXT_STEPS: dict[type[APIError], str] = {
    AuthenticationError: "if the file is private, or its signature has expired, sign its URL: "
    "File(url=client.sign_url(file, expires_in=60)).download(…)"
}
_WRITTEN_AT_ONCE = 1 << 20  # bytes


async def download(
    io: Io, url: str, path: str | os.PathLike[str], on_progress: OnProgress | None = None
) -> Path:
    """Download a URL to `path`, or into it under the URL's own name if it is a folder.

    The file appears when it is complete, and replaces nothing in a folder. Until then it grows in
    `<name>.part` beside it. A later download, also after a restart, continues it if the server
    still has the same content.

    Raises:
        OSError: The file cannot be written.
    """
    is_inline = url[:5].lower() == "data:"  # the results of `sync_mode` are data URLs
    name = "download" if is_inline else name_from(_checked(url).path)
    destination, is_in_folder = await io.offload(partial(_destination, path, name))
    content = await io.offload(partial(_inline_content, url)) if is_inline else None
    part = await io.offload(partial(PartialFile, destination))

    async def report(total: int | None) -> None:
        if on_progress is not None:
            await io.notify(on_progress, Progress(destination.name, part.size, total))

    try:
        if content is None:
            await _fetch(io, url, part, report)
        else:
            await io.offload(partial(part.begin, url, None, None))
            await io.offload(partial(part.write, content))
            await report(part.size)
        return await io.offload(partial(part.finish, destination, is_new=is_in_folder))
    finally:
        part.close()


def _destination(path: str | os.PathLike[str], name: str) -> tuple[Path, bool]:
    """Return where to write a file called `name`, and whether `path` is the folder for it.

    Raises:
        FileNotFoundError: The folder does not exist.
    """
    text = os.fspath(path)
    is_folder = text.endswith(("/", os.sep)) or Path(text).is_dir()  # Path drops a last slash
    destination = Path(text, name) if is_folder else Path(text)
    if not destination.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "The folder does not exist", str(destination.parent))
    return destination, is_folder


_Report: TypeAlias = Callable[[int | None], Coroutine[Any, Any, None]]
"""Reports the present size of a partial file, with that of the whole if it is known."""


async def _fetch(io: Io, url: str, part: PartialFile, report: _Report) -> None:
    """Complete a partial file, or start over if the content of the URL has changed."""
    cause: httpx.RequestError | None = None
    attempts = io.tuning.retries.attempts
    for _ in range(attempts):
        version = part.version(url)
        headers = {}
        if version is not None:
            headers = {"Range": f"bytes={part.size}-", "If-Range": version.validator}
        response = await deliver(io, HttpRequest("GET", url, headers), DOWNLOAD, NEVER)
        if version is None and response.status_code == _PARTIAL_CONTENT:
            message = f"{_shown(url)}: the server sent a partial response to a full request"
            raise UnexpectedResponse(message, None, NOTHING)
        if version is not None and response.status_code == _RANGE_NOT_SATISFIABLE:
            is_whole = part.size == version.size
            if is_whole and response.headers.get("content-range") == f"bytes */{part.size}":
                await report(part.size)
                return
            await io.offload(partial(part.begin, url, None, None))
            continue
        if not response.is_success:
            is_missing = response.status_code in _MISSING
            verdict = "does not exist, or has expired" if is_missing else "cannot be downloaded"
            prefix = f"{_shown(url)} {verdict}: "
            raise api_error(response, with_response(NOTHING, response), prefix, _NEXT_STEPS)
        if response.status_code != _PARTIAL_CONTENT:
            size = _size(response)
            await io.offload(partial(part.begin, url, _validator(response), size))
        elif version is not None and _continues(response, version, part.size):
            size = version.size
        else:
            await io.offload(partial(part.begin, url, None, None))
            continue
        cause = await _copy(io, response, part, partial(report, size))
        if cause is None and size in (None, part.size):
            return
    raise ConnectionFailed(f"{_shown(url)} was interrupted {attempts} times") from cause


async def _copy(
    io: Io,
    response: HttpResponse,
    part: PartialFile,
    report: Callable[[], Coroutine[Any, Any, None]],
) -> httpx.RequestError | None:
    """Append a body to the partial file. Return the error that interrupted it, if any."""
    broken = None
    waiting = bytearray()
    while True:
        try:
            piece = await io.read(response)
        except httpx.RequestError as error:
            broken, piece = error, b""
        waiting += piece
        if not piece or len(waiting) >= _WRITTEN_AT_ONCE:
            await io.offload(partial(part.write, bytes(waiting)))
            waiting.clear()
            await report()
        if not piece:
            return broken


def _checked(url: str) -> httpx.URL:
    """Return a URL that can be fetched over HTTP."""
    with suppress(httpx.InvalidURL, UnicodeError):
        parsed = httpx.URL(url)
        if parsed.scheme in ("http", "https") and parsed.host:
            return parsed
    message = f"{_shown(url)} cannot be downloaded: it is not an http, https or data URL"
    raise UnexpectedResponse(message, url, NOTHING)


def _inline_content(url: str) -> bytes:
    """Return the content of a data URL (RFC 2397)."""
    kind, comma, data = url[5:].partition(",")
    try:
        content = unquote_to_bytes(data)
        if re.search(r";\s*base64\s*$", kind, re.IGNORECASE):
            content = re.sub(rb"\s", b"", content)
            content = base64.b64decode(content + b"=" * (-len(content) % 4), validate=True)
    except ValueError as error:
        message = f"{_shown(url)} cannot be decoded: {error}"
        raise UnexpectedResponse(message, url, NOTHING) from error
    if not comma:
        raise UnexpectedResponse(f"{_shown(url)} has no content", url, NOTHING)
    return content


def _validator(response: HttpResponse) -> str | None:
    """Return the strong validator of the content, if it has one (RFC 9110, 8.8)."""
    tag, date = response.headers.get("etag"), response.headers.get("last-modified", "")
    if tag is not None:  # a weak one starts with W/
        return tag if re.fullmatch(r'"[!#-~]{1,200}"', tag) else None
    return date if re.fullmatch(r"[ -~]{1,50}", date) else None


def _size(response: HttpResponse) -> int | None:
    """Return the size of the complete file, if the response has it."""
    length = response.headers.get("content-length", "")
    is_encoded = response.headers.get("content-encoding", "identity") != "identity"
    return int(length) if re.fullmatch("[0-9]{1,18}", length) and not is_encoded else None


def _continues(response: HttpResponse, version: Version, start: int) -> bool:
    """Return whether a response continues a version from `start` to the end."""
    found = response.headers.get("content-range")
    return (
        found == f"bytes {start}-{version.size - 1}/{version.size}"
        and _validator(response) in (None, version.validator)
        and "content-encoding" not in response.headers
    )


def _shown(url: str) -> str:
    return short(url.partition("?")[0])
