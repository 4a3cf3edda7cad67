"""Serve content from memory, or the requested range of it."""

from __future__ import annotations

import hashlib
import re

from starlette.requests import Request
from starlette.responses import Response

__all__ = ["ranged"]

_RANGE = re.compile(r"\s*bytes\s*=\s*([0-9]{0,18})\s*-\s*([0-9]{0,18})\s*", re.IGNORECASE)


def ranged(request: Request, content: bytes, content_type: str) -> Response:
    """Return the answer to a request for content.

    A single range and `If-Range` with an ETag are supported; otherwise the whole is sent.
    """
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"Accept-Ranges": "bytes", "ETag": etag}
    asked = request.headers.get("range")
    match = _RANGE.fullmatch(asked or "")
    if match is None or match.groups() == ("", "") or not _is_same(request, etag):
        return Response(content, 200, headers, content_type)
    first, last = match.groups()
    size = len(content)
    start = int(first) if first else max(size - int(last), 0)
    end = min(int(last) + 1, size) if first and last else size
    if start >= end:
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return Response(content[start:end], 206, headers, content_type)


def _is_same(request: Request, etag: str) -> bool:
    return request.headers.get("if-range", etag) == etag
