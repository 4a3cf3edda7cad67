"""Uploading a file in one request, to fal's fallback storage if the CDN cannot store it."""

from __future__ import annotations

from functools import partial

from ..errors import APIError, ConnectionFailed, UnexpectedResponse
from ..log import logger
from ..text import line
from ..transport.io import Io
from .option_headers import upload_headers_of
from .policies import STORE
from .retry import ask
from .storage import CDN, FALLBACK, UploadFile


async def upload_whole(io: Io, file: UploadFile) -> str:
    """Upload a file in one request, and return its URL.

    Files go to fal's CDN. If the CDN does not respond or fails, the file goes to the fallback
    storage, as in fal-client. Both have the same front door, so a failure there is final. Files
    that expire or are private go to the CDN only: the fallback storage may ignore that.
    """
    destination = await file.destination(io, file.initiation("initiate", CDN))
    try:
        await _put(io, file, destination.upload_url)
    except (ConnectionFailed, APIError) as error:
        is_restricted = bool(upload_headers_of(file.options))
        if is_restricted or (isinstance(error, APIError) and error.status_code < 500):
            raise
        failure = error
    else:
        return destination.file_url
    name = line(file.content.file_name)
    logger.warning("%s goes to fal's fallback storage, because its CDN failed: %s", name, failure)
    try:
        destination = await file.destination(io, file.initiation("initiate", FALLBACK))
        await _put(io, file, destination.upload_url)
    except (ConnectionFailed, APIError, UnexpectedResponse) as error:
        failure.args = (f"{failure}; fal's fallback storage failed too: {error}",)
        raise failure from error
    return destination.file_url


async def _put(io: Io, file: UploadFile, url: str) -> None:
    size = file.content.size
    request = file.put(url, partial(file.read, 0, size), size, file.meter().part(1))
    await ask(io, request, STORE, file.deadline)
