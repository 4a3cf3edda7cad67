"""The walk over two schemas: what changed from one to the other, for values that travel one way.

For what goes in, every value that was allowed must still be; for what comes out, every value that
is allowed now must have been before. So the same change can break the one and only add to the
other, and a schema that is used both ways is judged twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from fal_codegen.drift.changes import Direction, Level
from fal_codegen.drift.facets import facet_differences
from fal_codegen.drift.forms import Form, Schemas, item_at, kind_name
from fal_codegen.drift.meaning import Meaning, Reading, beyond_reason, describe, key_of
from fal_codegen.drift.notes import note_differences
from fal_codegen.drift.rules import STEMS, Effect
from fal_codegen.drift.values import same
from fal_codegen.naming import class_name

MAX_STEPS = 20_000
"""Pairs of schemas compared in one document; no genuine one has needed more than 50."""

MAX_LEVELS = 60
"""Levels of values in values; the deepest genuine document has 6."""

MAX_DIFFERENCES = 20_000
"""Differences between two schemas; one in a component counts wherever that is referred to."""

_NEVER: Mapping[Direction, str] = {
    Direction.INPUT: "readOnly",
    Direction.OUTPUT: "writeOnly",
}
"""The mark of a property that is never part of what travels in a direction."""


@dataclass(frozen=True)
class Difference:
    """One difference between two schemas.

    Attributes:
        stem: The rule's stem, see `rules.STEMS`.
        path: Tokens of a JSON Pointer, from the schemas compared to the place.
        survives: Whether a generated client's open output models read the answer all the same.
    """

    stem: str
    path: tuple[str, ...]
    level: Level
    old: Any = None
    new: Any = None
    survives: bool = True

    def below(self, *tokens: str) -> Difference:
        """Return the difference as it is seen from further out."""
        return replace(self, path=(*tokens, *self.path))


_FORBIDDEN: Schemas = (False,)
"""The schemas of a property that must not be there."""

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
class Walk:
    """Compares schemas of two documents, for one direction."""

    old: Reading
    new: Reading
    direction: Direction
    _known: dict[tuple[tuple[int, ...], tuple[int, ...]], Differences] = field(default_factory=dict)
    _trail: dict[tuple[tuple[int, ...], tuple[int, ...]], int] = field(default_factory=dict)
    _lowest: int = 0
    _steps: int = 0

    def differences(self, old: Schemas, new: Schemas) -> Differences:
        """Return what is different between schemas.

        A pair that is being compared further out counts as equal further in: whatever is different
        about it is told once, where it is met first.
        """
        if _are_plainly_one(old, new):
            return ()
        key = key_of(old), key_of(new)
        if key in self._known:
            return self._known[key]
        if key in self._trail:
            self._lowest = min(self._lowest, self._trail[key])
            return ()
        self._steps += 1
        level = len(self._trail)
        if self._steps > MAX_STEPS or level > MAX_LEVELS:
            raise beyond_reason(self.new.endpoint)
        self._trail[key] = level
        outer, self._lowest = self._lowest, level
        try:
            told = self._compare(self.old.meaning(old), self.new.meaning(new))
            found = tuple(islice(told, MAX_DIFFERENCES + 1))
        finally:
            del self._trail[key]
        if len(found) > MAX_DIFFERENCES:
            raise beyond_reason(self.new.endpoint)
        if self._lowest >= level:  # rests on nothing that is still being compared
            self._known[key] = found
        self._lowest = min(outer, self._lowest)
        return found

    def _compare(self, old: Meaning, new: Meaning) -> Iterator[Difference]:
        for told in note_differences(old, new):
            yield self.difference(*told)
        yield from self._types(old, new)
        for kind in dict.fromkeys(form.kind for form in old.forms):
            news = new.of_kind(kind)
            if news and kind != "null" and not self._became_anything(old, new, kind):
                yield from self._forms(old.of_kind(kind), news)

    def difference(self, stem: str, old: Any = None, new: Any = None) -> Difference:
        """Return a difference at the place itself, with what it means in this direction."""
        level = STEMS[stem].effect.on(self.direction)
        is_read = self.direction is Direction.OUTPUT and STEMS[stem].is_open
        return Difference(stem, (), level, old, new, level is not Level.BREAKING or is_read)

    def _types(self, old: Meaning, new: Meaning) -> Iterator[Difference]:
        if old.is_anything or new.is_anything:
            if not new.is_anything:
                yield self.difference("type-specialized", describe(old), describe(new))
            elif not old.is_anything:
                yield self.difference("type-generalized", describe(old), describe(new))
            return
        before = {form.kind: kind_name(form) for form in old.forms if form.kind != "null"}
        after = {form.kind: kind_name(form) for form in new.forms if form.kind != "null"}
        is_other = (before and after) or old.is_nullable != new.is_nullable
        if old.forms and new.forms and is_other and before.keys().isdisjoint(after):
            yield self.difference("type-changed", describe(old), describe(new))
            return
        for kind in sorted(before.keys() - after.keys()):
            yield self.difference("list-of-types-narrowed", before[kind], describe(new))
        for kind in sorted(after.keys() - before.keys()):
            yield self.difference("list-of-types-widened", describe(old), after[kind])
        if new.is_nullable and not old.is_nullable:
            yield self.difference("became-nullable")
        elif old.is_nullable and not new.is_nullable:
            yield self.difference("became-not-nullable")

    @staticmethod
    def _became_anything(old: Meaning, new: Meaning, kind: str) -> bool:
        """Say whether the change of type, from or to anything, says all there is to say."""
        if old.is_anything == new.is_anything:
            return False
        wider = old if old.is_anything else new
        return all(not form.facets for form in wider.of_kind(kind))

    def _forms(self, olds: tuple[Form, ...], news: tuple[Form, ...]) -> Iterator[Difference]:
        """Compare the forms of one kind: each with the one it became, as far as that can be told.

        What was allowed and is not any more are the old forms that no new one contains; what is
        allowed and was not before are the new ones that no old one contains. Forms of one name are
        taken to be one all the same, so that a change of either is told.
        """
        if len(olds) == len(news) == 1:
            yield from self._form(olds[0], news[0])
            return
        pairs = {
            (i, j): tuple(self._form(old, new))
            for i, old in enumerate(olds)
            for j, new in enumerate(news)
        }
        narrows = {pair for pair, found in pairs.items() if any(map(_narrows, found))}
        widens = {pair for pair, found in pairs.items() if any(map(_widens, found))}
        lost = {i for i in range(len(olds)) if all((i, j) in narrows for j in range(len(news)))}
        fresh = {j for j in range(len(news)) if all((i, j) in widens for i in range(len(olds)))}
        rest_old, rest_new = set(range(len(olds))), set(range(len(news)))

        has_more = False
        namesakes = {
            (i, j) for i, j in pairs if _label(olds, i) and _label(olds, i) == _label(news, j)
        }

        def rank(pair: tuple[int, int]) -> tuple[Any, ...]:
            grave = sum(difference.level > Level.COSMETIC for difference in pairs[pair])
            return grave > 0, pair not in namesakes, grave, len(pairs[pair]), pair

        for i, j in sorted(pairs, key=rank):
            if i not in rest_old or j not in rest_new or not _may_be_one(olds[i], news[j]):
                continue
            is_untrue = (i not in lost and (i, j) in narrows) or (
                j not in fresh and (i, j) in widens
            )
            if is_untrue and (i, j) not in namesakes:
                continue  # would tell of a loss, or of something new, that there is not
            yield from pairs[i, j]
            has_more = has_more or any(map(_widens, pairs[i, j]))
            rest_old.discard(i)
            rest_new.discard(j)
        if (has_more or rest_new & fresh) and all(map(_is_exclusive, (*olds, *news))):
            yield self.difference("one-of-overlap-added")
        for i in sorted(rest_old & lost):
            yield self.difference("any-of-removed", _told(olds[i]), None)
        for j in sorted(rest_new & fresh):
            yield self.difference("any-of-added", None, _told(news[j]))

    def _form(self, old: Form, new: Form) -> Iterator[Difference]:
        a, b = old.facets, new.facets
        for told in facet_differences(old, new):
            yield self.difference(*told)
        if old.kind == "array":
            yield from self._items(a, b)
        elif old.kind == "object":
            yield from self._properties(a, b)
            if old.name and new.name and class_name(old.name) != class_name(new.name):
                yield self.difference("component-renamed", old.name, new.name)
        yield from self._others(a.get("others", {}), b.get("others", {}))
        before, after = a.get("misplaced", {}), b.get("misplaced", {})
        for kind in sorted({*before, *after}):
            yield from self._form(Form(kind, before.get(kind, {})), Form(kind, after.get(kind, {})))

    def _items(self, a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[Difference]:
        for index in range(max(len(a.get("prefix", ())), len(b.get("prefix", ())))):
            for found in self.differences(item_at(a, index), item_at(b, index)):
                yield found.below("prefixItems", str(index))
        for found in self.differences(a.get("items", ()), b.get("items", ())):
            yield found.below("items")

    def _properties(self, a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[Difference]:
        before, after = a.get("properties", {}), b.get("properties", {})
        for name in dict.fromkeys([*before, *after]):
            was = before.get(name, _FORBIDDEN) != _FORBIDDEN
            now = after.get(name, _FORBIDDEN) != _FORBIDDEN
            if was or now:
                required = name in a.get("required", ()), name in b.get("required", ())
                for found in self._property(
                    before[name] if was else None, after[name] if now else None, *required
                ):
                    yield found.below("properties", name)
                if not was and a.get("additional"):  # it was one of those that are not listed
                    for found in self.differences(a["additional"], after[name]):
                        yield found.below("properties", name)
        yield from self._additional(a, b)

    def _property(
        self, old: Schemas | None, new: Schemas | None, was_required: bool, is_required: bool
    ) -> Iterator[Difference]:
        never = _NEVER[self.direction]
        before = self.old.meaning(old) if old is not None else None
        after = self.new.meaning(new) if new is not None else None
        was_out = before is not None and before.notes.get(never) is True
        is_out = after is not None and after.notes.get(never) is True
        if (was_out or before is None) and (is_out or after is None):
            return
        if before is None and after is not None:
            yield self.difference(_new_property(after, is_required), None, describe(after))
        elif after is None and before is not None:
            stem = "required-removed" if was_required else "optional-removed"
            yield self.difference(stem, describe(before), None)
        elif was_out != is_out:
            mark = "read-only" if never == "readOnly" else "write-only"
            yield self.difference(f"became-{mark}" if is_out else f"became-not-{mark}")
        elif old is not None and new is not None and after is not None:
            if is_required and not was_required:
                has_default = after.notes.get("default") is not None
                yield self.difference(f"became-required{'-with-default' * has_default}")
            elif was_required and not is_required:
                yield self.difference("became-optional")
            for found in self.differences(old, new):
                # An optional field of a generated model takes null as it takes being left out.
                is_read = found.stem == "became-nullable" and not found.path and not was_required
                survives = is_read and self.direction is Direction.OUTPUT
                yield replace(found, survives=found.survives or survives)

    def _additional(self, a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[Difference]:
        was_closed, is_closed = a.get("additional", ()) is None, b.get("additional", ()) is None
        if was_closed or is_closed:
            if not was_closed:
                yield self.difference("additional-properties-closed")
            elif not is_closed:
                yield self.difference("additional-properties-opened")
            return
        for found in self.differences(a.get("additional", ()), b.get("additional", ())):
            yield found.below("additionalProperties")

    def _others(self, a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[Difference]:
        for keyword in sorted({*a, *b}):
            old, new = a.get(keyword), b.get(keyword)
            if keyword == "oneOf" and old != new:
                yield self.difference("wrapped-in-one-of" if new else "unwrapped-from-one-of")
            elif old is None:
                yield self.difference("keyword-added", None, keyword)
            elif new is None:
                yield self.difference("keyword-removed", keyword, None)
            elif old[0] == new[0] == "schema":
                found = self.differences(old[1], new[1])
                if any(difference.level > Level.COSMETIC for difference in found):
                    yield self.difference("keyword-changed", keyword, keyword)
            elif old != new:
                yield self.difference("keyword-changed", keyword, keyword)


def _are_plainly_one(old: Schemas, new: Schemas) -> bool:
    """Say whether two schemas are one, and lead nowhere: most are, and need not be understood."""
    if not old and not new:
        return True
    return len(old) == len(new) == 1 and _is_leaf(old[0]) and same(old[0], new[0])


def _is_leaf(schema: object) -> bool:
    return isinstance(schema, dict) and _LEADING.isdisjoint(schema)


def _new_property(meaning: Meaning, is_required: bool) -> str:
    if not is_required:
        return "new-optional"
    has_default = meaning.notes.get("default") is not None
    return "new-required-with-default" if has_default else "new-required"


def _narrows(difference: Difference) -> bool:
    """Say whether a form has, before a change, values that it has no more."""
    return STEMS[difference.stem].effect in (Effect.NARROWER, Effect.OTHER, Effect.GONE)


def _widens(difference: Difference) -> bool:
    """Say whether a form has, after a change, values that it did not have."""
    stem = difference.stem
    wider = STEMS[stem].effect in (Effect.WIDER, Effect.OTHER, Effect.NEW)
    return wider or stem in ("required-removed", "new-required", "new-required-with-default")


def _is_exclusive(form: Form) -> bool:
    return "oneOf" in form.facets.get("others", {})


def _label(forms: tuple[Form, ...], index: int) -> str:
    """Return what a form is called; nothing if others are called the same."""
    label = forms[index].label
    return label if sum(form.label == label for form in forms) == 1 else ""


def _may_be_one(old: Form, new: Form) -> bool:
    """Say whether a form may have become another, rather than having gone when the other came."""
    a, b = old.facets.get("properties"), new.facets.get("properties")
    if not a or not b or (old.label and old.label == new.label):
        return True
    return not a.keys().isdisjoint(b)


def _told(form: Form) -> str:
    return form.label or kind_name(form)
