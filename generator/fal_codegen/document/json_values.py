"""JSON values: their types, their equality, and reading values of unknown type."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, TypeAlias, TypeGuard

from fal_codegen.document.pointers import is_index
from fal_codegen.document.schema import Scalar

JsonSchema: TypeAlias = dict[str, Any]
"""A schema as JSON; a typed one is a `Schema`."""


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


def canonical_text(value: object) -> str:
    """Return a string that is the same for equal values, such as `5` and `5.0`."""
    return json.dumps(plain(value), sort_keys=True, separators=(",", ":"))


def plain(value: object) -> Any:
    """Return a JSON value in which each float without a fraction is an integer."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def is_scalar(value: object) -> TypeGuard[Scalar]:
    """Return whether a value is a string, bool or number that every client and server can hold."""
    if isinstance(value, int):
        return abs(value) < 2**63  # type checkers read the sign apart from the digits
    return isinstance(value, str) or is_number(value)


def mapping(value: object) -> Mapping[str, Any]:
    """Return an object; an empty one for any other value."""
    return value if isinstance(value, dict) else {}


def strings(value: object) -> list[str]:
    """Return the strings of a list; none for any other value."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def by_index(value: object) -> list[Any]:
    """Return the values of an object whose keys are all indices; none for any other value."""
    if not isinstance(value, dict) or not all(map(is_index, value)):
        return []
    return [value[key] for key in sorted(value, key=int)]
