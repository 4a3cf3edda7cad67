"""Composition: combine the keywords of an `allOf`, or of a union and the schemas in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from fal_codegen.document.accepts import fits
from fal_codegen.document.json_values import is_number, same
from fal_codegen.document.keywords import CONSTRAINING, UNCONSTRAINING
from fal_codegen.document.schema import CONSTRAINT_KEYWORDS, Integer, Number, Schema, String

_TIGHTER: Mapping[str, Callable[[Any, Any], Any]] = {
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems"), min),
}
"""Returns the tighter of two bounds, by keyword."""

_MERGED = frozenset({*_TIGHTER, "required", "enum", "format"})
"""Keywords that are combined without a report when the parts of an `allOf` differ."""

_ENUM_KINDS: Mapping[str, Schema] = {
    "string": String(),
    "integer": Integer(),
    "number": Number(),
}
"""The types of union members that an enum beside the union applies to."""

_STRUCTURE = (
    *("properties", "required", "additionalProperties", "items", "prefixItems", "enum", "const"),
    *("$ref", "anyOf", "oneOf"),
)


def is_composed(node: Mapping[str, Any]) -> bool:
    """Return whether a schema is made of others: a reference, a union, an allOf, or nullable."""
    is_union = any(keyword in node for keyword in ("$ref", "allOf", "anyOf", "oneOf"))
    return is_union or node.get("nullable") is True or isinstance(node.get("type"), list)


def brings_properties(node: object) -> bool:
    """Return whether a member of a union may have properties of its own."""
    return isinstance(node, dict) and any(
        keyword in node for keyword in ("properties", "$ref", "allOf", "anyOf", "oneOf")
    )


def asserts(node: Mapping[str, Any]) -> bool:
    """Return whether keywords beside an allOf constrain values, rather than only describe them."""
    return any(keyword in node for keyword in (*CONSTRAINT_KEYWORDS, *_STRUCTURE))


def merge(parts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return one schema with the keywords of all parts; the last part wins for most keywords."""
    merged: dict[str, Any] = {}
    for part in parts:
        for keyword, value in part.items():
            known = merged.get(keyword)
            if keyword == "properties" and isinstance(known, dict) and isinstance(value, dict):
                merged[keyword] = {**known, **value}
            elif keyword == "required" and isinstance(known, list) and isinstance(value, list):
                merged[keyword] = known + value
            elif keyword == "enum" and isinstance(known, list) and isinstance(value, list):
                merged[keyword] = [v for v in known if any(same(v, other) for other in value)]
            elif keyword in _TIGHTER and is_number(known) and is_number(value):
                merged[keyword] = _TIGHTER[keyword](known, value)
            elif keyword not in ("title", "description"):
                merged[keyword] = value
    if isinstance(merged.get("properties"), dict):
        merged.setdefault("type", "object")
    return merged


def conflicts(parts: Iterable[Mapping[str, Any]], merged: Mapping[str, Any]) -> Iterator[str]:
    """Yield the constraining keywords of parts of an `allOf` that the merged schema overrides."""
    for part in parts:
        for keyword, value in part.items():
            if keyword in CONSTRAINING and not _is_kept(keyword, value, merged[keyword]):
                yield keyword


def _is_kept(keyword: str, value: Any, merged: Any) -> bool:
    if keyword == "properties" and isinstance(value, dict):
        return all(_bare(value[name]) == _bare(merged[name]) for name in value)
    return keyword in _MERGED or value == merged or value in UNCONSTRAINING.get(keyword, ())


def _bare(schema: object) -> object:
    """Return a schema without its annotations."""
    if not isinstance(schema, dict):
        return schema
    kept = CONSTRAINING | {"type", "$ref", "nullable"}
    return {keyword: value for keyword, value in schema.items() if keyword in kept}


def passed_on(outer: Mapping[str, Any], member: Mapping[str, Any]) -> dict[str, Any]:
    """Return the constraints beside a union that apply to one of its members."""
    passed: dict[str, Any] = {
        keyword: outer[keyword] for keyword in CONSTRAINT_KEYWORDS if keyword in outer
    }
    if isinstance(outer.get("enum"), list) and "const" not in member:
        kind = _ENUM_KINDS.get(str(member.get("type")))
        if kind is not None:
            passed["enum"] = [value for value in outer["enum"] if fits(value, kind)]
    return passed


def narrowed(member: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Return a member of a union with the constraints that stand beside the union."""
    if not more:  # as mostly
        return {**member}
    both = merge([more, member])
    return {**more, **member, **{keyword: both[keyword] for keyword in more}}


def passes_on(keyword: str, outer: Mapping[str, Any], member: object) -> bool:
    """Return whether a keyword beside a union is passed on to one of its members."""
    if not isinstance(member, dict) or "$ref" in member:
        return False
    is_kept = keyword in _TIGHTER or keyword not in member
    return member.get("type") == "null" or (is_kept and keyword in passed_on(outer, member))
