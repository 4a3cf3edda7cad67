"""fal.ai and api.fal.ai: which endpoints there are, the document of each, and the webhooks' key."""

from __future__ import annotations

import base64
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from fal_codegen.emulator.documents import Endpoint
from fal_codegen.emulator.exchange import Call

__all__ = ["document", "jwks", "models"]

_PAGE = 50
"""Models on a page if no limit is asked for."""

_SOME_TIME = "2026-01-01T00:00:00.000Z"
"""Stands for the dates that fal's listing has and its documents do not."""


async def document(call: Call) -> Response:
    """Give the document of one endpoint."""
    endpoint_id = call.request.query_params.get("endpoint_id", "")
    endpoint = call.fal.endpoints.get(endpoint_id)
    if endpoint is None:
        raise HTTPException(404, f"Endpoint '{endpoint_id}' not found")
    return JSONResponse(endpoint.document)


async def jwks(call: Call) -> Response:
    """Give the public key that webhooks are signed with."""
    return JSONResponse(call.fal.webhooks.jwks())


async def models(call: Call) -> Response:
    """List, find or search endpoints, a page at a time; `expand=openapi-3.0` adds their documents.

    The parameters and the form are those of https://api.fal.ai/v1/models.
    """
    query = call.request.query_params
    try:
        size = int(query.get("limit", _PAGE))
        page = _page_of(query["cursor"]) if query.get("cursor") else 1
    except ValueError:
        return _failure(400, "validation_error", "limit or cursor is not valid")
    if size < 1 or page < 1:
        return _failure(400, "validation_error", "limit or cursor is not valid")
    wanted = query.getlist("endpoint_id")
    for endpoint_id in wanted:
        if endpoint_id not in call.fal.endpoints:
            return _failure(404, "not_found", f"Endpoint '{endpoint_id}' not found")
    found = [
        model
        for endpoint in call.fal.endpoints.values()
        if (not wanted or endpoint.id in wanted)
        and _matches(model := _model(call, endpoint), query.get("q"), query.get("category"))
        and query.get("status") in (None, "active")
    ]
    last = page * size
    has_more = len(found) > last
    return JSONResponse(
        {
            "models": found[last - size : last],
            "next_cursor": _cursor_of(page + 1) if has_more else None,
            "has_more": has_more,
        }
    )


def _model(call: Call, endpoint: Endpoint) -> dict[str, Any]:
    model: dict[str, Any] = {
        "endpoint_id": endpoint.id,
        "metadata": {
            "display_name": endpoint.id,
            "category": endpoint.info.get("category", ""),
            "description": endpoint.info.get("about", ""),
            "status": "active",
            "tags": [],
            "updated_at": _SOME_TIME,
            "is_favorited": None,
            "thumbnail_url": endpoint.info.get("thumbnailUrl", ""),
            "model_url": call.url(f"/run/{endpoint.id}"),
            "date": _SOME_TIME,
            "highlighted": False,
            "pinned": False,
        },
    }
    if "openapi-3.0" in call.request.query_params.getlist("expand"):
        model["openapi"] = endpoint.document
    return model


def _matches(model: dict[str, Any], words: str | None, category: str | None) -> bool:
    metadata = model["metadata"]
    text = " ".join(metadata[name] for name in ("display_name", "description", "category")).lower()
    return category in (None, metadata["category"]) and all(
        word in text for word in (words or "").lower().split()
    )


def _cursor_of(page: int) -> str:
    """Return a cursor: the number of a page in base64, as fal's are."""
    return base64.urlsafe_b64encode(str(page).encode()).rstrip(b"=").decode()


def _page_of(cursor: str) -> int:
    """Return the page of a cursor. Raises ValueError if it is none."""
    return int(base64.urlsafe_b64decode(cursor.rstrip("=") + "=" * (-len(cursor.rstrip("=")) % 4)))


def _failure(status: int, kind: str, message: str) -> Response:
    """Return a failure in the form of the platform's API, which is not that of the queue."""
    return JSONResponse({"error": {"type": kind, "message": message}}, status)
