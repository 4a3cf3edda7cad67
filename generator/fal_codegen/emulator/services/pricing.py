"""api.fal.ai: the unit prices of endpoints, and estimates of what calls cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from fal_codegen.document.json_values import mapping
from fal_codegen.document.price import UnitPrice
from fal_codegen.emulator.json_bodies import JsonResponse
from fal_codegen.emulator.request_handling import IncomingRequest
from fal_codegen.emulator.services.platform_queries import require_served, required_ids

__all__ = ["estimate", "prices"]

_DEFAULT = UnitPrice(Decimal("0.01"), "image", "USD", "2026-01-01")


async def prices(request: IncomingRequest) -> Response:
    """Return the unit price of each endpoint that has one."""
    request.authenticate()
    wanted = required_ids(request)
    require_served(request, wanted)
    listed = [
        {
            "endpoint_id": endpoint_id,
            "unit_price": float(price.amount),
            "unit": price.unit,
            "currency": price.currency,
        }
        for endpoint_id in wanted
        if (price := _price(request, endpoint_id)) is not None
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
    require_served(request, quantities)
    prices = {id: price for id in quantities if (price := _price(request, id)) is not None}
    total = sum(
        _cost(request, price, is_call=name == "call_quantity") * quantities[id]
        for id, price in prices.items()
    )
    return JsonResponse(
        {
            "estimate_type": body["estimate_type"],
            "total_cost": round(total, 9),
            "currency": next(iter(prices.values()), _DEFAULT).currency,
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


def _price(request: IncomingRequest, endpoint_id: str) -> UnitPrice | None:
    behaviour = request.behaviour
    if fnmatchcase(endpoint_id, behaviour.unpriced or ""):
        return None
    price = request.catalogue.prices.get(endpoint_id, _DEFAULT)
    if behaviour.unit_price is not None:
        price = replace(price, amount=Decimal(repr(behaviour.unit_price)), currency="USD")
    return replace(price, unit=behaviour.unit or price.unit)


def _cost(request: IncomingRequest, price: UnitPrice, *, is_call: bool) -> float:
    """Return what a unit costs, or what a call cost on average."""
    behaviour = request.behaviour
    if not is_call:
        return float(price.amount)
    if behaviour.past_cost is not None:
        return behaviour.past_cost
    return float(price.amount) * behaviour.billable_units
