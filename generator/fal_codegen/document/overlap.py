"""Whether two plain schemas can have a value in common, as far as it can be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from fal_codegen.document.plain import fits, is_number, same
from fal_codegen.ir import REF, PlainSchema, Property

_MAX_LEVELS = 3
"""Levels of properties to look into."""

_INTERVALS = (
    (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")),
    (("minLength",), ("maxLength",)),
    (("minItems",), ("maxItems",)),
)


class _Shape(Protocol):
    @property
    def properties(self) -> Sequence[Property]: ...
    @property
    def is_open(self) -> bool: ...


def may_overlap(
    left: PlainSchema, right: PlainSchema, shapes: Mapping[str, _Shape], level: int = 0
) -> bool:
    """Return whether a value may be valid for both schemas; True if that cannot be told.

    Args:
        left: A plain schema.
        right: Another one.
        shapes: The object schemas that `$ref`s mean, by key.
        level: Levels of properties that were looked into so far.
    """
    for one, other in ((left, right), (right, left)):
        if "anyOf" in one:
            return any(may_overlap(member, other, shapes, level) for member in one["anyOf"])
        if not one:
            return True
    if "$ref" in left and "$ref" in right:
        return _objects_overlap(left, right, shapes, level)
    if "enum" in left and "enum" in right:
        return any(same(value, other) for value in left["enum"] for other in right["enum"])
    for one, other in ((left, right), (right, left)):
        if "enum" in one:
            return any(fits(value, other) and _is_within(value, other) for value in one["enum"])
    kinds = {_kind(left), _kind(right)}
    if len(kinds) > 1 and kinds != {"integer", "number"}:
        return False
    return not (_is_below(left, right) or _is_below(right, left))


def _objects_overlap(
    left: PlainSchema, right: PlainSchema, shapes: Mapping[str, _Shape], level: int
) -> bool:
    one, other = (shapes[schema["$ref"].removeprefix(REF)] for schema in (left, right))
    named = {prop.name: prop for prop in one.properties}
    others = {prop.name: prop for prop in other.properties}
    for mine, theirs, is_open in ((named, others, other.is_open), (others, named, one.is_open)):
        if not is_open and any(prop.required and name not in theirs for name, prop in mine.items()):
            return False
    return level >= _MAX_LEVELS or all(
        may_overlap(prop.schema, others[name].schema, shapes, level + 1)
        for name, prop in named.items()
        if name in others and prop.required and others[name].required
        if not (prop.nullable and others[name].nullable)
    )


def _kind(schema: PlainSchema) -> str:
    return "object" if "$ref" in schema else str(schema["type"])


def _is_within(value: Any, schema: PlainSchema) -> bool:
    size = len(value) if isinstance(value, str) else value
    if not is_number(size) or isinstance(value, bool):
        return True
    bounds = {"minLength", "maxLength"} if isinstance(value, str) else {"minimum", "maximum"}
    low, high = (schema.get(name) for name in sorted(bounds, reverse=True))
    return (low is None or size >= low) and (high is None or size <= high)


def _is_below(left: PlainSchema, right: PlainSchema) -> bool:
    """Return whether every value of one schema is less, shorter or fewer than those of another."""
    for lows, highs in _INTERVALS:
        for high in highs:
            for low in lows:
                if high in left and low in right:
                    is_strict = high.startswith("exclusive") or low.startswith("exclusive")
                    if left[high] < right[low] or (is_strict and left[high] == right[low]):
                        return True
    return False
