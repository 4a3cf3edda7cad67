"""fal.ai and api.fal.ai: which endpoints there are, the document of each, and the webhooks' key."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from fal_codegen.emulator.documents import Endpoint
from fal_codegen.emulator.exchange import Call, platform_problem
from fal_codegen.emulator.json_bodies import JsonResponse

__all__ = ["document", "jwks", "models"]

_PAGE = 50
"""Models on a page if no limit is asked for."""

_MOST, _MOST_EXPANDED = 100, 20
"""Models on a page, whatever is asked for; fal has such limits too, and does not say which."""

_MOST_IDS = 50
"""Endpoints that can be asked for by id."""

_SOME_TIME = "2026-01-01T00:00:00.000Z"
"""Stands for the dates that fal's listing has and its documents do not."""


async def document(call: Call) -> Response:
    """Give the document of one endpoint."""
    endpoint_id = call.request.query_params.get("endpoint_id", "")
    endpoint = call.fal.endpoints.get(endpoint_id)
    if endpoint is None:
        raise HTTPException(404, f"Endpoint '{endpoint_id}' not found")
    return JsonResponse(endpoint.document)


async def jwks(call: Call) -> Response:
    """Give the public key that webhooks are signed with."""
    return JsonResponse(call.fal.webhooks.jwks())


async def models(call: Call) -> Response:
    """List, find or search endpoints, a page at a time; `expand=openapi-3.0` adds their documents.

    The parameters and the form are those of https://api.fal.ai/v1/models.
    """
    if "authorization" in call.request.headers:  # not asked for, but looked at
        try:
            call.authenticate()
        except HTTPException as error:
            return platform_problem(error.status_code, "authorization_error", error.detail)
    query = call.request.query_params
    expand, wanted = _several(call, "expand"), _several(call, "endpoint_id")
    try:
        size = int(query.get("limit", _PAGE))
        page = _page_of(query["cursor"]) if query.get("cursor") else 1
    except ValueError:
        size = page = 0
    if size < 1 or page < 1:
        return _invalid("limit or cursor is not valid")
    if len(wanted) > _MOST_IDS:
        return _invalid(f"endpoint_id has more than {_MOST_IDS} values")
    if query.get("status") not in (None, "active", "deprecated"):
        return _invalid("status is neither active nor deprecated")
    if not {"openapi-3.0", "enterprise_status"}.issuperset(expand):
        return _invalid("expand has a value that is not supported")
    for endpoint_id in wanted:
        if endpoint_id not in call.fal.endpoints:
            return platform_problem(404, "not_found", f"Endpoint '{endpoint_id}' not found")
    found = [
        model
        for endpoint in call.fal.endpoints.values()
        if (not wanted or endpoint.id in wanted) and _fits(model := _model(call, endpoint), query)
    ]
    size = min(size, _MOST_EXPANDED if expand else _MOST)
    last = page * size
    has_more = len(found) > last
    return JsonResponse(
        {
            "models": [_expanded(call, model, expand) for model in found[last - size : last]],
            "next_cursor": _cursor_of(page + 1) if has_more else None,
            "has_more": has_more,
        }
    )


def _several(call: Call, name: str) -> list[str]:
    """Return the values of a parameter that may be repeated, or have several with commas."""
    given = call.request.query_params.getlist(name)
    return [value for values in given for value in values.split(",") if value]


def _model(call: Call, endpoint: Endpoint) -> dict[str, Any]:
    return {
        "endpoint_id": endpoint.id,
        "metadata": {
            "display_name": endpoint.id,
            "category": endpoint.category,
            "description": endpoint.about,
            "status": "active",
            "tags": [],
            "updated_at": _SOME_TIME,
            "is_favorited": None,
            "thumbnail_url": endpoint.thumbnail_url,
            "model_url": call.url(f"/run/{endpoint.id}"),
            "date": _SOME_TIME,
            "group": {"key": endpoint.app, "label": endpoint.app},
            "kind": "inference",
            "license_type": "commercial",
            "highlighted": False,
            "pinned": False,
            **call.fal.listing.get(endpoint.id, {}),
        },
    }


def _expanded(call: Call, model: dict[str, Any], expand: list[str]) -> dict[str, Any]:
    endpoint_id = model["endpoint_id"]
    if "openapi-3.0" in expand:
        model["openapi"] = call.fal.endpoints[endpoint_id].document
        if fnmatchcase(endpoint_id, call.behaviour.expansion_failed or ""):
            message = "Failed to generate the OpenAPI schema"
            model["openapi"] = {"error": {"code": "expansion_failed", "message": message}}
    if "enterprise_status" in expand:
        model["enterprise_status"] = "pending"
    return model


def _fits(model: dict[str, Any], query: Mapping[str, str]) -> bool:
    metadata = model["metadata"]
    words = (str(metadata[name]) for name in ("display_name", "description", "category"))
    text = " ".join((model["endpoint_id"], *words)).lower()
    return all(
        query.get(name) in (None, metadata[name]) for name in ("category", "status")
    ) and all(word in text for word in query.get("q", "").lower().split())


def _cursor_of(page: int) -> str:
    """Return a cursor: the number of a page in base64, as fal's are."""
    return base64.urlsafe_b64encode(str(page).encode()).rstrip(b"=").decode()


def _page_of(cursor: str) -> int:
    """Return the page of a cursor. Raises ValueError if it is none."""
    return int(base64.urlsafe_b64decode(cursor.rstrip("=") + "=" * (-len(cursor.rstrip("=")) % 4)))


def _invalid(message: str) -> Response:
    return platform_problem(400, "validation_error", message)
