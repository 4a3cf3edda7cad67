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
from fal_codegen.drift.edits import Edit
from fal_codegen.drift.facets import facet_differences
from fal_codegen.drift.forms import Form, Schemas, is_exclusive, item_at, kind_name
from fal_codegen.drift.meaning import Meaning, Reading, beyond_reason, describe, key_of
from fal_codegen.drift.notes import note_differences
from fal_codegen.drift.renames import are_close, are_opposed, renamed
from fal_codegen.drift.rules import STEMS, Effect
from fal_codegen.drift.values import same
from fal_codegen.naming import class_name

MAX_STEPS = 20_000
"""Pairs of schemas, and of their forms, compared in one document; genuine ones need under 100."""

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
        edit: The old schemas with this difference applied alone; None if that cannot be said.
    """

    stem: str
    path: tuple[str, ...]
    level: Level
    old: Any = None
    new: Any = None
    edit: Edit | None = None

    def below(self, *tokens: str) -> Difference:
        """Return the difference as it is seen from further out."""
        edit = self.edit.below(*tokens) if self.edit else None
        return replace(self, path=(*tokens, *self.path), edit=edit)

    def of(self, form: Form) -> Difference:
        """Return the difference as one of a form of the schemas."""
        return replace(self, edit=self.edit.below(form)) if self.edit else self

    def leaving(self, *forms: Form) -> Difference:
        """Return the difference with the forms that it leaves of those at its place."""
        return replace(self, edit=Edit(forms))


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
        level = len(self._trail)
        self._count(1)
        if level > MAX_LEVELS:
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

    def _count(self, pairs: int) -> None:
        """Count pairs that are to be compared.

        Raises:
            DocumentError: They are more than those of any genuine document.
        """
        self._steps += pairs
        if self._steps > MAX_STEPS:
            raise beyond_reason(self.new.endpoint)

    def _compare(self, old: Meaning, new: Meaning) -> Iterator[Difference]:
        for told in note_differences(old, new):
            yield self.difference(told.stem, told.old, told.new)
        yield from self._types(old, new)
        for kind in dict.fromkeys(form.kind for form in old.forms):
            news = new.of_kind(kind)
            if news and kind != "null" and not self._became_anything(old, new, kind):
                yield from self._forms(old.of_kind(kind), news)

    def difference(self, stem: str, old: Any = None, new: Any = None) -> Difference:
        """Return a difference at the place itself, with what it means in this direction."""
        return Difference(stem, (), STEMS[stem].effect.on(self.direction), old, new)

    def _types(self, old: Meaning, new: Meaning) -> Iterator[Difference]:
        if old.is_anything or new.is_anything:
            if not new.is_anything:
                found = self.difference("type-specialized", describe(old), describe(new))
                yield found.leaving(*_of_kinds(old, new))
            elif not old.is_anything:
                yield self.difference("type-generalized", describe(old), describe(new))
            return
        before = {form.kind: kind_name(form) for form in old.forms if form.kind != "null"}
        after = {form.kind: kind_name(form) for form in new.forms if form.kind != "null"}
        is_other = (before and after) or old.is_nullable != new.is_nullable
        if old.forms and new.forms and is_other and before.keys().isdisjoint(after):
            found = self.difference("type-changed", describe(old), describe(new))
            yield found.leaving(*(Form(form.kind) for form in new.forms))
            return
        for kind in sorted(before.keys() - after.keys()):
            found = self.difference("list-of-types-narrowed", before[kind], describe(new))
            yield found.leaving(*(form for form in old.forms if form.kind != kind))
        for kind in sorted(after.keys() - before.keys()):
            yield self.difference("list-of-types-widened", describe(old), after[kind])
        if new.is_nullable and not old.is_nullable:
            yield self.difference("became-nullable")
        elif old.is_nullable and not new.is_nullable:
            found = self.difference("became-not-nullable")
            yield found.leaving(*(form for form in old.forms if form.kind != "null"))

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
        self._count(len(olds) * len(news))
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
        if (has_more or rest_new & fresh) and all(map(is_exclusive, (*olds, *news))):
            yield self.difference("one-of-overlap-added")
        for i in sorted(rest_old & lost):
            found = self.difference("any-of-removed", _told(olds[i]), None)
            yield found.leaving().of(olds[i])
        for j in sorted(rest_new & fresh):
            yield self.difference("any-of-added", None, _told(news[j]))

    def _form(self, old: Form, new: Form) -> Iterator[Difference]:
        for found in self._inside(old, new):
            yield found.of(old)

    def _inside(self, old: Form, new: Form) -> Iterator[Difference]:
        """Yield what is different between two forms, as seen from the old one."""
        a, b = old.facets, new.facets
        for told in facet_differences(old, new):
            found = self.difference(told.stem, told.old, told.new)
            yield found.leaving(old.with_facets(**told.facets)) if told.facets else found
        if old.kind == "array":
            yield from self._items(a, b)
        elif old.kind == "object":
            yield from self._properties(old, new)
            if old.name and new.name and class_name(old.name) != class_name(new.name):
                yield self.difference("component-renamed", old.name, new.name)
        yield from self._others(old, a.get("others", {}), b.get("others", {}))
        before, after = a.get("misplaced", {}), b.get("misplaced", {})
        for kind in sorted({*before, *after}):
            misplaced = Form(kind, before.get(kind, {})), Form(kind, after.get(kind, {}))
            for found in self._form(*misplaced):
                yield replace(found, edit=None)  # no value shows it: the type rules all out

    def _items(self, a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[Difference]:
        for index in range(max(len(a.get("prefix", ())), len(b.get("prefix", ())))):
            for found in self.differences(item_at(a, index), item_at(b, index)):
                yield found.below("prefixItems", str(index))
        for found in self.differences(a.get("items", ()), b.get("items", ())):
            yield found.below("items")

    def _properties(self, old: Form, new: Form) -> Iterator[Difference]:
        before, after = _present(old), _present(new)
        names = self._renamed(old, new)
        for name, now_called in names.items():
            found = self.difference("renamed", name, now_called)
            applied = _without(old, name, now_called)
            yield replace(found.leaving(applied), path=("properties", name))
            for told in self.differences(before[name], after[now_called]):
                yield told.below("properties", now_called)
        for name in dict.fromkeys([*before, *after]):
            if name in names or name in names.values():
                continue
            was, now = before.get(name), after.get(name)
            for found in self._presence(old, new, name, was, now):
                yield replace(found, path=("properties", name))
            if was is None:  # it was one of those that are not listed
                was = old.facets.get("additional") or None
            if was is not None and now is not None and self._travels(was, now):
                for found in self.differences(was, now):
                    yield found.below("properties", name)
        yield from self._additional(old, new)

    def _renamed(self, old: Form, new: Form) -> dict[str, str]:
        """Return the new names of properties that were probably renamed."""
        before, after = _present(old), _present(new)

        def may_be(one: str, other: str) -> bool:
            was_required = one in old.facets.get("required", ())
            if was_required != (other in new.facets.get("required", ())):
                return False
            was, now = self.old.meaning(before[one]), self.new.meaning(after[other])
            description = was.notes.get("description")
            is_described = description and description == now.notes.get("description")
            if are_opposed(one, other) or not (is_described or are_close(one, other)):
                return False
            found = self.differences(before[one], after[other])
            travels = self._travels(before[one], after[other])
            return travels and all(one.level <= Level.COSMETIC for one in found)

        gone, added = sorted(before.keys() - after.keys()), sorted(after.keys() - before.keys())
        return renamed(gone, added, may_be)

    def _presence(
        self, old: Form, new: Form, name: str, was: Schemas | None, now: Schemas | None
    ) -> Iterator[Difference]:
        """Yield whether a property came, went, or has to be there; seen from the object."""
        never = _NEVER[self.direction]
        before = self.old.meaning(was) if was is not None else None
        after = self.new.meaning(now) if now is not None else None
        was_out = before is not None and before.notes.get(never) is True
        is_out = after is not None and after.notes.get(never) is True
        if (was_out or before is None) and (is_out or after is None):
            return
        was_required = name in old.facets.get("required", ())
        is_required = name in new.facets.get("required", ())
        required = frozenset((*old.facets.get("required", ()), name))
        if before is None and after is not None:
            found = self.difference(_new_property(after, is_required), None, describe(after))
            yield found.leaving(old.with_facets(required=required)) if is_required else found
        elif after is None and before is not None:
            stem = "required-removed" if was_required else "optional-removed"
            yield self.difference(stem, describe(before), None).leaving(_without(old, name))
        elif was_out != is_out:
            mark = "read-only" if never == "readOnly" else "write-only"
            yield self.difference(f"became-{mark}" if is_out else f"became-not-{mark}")
        elif is_required and not was_required and after is not None:
            has_default = after.notes.get("default") is not None
            found = self.difference(f"became-required{'-with-default' * has_default}")
            yield found.leaving(old.with_facets(required=required))
        elif was_required and not is_required:
            yield self.difference("became-optional")

    def _travels(self, old: Schemas, new: Schemas) -> bool:
        """Say whether a property is part of what travels in this direction, before and after."""
        never = _NEVER[self.direction]
        marked = self.old.meaning(old).notes.get(never), self.new.meaning(new).notes.get(never)
        return True not in marked

    def _additional(self, old: Form, new: Form) -> Iterator[Difference]:
        a, b = old.facets, new.facets
        was_closed, is_closed = a.get("additional", ()) is None, b.get("additional", ()) is None
        if was_closed or is_closed:
            if not was_closed:
                found = self.difference("additional-properties-closed")
                yield found.leaving(old.with_facets(additional=None))
            elif not is_closed:
                yield self.difference("additional-properties-opened")
            return
        for found in self.differences(a.get("additional", ()), b.get("additional", ())):
            yield found.below("additionalProperties")

    def _others(
        self, form: Form, a: Mapping[str, Any], b: Mapping[str, Any]
    ) -> Iterator[Difference]:
        for keyword in sorted({*a, *b}):
            old, new = a.get(keyword), b.get(keyword)
            applied = form.with_facets(others={**a, keyword: new})
            if keyword == "oneOf" and old != new:
                found = self.difference("wrapped-in-one-of" if new else "unwrapped-from-one-of")
                yield found.leaving(applied) if new else found
            elif old is None:
                yield self.difference("keyword-added", None, keyword).leaving(applied)
            elif new is None:
                yield self.difference("keyword-removed", keyword, None)
            elif old[0] == new[0] == "schema":
                inner = self.differences(old[1], new[1])
                if any(difference.level > Level.COSMETIC for difference in inner):
                    yield self.difference("keyword-changed", keyword, keyword).leaving(applied)
            elif old != new:
                yield self.difference("keyword-changed", keyword, keyword).leaving(applied)


def _of_kinds(old: Meaning, new: Meaning) -> Iterator[Form]:
    """Yield the forms of a schema that are of the kinds of another."""
    kinds = {form.kind for form in new.forms}
    whole = all(form.facets.get("integer") for form in new.of_kind("number"))
    for form in old.forms:
        if form.kind in kinds:
            is_whole = form.kind == "number" and whole
            yield form.with_facets(integer=True) if is_whole else form


def _present(form: Form) -> Mapping[str, Schemas]:
    """Return the properties of an object that may be there."""
    properties: Mapping[str, Schemas] = form.facets.get("properties", {})
    return {name: schemas for name, schemas in properties.items() if schemas != _FORBIDDEN}


def _without(form: Form, name: str, renamed_to: str | None = None) -> Form:
    """Return an object without one of its properties, which is then as any that is not listed.

    Args:
        form: The object.
        name: The property.
        renamed_to: Its new name, if it has one.
    """
    properties, required = dict(form.facets["properties"]), set(form.facets.get("required", ()))
    schemas = properties.pop(name)
    if renamed_to is not None:
        properties[renamed_to] = schemas
        required |= {renamed_to} if name in required else set()
    return form.with_facets(properties=properties, required=frozenset(required - {name}))


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
    also = ("required-removed", "new-required", "new-required-with-default", "renamed")
    return wider or stem in also


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
