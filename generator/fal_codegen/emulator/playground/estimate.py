"""An estimate of what an input costs at fal.

fal bills units of the output. How many units an input makes is known only where one of its
properties, or the output's type, says how many.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from fal_codegen.document.json_values import is_number
from fal_codegen.document.models import Property
from fal_codegen.document.price import UnitPrice, plain
from fal_codegen.document.schema import FileUrl, Ref
from fal_codegen.ir import Endpoint

__all__ = ["estimate"]

_SECONDS = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,6})?)s?")
"""A duration as documents have it, such as `5`, `"5"` or `"5s"`, and not `"auto"`."""

_MOST = 10**6


def estimate(price: UnitPrice | None, endpoint: Endpoint, payload: Mapping[str, Any]) -> str:
    """Return what an input costs; `unknown` if its units or their price are not known."""
    units = _units(price.unit, endpoint, payload) if price and price.amount else None
    if price is None or units is None:
        return "unknown"
    return f"{plain(price.amount * units)} {price.currency}"


def _units(unit: str, endpoint: Endpoint, payload: Mapping[str, Any]) -> Decimal | None:
    match unit.casefold().removesuffix("s"):
        case "request":
            return Decimal(1)
        case "image" | "video" as noun:
            return _count(noun, endpoint, payload)
        case "second" if (duration := _property(endpoint, "Input", "duration")) is not None:
            found = _SECONDS.fullmatch(str(_value(duration, payload)))
            return Decimal(found[1]) if found and Decimal(found[1]) else None
        case _:
            return None


def _count(noun: str, endpoint: Endpoint, payload: Mapping[str, Any]) -> Decimal | None:
    """Return how many files of a kind an input asks for."""
    wanted = _property(endpoint, "Input", f"num_{noun}s")
    if wanted is not None:
        count = _value(wanted, payload)
        is_count = is_number(count) and count == int(count) and 1 <= count <= _MOST
        return Decimal(int(count)) if is_count else None
    single = _property(endpoint, "Output", noun)
    return Decimal(1) if single and isinstance(single.schema, (FileUrl, Ref)) else None


def _property(endpoint: Endpoint, model: str, name: str) -> Property | None:
    models = {each.name: each.properties for each in endpoint.models}
    return next((prop for prop in models.get(model, ()) if prop.name == name), None)


def _value(prop: Property, payload: Mapping[str, Any]) -> Any:
    """Return a value of the input: as it is set, or else its default."""
    return payload.get(prop.name, prop.default.value if prop.default else None)
