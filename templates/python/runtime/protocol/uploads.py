"""Uploading local files to fal's storage."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, TypeAlias

from ..errors import NOTHING, Subject, ValidationError
from ..handling_options import FileOptions, HandlingOptions
from ..local_file import Content, LocalFile, Unreadable, local_files, replace_files
from ..problems import Problem
from ..progress import OnProgress
from ..transport.io import NEVER, CallbackFailed, Deadline, Io
from .connection import Connection
from .multipart import upload_in_parts
from .option_headers import upload_headers_of
from .storage import UploadFile, unreadable
from .whole_upload import upload_whole

# For a smaller file, a data URI costs less than the two requests of an upload, though it is a third
# larger than the file. fal accepts data URIs wherever it accepts URLs.
_INLINE_BYTES = 32 * 1024
_NEVER_INLINE = -1

_File: TypeAlias = LocalFile | Content
"""A file in a payload: as the caller passed it, or with its content measured."""


async def with_files_uploaded(
    io: Io,
    payload: dict[str, Any],
    connection: Connection,
    subject: Subject,
    deadline: Deadline,
    options: FileOptions,
    on_progress: OnProgress | None = None,
    *,
    inline_bytes: int,
) -> dict[str, Any]:
    """Upload the local files of a payload, and return it with their URLs.

    A file of up to `inline_bytes` becomes a data URI instead. Small files are uploaded at the same
    time; large ones follow, one after another, because the parts of each are sent at the same time.
    If a file cannot be read or violates a limit of the endpoint, nothing is uploaded.
    """
    files: dict[_File, UploadFile] = {}
    problems: list[Problem] = []
    for path, file in local_files(payload):
        measured = files[file].content if file in files else file
        try:
            content, found = await io.offload(partial(_checked, measured, path, subject))
        except Unreadable as error:
            problems.append(unreadable(path, file.source, error, subject))
        else:
            pending = UploadFile(content, path, subject, connection, deadline, options, on_progress)
            files.setdefault(file, pending)
            problems += found
    if problems:
        raise ValidationError(problems, subject)
    urls: dict[_File, str] = {}
    small: list[Callable[[Io], Coroutine[Any, Any, tuple[_File, str]]]] = []
    large: dict[_File, UploadFile] = {}
    for file, pending in files.items():
        content = pending.content
        if content.size <= inline_bytes and content.has_known_type():
            urls[file] = await io.offload(pending.data_uri)
        elif content.size <= io.tuning.largest_upload:
            small.append(partial(_uploaded, key=file, file=pending))
        else:
            large[file] = pending
    try:
        if small:
            urls.update(await io.gather(small))
        for file, pending in large.items():
            urls[file] = await upload_in_parts(io, pending)
    except CallbackFailed as failure:
        raise failure.error from None
    replaced: dict[str, Any] = replace_files(payload, urls.__getitem__)
    return replaced


def inline_bytes_of(options: HandlingOptions) -> int:
    """Return the size up to which files of a request become data URIs.

    fal stores a data URI as a part of the input, to which neither an expiry nor an ACL applies.
    """
    is_stored = options.get("store_io") is not False
    return _NEVER_INLINE if is_stored and upload_headers_of(options) else _INLINE_BYTES


def _checked(
    file: _File, path: tuple[str | int, ...], subject: Subject
) -> tuple[Content, list[Problem]]:
    """Return the content of a file, and a problem for each limit that it violates."""
    from ..file_checks import limit_problems  # not needed without local files

    content = file if isinstance(file, Content) else Content.of(file)
    return content, limit_problems(path, content, file.source, subject.model)


async def upload(
    io: Io,
    file: LocalFile,
    connection: Connection,
    options: FileOptions,
    on_progress: OnProgress | None = None,
) -> str:
    """Upload one file to fal's storage, and return its URL."""
    payload = {"source": file}
    stored: HandlingOptions = {**connection.defaults, **options}
    uploaded = await with_files_uploaded(
        io, payload, connection, NOTHING, NEVER, stored, on_progress, inline_bytes=_NEVER_INLINE
    )
    url: str = uploaded["source"]
    return url


async def _uploaded(io: Io, key: _File, file: UploadFile) -> tuple[_File, str]:
    return key, await upload_whole(io, file)
