"""The kinds of schemas: one class per kind, and the variants that a schema's keywords spell.

To add a constraint, declare it in the class of its kind, and its rules in `rules`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from fal_codegen.document.json_values import canonical_text, strings
from fal_codegen.drift.kinds.array import ArraySchema
from fal_codegen.drift.kinds.constraints import constraints_of
from fal_codegen.drift.kinds.number import NumberSchema
from fal_codegen.drift.kinds.object import ObjectSchema
from fal_codegen.drift.kinds.opaque import opaque_values
from fal_codegen.drift.kinds.plain import BooleanSchema, NullSchema, UnknownSchema
from fal_codegen.drift.kinds.string import StringSchema
from fal_codegen.drift.kinds.variant import KINDS, Variant
from fal_codegen.drift.values import kind_of

_CLASSES: Mapping[str, type[Variant]] = {
    "null": NullSchema,
    "boolean": BooleanSchema,
    "number": NumberSchema,
    "string": StringSchema,
    "array": ArraySchema,
    "object": ObjectSchema,
}

ANYTHING: tuple[Variant, ...] = tuple(_CLASSES[kind](kind=kind) for kind in KINDS)
"""The variants of a schema that allows anything."""

_OF_A_KIND: Mapping[str, frozenset[str]] = {
    kind: kind_class.KEYWORDS.union(*(c.keywords for c in constraints_of(kind_class).values()))
    for kind, kind_class in _CLASSES.items()
}
"""Keywords that constrain values of one kind only."""

_OF_ANY_KIND = ("not", "if", "then", "else", "$dynamicRef")
"""Opaque keywords that constrain values of every kind."""

_OPAQUE = frozenset(keyword for kind in _CLASSES.values() for keyword in kind.OPAQUE)

_CONSTRAINING = _OPAQUE.union(_OF_ANY_KIND, *_OF_A_KIND.values()) | {
    *("type", "enum", "const", "format", "additionalItems", "x-fal-order-properties"),
    *("$schema", "$id", "$defs", "definitions", "$comment", "$anchor"),
}

KEYWORDS = _CONSTRAINING | {"$ref", "allOf", "anyOf", "oneOf", "nullable"}
"""Keywords that the comparison understands; any other is an annotation."""


def variants_of(schema: Mapping[str, Any]) -> tuple[Variant, ...]:
    """Return the variants from a schema's own keywords, without those that it refers to."""
    kinds = schema.get("type")
    named = [kinds] if isinstance(kinds, str) else strings(kinds)
    if not named and _CONSTRAINING.isdisjoint(schema):
        return ANYTHING
    values = values_of(schema)
    opaque = opaque_values(schema, _OF_ANY_KIND)
    variants = []
    for kind in dict.fromkeys("number" if name == "integer" else name for name in named or KINDS):
        variant = _CLASSES.get(kind, UnknownSchema).parse(kind, schema)
        variant = replace(variant, opaque={**variant.opaque, **opaque})
        if values is not None:
            own = {
                text: value
                for text, value in values.items()
                if kind not in KINDS or kind_of(value) == kind
            }
            variant = replace(variant, values=own)
        variants.append(variant.simplified())
    if named and variants[0] is not None and (misplaced := dict(_misplaced(named, schema))):
        variants[0] = replace(variants[0], misplaced=misplaced)
    return united([variant for variant in variants if variant is not None])


def values_of(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the values in a schema's `const` and `enum` by canonical text; None without either."""
    listed = schema.get("enum")
    values = (
        {canonical_text(value): value for value in listed} if isinstance(listed, list) else None
    )
    if "const" not in schema:
        return values
    text = canonical_text(schema["const"])
    return {text: schema["const"]} if values is None or text in values else {}


def intersection(left: Sequence[Variant], right: Sequence[Variant]) -> tuple[Variant, ...]:
    """Return the variants of the values that both unions allow."""
    both = (mine.intersect(other) for mine in left for other in right if mine.kind == other.kind)
    return united([variant for variant in both if variant is not None])


def united(variants: Sequence[Variant]) -> tuple[Variant, ...]:
    """Drop variants that others contain, and merge those that only list values."""
    united: list[Variant] = []
    for kind in dict.fromkeys(variant.kind for variant in variants):
        alike = [variant for variant in variants if variant.kind == kind]
        united += alike if len(alike) == 1 else _united_kind(alike)
    return tuple(united)


def _united_kind(variants: list[Variant]) -> list[Variant]:
    listed = [variant for variant in variants if variant.constraints.keys() == {"values"}]
    if len(listed) > 1:
        values = {text: v for variant in listed for text, v in (variant.values or {}).items()}
        first = listed[0]
        whole = type(first)(kind=first.kind, values=values, label=first.label).simplified()
        variants = [variant for variant in variants if variant not in listed]
        variants += [whole] if whole else []
    kept: list[Variant] = []
    for index, variant in enumerate(variants):
        others = [*kept, *variants[index + 1 :]]
        if not any(other.contains(variant) for other in others):
            kept.append(variant)
    return kept


def _misplaced(named: Sequence[str], schema: Mapping[str, Any]) -> Iterator[tuple[str, Variant]]:
    """Yield the constraints on kinds that a schema's own `type` excludes, by kind.

    A validator ignores a `maximum` on a string. But then either the type or the limit is an error
    in the document. The server may well enforce the limit, so changes of it are reported.
    """
    for kind, keywords in _OF_A_KIND.items():
        is_own = kind in named or (kind == "number" and "integer" in named)
        if not is_own and not keywords.isdisjoint(schema):
            variant = _CLASSES[kind].parse(kind, schema)
            if isinstance(variant, (NumberSchema, StringSchema)):
                variant = replace(variant, formats=None)
            if (variant := replace(variant, opaque={})).constraints:
                yield kind, variant
