"""Parameters that operations of the platform API share: lists of ids, and cursors of pages."""

from __future__ import annotations

import base64

from starlette.responses import Response

from fal_codegen.emulator.request_handling import IncomingRequest, platform_error

__all__ = ["MOST_IDS", "cursor_of", "invalid", "page_of", "several"]

MOST_IDS = 50
"""Endpoints that one request can ask for by id."""


def several(request: IncomingRequest, name: str) -> list[str]:
    """Return the values of a parameter that may be repeated or separated by commas."""
    given = request.http.query_params.getlist(name)
    return [value for values in given for value in values.split(",") if value]


def cursor_of(page: int) -> str:
    """Return a cursor: the number of a page in base64, as fal's are."""
    return base64.urlsafe_b64encode(str(page).encode()).rstrip(b"=").decode()


def page_of(cursor: str) -> int:
    """Return the page of a cursor. Raises ValueError if it is invalid."""
    return int(base64.urlsafe_b64decode(cursor.rstrip("=") + "=" * (-len(cursor.rstrip("=")) % 4)))


def invalid(message: str) -> Response:
    """Return the answer to a request with an invalid parameter."""
    return platform_error(400, "validation_error", message)
