"""Limits as documents state them: the sizes and bounds of values, and the limits of files.

The generator, the validator and drift all read them here. An invalid limit counts as not stated.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard

from fal_codegen.document.file_limits import LIMIT_NAMES
from fal_codegen.document.json_values import is_number, mapping

SIZES = frozenset(
    ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")
)
"""The keywords for a number of characters, items or properties."""

EXCLUSIVE: Mapping[str, str] = {"minimum": "exclusiveMinimum", "maximum": "exclusiveMaximum"}
"""For each inclusive bound of a number, the keyword of the exclusive one."""

BOUNDS = tuple(keyword for both in EXCLUSIVE.items() for keyword in both)
"""The keywords for the bounds of a number."""


def size_in(node: Mapping[str, Any], keyword: str) -> int | None:
    """Return a number of characters, items or properties; None if the schema states none."""
    value = node.get(keyword)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    is_size = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return value if is_size else None


def bounds_in(node: Mapping[str, Any]) -> dict[str, int | float]:
    """Return the bounds of a number by keyword.

    In OpenAPI 3.0, the exclusive keyword is a flag: it makes the bound beside it exclusive.
    """
    bounds = {keyword: node[keyword] for keyword in BOUNDS if is_number(node.get(keyword))}
    for inclusive, exclusive in EXCLUSIVE.items():
        if node.get(exclusive) is True and inclusive in bounds:
            bounds[exclusive] = bounds.pop(inclusive)
    return bounds


def file_limits_in(node: Mapping[str, Any]) -> dict[str, float]:
    """Return the limits of files by fal's names: in `x-fal`, or beside a schema's keywords."""
    return {
        name: stated[name]
        for stated in (node, mapping(node.get("x-fal")))
        for name in LIMIT_NAMES
        if is_file_limit(stated.get(name))
    }


def is_file_limit(value: object) -> TypeGuard[float]:
    """Return whether a value can limit files."""
    return is_number(value) and value > 0
