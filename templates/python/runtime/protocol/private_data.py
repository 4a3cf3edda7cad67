"""Signing the URLs of private files, and deleting the payloads of requests: fal's platform API."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast
from urllib.parse import quote
from uuid import uuid4

from ..errors import NOTHING, ConfigurationError, Subject, UnexpectedResponse, ValidationError
from ..handling_options import is_lifetime, lifetime
from ..json_values import json_object
from ..problems import Problem
from ..text import short
from ..transport.io import NEVER, HttpRequest, Io
from .connection import Connection
from .policies import READ
from .responses import body_of
from .retry import ask

_LONGEST_SIGNATURE = 7 * 24 * 60 * 60  # seconds


@dataclass(frozen=True)
class DeletedFile:
    """A file that was deleted with the payloads of its request, or could not be."""

    url: str
    """The URL of the file."""
    error: str | None = None
    """Why fal did not delete the file; `None` if it did."""


def check_file(url: object, expires_in: object, connection: Connection) -> None:
    """Raise an error for a URL that cannot be signed, or not for that time."""
    if not is_lifetime(expires_in, _LONGEST_SIGNATURE):
        raise ConfigurationError(
            "expires_in should be a whole number of seconds from 1 to 604800 (7 days), or a "
            f"timedelta (got {short(expires_in)})"
        )
    if not (isinstance(url, str) and connection.addresses.is_file(url)):
        raise _not_a_file("should be a file of a result, or the URL of an upload", url)
    if "?" in url or "#" in url:
        raise _not_a_file("should be the URL that fal returned, without a query", url)


def _not_a_file(message: str, url: object) -> ValidationError:
    return ValidationError([Problem("file", message, "file_input", url, has_input=True)], NOTHING)


async def sign_url(io: Io, url: str, expires_in: int | timedelta, connection: Connection) -> str:
    """Return a URL that gives access to a file for some time. `check_file` checks the arguments."""
    address = f"{connection.addresses.api}/storage/files/sign?url={quote(url, safe='')}"
    request = HttpRequest(
        "POST",
        address,
        {"Content-Type": "application/json"},
        json.dumps({"expiration_seconds": lifetime(expires_in)}).encode(),
        connection.key_for(address, NOTHING),
    )
    # Safe to repeat: a second signature is as good as the first.
    body = json_object(body_of(await ask(io, request, READ, NEVER)))
    signed = body.get("signed_url")
    if not (isinstance(signed, str) and connection.addresses.accepts(signed)):
        raise UnexpectedResponse("the response has no signed URL", body, NOTHING)
    return signed


async def delete_payloads(
    io: Io, request_id: str, connection: Connection, subject: Subject
) -> list[DeletedFile]:
    """Delete the input, the output and the output's files of a request."""
    path = f"/models/requests/{quote(request_id, safe='')}/payloads"
    address = f"{connection.addresses.api}{path}"
    # If a response is lost, the key makes fal answer the next attempt as it answered the first.
    headers = {"Idempotency-Key": str(uuid4())}
    key = connection.key_for(address, subject)
    request = HttpRequest("DELETE", address, headers, auth=key, subject=subject)
    body = body_of(await ask(io, request, READ, NEVER))
    results: object = json_object(body).get("cdn_delete_results")
    if not isinstance(results, list):
        raise UnexpectedResponse("the response does not list the deleted files", body, subject)
    return [_deleted(result, body, subject) for result in cast("list[object]", results)]


def _deleted(result: object, body: Any, subject: Subject) -> DeletedFile:
    found = json_object(result)
    url, error = found.get("link"), found.get("exception")
    if not isinstance(url, str):
        raise UnexpectedResponse("the response lists a file without a URL", body, subject)
    return DeletedFile(url, error if error is None or isinstance(error, str) else short(error))
