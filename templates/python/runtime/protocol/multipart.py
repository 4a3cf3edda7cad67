"""Uploading a large file in parts, several at a time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from ..errors import APIError, NotFoundError
from ..json_values import json_object
from ..log import logger
from ..transport.io import HttpRequest, Io
from .policies import READ, STORE
from .responses import body_of
from .retry import ask
from .storage import Meter, UploadFile
from .unfinished_uploads import is_passing


class Part(NamedTuple):
    """A part that the storage has."""

    etag: object
    """The storage's own name for its content, for the completion."""
    sha256: str
    """The digest of the content that was sent."""


@dataclass(frozen=True)
class PartialUpload:
    """An upload that the storage has parts of."""

    upload_url: str
    file_url: str
    parts: dict[int, Part] = field(default_factory=dict[int, Part])
    """The parts that the storage has, by number."""


async def upload_in_parts(io: Io, file: UploadFile) -> str:
    """Upload a file in parts, and return its URL.

    If it is interrupted, the next upload of the same file by this client continues it: it sends the
    parts that the storage lacks. The content of all others is compared first.
    """
    initiation = file.initiation("initiate-multipart")
    headers = frozenset(initiation.headers.items())
    key = (initiation.url, headers, initiation.body, file.content.size, io.tuning.upload_part)
    unfinished = file.connection.unfinished_uploads
    earlier = unfinished.take(key)
    if earlier is not None and await _is_of(io, file, earlier):
        try:
            with unfinished.kept_if_interrupted(key, earlier):
                return await _finish(io, file, earlier)
        except APIError as error:
            if is_passing(error):
                raise
            logger.info("the storage dropped an unfinished upload, which starts over: %s", error)
    upload = PartialUpload(*await file.destination(io, initiation))
    with unfinished.kept_if_interrupted(key, upload):
        return await _finish(io, file, upload)


async def _is_of(io: Io, file: UploadFile, upload: PartialUpload) -> bool:
    """Return whether all parts that the storage has are parts of a file."""
    for number, part in upload.parts.items():
        if await io.offload(_Body(file, io.tuning.upload_part, number).sha256) != part.sha256:
            return False
    return True


async def _finish(io: Io, file: UploadFile, upload: PartialUpload) -> str:
    """Send the parts that the storage lacks, complete the upload, and return its URL."""
    meter = file.meter()
    count = -(-file.content.size // io.tuning.upload_part)
    await io.gather(
        [
            partial(_send_part, file=file, upload=upload, number=number, meter=meter)
            for number in range(1, count + 1)
        ]
    )
    await io.offload(file.check_unchanged)  # parts that were read before a change do not notice it
    parts = [
        {"partNumber": number, "etag": part.etag} for number, part in sorted(upload.parts.items())
    ]
    completion = HttpRequest(
        "POST",
        _below(upload.upload_url, "complete"),
        headers={"Content-Type": "application/json"},
        body=json.dumps({"parts": parts}).encode(),
        subject=file.subject,
    )
    try:
        await ask(io, completion, STORE, file.deadline)
    except NotFoundError:  # for instance because the response to an earlier completion was lost
        range_of_one = {"Range": "bytes=0-0"}
        first_byte = HttpRequest("GET", upload.file_url, range_of_one, subject=file.subject)
        await ask(io, first_byte, READ, file.deadline)
    return upload.file_url


async def _send_part(
    io: Io, file: UploadFile, upload: PartialUpload, number: int, meter: Meter
) -> None:
    """Send a part, unless the storage has it. Sending it again does no harm: it replaces it."""
    body, on_sent = _Body(file, io.tuning.upload_part, number), meter.part(number)
    if number in upload.parts:
        await io.notify(on_sent, body.size)
        return
    url = _below(upload.upload_url, str(number))
    response = await ask(io, file.put(url, body.pieces, body.size, on_sent), STORE, file.deadline)
    etag = json_object(body_of(response)).get("etag") or response.headers.get("etag")
    upload.parts[number] = Part(etag, body.sha256_of_last_reading())


def _below(url: str, name: str) -> str:
    """Return a signed URL with a further segment of its path."""
    path, mark, query = url.partition("?")
    return f"{path}/{name}{mark}{query}"


class _Body:
    """The content of a part, with the digest of what was last read of it."""

    def __init__(self, file: UploadFile, size_of_each: int, number: int) -> None:
        self._file, self._start = file, (number - 1) * size_of_each
        self.size = min(size_of_each, file.content.size - self._start)
        self._digest = hashlib.sha256()

    def pieces(self) -> Iterator[bytes]:
        """Yield the content in pieces."""
        self._digest = digest = hashlib.sha256()
        for piece in self._file.read(self._start, self.size):
            digest.update(piece)
            yield piece

    def sha256(self) -> str:
        """Read the whole part, and return its digest."""
        for _ in self.pieces():
            pass
        return self.sha256_of_last_reading()

    def sha256_of_last_reading(self) -> str:
        """Return the digest of what was last read."""
        return self._digest.hexdigest()
