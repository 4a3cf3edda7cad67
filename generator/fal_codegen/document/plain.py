"""JSON values: what type they are of, and whether a schema lists them."""

from __future__ import annotations

import math
from typing import TypeGuard

from fal_codegen.document.schema import (
    Anything,
    Array,
    Boolean,
    Enum,
    FileUrl,
    Integer,
    Map,
    Null,
    Number,
    Ref,
    Schema,
    String,
    Union,
)
from fal_codegen.exhaustive import assert_never


def fits(value: object, schema: Schema) -> bool:
    """Return whether a value is of a schema's type, or in its enum; objects never are.

    Bounds and lengths do not count: a server may well have a default outside them.
    """
    match schema:
        case Union(members):
            return any(fits(value, member) for member in members)
        case Enum(values):
            return any(same(value, listed) for listed in values)
        case Array(items):
            return isinstance(value, list) and all(fits(item, items) for item in value)
        case Map():
            return value == {}
        case Boolean():
            return isinstance(value, bool)
        case Integer():
            return isinstance(value, int) and not isinstance(value, bool)
        case Number():
            return is_number(value)
        case String():
            return isinstance(value, str)
        case Anything():
            return isinstance(value, (str, int, float))
        case Null() | FileUrl() | Ref():
            return False
        case _:
            assert_never(schema)


def is_number(value: object) -> TypeGuard[int | float]:
    """Return whether a value is a number of JSON; a bool is not."""
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


def is_multiple(value: float, step: float) -> bool:
    """Return whether a number is a multiple of another, as far as floats can tell."""
    ratio = value / step
    return math.isinf(ratio) or math.isclose(ratio, round(ratio), rel_tol=1e-12, abs_tol=1e-9)


def same(left: object, right: object) -> bool:
    """Return whether two scalars are equal in JSON: `1` equals `1.0` and not `true`."""
    return left == right and isinstance(left, bool) == isinstance(right, bool)
