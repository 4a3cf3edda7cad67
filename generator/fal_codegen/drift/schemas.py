"""Comparison of two schemas, for inputs or for outputs.

Every input that was valid must still be valid. Every output that is valid now must have been valid
before. So a change can break inputs and only add to outputs, or the other way round, and a schema
that is used for both is compared twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from fal_codegen.document.models import Direction
from fal_codegen.drift import schema_rules
from fal_codegen.drift.annotation_differences import annotation_differences
from fal_codegen.drift.kinds.number import NumberSchema
from fal_codegen.drift.kinds.variant import Difference, Schemas, Variant
from fal_codegen.drift.resolve import Resolved, Resolver, key_of, too_complex
from fal_codegen.drift.values import are_equal
from fal_codegen.drift.variant_pairs import VariantPairs, widens

MAX_PAIRS = 20_000
"""Compared pairs of schemas and variants in one document; genuine documents need under 100."""

MAX_NESTING = 60
"""Levels of nested values; genuine documents have at most 6."""

MAX_DIFFERENCES = 20_000
"""Differences between two schemas; those in a component count once per reference to it."""

_NESTING = frozenset(
    """
    $ref allOf anyOf oneOf not if then else items prefixItems additionalItems contains
    properties additionalProperties patternProperties propertyNames dependentSchemas
    unevaluatedItems unevaluatedProperties contentSchema
    """.split()
)
"""Keywords that refer to or contain other schemas."""

Differences = tuple[Difference, ...]


@dataclass
class SchemaComparison:
    """Compares schemas of two documents in one direction."""

    old: Resolver
    new: Resolver
    direction: Direction
    _compared: dict[tuple[tuple[int, ...], tuple[int, ...]], Differences] = field(
        default_factory=dict
    )
    _in_progress: dict[tuple[tuple[int, ...], tuple[int, ...]], int] = field(default_factory=dict)
    _lowest: int = 0
    _steps: int = 0

    def before(self, schemas: Schemas) -> Resolved:
        """Resolve schemas of the old document."""
        return self.old.schemas(schemas)

    def after(self, schemas: Schemas) -> Resolved:
        """Resolve schemas of the new document."""
        return self.new.schemas(schemas)

    def differences(self, old: Schemas, new: Schemas) -> Differences:
        """Return the differences between schemas.

        In a recursive schema, a pair already under comparison counts as equal, so each difference
        is reported once.
        """
        if _are_plainly_equal(old, new):
            return ()
        key = key_of(old), key_of(new)
        if key in self._compared:
            return self._compared[key]
        if key in self._in_progress:
            self._lowest = min(self._lowest, self._in_progress[key])
            return ()
        level = len(self._in_progress)
        self._count(1)
        if level > MAX_NESTING:
            raise too_complex(self.new.endpoint)
        self._in_progress[key] = level
        outer, self._lowest = self._lowest, level
        try:
            found = self._compare(self.before(old), self.after(new))
            differences = tuple(islice(found, MAX_DIFFERENCES + 1))
        finally:
            del self._in_progress[key]
        if len(differences) > MAX_DIFFERENCES:
            raise too_complex(self.new.endpoint)
        if self._lowest >= level:  # does not depend on an unfinished comparison
            self._compared[key] = differences
        self._lowest = min(outer, self._lowest)
        return differences

    def _count(self, pairs: int) -> None:
        """Count pairs to compare.

        Raises:
            DocumentError: The count exceeds `MAX_PAIRS`.
        """
        self._steps += pairs
        if self._steps > MAX_PAIRS:
            raise too_complex(self.new.endpoint)

    def _compare(self, old: Resolved, new: Resolved) -> Iterator[Difference]:
        if old.is_unresolved != new.is_unresolved:
            if new.is_unresolved:
                yield Difference(schema_rules.RESOLUTION.set, old=old.type_name)
            else:
                yield Difference(schema_rules.RESOLUTION.unset, new=new.type_name)
            return
        yield from annotation_differences(old, new)
        yield from _type_differences(old, new)
        for kind in dict.fromkeys(variant.kind for variant in old.variants):
            news = new.of_kind(kind)
            if news and kind != "null" and not _became_anything(old, new, kind):
                yield from self._variants(old.of_kind(kind), news)

    def _variants(
        self, olds: tuple[Variant, ...], news: tuple[Variant, ...]
    ) -> Iterator[Difference]:
        """Compare the variants of one kind, each with the one that it probably became."""
        if len(olds) == len(news) == 1:
            yield from self._variant(olds[0], news[0])
            return
        self._count(len(olds) * len(news))
        differences = {
            (i, j): tuple(self._variant(old, new))
            for i, old in enumerate(olds)
            for j, new in enumerate(news)
        }
        pairs = VariantPairs(olds, news, differences)
        probable = pairs.probable()
        found = [
            difference.among(olds, olds[i]) if len(olds) > 1 else difference
            for i, j in probable
            for difference in differences[i, j]
        ]
        yield from found
        removed = pairs.lost - {i for i, _ in probable}
        added = pairs.gained - {j for _, j in probable}
        is_wider = added or any(map(widens, found))
        if is_wider and all(variant.is_exclusive for variant in (*olds, *news)):
            yield Difference(schema_rules.OVERLAP)
        for i in sorted(removed):
            edited = Difference(schema_rules.VARIANT_REMOVED, old=olds[i].title).with_edit()
            yield edited.of(olds[i]).among(olds, olds[i])
        for j in sorted(added):
            yield Difference(schema_rules.VARIANT_ADDED, new=news[j].title).among(news, news[j])

    def _variant(self, old: Variant, new: Variant) -> Iterator[Difference]:
        for difference in old.differences(new, self):
            yield difference.of(old)


def _type_differences(old: Resolved, new: Resolved) -> Iterator[Difference]:
    if old.is_anything or new.is_anything:
        if not new.is_anything:
            narrowed = Difference(
                schema_rules.TYPE_SPECIALIZED, old=old.type_name, new=new.type_name
            )
            yield narrowed.with_edit(*_of_kinds(old, new))
        elif not old.is_anything:
            yield Difference(schema_rules.TYPE_GENERALIZED, old=old.type_name, new=new.type_name)
        return
    before, after = _types(old), _types(new)
    is_other = (before and after) or old.is_nullable != new.is_nullable
    if old.variants and new.variants and is_other and before.keys().isdisjoint(after):
        changed = Difference(schema_rules.TYPE_CHANGED, old=old.type_name, new=new.type_name)
        kinds = (type(variant)(kind=variant.kind) for variant in new.variants)
        yield changed.with_edit(*kinds)
        return
    for kind in sorted(before.keys() - after.keys()):
        removed = Difference(schema_rules.TYPES_NARROWED, old=before[kind], new=new.type_name)
        yield removed.with_edit(*(variant for variant in old.variants if variant.kind != kind))
    for kind in sorted(after.keys() - before.keys()):
        yield Difference(schema_rules.TYPES_WIDENED, old=old.type_name, new=after[kind])
    if new.is_nullable and not old.is_nullable:
        yield Difference(schema_rules.NULLABLE.set)
    elif old.is_nullable and not new.is_nullable:
        removed = Difference(schema_rules.NULLABLE.unset)
        yield removed.with_edit(*(variant for variant in old.variants if variant.kind != "null"))


def _types(resolved: Resolved) -> dict[str, str]:
    """Return the types other than null, by kind."""
    return {each.kind: each.type_name for each in resolved.variants if each.kind != "null"}


def _of_kinds(old: Resolved, new: Resolved) -> Iterator[Variant]:
    """Yield the variants of the old schema whose kinds the new one has."""
    kinds = {variant.kind for variant in new.variants}
    numbers = [variant for variant in new.variants if isinstance(variant, NumberSchema)]
    is_whole = all(variant.is_whole for variant in numbers) or None
    for variant in old.variants:
        if isinstance(variant, NumberSchema) and numbers:
            yield replace(variant, is_whole=is_whole or variant.is_whole)
        elif variant.kind in kinds:
            yield variant


def _became_anything(old: Resolved, new: Resolved, kind: str) -> bool:
    """Return whether a change of type from or to anything covers all changes of a kind."""
    if old.is_anything == new.is_anything:
        return False
    wider = old if old.is_anything else new
    return all(not variant.constraints for variant in wider.of_kind(kind))


def _are_plainly_equal(old: Schemas, new: Schemas) -> bool:
    """Return whether two schemas are equal and contain no others, as most do: skip resolving."""
    if not old and not new:
        return True
    return len(old) == len(new) == 1 and _is_leaf(old[0]) and are_equal(old[0], new[0])


def _is_leaf(schema: object) -> bool:
    return isinstance(schema, dict) and _NESTING.isdisjoint(schema)
