"""Uploading local files to fal's storage."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from ..errors import NOTHING, NotFoundError, Subject, UnexpectedResponse, ValidationError
from ..json_values import json_object
from ..local_file import Content, LocalFile, Unreadable, local_files, replace_files
from ..problems import Problem, problem_at
from ..transport.io import NEVER, Deadline, HttpRequest, Io
from .connection import Connection
from .handling import FileOptions, HandlingOptions
from .option_headers import upload_headers_of
from .policies import READ
from .responses import ask, body_of

# For a smaller file, a data URI costs less than the two requests of an upload, though it is a third
# larger than the file. fal accepts data URIs wherever it accepts URLs.
_INLINE_BYTES = 32 * 1024


async def with_files_uploaded(
    io: Io,
    payload: dict[str, Any],
    connection: Connection,
    subject: Subject,
    deadline: Deadline,
    options: HandlingOptions,
    *,
    inline_bytes: int = _INLINE_BYTES,
) -> dict[str, Any]:
    """Upload the local files of a payload at the same time, and return it with their URLs.

    A file of up to `inline_bytes` becomes a data URI instead. If a file cannot be read or violates
    a limit of the endpoint, nothing is uploaded.
    """
    headers = upload_headers_of(options)
    if headers and options.get("store_io") is not False:
        inline_bytes = -1  # fal stores a data URI with the request, for as long as the request
    files: dict[_File, _Readable] = {}
    problems: list[Problem] = []
    for path, file in local_files(payload):
        measured = files[file].content if file in files else file
        try:
            content, found = await io.offload(partial(_checked, measured, path, subject))
        except Unreadable as error:
            problems.append(_problem(path, file.source, error, subject))
        else:
            files.setdefault(file, _Readable(content, path, subject))
            problems += found
    if problems:
        raise ValidationError(problems, subject)
    urls: dict[_File, str] = {}
    uploads: list[Callable[[Io], Coroutine[Any, Any, tuple[_File, str]]]] = []
    for file, readable in files.items():
        content = readable.content
        if content.size <= inline_bytes and content.has_known_type():
            urls[file] = await io.offload(readable.data_uri)
        else:
            send = partial(_upload, file=file, readable=readable, headers=headers)
            uploads.append(partial(send, connection=connection, deadline=deadline))
    if uploads:
        urls.update(await io.gather(uploads))
    replaced: dict[str, Any] = replace_files(payload, urls.__getitem__)
    return replaced


_File: TypeAlias = LocalFile | Content
"""A file in a payload: as the caller passed it, or with its content measured."""


@dataclass(frozen=True)
class _Readable:
    """The content of a file, and its location for an error if it cannot be read later."""

    content: Content
    path: tuple[str | int, ...]
    subject: Subject

    def data_uri(self) -> str:
        """Return the whole content as a data URI."""
        try:
            return self.content.data_uri()
        except Unreadable as error:
            raise self._invalid(error) from error

    def read(self, start: int, size: int) -> Iterator[bytes]:
        """Yield a part of the content in pieces."""
        try:
            yield from self.content.read(start, size)
        except Unreadable as error:
            raise self._invalid(error) from error

    def _invalid(self, error: Unreadable) -> ValidationError:
        problem = _problem(self.path, self.content.source, error, self.subject)
        return ValidationError([problem], self.subject)


def _checked(
    file: _File, path: tuple[str | int, ...], subject: Subject
) -> tuple[Content, list[Problem]]:
    """Return the content of a file, and a problem for each limit that it violates."""
    from ..file_checks import limit_problems  # not needed without local files

    content = file if isinstance(file, Content) else Content.of(file)
    return content, limit_problems(path, content, file.source, subject.model)


def _problem(
    path: tuple[str | int, ...], source: object, error: Unreadable, subject: Subject
) -> Problem:
    return problem_at(path, f"cannot be read: {error}", "file_input", source, subject.model)


async def upload(io: Io, file: LocalFile, connection: Connection, options: FileOptions) -> str:
    """Upload one file to fal's storage, and return its URL."""
    payload = {"source": file}
    stored: HandlingOptions = {**connection.defaults, **options}
    uploaded = await with_files_uploaded(
        io, payload, connection, NOTHING, NEVER, stored, inline_bytes=-1
    )
    url: str = uploaded["source"]
    return url


async def _upload(
    io: Io,
    file: _File,
    readable: _Readable,
    headers: dict[str, str],
    connection: Connection,
    deadline: Deadline,
) -> tuple[_File, str]:
    content, subject = readable.content, readable.subject
    is_whole = content.size <= io.tuning.largest_upload
    # Safe to repeat: a second initiation only leaves an unused URL behind.
    kind = "initiate" if is_whole else "initiate-multipart"
    initiate_url = f"{connection.addresses.rest}/storage/upload/{kind}?storage_type=fal-cdn-v3"
    initiation = HttpRequest(
        "POST",
        initiate_url,
        headers={"Content-Type": "application/json", **headers},
        body=json.dumps(
            {"file_name": content.file_name, "content_type": content.content_type}
        ).encode(),
        auth=connection.key_for(initiate_url, subject),
        subject=subject,
    )
    body = json_object(body_of(await ask(io, initiation, READ, deadline)))
    url, file_url = body.get("upload_url"), body.get("file_url")
    if not (
        isinstance(url, str) and connection.addresses.accepts(url) and isinstance(file_url, str)
    ):
        raise UnexpectedResponse("the storage returned no upload URL", body, subject)
    # The URLs are signed: they need no key.
    put = HttpRequest("PUT", url, {"Content-Type": content.content_type}, subject=subject)
    if is_whole:
        await ask(io, _with_body(put, readable, 0, content.size), READ, deadline)
        return file, file_url
    path, mark, query = url.partition("?")
    parts: list[dict[str, Any]] = []
    for number, start in enumerate(range(0, content.size, io.tuning.upload_part), 1):
        size = min(io.tuning.upload_part, content.size - start)
        part = put._replace(url=f"{path}/{number}{mark}{query}")
        response = await ask(io, _with_body(part, readable, start, size), READ, deadline)
        etag = json_object(body_of(response)).get("etag") or response.headers.get("etag")
        parts.append({"partNumber": number, "etag": etag})
    completion = put._replace(
        method="POST",
        url=f"{path}/complete{mark}{query}",
        headers={"Content-Type": "application/json"},
        body=json.dumps({"parts": parts}).encode(),
    )
    try:
        await ask(io, completion, READ, deadline)
    except NotFoundError:  # for instance because the response to an earlier completion was lost
        first_byte = HttpRequest("GET", file_url, {"Range": "bytes=0-0"}, subject=subject)
        await ask(io, first_byte, READ, deadline)
    return file, file_url


def _with_body(request: HttpRequest, readable: _Readable, start: int, size: int) -> HttpRequest:
    headers = {**request.headers, "Content-Length": str(size)}
    return request._replace(headers=headers, body=partial(readable.read, start, size))
