"""Effects of changes on the generated client.

The level of a change describes the API contract. A comparison of the clients generated from both
documents shows whether the old client still works (`survives`), and whether names or types in the
generated code change (`surface`):

- Inputs that the old client sends must be valid for the new document.
- The old client's Output, which is open, must accept outputs of the new document.
- Names, types and required properties are compared place by place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fal_codegen.document.json_values import canonical_text
from fal_codegen.document.models import Direction
from fal_codegen.drift import operation_rules, schema_rules
from fal_codegen.drift.changes import Change
from fal_codegen.drift.comparison import Cause
from fal_codegen.drift.generated_client import GeneratedClient
from fal_codegen.drift.kinds.object import ObjectSchema
from fal_codegen.drift.kinds.variant import Difference, SchemaPath, Schemas, Tokens
from fal_codegen.drift.resolve import Resolver
from fal_codegen.drift.rule_types import Effect
from fal_codegen.drift.rules import RULES
from fal_codegen.drift.schemas import SchemaComparison
from fal_codegen.history import Level

VISIBLE = frozenset(
    (
        schema_rules.TYPE_SPECIALIZED,
        schema_rules.TYPE_GENERALIZED,
        schema_rules.TYPE_CHANGED,
        *schema_rules.NULLABLE,
        schema_rules.TYPES_NARROWED,
        schema_rules.TYPES_WIDENED,
        schema_rules.VARIANT_ADDED,
        schema_rules.VARIANT_REMOVED,
        schema_rules.VALUE_ADDED,
        schema_rules.VALUE_REMOVED,
        schema_rules.VALUE_RENAMED,
        *schema_rules.ENUM,
        *schema_rules.CONST,
        schema_rules.OPTIONAL_ADDED,
        schema_rules.OPTIONAL_REMOVED,
        schema_rules.REQUIRED_ADDED,
        schema_rules.REQUIRED_REMOVED,
        schema_rules.REQUIRED_WITH_DEFAULT_ADDED,
        schema_rules.BECAME_REQUIRED,
        schema_rules.BECAME_OPTIONAL,
        schema_rules.BECAME_REQUIRED_WITH_DEFAULT,
        schema_rules.RENAMED,
        *schema_rules.READ_ONLY,
        *schema_rules.WRITE_ONLY,
        schema_rules.DEFAULT.added,
        schema_rules.DEFAULT.removed,
        schema_rules.COMPONENT_RENAMED,
        *schema_rules.RESOLUTION,
    )
)
"""Rules whose changes can affect names and types; limits and most annotations cannot."""

_STOPPING = frozenset(
    (
        *operation_rules.OPERATION_REMOVED,
        *operation_rules.PATH_REMOVED,
        operation_rules.PARAMETER_ADDED.required,
        schema_rules.BECAME_REQUIRED.at(Direction.INPUT, "parameter"),
    )
)
"""Rules for removed operations, and for required parameters, which no generated client sends."""


def with_client_effects(
    changes: Iterable[Change], causes: Mapping[str, Cause], old: Resolver, new: Resolver
) -> list[Change]:
    """Return changes with `survives` and `surface` set.

    Args:
        changes: The changes of a document.
        causes: The causes of changes inside bodies, by fingerprint.
        old: The old document. If no client can be generated from it, `survives` is set unless the
            change is breaking.
        new: The new document.
    """
    changes = list(changes)
    before, after = GeneratedClient.of(old), GeneratedClient.of(new)
    if before is None:
        return [replace(each, survives=each.level is not Level.BREAKING) for each in changes]
    if after is None:
        return [replace(each, survives=each.level <= Level.COSMETIC) for each in changes]
    # The client depends on nothing else of an operation, such as servers or headers.
    broken = {change.fingerprint for change in changes if RULES[change.id] in _STOPPING}
    seen: set[str] = set()
    for direction in (Direction.INPUT, Direction.OUTPUT):
        places = [
            _Place(change, cause.differences[0])
            for change in changes
            if (cause := causes.get(change.fingerprint))
            and change.direction is direction
            and cause.body.new == after.roots(direction)
        ]
        for lost in _lost(before, after, direction, places):
            broken |= {place.change.fingerprint for place in _responsible(lost, places)}
        if direction is Direction.INPUT:
            broken |= {p.change.fingerprint for p in places if _is_unchecked(p, before)}
        visible = [place for place in places if place.difference.rule in VISIBLE]
        for path in _differing(before.visible(direction), after.visible(direction)):
            seen |= {place.change.fingerprint for place in _nearest(path, visible)}
    return [
        replace(
            change,
            survives=change.fingerprint not in broken,
            surface=change.fingerprint in seen,
        )
        for change in changes
    ]


@dataclass(frozen=True)
class _Place:
    """A change of the Input or the Output, with its difference."""

    change: Change
    difference: Difference

    @property
    def paths(self) -> tuple[SchemaPath, ...]:
        """The path of the change; for a renamed property, also its new path."""
        path = self.difference.path
        is_renamed = self.difference.rule is schema_rules.RENAMED
        new_name = "properties", self.difference.new
        return (path, (*path[:-1], new_name)) if is_renamed else (path,)


def _lost(
    before: GeneratedClient, after: GeneratedClient, direction: Direction, places: Sequence[_Place]
) -> list[Difference]:
    """Return differences that make the old client fail with the new document.

    The client already differs from the old document, because of repairs and of constraints that it
    does not check. Such differences count only where a change breaks inputs.
    """
    client, roots = before.models, before.model_roots(direction)
    with_old = SchemaComparison(client, before.resolver, direction)
    with_new = SchemaComparison(client, after.resolver, direction)
    existing = {_key(found) for found in with_old.differences(roots, before.roots(direction))}
    touched = {
        place.difference.path
        for place in places
        if direction is Direction.INPUT and place.change.level is Level.BREAKING
    }
    return [
        found
        for found in with_new.differences(roots, after.roots(direction))
        if (_key(found) not in existing or found.path in touched)
        and _loses(found, before, after, direction)
    ]


def _key(found: Difference) -> tuple[Any, ...]:
    return found.rule.name, found.path, canonical_text(found.old), canonical_text(found.new)


def _loses(
    found: Difference, before: GeneratedClient, after: GeneratedClient, direction: Direction
) -> bool:
    """Return whether a difference rejects the client's inputs, or breaks how it reads outputs."""
    if found.rule in (schema_rules.FILE_LIMIT_TIGHTENED, schema_rules.FILE_LIMIT_LOOSENED):
        return False  # the schemas of a client state no limits of files: see `_is_unchecked`
    effect = found.rule.effect
    if effect is not Effect.REMOVED:
        other_way = Effect.NARROWER if direction is Direction.INPUT else Effect.WIDER
        return effect in (other_way, Effect.OTHER)
    if found.rule is schema_rules.READ_ONLY.set:
        return True
    *path, (_, name) = found.path
    models = _objects(before.models, before.model_roots(direction), path)
    is_required = any(name in model.required for model in models)
    if direction is Direction.OUTPUT:
        return is_required
    # An object that accepts unlisted properties still accepts this one.
    objects = _objects(after.resolver, after.roots(direction), path)
    is_limited = any(each.is_closed or each.additional for each in objects)
    return is_limited or (is_required and found.rule is schema_rules.RENAMED)


def _is_unchecked(place: _Place, before: GeneratedClient) -> bool:
    """Return whether a change breaks inputs at a place where the client accepts anything."""
    if place.change.level is not Level.BREAKING:
        return False
    if place.difference.rule is schema_rules.FILE_LIMIT_TIGHTENED:
        return True  # the old client accepts the files that only the old limit allows
    roots = before.model_roots(Direction.INPUT)
    path = place.difference.path
    for level, (keyword, *name) in enumerate(path):
        for model in _objects(before.models, roots, path[:level]):
            is_listed = keyword == "properties" and name[0] in model.properties
            is_checked = is_listed or model.is_closed or model.additional
            if keyword in ("properties", "additionalProperties") and not is_checked:
                return True
    return False


def _objects(resolver: Resolver, roots: Schemas, path: Sequence[Tokens]) -> list[ObjectSchema]:
    """Return the object schemas at a path."""
    variants = [
        v for inner in resolver.below(roots, path) for v in resolver.schemas(inner).variants
    ]
    return [variant for variant in variants if isinstance(variant, ObjectSchema)]


def _responsible(lost: Difference, places: Sequence[_Place]) -> list[_Place]:
    """Return the changes that cause a loss: those with the same rule and path, or the nearest."""
    key = lost.rule, lost.path
    if same := [p for p in places if (p.difference.rule, p.difference.path) == key]:
        return same
    breaking = [place for place in places if place.change.level is Level.BREAKING]
    noticed = [place for place in places if place.change.level > Level.COSMETIC]
    return _nearest(lost.path, breaking) or _nearest(lost.path, noticed) or breaking or noticed


def _nearest(path: SchemaPath, places: Sequence[_Place]) -> list[_Place]:
    """Return the changes at a path, or if there are none, those above or below it."""
    exact = [place for place in places if path in place.paths]
    return exact or [place for place in places if any(_is_nested(path, at) for at in place.paths)]


def _is_nested(left: SchemaPath, right: SchemaPath) -> bool:
    """Return whether one of two places is inside the other."""
    return left[: len(right)] == right or right[: len(left)] == left


def _differing(
    before: Mapping[SchemaPath, set[str]], after: Mapping[SchemaPath, set[str]]
) -> list[SchemaPath]:
    return sorted(
        path for path in before.keys() | after.keys() if before.get(path) != after.get(path)
    )
