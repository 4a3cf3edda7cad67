"""Applies some differences of a schema and no others, to prove witnesses.

For each difference between two schemas, an `Edit` holds the old variant, and the variants that
would replace it if nothing else had changed. `edited` applies edits to the old schema and returns
the result as JSON Schema.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from fal_codegen.drift.kinds.constraints import Convert
from fal_codegen.drift.kinds.object import ObjectSchema
from fal_codegen.drift.kinds.variant import Edit, Schemas, Step, Tokens, Variant, joined
from fal_codegen.drift.resolve import Resolver


def edited(resolver: Resolver, schemas: Schemas, edits: Sequence[Edit], convert: Convert) -> Any:
    """Apply edits to schemas and return them as one JSON Schema.

    For an object schema without alternatives, omit properties that no edit touches. So the cost
    depends on the edits and not on the size of the schema.

    Args:
        resolver: Resolves the schemas of the document.
        schemas: The schemas; a value must match all of them.
        edits: The edits; if empty, the result keeps the document's spelling.
        convert: Converts a schema of the document.
    """
    if not edits:
        return joined(schemas, convert)
    if whole := next((edit for edit in edits if not edit.route), None):
        return _union((variant, variant.json_schema(convert)) for variant in whole.variants)
    members: list[tuple[Variant, Any]] = []
    variants = resolver.schemas(schemas).variants
    is_alone = len(variants) == 1
    for variant in variants:
        own = [edit for edit in edits if edit.route[0].variant is variant]
        replaced = next((edit for edit in own if not edit.route[0].tokens), None)
        if replaced is not None:
            members += [
                (new, new.json_schema(convert, ignores_properties=is_alone))
                for new in replaced.variants
            ]
        else:
            inner = _edited_inside(resolver, variant, own, convert, is_alone=is_alone)
            members.append((variant, inner))
    return _union(members)


def identity_edits(resolver: Resolver, schemas: Schemas, edits: Sequence[Edit]) -> list[Edit]:
    """Return edits that change nothing, at the places of the given edits.

    Comparing edited schemas with these shows the effect of the edits alone, and not of another
    spelling of the schema.
    """
    return [Edit(_variants_at(resolver, schemas, edit.route), edit.route) for edit in edits]


def _variants_at(
    resolver: Resolver, schemas: Schemas, route: Sequence[Step]
) -> tuple[Variant, ...]:
    """Return the unchanged variants that a route leads to."""
    for variant, tokens in route:
        if not tokens:
            return (variant,)
        schemas = _inside(variant, tokens)
    return resolver.schemas(schemas).variants


def _edited_inside(
    resolver: Resolver, variant: Variant, edits: Sequence[Edit], convert: Convert, *, is_alone: bool
) -> Any:
    """Apply edits to the schemas inside a variant and return it as JSON Schema."""
    is_enough = is_alone and all(edit.route[0].tokens[0] == "properties" for edit in edits)
    result = {} if is_enough else variant.json_schema(convert)
    by_place: dict[Tokens, list[Edit]] = {}
    for edit in edits:
        inner = replace(edit, route=edit.route[1:])
        by_place.setdefault(edit.route[0].tokens, []).append(inner)
    for tokens, inside in by_place.items():
        schema = edited(resolver, _inside(variant, tokens), inside, convert)
        result = variant.with_inner(result, tokens, schema, convert)
    return result


def _inside(variant: Variant, tokens: tuple[str, ...]) -> Schemas:
    """Return the schemas at a place inside a variant, including unlisted properties."""
    inside = variant.inside(tokens)
    if inside is None and isinstance(variant, ObjectSchema):
        return variant.additional
    return inside or ()


def _union(members: Iterable[tuple[Variant, Any]]) -> Any:
    """Return a union; a value must match exactly one of the exclusive variants, if any."""
    exclusive: list[Any] = []
    others: list[Any] = []
    for variant, schema in members:
        (exclusive if variant.is_exclusive else others).append(schema)
    if exclusive:
        others.append({"oneOf": exclusive})
    return {"anyOf": others} if others else False
