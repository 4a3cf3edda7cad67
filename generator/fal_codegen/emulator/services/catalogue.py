"""fal.ai and api.fal.ai: the catalogue, the documents, and the public key of webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from fal_codegen.document.metadata import Metadata, as_listed
from fal_codegen.emulator.endpoints.served_endpoint import ServedEndpoint
from fal_codegen.emulator.json_bodies import JsonResponse
from fal_codegen.emulator.request_handling import IncomingRequest
from fal_codegen.emulator.services.platform_queries import (
    MOST_IDS,
    RequestedPage,
    require_served,
    several,
)

__all__ = ["document", "jwks", "models"]

_PAGE = 50
"""Models on a page without a limit."""

_MOST, _MOST_EXPANDED = 100, 20
"""The most models on a page, also if more are requested; fal does not document its limits."""

_SOME_TIME = "2026-01-01T00:00:00.000Z"
"""Stands for dates that fal's catalogue has and its documents lack."""


async def document(request: IncomingRequest) -> Response:
    """Return the document of one endpoint."""
    endpoint_id = request.http.query_params.get("endpoint_id", "")
    endpoint = request.catalogue.endpoints.get(endpoint_id)
    if endpoint is None:
        raise HTTPException(404, f"Endpoint '{endpoint_id}' not found")
    return JsonResponse(endpoint.document)


async def jwks(request: IncomingRequest) -> Response:
    """Return the public key that verifies webhooks."""
    return JsonResponse(request.emulation.webhooks.jwks())


async def models(request: IncomingRequest) -> Response:
    """List, find or search endpoints, a page at a time; `expand=openapi-3.0` adds their documents.

    The parameters and the answer are those of https://api.fal.ai/v1/models.
    """
    if "authorization" in request.http.headers:  # optional, but checked
        request.authenticate()
    query = request.http.query_params
    expand, wanted = several(request, "expand"), several(request, "endpoint_id")
    try:
        page = RequestedPage.of(request, _PAGE)
    except ValueError:
        raise HTTPException(400, "limit or cursor is not valid") from None
    if page.size < 1:
        raise HTTPException(400, "limit or cursor is not valid")
    if len(wanted) > MOST_IDS:
        raise HTTPException(400, f"endpoint_id has more than {MOST_IDS} values")
    if query.get("status") not in (None, "active", "deprecated"):
        raise HTTPException(400, "status is neither active nor deprecated")
    if not {"openapi-3.0", "enterprise_status"}.issuperset(expand):
        raise HTTPException(400, "expand has a value that is not supported")
    require_served(request, wanted)
    found = [
        model
        for endpoint in request.catalogue.endpoints.values()
        if (not wanted or endpoint.id in wanted)
        and _matches(model := _model(request, endpoint), query)
    ]
    page = replace(page, size=min(page.size, _MOST_EXPANDED if expand else _MOST))
    listed = [_expanded(request, model, expand) for model in page.items(found)]
    return JsonResponse({"models": listed, **page.links(found)})


def _model(request: IncomingRequest, endpoint: ServedEndpoint) -> dict[str, Any]:
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
            "model_url": request.url(f"/run/{endpoint.id}"),
            "date": _SOME_TIME,
            "group": {"key": endpoint.app, "label": endpoint.app},
            "kind": "inference",
            "license_type": "commercial",
            "highlighted": False,
            "pinned": False,
            **as_listed(request.catalogue.listing.get(endpoint.id, Metadata())),
        },
    }


def _expanded(request: IncomingRequest, model: dict[str, Any], expand: list[str]) -> dict[str, Any]:
    endpoint_id = model["endpoint_id"]
    if "openapi-3.0" in expand:
        model["openapi"] = request.catalogue.endpoints[endpoint_id].document
        if fnmatchcase(endpoint_id, request.behaviour.expansion_failed or ""):
            message = "Failed to generate the OpenAPI schema"
            model["openapi"] = {"error": {"code": "expansion_failed", "message": message}}
    if "enterprise_status" in expand:
        model["enterprise_status"] = "pending"
    return model


def _matches(model: dict[str, Any], query: Mapping[str, str]) -> bool:
    metadata = model["metadata"]
    words = (str(metadata[name]) for name in ("display_name", "description", "category"))
    text = " ".join((model["endpoint_id"], *words)).lower()
    return all(
        query.get(name) in (None, metadata[name]) for name in ("category", "status")
    ) and all(word in text for word in query.get("q", "").lower().split())
