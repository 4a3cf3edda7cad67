"""Keywords of JSON Schema that constrain values, and those that no typed schema can express.

The tables list every keyword that can make a value invalid. Each kind of typed schema names the
keywords that it expresses; whatever else a schema has in the tables is dropped, and is reported.
All other keywords are annotations.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fal_codegen.document.json_values import strings


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_OF_TYPE: Mapping[str, frozenset[str]] = {
    "string": _words("minLength maxLength pattern format contentEncoding contentMediaType"),
    "number": _words("minimum maximum exclusiveMinimum exclusiveMaximum multipleOf"),
    "array": _words(
        "items prefixItems additionalItems unevaluatedItems contains minItems maxItems uniqueItems"
    ),
    "object": _words(
        "properties required additionalProperties patternProperties propertyNames minProperties"
        " maxProperties dependentRequired dependentSchemas dependencies unevaluatedProperties"
    ),
}
"""The keywords that constrain values of one type only."""

_OF_ANY = _words("not if allOf anyOf oneOf const enum $dynamicRef $recursiveRef")
"""The keywords that constrain values of every type."""

CONSTRAINING = _OF_ANY.union(*_OF_TYPE.values())
"""Every keyword that can make a value invalid, apart from `type` and `$ref`."""

EXPRESSED: Mapping[str, frozenset[str]] = {
    "string": _words("minLength maxLength pattern"),
    "integer": _OF_TYPE["number"],
    "number": _OF_TYPE["number"],
    "boolean": frozenset(),
    "null": frozenset(),
    "array": _words("items prefixItems minItems maxItems uniqueItems"),
    "model": _words("properties required"),
    "map": frozenset(),
    "enum": _words("const enum"),
    "anything": frozenset(),
    "reference": frozenset(),
}
"""What each kind of plain schema expresses."""

_TYPES: Mapping[str, tuple[str, ...]] = {
    "string": ("string",),
    "integer": ("number",),
    "number": ("number",),
    "array": ("array",),
    "model": ("object",),
    "map": ("object",),
    "enum": tuple(_OF_TYPE),
    "anything": tuple(_OF_TYPE),
    "reference": tuple(_OF_TYPE),
}
"""The types whose values each kind of plain schema can have."""

_IDLE_FORMATS = _words("binary password")
"""Formats that any string has: they tell a form what to show."""

_IDLE: Mapping[str, tuple[object, ...]] = {
    **dict.fromkeys(("minLength", "minItems", "minProperties"), (0,)),
    **dict.fromkeys(("additionalProperties", "unevaluatedProperties"), (True, {})),
    **dict.fromkeys(("items", "additionalItems", "unevaluatedItems", "propertyNames"), (True, {})),
    **dict.fromkeys(("properties", "patternProperties", "dependentRequired"), ({},)),
    **dict.fromkeys(("dependentSchemas", "dependencies"), ({},)),
    **dict.fromkeys(("required", "prefixItems", "allOf", "anyOf", "oneOf"), ([],)),
    "uniqueItems": (False,),
    "not": (False,),
}
"""Values with which a keyword constrains nothing."""


def dropped(node: Mapping[str, Any], kind: str) -> Iterator[str]:
    """Yield the keywords of a schema that constrain its values and that its plain form drops.

    Args:
        node: The schema.
        kind: The kind of its plain form: a key of `EXPRESSED`.
    """
    applicable = _OF_ANY.union(*(_OF_TYPE[name] for name in _TYPES.get(kind, ())))
    for keyword in node:
        is_lost = keyword in applicable and not _is_expressed(keyword, node, kind)
        if is_lost and _constrains(keyword, node):
            yield keyword


def conflicts(parts: Iterable[Mapping[str, Any]], merged: Mapping[str, Any]) -> Iterator[str]:
    """Yield the constraining keywords of parts of an `allOf` that their merged form overrides."""
    for part in parts:
        for keyword, value in part.items():
            if keyword in CONSTRAINING and not _is_kept(keyword, value, merged[keyword]):
                yield keyword


def _is_kept(keyword: str, value: Any, merged: Any) -> bool:
    if keyword == "properties" and isinstance(value, dict):
        return all(_bare(value[name]) == _bare(merged[name]) for name in value)
    return keyword in _MERGED or value == merged or value in _IDLE.get(keyword, ())


_MERGED = _words(
    "required enum minimum maximum exclusiveMinimum exclusiveMaximum minLength maxLength"
    " minItems maxItems format"
)
"""Keywords that `composition.merge` combines."""


def _bare(schema: object) -> object:
    """Return a schema without its annotations."""
    if not isinstance(schema, dict):
        return schema
    kept = CONSTRAINING | {"type", "$ref", "nullable"}
    return {keyword: value for keyword, value in schema.items() if keyword in kept}


def _is_expressed(keyword: str, node: Mapping[str, Any], kind: str) -> bool:
    if keyword == "additionalProperties":  # a model is open or closed; a map has a schema
        return isinstance(node[keyword], dict) == (kind == "map")
    return keyword in EXPRESSED[kind]


def _constrains(keyword: str, node: Mapping[str, Any]) -> bool:
    value = node[keyword]
    if value in _IDLE.get(keyword, ()):
        return False
    match keyword:
        case "if":
            return "then" in node or "else" in node
        case "contains":
            return node.get("minContains") != 0 or "maxContains" in node
        case "minProperties":
            return not isinstance(value, int) or value > len(set(strings(node.get("required"))))
        case "additionalProperties":
            return "patternProperties" not in node
        case "additionalItems":
            return isinstance(node.get("items"), list)
        case "format":
            return isinstance(value, str) and value not in _IDLE_FORMATS
        case _:
            return True
