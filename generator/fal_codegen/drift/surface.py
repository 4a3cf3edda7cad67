"""Surface: what a change means to the generated client, from the clients of both documents.

The level of a change is about the contract. Whether the client of the old document keeps working
(`survives`), and whether names or types in generated code change (`surface`), follows from a
comparison of the clients of both documents:

- Inputs that the old client sends must be valid for the new document.
- Results of the new document must be readable for the old client's Output, which is open.
- Names, types and required properties are compared place by place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fal_codegen.document.json_values import canonical_text
from fal_codegen.document.models import Direction
from fal_codegen.drift import rules
from fal_codegen.drift.changes import Change, Level
from fal_codegen.drift.comparison import Cause
from fal_codegen.drift.differences import Difference
from fal_codegen.drift.generated_client import GeneratedClient, Path
from fal_codegen.drift.kinds.object import ObjectSchema
from fal_codegen.drift.kinds.variant import Schemas
from fal_codegen.drift.resolve import Resolver, first_step
from fal_codegen.drift.rules import Effect
from fal_codegen.drift.schemas import SchemaComparison

VISIBLE = frozenset(
    (
        *(rules.TYPE_SPECIALIZED, rules.TYPE_GENERALIZED, rules.TYPE_CHANGED, *rules.NULLABLE),
        *(rules.TYPES_NARROWED, rules.TYPES_WIDENED, rules.VARIANT_ADDED, rules.VARIANT_REMOVED),
        *(rules.VALUE_ADDED, rules.VALUE_REMOVED, rules.VALUE_RENAMED, *rules.ENUM, *rules.CONST),
        *(rules.OPTIONAL_ADDED, rules.OPTIONAL_REMOVED, rules.REQUIRED_ADDED),
        *(rules.REQUIRED_REMOVED, rules.REQUIRED_WITH_DEFAULT_ADDED, rules.BECAME_REQUIRED),
        *(rules.BECAME_OPTIONAL, rules.BECAME_REQUIRED_WITH_DEFAULT, rules.RENAMED),
        *(*rules.READ_ONLY, *rules.WRITE_ONLY, rules.DEFAULT.added, rules.DEFAULT.removed),
        rules.COMPONENT_RENAMED,
    )
)
"""Rules whose changes can change names and types; those of limits and annotations cannot."""

_STOPPING = frozenset(
    """
    api-removed-with-deprecation api-removed-without-deprecation
    api-path-removed-with-deprecation api-path-removed-without-deprecation
    new-required-request-parameter request-parameter-became-required
    """.split()
)
"""Rules of operations that are removed, or require something that no generated client sends."""


def with_client_effects(
    changes: Iterable[Change], causes: Mapping[str, Cause], old: Resolver, new: Resolver
) -> list[Change]:
    """Return changes with `survives` and `surface` set.

    Args:
        changes: The changes of a document.
        causes: The causes of changes inside bodies, by fingerprint.
        old: The old document. If no client can be generated from it, a change survives unless it
            breaks the contract.
        new: The new document.
    """
    changes = list(changes)
    before, after = GeneratedClient.of(old), GeneratedClient.of(new)
    if before is None:
        return [replace(one, survives=one.level is not Level.BREAKING) for one in changes]
    if after is None:
        return [replace(one, survives=one.level <= Level.COSMETIC) for one in changes]
    broken = {one.fingerprint for one in changes if _stops(one)}
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
            broken |= {one.change.fingerprint for one in _responsible(lost, places)}
        if direction is Direction.INPUT:
            broken |= {one.change.fingerprint for one in places if _is_unchecked(one, before)}
        visible = [place for place in places if place.found.rule in VISIBLE]
        for path in _differing(before.visible(direction), after.visible(direction)):
            seen |= {one.change.fingerprint for one in _nearest(path, visible)}
    return [
        replace(
            change,
            survives=change.fingerprint not in broken,
            surface=change.fingerprint in seen,
        )
        for change in changes
    ]


def _stops(change: Change) -> bool:
    """Return whether an operation of the client is removed, or requires more than it sends.

    The client depends on nothing else of an operation, such as servers or headers.
    """
    return change.id in _STOPPING


@dataclass(frozen=True)
class _Place:
    """A change of the Input or the Output, with its difference."""

    change: Change
    found: Difference

    @property
    def paths(self) -> tuple[Path, ...]:
        """The paths of the change; a renamed property has two."""
        path = self.found.path
        is_renamed = self.found.rule is rules.RENAMED
        return (path, (*path[:-1], self.found.new)) if is_renamed else (path,)


def _lost(
    before: GeneratedClient, after: GeneratedClient, direction: Direction, places: Sequence[_Place]
) -> list[Difference]:
    """Return differences that make the old client fail only with the new document.

    Differences between the client and the old document come from repairs, or from constraints that
    the client does not check. They count only at places where inputs break.
    """
    client, roots = before.models, before.model_roots(direction)
    walk = SchemaComparison(client, before.resolver, direction)
    known = {_key(found) for found in walk.differences(roots, before.roots(direction))}
    touched = {
        place.found.path
        for place in places
        if direction is Direction.INPUT and place.change.level is Level.BREAKING
    }
    found = SchemaComparison(client, after.resolver, direction).differences(
        roots, after.roots(direction)
    )
    return [
        one
        for one in found
        if (_key(one) not in known or one.path in touched) and _loses(one, before, after, direction)
    ]


def _key(found: Difference) -> tuple[Any, ...]:
    return found.rule.name, found.path, canonical_text(found.old), canonical_text(found.new)


def _loses(
    found: Difference, before: GeneratedClient, after: GeneratedClient, direction: Direction
) -> bool:
    """Return whether a difference rejects what the client sends, or breaks what it reads."""
    effect = found.rule.effect
    if effect is not Effect.REMOVED:
        other_way = Effect.NARROWER if direction is Direction.INPUT else Effect.WIDER
        return effect in (other_way, Effect.OTHER)
    if found.rule is rules.READ_ONLY.set:
        return True
    *path, _, name = found.path
    known = _objects(before.models, before.model_roots(direction), path)
    is_required = any(name in form.required for form in known)
    if direction is Direction.OUTPUT:
        return is_required
    # An object that accepts unlisted properties still accepts this one.
    forms = _objects(after.resolver, after.roots(direction), path)
    is_limited = any(form.is_closed or form.additional for form in forms)
    return is_limited or (is_required and found.rule is rules.RENAMED)


def _is_unchecked(place: _Place, before: GeneratedClient) -> bool:
    """Return whether a change breaks inputs at a place where the client accepts anything."""
    if place.change.level is not Level.BREAKING:
        return False
    roots = before.model_roots(Direction.INPUT)
    at: Path = ()
    left = place.found.path
    while left:
        step, left = first_step(left)
        for form in _objects(before.models, roots, at):
            is_listed = step[0] == "properties" and step[1] in form.properties
            is_checked = is_listed or form.is_closed or form.additional
            if step[0] in ("properties", "additionalProperties") and not is_checked:
                return True
        at = (*at, *step)
    return False


def _objects(resolver: Resolver, roots: Schemas, path: Sequence[str]) -> list[ObjectSchema]:
    """Return the object schemas at a path."""
    there = [
        one for inner in resolver.below(roots, path) for one in resolver.schemas(inner).variants
    ]
    return [one for one in there if isinstance(one, ObjectSchema)]


def _responsible(lost: Difference, places: Sequence[_Place]) -> list[_Place]:
    """Return the changes that cause a loss: those with the same difference, or else the nearest."""
    same = [one for one in places if (one.found.rule, one.found.path) == (lost.rule, lost.path)]
    if same:
        return same
    breaking = [one for one in places if one.change.level is Level.BREAKING]
    noticed = [one for one in places if one.change.level > Level.COSMETIC]
    return _nearest(lost.path, breaking) or _nearest(lost.path, noticed) or breaking or noticed


def _nearest(path: Path, places: Sequence[_Place]) -> list[_Place]:
    """Return the changes at a path; if there are none, those above or below it."""
    there = [place for place in places if path in place.paths]
    return there or [place for place in places if any(_leads_to(path, at) for at in place.paths)]


def _leads_to(one: Path, other: Path) -> bool:
    """Return whether one of two places is inside the other."""
    return one[: len(other)] == other or other[: len(one)] == one


def _differing(before: Mapping[Path, set[str]], after: Mapping[Path, set[str]]) -> list[Path]:
    return sorted(
        path for path in before.keys() | after.keys() if before.get(path) != after.get(path)
    )
