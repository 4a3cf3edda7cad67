"""Merges the parts of a JSON Schema into one schema, as far as one schema can express them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

from fal_codegen.document.json_values import JsonSchema
from fal_codegen.document.samples.budget import Budget
from fal_codegen.document.samples.numbers import common_multiple

__all__ = ["flat"]

_MOST_LEVELS = 50
"""Levels of references and `allOf` to follow before they count as a loop."""

_MOST = 100
"""Alternatives of a union of unions."""

_GREATER = frozenset(
    {"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "uniqueItems"}
)
_LESS = frozenset({"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"})
_BY_NAME = frozenset({"properties", "patternProperties"})
_WITHIN = frozenset({"items", "additionalProperties", "contains", "propertyNames"})


def flat(schema: JsonSchema, target: Callable[[object], Any], budget: Budget) -> JsonSchema:
    """Return a schema merged with the schemas that its `$ref` and its `allOf` lead to.

    Args:
        schema: The schema. Its annotations precede those of the others.
        target: Returns the schema that a `$ref` leads to; None if it leads nowhere.
        budget: The work that may go into it. Once it is spent, schemas are left out.
    """
    for _ in range(_MOST_LEVELS):
        parts = [*schema.get("allOf", ())]
        if "$ref" in schema:
            parts.insert(0, target(schema["$ref"]))
        if not parts:
            return schema
        schema = {key: item for key, item in schema.items() if key not in ("$ref", "allOf")}
        for part in parts:
            if isinstance(part, dict):
                schema = _intersection(schema, part, budget)
    return {}


def _intersection(first: JsonSchema, second: JsonSchema, budget: Budget) -> JsonSchema:
    budget.spend(1 + len(second) // 10)
    if budget.is_spent:
        return first
    if "type" in first and "type" in second and not _types(first["type"], second["type"]):
        return {"not": {}}  # no value has both types
    merged = dict(first)
    if "$ref" in first and "$ref" in second:
        merged["allOf"] = [*first.get("allOf", ()), {"$ref": merged.pop("$ref")}]
    for keyword, value in second.items():
        if keyword not in merged or merged[keyword] is True:
            merged[keyword] = value
        elif merged[keyword] != value and value is not True:
            merged[keyword] = _both(keyword, merged[keyword], value, budget)
    return merged


def _both(keyword: str, one: Any, other: Any, budget: Budget) -> Any:
    """Return the value of a keyword that has the effect of two different values."""

    def schemas(first: Any, second: Any) -> Any:
        if not isinstance(first, dict) or not isinstance(second, dict):
            return False if False in (first, second) else first
        return _intersection(first, second, budget)

    if keyword in _GREATER:
        return max(one, other)
    if keyword in _LESS:
        return min(one, other)
    if keyword in _WITHIN:
        return schemas(one, other)
    if keyword in _BY_NAME:
        both = {name: schemas(one[name], other[name]) for name in one.keys() & other.keys()}
        return {**one, **other, **both}
    match keyword:
        case "type":
            return _types(one, other)
        case "enum":
            return [value for value in one if value in other] or one
        case "required" | "allOf":
            return [*one, *(item for item in other if item not in one)]
        case "examples":
            return [*one, *other]
        case "multipleOf":
            return common_multiple(one, other)
        case "prefixItems":
            shared = [schemas(*pair) for pair in zip(one, other, strict=False)]
            return [*shared, *max(one, other, key=len)[len(shared) :]]
        case "anyOf" | "oneOf":
            pairs = (schemas(first, second) for first in one for second in other)
            return list(islice(pairs, _MOST))
        case "not":
            return {"anyOf": [one, other]}
        case _:
            return one


def _types(one: Any, other: Any) -> list[str]:
    first = [one] if isinstance(one, str) else one
    second = [other] if isinstance(other, str) else other
    shared = [kind for kind in first if kind in second]
    if {"integer", "number"} <= {*first, *second}:
        shared.append("integer")
    return list(dict.fromkeys(shared))
