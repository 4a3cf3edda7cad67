"""Flows that turn local files into URLs."""

from __future__ import annotations

import json
from typing import Any

from .commands import NEVER, Call, Deadline, Flow, Together
from .connection import Addresses, is_safe
from .errors import (
    NOTHING,
    Problem,
    Subject,
    UnexpectedResponse,
    ValidationError,
    body_of,
    field_path,
)
from .exchange import ask
from .files import Content, LocalFile, local_files, replace_files
from .json_values import json_object

# Below this a data URI, a third larger than the file, costs less than the two requests that it
# saves. fal takes data URIs wherever it takes URLs.
_INLINE_BYTES = 32 * 1024


def with_files_uploaded(
    payload: dict[str, Any],
    addresses: Addresses,
    about: Subject,
    deadline: Deadline,
    *,
    inline_bytes: int = _INLINE_BYTES,
) -> Flow[dict[str, Any]]:
    """Return `payload` with a URL for each local file, uploading them at the same time.

    A file of up to `inline_bytes` becomes a data URI instead.

    Raises:
        ValidationError: a file cannot be read; then nothing was sent.
        APIError: the storage refused a file.
        UnexpectedResponse: the storage did not say where to put a file.
    """
    contents: dict[LocalFile, Content] = {}
    problems: list[Problem] = []
    for path, file in local_files(payload):
        try:
            if file not in contents:
                contents[file] = Content.of(file)
        except (OSError, ValueError) as error:
            problems.append(_unreadable(field_path(path), file, error))
    if problems:
        raise ValidationError(problems, about)
    urls: dict[LocalFile, str] = {}
    uploads: list[Flow[tuple[LocalFile, str]]] = []
    for file, content in contents.items():
        if content.size <= inline_bytes and content.has_known_type():
            urls[file] = content.data_uri()
        else:
            uploads.append(_upload(file, content, addresses, about, deadline))
    if uploads:
        urls.update((yield Together(uploads)))
    replaced: dict[str, Any] = replace_files(payload, urls.__getitem__)
    return replaced


def upload(file: LocalFile, addresses: Addresses) -> Flow[str]:
    """Upload one file to fal's storage, and return its URL.

    Raises:
        ValidationError: the file cannot be read; then nothing was sent.
    """
    uploaded = yield from with_files_uploaded(
        {"source": file}, addresses, NOTHING, NEVER, inline_bytes=-1
    )
    url: str = uploaded["source"]
    return url


def _upload(
    file: LocalFile, content: Content, addresses: Addresses, about: Subject, deadline: Deadline
) -> Flow[tuple[LocalFile, str]]:
    described = {"file_name": content.file_name, "content_type": content.content_type}
    initiated = yield from ask(
        # Not `once`: a second initiation leaves an unused address behind and nothing else.
        Call(
            "POST",
            f"{addresses.rest}/storage/upload/initiate?storage_type=fal-cdn-v3",
            headers={"Content-Type": "application/json"},
            body=json.dumps(described).encode(),
            about=about,
        ),
        deadline,
    )
    answer = json_object(body_of(initiated))
    upload_url, file_url = answer.get("upload_url"), answer.get("file_url")
    if not (isinstance(upload_url, str) and is_safe(upload_url) and isinstance(file_url, str)):
        raise UnexpectedResponse("the storage gave no upload address", body_of(initiated), about)
    yield from ask(
        Call(
            "PUT",
            upload_url,
            headers={"Content-Type": content.content_type, "Content-Length": str(content.size)},
            body=content.body,
            keyed=False,  # the address is signed
            about=about,
        ),
        deadline,
    )
    return file, file_url


def _unreadable(field: str, file: LocalFile, error: Exception) -> Problem:
    if isinstance(error, FileNotFoundError):
        message = "there is no such file, and it is not an http(s) or data URL"
    else:
        message = f"cannot be read: {error}"
    return Problem(field, message, "file_input", file.source)
