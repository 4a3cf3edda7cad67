"""The constraints of scalars and lists: what of them makes sense, in plain form (see `ir`).

What does not is left out, and reported to a function that takes the repair rule and the place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fal_codegen.document.plain import NULL, any_of, is_number
from fal_codegen.document.schemas import is_scalar
from fal_codegen.ir import PlainSchema

Repair = Callable[[str, str], object]

_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")


def enumeration(values: object, pointer: str, repair: Repair) -> PlainSchema:
    """Return the schema of values that are listed."""
    if not isinstance(values, list) or not values:
        repair("unusable-enum", pointer)
        return {}
    numbers = list(map(_whole, values))
    try:
        # In Python, 1 and True are the same key; in JSON they are not the same value.
        members = list({(isinstance(v, bool), v): v for v in numbers if v is not None}.values())
    except TypeError:  # an object or array, which cannot be a key
        repair("unusable-enum", pointer)
        return {}
    if not members:
        return NULL
    if all(map(is_scalar, members)):
        return any_of([{"enum": members}, NULL]) if None in numbers else {"enum": members}
    repair("unusable-enum", pointer)
    kind = "integer" if all(isinstance(v, int) for v in members) else "number"
    return {"type": kind} if all(map(is_number, members)) else {}


def bounds(node: Mapping[str, Any], pointer: str, repair: Repair) -> dict[str, Any]:
    """Return the constraints of a number."""
    found: dict[str, Any] = {}
    for keyword in _BOUNDS:
        value = node.get(keyword)
        if isinstance(value, bool):  # the spelling of OpenAPI 3.0: a flag beside the bound
            bound = keyword.replace("exclusiveM", "m")
            if value and is_number(node.get(bound)):
                found.pop(bound, None)
                found[keyword] = node[bound]
        elif is_number(value):
            found[keyword] = value
        elif value is not None:
            repair("unusable-constraint", f"{pointer}/{keyword}")
    step = node.get("multipleOf")
    if step is not None and is_number(step) and step > 0:
        found["multipleOf"] = step
    elif step is not None:
        repair("unusable-constraint", f"{pointer}/multipleOf")
    return found


def lengths(node: Mapping[str, Any], pointer: str, noun: str, repair: Repair) -> dict[str, Any]:
    """Return the least and the most of something, `Length` or `Items`, that a value may have."""
    found: dict[str, Any] = {}
    for keyword in (f"min{noun}", f"max{noun}"):
        value = node.get(keyword)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31:
            found[keyword] = value
        elif value is not None:
            repair("unusable-constraint", f"{pointer}/{keyword}")
    return found


def _whole(value: object) -> object:
    """Return a float without a fraction as an integer, which it is in JSON, if one can hold it."""
    is_whole = isinstance(value, float) and value.is_integer() and is_scalar(int(value))
    return int(value) if isinstance(value, float) and is_whole else value
