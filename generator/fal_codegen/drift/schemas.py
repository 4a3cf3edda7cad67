"""The comparison of two schemas, for values that travel one way.

For inputs, every value that was valid must still be valid; for outputs, every value that is valid
now must have been valid before. So the same change can break the one and only add to the other,
and a schema that is used both ways is judged twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from fal_codegen.drift import rules
from fal_codegen.drift.annotations import annotation_differences
from fal_codegen.drift.changes import Direction
from fal_codegen.drift.differences import Difference
from fal_codegen.drift.kinds.number import NumberSchema
from fal_codegen.drift.kinds.variant import Schemas, Variant
from fal_codegen.drift.resolve import Resolved, Resolver, beyond_reason, key_of
from fal_codegen.drift.rules import Effect
from fal_codegen.drift.values import same

MAX_STEPS = 20_000
"""Pairs of schemas, and of their variants, compared in one document; genuine ones need under 100.
"""

MAX_LEVELS = 60
"""Levels of values in values; the deepest genuine document has 6."""

MAX_DIFFERENCES = 20_000
"""Differences between two schemas; one in a component counts wherever that is referred to."""

_LEADING = frozenset(
    """
    $ref allOf anyOf oneOf not if then else items prefixItems additionalItems contains
    properties additionalProperties patternProperties propertyNames dependentSchemas
    unevaluatedItems unevaluatedProperties contentSchema
    """.split()
)
"""Keywords that lead to other schemas."""

Differences = tuple[Difference, ...]


@dataclass
class SchemaComparison:
    """Compares schemas of two documents, for one direction."""

    old: Resolver
    new: Resolver
    direction: Direction
    _known: dict[tuple[tuple[int, ...], tuple[int, ...]], Differences] = field(default_factory=dict)
    _trail: dict[tuple[tuple[int, ...], tuple[int, ...]], int] = field(default_factory=dict)
    _lowest: int = 0
    _steps: int = 0

    def before(self, schemas: Schemas) -> Resolved:
        """Return schemas of the old document, resolved."""
        return self.old.schemas(schemas)

    def after(self, schemas: Schemas) -> Resolved:
        """Return schemas of the new document, resolved."""
        return self.new.schemas(schemas)

    def differences(self, old: Schemas, new: Schemas) -> Differences:
        """Return the differences between schemas.

        A pair that is being compared further out counts as equal further in: whatever is different
        about it is reported once, where it is met first.
        """
        if _are_plainly_equal(old, new):
            return ()
        key = key_of(old), key_of(new)
        if key in self._known:
            return self._known[key]
        if key in self._trail:
            self._lowest = min(self._lowest, self._trail[key])
            return ()
        level = len(self._trail)
        self._count(1)
        if level > MAX_LEVELS:
            raise beyond_reason(self.new.endpoint)
        self._trail[key] = level
        outer, self._lowest = self._lowest, level
        try:
            compared = self._compare(self.before(old), self.after(new))
            differences = tuple(islice(compared, MAX_DIFFERENCES + 1))
        finally:
            del self._trail[key]
        if len(differences) > MAX_DIFFERENCES:
            raise beyond_reason(self.new.endpoint)
        if self._lowest >= level:  # rests on nothing that is still being compared
            self._known[key] = differences
        self._lowest = min(outer, self._lowest)
        return differences

    def _count(self, pairs: int) -> None:
        """Count pairs that are to be compared.

        Raises:
            DocumentError: They are more than those of any genuine document.
        """
        self._steps += pairs
        if self._steps > MAX_STEPS:
            raise beyond_reason(self.new.endpoint)

    def _compare(self, old: Resolved, new: Resolved) -> Iterator[Difference]:
        yield from annotation_differences(old, new)
        yield from _type_differences(old, new)
        for kind in dict.fromkeys(variant.kind for variant in old.variants):
            news = new.of_kind(kind)
            if news and kind != "null" and not _became_anything(old, new, kind):
                yield from self._variants(old.of_kind(kind), news)

    def _variants(
        self, olds: tuple[Variant, ...], news: tuple[Variant, ...]
    ) -> Iterator[Difference]:
        """Compare the variants of one kind: each with the one that it probably became.

        The values that are no longer valid are those of old variants that no new one contains; the
        values that have become valid are those of new variants that no old one contains. Variants
        of one name are compared with each other all the same, so that a change of either is
        reported.
        """
        if len(olds) == len(news) == 1:
            yield from self._variant(olds[0], news[0])
            return
        self._count(len(olds) * len(news))
        pairs = {
            (i, j): tuple(self._variant(old, new))
            for i, old in enumerate(olds)
            for j, new in enumerate(news)
        }
        narrows = {pair for pair, found in pairs.items() if any(map(_narrows, found))}
        widens = {pair for pair, found in pairs.items() if any(map(_widens, found))}
        lost = {i for i in range(len(olds)) if all((i, j) in narrows for j in range(len(news)))}
        gained = {j for j in range(len(news)) if all((i, j) in widens for i in range(len(olds)))}
        left_old, left_new = set(range(len(olds))), set(range(len(news)))

        is_wider = False
        namesakes = {
            (i, j) for i, j in pairs if _label(olds, i) and _label(olds, i) == _label(news, j)
        }

        def rank(pair: tuple[int, int]) -> tuple[Any, ...]:
            notable = sum(
                difference.rule.effect is not Effect.DESCRIBED for difference in pairs[pair]
            )
            return notable > 0, pair not in namesakes, notable, len(pairs[pair]), pair

        for i, j in sorted(pairs, key=rank):
            if i not in left_old or j not in left_new or not olds[i].may_become(news[j]):
                continue
            is_misleading = (i not in lost and (i, j) in narrows) or (
                j not in gained and (i, j) in widens
            )
            if is_misleading and (i, j) not in namesakes:
                continue  # would report a loss, or something new, that does not exist
            yield from pairs[i, j]
            is_wider = is_wider or any(map(_widens, pairs[i, j]))
            left_old.discard(i)
            left_new.discard(j)
        if (is_wider or left_new & gained) and all(
            variant.is_exclusive for variant in (*olds, *news)
        ):
            yield Difference(rules.OVERLAP)
        for i in sorted(left_old & lost):
            removed = Difference(rules.VARIANT_REMOVED, old=olds[i].title)
            yield removed.leaving().of(olds[i])
        for j in sorted(left_new & gained):
            yield Difference(rules.VARIANT_ADDED, new=news[j].title)

    def _variant(self, old: Variant, new: Variant) -> Iterator[Difference]:
        for difference in old.differences(new, self):
            yield difference.of(old)


def _type_differences(old: Resolved, new: Resolved) -> Iterator[Difference]:
    if old.is_anything or new.is_anything:
        if not new.is_anything:
            narrowed = Difference(rules.TYPE_SPECIALIZED, old=old.type_name, new=new.type_name)
            yield narrowed.leaving(*_of_kinds(old, new))
        elif not old.is_anything:
            yield Difference(rules.TYPE_GENERALIZED, old=old.type_name, new=new.type_name)
        return
    before, after = _types(old), _types(new)
    is_other = (before and after) or old.is_nullable != new.is_nullable
    if old.variants and new.variants and is_other and before.keys().isdisjoint(after):
        changed = Difference(rules.TYPE_CHANGED, old=old.type_name, new=new.type_name)
        kinds = (type(variant)(kind=variant.kind) for variant in new.variants)
        yield changed.leaving(*kinds)
        return
    for kind in sorted(before.keys() - after.keys()):
        removed = Difference(rules.TYPES_NARROWED, old=before[kind], new=new.type_name)
        yield removed.leaving(*(one for one in old.variants if one.kind != kind))
    for kind in sorted(after.keys() - before.keys()):
        yield Difference(rules.TYPES_WIDENED, old=old.type_name, new=after[kind])
    if new.is_nullable and not old.is_nullable:
        yield Difference(rules.NULLABLE.set)
    elif old.is_nullable and not new.is_nullable:
        removed = Difference(rules.NULLABLE.unset)
        yield removed.leaving(*(one for one in old.variants if one.kind != "null"))


def _types(resolved: Resolved) -> dict[str, str]:
    """Return the types other than null, by kind."""
    return {one.kind: one.type_name for one in resolved.variants if one.kind != "null"}


def _of_kinds(old: Resolved, new: Resolved) -> Iterator[Variant]:
    """Yield the variants of a schema that are of the kinds of another."""
    kinds = {variant.kind for variant in new.variants}
    numbers = [variant for variant in new.variants if isinstance(variant, NumberSchema)]
    is_whole = all(variant.is_whole for variant in numbers) or None
    for variant in old.variants:
        if isinstance(variant, NumberSchema) and numbers:
            yield replace(variant, is_whole=is_whole or variant.is_whole)
        elif variant.kind in kinds:
            yield variant


def _became_anything(old: Resolved, new: Resolved, kind: str) -> bool:
    """Return whether the change of type, from or to anything, says everything there is to say."""
    if old.is_anything == new.is_anything:
        return False
    wider = old if old.is_anything else new
    return all(not variant.constraints for variant in wider.of_kind(kind))


def _are_plainly_equal(old: Schemas, new: Schemas) -> bool:
    """Return whether two schemas are equal and lead nowhere: most do, and need not be resolved."""
    if not old and not new:
        return True
    return len(old) == len(new) == 1 and _is_leaf(old[0]) and same(old[0], new[0])


def _is_leaf(schema: object) -> bool:
    return isinstance(schema, dict) and _LEADING.isdisjoint(schema)


def _narrows(difference: Difference) -> bool:
    """Return whether a variant has, before a change, values that it no longer has."""
    return difference.rule.effect in (Effect.NARROWER, Effect.OTHER, Effect.REMOVED)


def _widens(difference: Difference) -> bool:
    """Return whether a variant has, after a change, values that it did not have."""
    is_wider = difference.rule.effect in (Effect.WIDER, Effect.OTHER, Effect.NEW)
    return is_wider or difference.rule in (
        *(
            rules.REQUIRED_REMOVED,
            rules.REQUIRED_ADDED,
            rules.REQUIRED_WITH_DEFAULT_ADDED,
        ),
        rules.RENAMED,
    )


def _label(variants: tuple[Variant, ...], index: int) -> str:
    """Return the label of a variant; nothing if others have the same."""
    label = variants[index].label
    return label if sum(variant.label == label for variant in variants) == 1 else ""
