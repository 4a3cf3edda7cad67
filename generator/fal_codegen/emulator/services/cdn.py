"""rest.fal.ai and the CDN: upload files, whole or in parts, and download them.

Files that are announced for fal's fallback storage have URLs of their own, as in reality. The two
official clients upload in different ways: with `initiate` and a PUT (JavaScript, and
fal-client's fallback), or with a token and a POST to the CDN (fal-client).
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta, timezone
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response

from fal_codegen.emulator.endpoints.results import FILES, file_of
from fal_codegen.emulator.json_bodies import JsonResponse
from fal_codegen.emulator.request_handling import CDN_TOKEN, IncomingRequest
from fal_codegen.emulator.storage.file_store import TooLarge
from fal_codegen.emulator.storage.lifecycles import lifecycle_of
from fal_codegen.emulator.storage.placeholders import placeholder
from fal_codegen.emulator.storage.ranges import ranged

__all__ = [
    *("complete_parts", "create_token", "download", "initiate", "initiate_parts"),
    *("receive", "receive_part", "upload", "upload_parts"),
]

_TOKEN_LIFE = timedelta(hours=1)

_LONGEST_NAME = 255
"""Characters of a file's name."""

_UNKNOWN = "application/octet-stream"

_HARMLESS = {"Content-Security-Policy": "sandbox", "X-Content-Type-Options": "nosniff"}
"""Headers that keep an uploaded page from acting as the emulator's own."""


async def initiate(request: IncomingRequest) -> Response:
    """Return the URL to PUT a file to, and its URL afterwards."""
    name = _expected(request, *await _announced(request))
    is_fallback = request.http.query_params.get("storage_type") == "gcs"
    url = _file_url(request, name, "fallback-files" if is_fallback else "files")
    return JsonResponse({"upload_url": url, "file_url": url})


async def initiate_parts(request: IncomingRequest) -> Response:
    """Return the URL to PUT the parts of a file to, and its URL afterwards."""
    name = _expected(request, *await _announced(request))
    upload_id = request.emulation.files.expect_parts(name)
    url = _file_url(request, name)
    return JsonResponse({"upload_url": f"{url}/multipart/{upload_id}", "file_url": url})


async def create_token(request: IncomingRequest) -> Response:
    """Return a token for the CDN."""
    request.authenticate()
    return JsonResponse(
        {
            "token": CDN_TOKEN,
            "token_type": "Bearer",
            "base_url": request.url("/files/").removesuffix("/files/"),
            "expires_at": (datetime.now(timezone.utc) + _TOKEN_LIFE).isoformat(),
        }
    )


async def upload(request: IncomingRequest) -> Response:
    """Store a file that was not announced."""
    request.authenticate()
    name = _expected(request, *_described(request))
    await request.emulation.files.receive(name, None, _content(request))
    return JsonResponse({"access_url": _file_url(request, name)})


async def upload_parts(request: IncomingRequest) -> Response:
    """Prepare for the parts of a file that was not announced."""
    request.authenticate()
    name = _expected(request, *_described(request))
    upload_id = request.emulation.files.expect_parts(name)
    return JsonResponse({"access_url": _file_url(request, name), "uploadId": upload_id})


async def receive(request: IncomingRequest) -> Response:
    """Store an announced file; its URL is the permission."""
    content_type = _content_type(request.http.headers.get("content-type"))
    name = request.http.path_params["name"]
    if not await request.emulation.files.receive(name, content_type, _content(request)):
        raise HTTPException(403, "This upload was not initiated")
    return Response()


async def receive_part(request: IncomingRequest) -> Response:
    """Store a part; one client reads its ETag from the header, the other from the body."""
    name, upload_id, number = (
        request.http.path_params[key] for key in ("name", "upload_id", "number")
    )
    if not re.fullmatch("[0-9]{1,9}", number):
        raise HTTPException(404, "Upload not found")
    etag = await request.emulation.files.receive_part(
        name, upload_id, int(number), _content(request)
    )
    if etag is None:
        raise HTTPException(404, "Upload not found")
    return JsonResponse({"partNumber": int(number), "etag": etag}, headers={"etag": etag})


async def complete_parts(request: IncomingRequest) -> Response:
    """Join the parts of a file."""
    parts = (await request.json_object()).get("parts")
    try:
        numbers = [int(part["partNumber"]) for part in parts or ()]
    except (KeyError, TypeError, ValueError, OverflowError):
        raise HTTPException(422, "parts is a list of objects with a partNumber") from None
    name, upload_id = (request.http.path_params[key] for key in ("name", "upload_id"))
    if not request.emulation.files.complete_parts(name, upload_id, numbers):
        raise HTTPException(404, "Upload not found")
    return Response()


async def download(request: IncomingRequest) -> Response:
    """Serve a file or a range of it, if it is stored and the caller may see it."""
    name, lifecycles = request.http.path_params["name"], request.emulation.lifecycles
    if not lifecycles.is_stored(name):
        raise HTTPException(404, "File not found")
    match lifecycles.decision(name, request.http.query_params.get("identity")):
        case "hide":
            raise HTTPException(404, "File not found")
        case "forbid":
            raise HTTPException(403, "Access to this file is forbidden")
        case "allow":
            pass
    file = request.emulation.files.find(name)
    if file is not None:
        return FileResponse(file.path, media_type=file.content_type, headers=_HARMLESS)
    if not name.startswith(f"{FILES}/"):
        raise HTTPException(404, "File not found")
    found = placeholder(*file_of(name))
    response = ranged(request.http, found.content, found.content_type)
    response.headers.update(_HARMLESS)
    return response


def _expected(request: IncomingRequest, name: str, content_type: str) -> str:
    """Announce a file; return the name under which it may be uploaded. Raises HTTPException."""
    headers = request.http.headers
    # The clients have two names for it.
    header = headers.get("X-Fal-Object-Lifecycle")
    lifecycle = lifecycle_of(header or headers.get("X-Fal-Object-Lifecycle-Preference"))
    expected = request.emulation.files.expect(name, content_type)
    request.emulation.lifecycles.restrict(expected, lifecycle)
    return expected


def _file_url(request: IncomingRequest, name: str, folder: str = "files") -> str:
    return request.url(f"/{folder}/{quote(name)}")


def _described(request: IncomingRequest) -> tuple[str, str]:
    """Return the name and content type of a file from the headers of its upload."""
    headers = request.http.headers
    name = headers.get("x-fal-file-name", "")[:_LONGEST_NAME] or "upload.bin"
    return name, _content_type(headers.get("content-type")) or _UNKNOWN


async def _announced(request: IncomingRequest) -> tuple[str, str]:
    """Return the name and content type of a file from its announcement."""
    request.authenticate()
    body = await request.json_object()
    name, content_type = body.get("file_name"), body.get("content_type")
    if not isinstance(name, str) or not isinstance(content_type, str):
        raise HTTPException(422, "file_name and content_type are required")
    return name[:_LONGEST_NAME], _content_type(content_type) or _UNKNOWN


def _content(request: IncomingRequest) -> AsyncIterator[bytes]:
    """Return the body of an upload. Raises TooLarge if its Content-Length is too large."""
    announced, budget = (
        request.http.headers.get("content-length", ""),
        request.emulation.files.budget,
    )
    if announced.isdecimal() and (len(announced) > 18 or int(announced) > budget):
        raise TooLarge(budget)
    return request.http.stream()


def _content_type(text: str | None) -> str | None:
    """Return a content type if it is valid in a header."""
    return text if text and re.fullmatch(r"[!-~]+/[ -~]+", text) else None
