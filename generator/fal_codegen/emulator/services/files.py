"""rest.fal.ai and the CDN: files are uploaded, whole or in parts, and served back.

The two official clients upload by different routes, and both are here: `initiate` and a PUT
(JavaScript, and fal-client's fallback), and a token with which fal-client posts to the CDN itself.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response

from fal_codegen.emulator import storage
from fal_codegen.emulator.exchange import CDN_TOKEN, Call
from fal_codegen.emulator.json_bodies import JsonResponse
from fal_codegen.emulator.placeholders import placeholder
from fal_codegen.emulator.ranges import ranged
from fal_codegen.emulator.results import FILES, file_of

__all__ = [
    *("complete_parts", "create_token", "download", "initiate", "initiate_parts"),
    *("receive", "receive_part", "upload", "upload_parts"),
]

_TOKEN_LIFE = timedelta(hours=1)

_LONGEST_NAME = 255
"""Characters of a file's name."""

_UNKNOWN = "application/octet-stream"

_HARMLESS = {"Content-Security-Policy": "sandbox", "X-Content-Type-Options": "nosniff"}
"""What keeps a page that was uploaded from acting as the emulator's own."""


async def initiate(call: Call) -> Response:
    """Say where to PUT a file, and where it will be found."""
    name = call.fal.storage.expect(*await _announced(call))
    url = _file_url(call, name)
    return JsonResponse({"upload_url": url, "file_url": url})


async def initiate_parts(call: Call) -> Response:
    """Say where to PUT the parts of a file, and where it will be found."""
    name, upload_id = call.fal.storage.expect_parts(*await _announced(call))
    url = _file_url(call, name)
    return JsonResponse({"upload_url": f"{url}/multipart/{upload_id}", "file_url": url})


async def create_token(call: Call) -> Response:
    """Hand out a token for the CDN."""
    call.authenticate()
    return JsonResponse(
        {
            "token": CDN_TOKEN,
            "token_type": "Bearer",
            "base_url": call.url("/files/").removesuffix("/files/"),
            "expires_at": (datetime.now(timezone.utc) + _TOKEN_LIFE).isoformat(),
        }
    )


async def upload(call: Call) -> Response:
    """Take in a file that comes without announcement."""
    call.authenticate()
    name = call.fal.storage.expect(*_described(call))
    with _refusing_what_is_too_large():
        await call.fal.storage.receive(name, None, _content(call))
    return JsonResponse({"access_url": _file_url(call, name)})


async def upload_parts(call: Call) -> Response:
    """Prepare for a file whose parts come without announcement."""
    call.authenticate()
    name, upload_id = call.fal.storage.expect_parts(*_described(call))
    return JsonResponse({"access_url": _file_url(call, name), "uploadId": upload_id})


async def receive(call: Call) -> Response:
    """Take in a file that was announced; the address itself is the permission."""
    content_type = _content_type(call.request.headers.get("content-type"))
    name = call.request.path_params["name"]
    with _refusing_what_is_too_large():
        is_received = await call.fal.storage.receive(name, content_type, _content(call))
    if not is_received:
        raise HTTPException(403, "This upload was not initiated")
    return Response()


async def receive_part(call: Call) -> Response:
    """Take in a part; its ETag is in the header for one client, and in the body for the other."""
    name, upload_id, number = (
        call.request.path_params[key] for key in ("name", "upload_id", "number")
    )
    if not re.fullmatch("[0-9]{1,9}", number):
        raise HTTPException(404, "Upload not found")
    with _refusing_what_is_too_large():
        etag = await call.fal.storage.receive_part(name, upload_id, int(number), _content(call))
    if etag is None:
        raise HTTPException(404, "Upload not found")
    return JsonResponse({"partNumber": int(number), "etag": etag}, headers={"etag": etag})


async def complete_parts(call: Call) -> Response:
    """Make the file of its parts."""
    parts = (await call.json_object()).get("parts")
    try:
        numbers = [int(part["partNumber"]) for part in parts or ()]
    except (KeyError, TypeError, ValueError, OverflowError):
        raise HTTPException(422, "parts is a list of objects with a partNumber") from None
    name, upload_id = (call.request.path_params[key] for key in ("name", "upload_id"))
    with _refusing_what_is_too_large():
        is_complete = call.fal.storage.complete_parts(name, upload_id, numbers)
    if not is_complete:
        raise HTTPException(404, "Upload not found")
    return Response()


async def download(call: Call) -> Response:
    """Serve a file, or a range of it."""
    name = call.request.path_params["name"]
    file = call.fal.storage.find(name)
    if file is not None:
        return FileResponse(file.path, media_type=file.content_type, headers=_HARMLESS)
    if not name.startswith(f"{FILES}/"):
        raise HTTPException(404, "File not found")
    found = placeholder(*file_of(name))
    response = ranged(call.request, found.content, found.content_type)
    response.headers.update(_HARMLESS)
    return response


def _file_url(call: Call, name: str) -> str:
    return call.url(f"/files/{quote(name)}")


def _described(call: Call) -> tuple[str, str]:
    """Return the name and content type that the headers of an upload give the file."""
    headers = call.request.headers
    name = headers.get("x-fal-file-name", "")[:_LONGEST_NAME] or "upload.bin"
    return name, _content_type(headers.get("content-type")) or _UNKNOWN


async def _announced(call: Call) -> tuple[str, str]:
    """Return the name and content type of a file that is about to be uploaded."""
    call.authenticate()
    body = await call.json_object()
    name, content_type = body.get("file_name"), body.get("content_type")
    if not isinstance(name, str) or not isinstance(content_type, str):
        raise HTTPException(422, "file_name and content_type are required")
    return name[:_LONGEST_NAME], _content_type(content_type) or _UNKNOWN


def _content(call: Call) -> AsyncIterator[bytes]:
    """Return the body of an upload. Raises TooLarge if it announces more than there can be."""
    announced = call.request.headers.get("content-length", "")
    if announced.isdecimal() and (len(announced) > 18 or int(announced) > storage.BUDGET):
        raise storage.TooLarge
    return call.request.stream()


def _content_type(text: str | None) -> str | None:
    """Return a content type if it can stand in a header."""
    return text if text and re.fullmatch(r"[!-~]+/[ -~]+", text) else None


@contextmanager
def _refusing_what_is_too_large() -> Iterator[None]:
    try:
        yield
    except storage.TooLarge:
        raise HTTPException(
            413, f"The emulator keeps no more than {storage.BUDGET} bytes"
        ) from None
