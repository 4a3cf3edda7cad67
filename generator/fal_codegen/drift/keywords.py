"""From the keywords of one schema to forms, whatever it refers to left aside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from fal_codegen.document.json_values import by_index, is_number, mapping, strings
from fal_codegen.drift.combine import settled, tighter_bound, united
from fal_codegen.drift.forms import ANYTHING, KINDS, Bound, Form, Schemas
from fal_codegen.drift.values import canonical, kind_of

NOTES = frozenset(
    """
    title description default example examples deprecated readOnly writeOnly discriminator
    externalDocs xml
    """.split()
)
"""Keywords that say something about a schema and ask nothing of values."""

_LIMITS: Mapping[str, tuple[str, ...]] = {
    "string": ("minLength", "maxLength"),
    "array": ("minItems", "maxItems"),
    "object": ("minProperties", "maxProperties"),
}
"""Limits of size, by the kind of values that they ask something of."""

_STATED: Mapping[str, tuple[str, ...]] = {
    "string": ("contentEncoding", "contentMediaType"),
    "object": ("dependentRequired",),
}
"""Keywords that are only told to be equal or not, by kind."""

_SUBSCHEMAS: Mapping[str, tuple[str, ...]] = {
    "string": ("contentSchema",),
    "array": ("contains", "minContains", "maxContains", "unevaluatedItems"),
    "object": ("propertyNames", "unevaluatedProperties"),
}
"""Keywords with a schema (or a number about one) that is only told to be equal or not, by kind."""

_SUBSCHEMAS_BY_NAME = ("patternProperties", "dependentSchemas")

_ANY_KIND = ("not", "if", "then", "else")

KEYWORDS = frozenset(
    {
        *("$ref", "allOf", "anyOf", "oneOf", "nullable", "type", "enum", "const", "format"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "pattern"),
        *("items", "prefixItems", "additionalItems", "uniqueItems"),
        *("properties", "required", "additionalProperties", "x-fal-order-properties"),
        *("$schema", "$id", "$defs", "definitions", "$comment", "$anchor"),
        *(
            keyword
            for table in (_LIMITS, _STATED, _SUBSCHEMAS)
            for row in table.values()
            for keyword in row
        ),
        *_SUBSCHEMAS_BY_NAME,
        *_ANY_KIND,
        *NOTES,
    }
)
"""Keywords that are read here; any other says something and asks nothing."""

_OF_A_KIND: Mapping[str, frozenset[str]] = {
    "number": frozenset(
        ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
    ),
    "string": frozenset(("minLength", "maxLength", "pattern")),
    "array": frozenset(("minItems", "maxItems", "uniqueItems", "items", "prefixItems")),
    "object": frozenset(
        ("minProperties", "maxProperties", "properties", "required", "additionalProperties")
    ),
}
"""Keywords that ask something of values of one kind only."""

_MATCHES_ALL = frozenset({"", "^", "$", ".*", "^.*", ".*$"})
"""Patterns that ask nothing: a pattern may match anywhere in a text."""


def own_forms(schema: Mapping[str, Any]) -> tuple[Form, ...]:
    """Return the forms that a schema asks for by itself, without what it refers to."""
    kinds = schema.get("type")
    named = [kinds] if isinstance(kinds, str) else strings(kinds)
    enum = listed(schema)
    others = _others(schema, _ANY_KIND)
    if not named and enum is None and not others and _asks_nothing(schema):
        return ANYTHING
    forms = []
    for kind in dict.fromkeys("number" if n == "integer" else n for n in named or KINDS):
        facets = _facets(kind, schema)
        if others:
            facets["others"] = {**facets.get("others", {}), **others}
        if kind == "number" and "integer" in named and "number" not in named:
            facets["integer"] = True
        if enum is not None:
            facets["enum"] = {
                text: v for text, v in enum.items() if kind_of(v) == kind or kind not in KINDS
            }
        forms.append(settled(Form(kind, facets)))
    if named and forms[0] is not None and (misplaced := _misplaced(named, schema)):
        forms[0] = replace(forms[0], facets={**forms[0].facets, "misplaced": misplaced})
    return united([form for form in forms if form is not None])


def listed(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the values that a schema lists, by canonical text; None if it lists none."""
    if "const" in schema:
        return {canonical(schema["const"]): schema["const"]}
    if isinstance(schema.get("enum"), list):
        return {canonical(value): value for value in schema["enum"]}
    return None


def members_of(schema: Mapping[str, Any], keyword: str) -> list[Any]:
    """Return the schemas that a keyword has a list of."""
    members = schema.get(keyword)
    return members if isinstance(members, list) else []


def _asks_nothing(schema: Mapping[str, Any]) -> bool:
    asked = KEYWORDS.difference(NOTES, {"$ref", "allOf", "anyOf", "oneOf", "nullable"})
    return asked.isdisjoint(schema)


def _misplaced(named: Sequence[str], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a schema asks of values of kinds that its own `type` rules out, by kind.

    A validator passes over a `maximum` on a string. But either the type or the limit is an error
    of the document, and the server may well mean the limit, so that a change of it is told.
    """
    found = {}
    for kind, keywords in _OF_A_KIND.items():
        is_own = kind in named or (kind == "number" and "integer" in named)
        if not is_own and not keywords.isdisjoint(schema):
            facets = _facets(kind, schema)
            facets = {name: f for name, f in facets.items() if name not in ("format", "others")}
            if facets:
                found[kind] = facets
    return found


def _facets(kind: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    facets: dict[str, Any] = {}
    for keyword in _LIMITS.get(kind, ()):
        size = schema.get(keyword)
        if is_number(size) and (size > 0 or keyword.startswith("max")):
            facets[keyword] = int(size)
    if kind in ("number", "string") and isinstance(schema.get("format"), str):
        facets["format"] = (schema["format"],)
    if kind == "number":
        facets |= _bounds(schema)
    elif kind == "string":
        pattern = schema.get("pattern")
        if isinstance(pattern, str) and pattern not in _MATCHES_ALL:
            facets["patterns"] = frozenset({pattern})
    elif kind == "array":
        facets |= _array(schema)
    elif kind == "object":
        facets |= _object(schema)
    others = _others(schema, _SUBSCHEMAS.get(kind, ()))
    others |= {k: ("value", canonical(schema[k])) for k in _STATED.get(kind, ()) if k in schema}
    if kind == "object":
        for keyword in _SUBSCHEMAS_BY_NAME:
            for name, sub in mapping(schema.get(keyword)).items():
                others[f"{keyword}/{name}"] = ("schema", (sub,))
    if others:
        facets["others"] = others
    return facets


def _others(schema: Mapping[str, Any], keywords: Iterable[str]) -> dict[str, tuple[str, Any]]:
    """Return what keywords ask, each as a schema or, if it is none, as its canonical text."""
    return {
        keyword: ("schema", (schema[keyword],))
        if isinstance(schema[keyword], (dict, bool))
        else ("value", canonical(schema[keyword]))
        for keyword in keywords
        if keyword in schema
    }


def _bounds(schema: Mapping[str, Any]) -> dict[str, Any]:
    facets: dict[str, Any] = {}
    for name, tighter in (("minimum", max), ("maximum", min)):
        plain, strict = schema.get(name), schema.get(f"exclusive{name.capitalize()}")
        bounds = []
        if is_number(plain):
            bounds.append(Bound(plain, strict is True))  # a flag, in OpenAPI 3.0
        if is_number(strict):
            bounds.append(Bound(strict, True))
        if bounds:
            facets[name] = tighter_bound(bounds, tighter)
    step = schema.get("multipleOf")
    if is_number(step) and step > 0:
        facets["multipleOf"] = frozenset({step})
    return facets


def _array(schema: Mapping[str, Any]) -> dict[str, Any]:
    items: Any = schema.get("items", True)
    prefix = members_of(schema, "prefixItems")
    if isinstance(items, list):  # spelled as in older JSON Schema
        prefix, items = items, schema.get("additionalItems", True)
    elif indexed := by_index(items):
        prefix, items = indexed, True
    facets: dict[str, Any] = {}
    if prefix:
        facets["prefix"] = tuple((member,) for member in prefix)
    if items is not True and items != {}:
        facets["items"] = (items,)
    if schema.get("uniqueItems") is True:
        facets["uniqueItems"] = True
    return facets


def _object(schema: Mapping[str, Any]) -> dict[str, Any]:
    facets: dict[str, Any] = {}
    required = frozenset(strings(schema.get("required")))
    listed = mapping(schema.get("properties"))
    additional = schema.get("additionalProperties", True)
    unlisted: Schemas = (additional,) if isinstance(additional, dict) else ()
    properties: dict[str, Schemas] = {name: (sub,) for name, sub in listed.items()}
    properties |= dict.fromkeys(sorted(required - set(listed)), unlisted)
    if properties:
        facets["properties"] = properties
    if required:
        facets["required"] = required
    if additional is False:
        facets["additional"] = None
    elif isinstance(additional, dict) and additional:
        facets["additional"] = (additional,)
    return facets
