"""A schema with some of its differences applied and no other, to prove witnesses against.

The comparison of two schemas finds, for each difference, which variant of the old schema it is of,
and what that variant would be if nothing else had changed. An `Edit` keeps both; `edited` applies
edits to the old schema and returns the result as JSON Schema.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from fal_codegen.drift.differences import Edit
from fal_codegen.drift.kinds.constraints import Convert
from fal_codegen.drift.kinds.object import ObjectSchema
from fal_codegen.drift.kinds.variant import Schemas, Variant, joined
from fal_codegen.drift.resolve import Resolver


def edited(resolver: Resolver, schemas: Schemas, edits: Sequence[Edit], convert: Convert) -> Any:
    """Return schemas as one JSON Schema, with edits applied.

    Properties that no edit is of are left out where they cannot matter to what an edit rejects: of
    an object schema that has no alternative. So a schema costs as much as the edits in it.

    Args:
        resolver: Resolves the schemas of the document.
        schemas: The schemas, all of which hold.
        edits: What to change; without any, the schemas are returned as the document spells them.
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
        own = [edit for edit in edits if edit.route[0] is variant]
        replaced = next((edit for edit in own if len(edit.route) == 1), None)
        if replaced is not None:
            members += [
                (one, one.json_schema(convert, ignores_properties=is_alone))
                for one in replaced.variants
            ]
        else:
            inner = _edited_inside(resolver, variant, own, convert, is_alone=is_alone)
            members.append((variant, inner))
    return _union(members)


def identity_edits(resolver: Resolver, schemas: Schemas, edits: Sequence[Edit]) -> list[Edit]:
    """Return edits that change nothing, at the places of others.

    A value that only the edited schema rejects is rejected because of the edits, and not because
    variants spell a schema differently from its document.
    """
    return [Edit(_variants_at(resolver, schemas, edit.route), edit.route) for edit in edits]


def _variants_at(
    resolver: Resolver, schemas: Schemas, route: tuple[Variant | str, ...]
) -> tuple[Variant, ...]:
    """Return the unchanged variants that a route leads to."""
    if not route:
        return resolver.schemas(schemas).variants
    variant, tokens, rest = _first_stage(route)
    return _variants_at(resolver, _inside(variant, tokens), rest) if tokens else (variant,)


def _first_stage(
    route: tuple[Variant | str, ...],
) -> tuple[Variant, tuple[str, ...], tuple[Variant | str, ...]]:
    """Return the variant that a route begins with, the tokens up to the next one, and the rest."""
    variant = route[0]
    assert isinstance(variant, Variant)
    later = (at for at, step in enumerate(route) if at and isinstance(step, Variant))
    end = next(later, len(route))
    return variant, tuple(str(step) for step in route[1:end]), route[end:]


def _edited_inside(
    resolver: Resolver, variant: Variant, edits: Sequence[Edit], convert: Convert, *, is_alone: bool
) -> Any:
    """Return a variant as JSON Schema, with edits applied to the schemas inside it."""
    is_enough = is_alone and all(edit.route[1] == "properties" for edit in edits)
    plain = {} if is_enough else variant.json_schema(convert)
    by_place: dict[tuple[str, ...], list[Edit]] = {}
    for edit in edits:
        _, tokens, rest = _first_stage(edit.route)
        by_place.setdefault(tokens, []).append(replace(edit, route=rest))
    for tokens, inner in by_place.items():
        schema = edited(resolver, _inside(variant, tokens), inner, convert)
        plain = variant.with_inner(plain, tokens, schema, convert)
    return plain


def _inside(variant: Variant, tokens: tuple[str, ...]) -> Schemas:
    """Return the schemas inside a variant at a place; a property may be one that is not listed."""
    inside = variant.inside(tokens)
    if inside is None and isinstance(variant, ObjectSchema):
        return variant.additional
    return inside or ()


def _union(members: Iterable[tuple[Variant, Any]]) -> Any:
    """Return a union; of variants that exclude each other, a value may be of one only."""
    exclusive: list[Any] = []
    others: list[Any] = []
    for variant, plain in members:
        (exclusive if variant.is_exclusive else others).append(plain)
    if exclusive:
        others.append({"oneOf": exclusive})
    return {"anyOf": others} if others else False
