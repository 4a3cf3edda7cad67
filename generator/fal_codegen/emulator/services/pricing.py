"""api.fal.ai: the unit prices of endpoints, and estimates of what calls cost."""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from fal_codegen.document.json_values import mapping
from fal_codegen.emulator.json_bodies import JsonResponse
from fal_codegen.emulator.platform_queries import MOST_IDS, several
from fal_codegen.emulator.request_handling import IncomingRequest

__all__ = ["estimate", "prices"]

_CURRENCY = "USD"


async def prices(request: IncomingRequest) -> Response:
    """Return the unit price of each endpoint that has one."""
    request.authenticate()
    wanted = list(dict.fromkeys(several(request, "endpoint_id")))
    if not 1 <= len(wanted) <= MOST_IDS:
        raise HTTPException(400, f"endpoint_id must have from 1 to {MOST_IDS} values")
    _require_served(request, wanted)
    listed = [
        {
            "endpoint_id": endpoint_id,
            "unit_price": request.behaviour.unit_price,
            "unit": request.behaviour.unit,
            "currency": _CURRENCY,
        }
        for endpoint_id in wanted
        if not _is_unpriced(request, endpoint_id)
    ]
    return JsonResponse({"prices": listed, "next_cursor": None, "has_more": False})


async def estimate(request: IncomingRequest) -> Response:
    """Return what calls, or units, of endpoints cost together; 0 without past calls."""
    request.authenticate()
    body = await request.json_object()
    endpoints = mapping(body.get("endpoints"))
    name, is_valid = _quantity(body.get("estimate_type"))
    quantities: dict[str, Any] = {id: mapping(entry).get(name) for id, entry in endpoints.items()}
    if not quantities or not all(map(is_valid, quantities.values())):
        raise HTTPException(400, f"endpoints must give the {name} of each endpoint")
    _require_served(request, list(quantities))
    behaviour = request.behaviour
    cost = {
        "call_quantity": behaviour.unit_price * behaviour.billable_units,
        "unit_quantity": behaviour.unit_price,
    }[name]
    if behaviour.past_cost is not None and name == "call_quantity":
        cost = behaviour.past_cost
    priced = (n for id, n in quantities.items() if not _is_unpriced(request, id))
    total = sum(cost * n for n in priced)
    return JsonResponse(
        {
            "estimate_type": body["estimate_type"],
            "total_cost": round(total, 9),
            "currency": _CURRENCY,
        }
    )


def _quantity(estimate_type: object) -> tuple[str, Callable[[Any], bool]]:
    """Return the name of a type's quantities, and their check. Raises HTTPException."""
    match estimate_type:
        case "historical_api_price":
            return "call_quantity", lambda n: type(n) is int and n >= 1
        case "unit_price":
            return "unit_quantity", lambda n: type(n) in (int, float) and n >= 1e-6
        case _:
            raise HTTPException(400, "estimate_type must be historical_api_price or unit_price")


def _require_served(request: IncomingRequest, endpoint_ids: list[str]) -> None:
    for endpoint_id in endpoint_ids:
        if endpoint_id not in request.emulation.endpoints:
            raise HTTPException(404, f"Endpoint '{endpoint_id}' not found")


def _is_unpriced(request: IncomingRequest, endpoint_id: str) -> bool:
    return fnmatchcase(endpoint_id, request.behaviour.unpriced or "")
