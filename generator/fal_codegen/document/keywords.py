"""Keywords of JSON Schema that constrain values, and which of them typed schemas can express.

The tables list every keyword that can make a value invalid. Each kind of typed schema names the
keywords that it expresses; the other keywords in the tables are dropped and reported. Keywords that
are not in the tables are annotations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fal_codegen.document.json_values import strings
from fal_codegen.document.schema import (
    Anything,
    Array,
    Integer,
    Number,
    String,
    possible_constraints,
)


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
    "string": frozenset(possible_constraints(String())),
    "integer": frozenset(possible_constraints(Integer())),
    "number": frozenset(possible_constraints(Number())),
    "boolean": frozenset(),
    "null": frozenset(),
    "array": _words("items prefixItems").union(possible_constraints(Array(Anything()))),
    "model": _words("properties required"),
    "map": frozenset(),
    "enum": _words("const enum"),
    "anything": frozenset(),
    "reference": frozenset(),
}
"""The keywords that each kind of typed schema expresses."""

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
"""The types whose values each kind of typed schema can have."""

_APPLICABLE: Mapping[str, frozenset[str]] = {
    kind: _OF_ANY.union(*(_OF_TYPE[name] for name in _TYPES.get(kind, ()))) for kind in EXPRESSED
}
"""The keywords that can constrain the values of each kind of typed schema."""

_UNCONSTRAINING_FORMATS = _words("binary password")
"""Formats that do not constrain a string: they only describe how a form shows it."""

UNCONSTRAINING: Mapping[str, tuple[object, ...]] = {
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
    """Yield the keywords of a schema that constrain its values and that no typed schema expresses.

    Args:
        node: The schema.
        kind: The kind of its typed schema: a key of `EXPRESSED`.
    """
    applicable = _APPLICABLE[kind]
    for keyword in node:
        is_lost = keyword in applicable and not _is_expressed(keyword, node, kind)
        if is_lost and _constrains(keyword, node):
            yield keyword


def _is_expressed(keyword: str, node: Mapping[str, Any], kind: str) -> bool:
    if keyword == "additionalProperties":  # a model is open or closed; a map has a schema
        return isinstance(node[keyword], dict) == (kind == "map")
    return keyword in EXPRESSED[kind]


def _constrains(keyword: str, node: Mapping[str, Any]) -> bool:
    value = node[keyword]
    if value in UNCONSTRAINING.get(keyword, ()):
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
            return isinstance(value, str) and value not in _UNCONSTRAINING_FORMATS
        case _:
            return True
