"""The variants of a schema: one kind of JSON values each, and the constraints on them.

A value must be one of a schema's variants. `type: [string, "null"]`, for example, has two. Schemas
inside a variant stay as the document spells them, as `Schemas`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from fal_codegen.document.json_values import canonical, mapping
from fal_codegen.drift import rules
from fal_codegen.drift.changes import Direction
from fal_codegen.drift.differences import Difference
from fal_codegen.drift.kinds.constraints import Convert, constraints_of
from fal_codegen.drift.renames import are_respelled, renamed
from fal_codegen.drift.rules import Effect

if TYPE_CHECKING:
    from typing_extensions import Self

    from fal_codegen.drift.resolve import Resolved

KINDS = ("null", "boolean", "number", "string", "array", "object")
"""The kinds of JSON values; that a number is whole is a constraint."""

Schemas = tuple[Any, ...]
"""Schemas of a document as they are spelled, all of which hold; `()` allows anything."""

Opaque = Schemas | str
"""A keyword that is only compared as equal or not: its schema, or its value as canonical text."""

ValuesOf = Callable[[Schemas], set[str]]
"""Returns the values that schemas list, as canonical text; none if they list none."""


class Comparison(Protocol):
    """Compares the schemas inside variants."""

    direction: Direction

    def differences(self, old: Schemas, new: Schemas) -> tuple[Difference, ...]:
        """Return the differences between schemas."""

    def before(self, schemas: Schemas) -> Resolved:
        """Return schemas of the old document, resolved."""

    def after(self, schemas: Schemas) -> Resolved:
        """Return schemas of the new document, resolved."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Variant:
    """One kind of values that a schema allows.

    Each kind of JSON values has a class, whose fields are the constraints on values of that kind:
    what a class declares with `constraint` is read, intersected, compared and written from there.

    Attributes:
        kind: One of `KINDS`, or a `type` that JSON Schema does not know.
        values: The values that are listed, by canonical text; None if none are.
        opaque: Other keywords that constrain values.
        is_exclusive: Whether a value may be of no other variant of its schema, as in a `oneOf`.
        misplaced: Constraints on kinds of values that the schema's own `type` rules out.
        name: The component that it came from; empty if it is spelled in place.
        label: Its title, or the name of the component.
    """

    kind: str
    values: Mapping[str, Any] | None = None
    opaque: Mapping[str, Opaque] = field(default_factory=dict)
    is_exclusive: bool = False
    misplaced: Mapping[str, Variant] = field(default_factory=dict)
    name: str = ""
    label: str = ""

    KEYWORDS: ClassVar[frozenset[str]] = frozenset()
    """Keywords that constrain values of this kind only, beside those of its constraints."""

    OPAQUE_SCHEMAS: ClassVar[tuple[str, ...]] = ()
    """Opaque keywords that have a schema, or a number about one."""

    OPAQUE_BY_NAME: ClassVar[tuple[str, ...]] = ()
    """Opaque keywords that have a schema for each of some names."""

    OPAQUE_VALUES: ClassVar[tuple[str, ...]] = ()
    """Opaque keywords that have any other value."""

    @classmethod
    def parse(cls, kind: str, schema: Mapping[str, Any]) -> Self:
        """Return the variant that a schema's own keywords spell, without its `enum`."""
        parsed: dict[str, Any] = {
            name: one.parse(schema) for name, one in constraints_of(cls).items()
        }
        given = {keyword: schema[keyword] for keyword in cls.OPAQUE_SCHEMAS if keyword in schema}
        opaque = opaque_keywords(given) | {
            keyword: canonical(schema[keyword])
            for keyword in cls.OPAQUE_VALUES
            if keyword in schema
        }
        opaque |= {
            f"{keyword}/{name}": (inner,)
            for keyword in cls.OPAQUE_BY_NAME
            for name, inner in mapping(schema.get(keyword)).items()
        }
        return cls(kind=kind, opaque=opaque, **parsed)

    @property
    def type_name(self) -> str:
        """The `type` as people write it."""
        return self.kind

    @property
    def title(self) -> str:
        """What to call it in a message."""
        return self.label or self.type_name

    @cached_property
    def constraints(self) -> Mapping[str, Any]:
        """The constraints on values, by field; empty if every value of the kind is valid."""
        found = {one.name: getattr(self, one.name) for one in fields(self)}
        return {
            name: value
            for name, value in found.items()
            if name not in ("kind", "name", "label") and not _is_unset(value)
        }

    def settled(self) -> Self | None:
        """Return the variant in its canonical spelling; None if no value is of it."""
        return self if self.values is None or self.values else None

    def intersect(self, other: Self) -> Self | None:
        """Return the variant of the values that both allow; None if there are none."""
        merged = {**self._merged(other), "name": other.name or self.name}
        return replace(self, **merged, label=other.label or self.label).settled()

    def _merged(self, other: Self) -> dict[str, Any]:
        """Return the fields of the intersection with another variant."""
        merged: dict[str, Any] = {}
        for name, constraint in constraints_of(type(self)).items():
            mine, theirs = getattr(self, name), getattr(other, name)
            is_in_both = mine is not None and theirs is not None
            either = theirs if mine is None else mine
            merged[name] = constraint.intersect(mine, theirs) if is_in_both else either
        values = self.values if other.values is None else other.values
        if self.values is not None and other.values is not None:
            values = {text: one for text, one in self.values.items() if text in other.values}
        return merged | {
            "values": values,
            "opaque": _both_opaque(self.opaque, other.opaque),
            "is_exclusive": self.is_exclusive or other.is_exclusive,
            "misplaced": {**self.misplaced, **other.misplaced},
        }

    def contains(self, inner: Self) -> bool:
        """Return whether this variant plainly allows every value of another one."""
        return not self.constraints or _spelled(self) == _spelled(inner)

    def is_apart(self, other: Self, values_of: ValuesOf) -> bool:
        """Return whether plainly no value is valid for both variants."""
        if self.values is None or other.values is None:
            return False
        return self.values.keys().isdisjoint(other.values)

    def admits(self, value: Any) -> bool:
        """Return whether a scalar of this kind is valid."""
        return self.values is None or canonical(value) in self.values

    def may_become(self, new: Self) -> bool:
        """Return whether this may have become another variant, rather than having been removed."""
        return True

    def inside(self, tokens: Sequence[str]) -> Schemas | None:
        """Return the schemas at a place inside; None if there is no such place.

        Args:
            tokens: `("properties", name)`, `("prefixItems", index)`, `("items",)`, or
                `("additionalProperties",)`.
        """
        return None

    def differences(self, new: Self, comparison: Comparison) -> Iterator[Difference]:
        """Yield the differences between this and the variant that takes its place."""
        has_values = self.values is not None or new.values is not None
        if has_values:
            yield from self._values_differences(new)
        for name, constraint in constraints_of(type(self)).items():
            before, after = getattr(self, name), getattr(new, name)
            if has_values and not constraint.is_kept_beside_values:
                continue
            for changed in constraint.changes(before, after):
                found = Difference(changed.rule, old=changed.old, new=changed.new)
                is_checked = after is not None and constraint.is_checked
                yield found.leaving(replace(self, **{name: after})) if is_checked else found
        if self.is_exclusive != new.is_exclusive:
            if new.is_exclusive:
                yield Difference(rules.ONE_OF.set).leaving(replace(self, is_exclusive=True))
            else:
                yield Difference(rules.ONE_OF.unset)
        yield from self._opaque_differences(new, comparison)
        for kind in sorted({*self.misplaced, *new.misplaced}):
            one, other = self.misplaced.get(kind), new.misplaced.get(kind)
            present = one or other
            assert present is not None
            empty = type(present)(kind=kind)
            for found in (one or empty).differences(other or empty, comparison):
                yield replace(found, edit=None)  # no value shows it: the type rules all out

    def _values_differences(self, new: Self) -> Iterator[Difference]:
        before, after = self.values, new.values
        if before is None:
            assert after is not None
            listed = _one_or_all(after)
            rule = rules.CONST.added if len(after) == 1 else rules.ENUM.set
            yield Difference(rule, new=listed).leaving(replace(self, values=after))
            for value in after.values():
                if not self.admits(value):
                    yield Difference(rules.VALUE_ADDED, new=value)
        elif after is None:
            rule = rules.CONST.removed if len(before) == 1 else rules.ENUM.unset
            yield Difference(rule, old=_one_or_all(before))
            for text, value in before.items():
                if not new.admits(value):
                    yield self._without_value(text)
        elif len(before) == len(after) == 1 and before.keys() != after.keys():
            [was], [now] = before.values(), after.values()
            changed = Difference(rules.CONST.changed, old=was, new=now)
            yield changed.leaving(replace(self, values=after))
        else:
            removed = sorted(before.keys() - after.keys())
            added = sorted(after.keys() - before.keys())
            names = renamed(removed, added, are_respelled)
            for text, now in names.items():
                found = Difference(rules.VALUE_RENAMED, old=before[text], new=after[now])
                left = {key: value for key, value in before.items() if key != text}
                yield found.leaving(replace(self, values={**left, now: after[now]}))
            yield from (self._without_value(text) for text in removed if text not in names)
            for text in added:
                if text not in names.values():
                    yield Difference(rules.VALUE_ADDED, new=after[text])

    def _without_value(self, removed: str) -> Difference:
        values = self.values or {}
        left = {text: value for text, value in values.items() if text != removed}
        found = Difference(rules.VALUE_REMOVED, old=values[removed])
        return found.leaving(replace(self, values=left))

    def _opaque_differences(self, new: Self, comparison: Comparison) -> Iterator[Difference]:
        for keyword in sorted({*self.opaque, *new.opaque}):
            was, now = self.opaque.get(keyword), new.opaque.get(keyword)
            if now is None:
                yield Difference(rules.KEYWORD.removed, old=keyword)
            elif was is None or _differ(was, now, comparison):
                rule = rules.KEYWORD.between(was, now)
                found = Difference(rule, old=was and keyword, new=keyword)
                yield found.leaving(replace(self, opaque={**self.opaque, keyword: now}))

    def json_schema(self, convert: Convert, *, is_hollow: bool = False) -> dict[str, Any]:
        """Return the variant as JSON Schema.

        Args:
            convert: Converts a schema of the document.
            is_hollow: Whether properties may have any value.
        """
        plain: dict[str, Any] = {"type": self.kind} if self.kind in KINDS else {}
        for name, constraint in constraints_of(type(self)).items():
            if (value := getattr(self, name)) is not None:
                plain |= constraint.json_schema(value, convert)
        if self.values is not None:
            plain["enum"] = list(self.values.values())
        plain |= self._inner_json_schema(convert, is_hollow)
        for name, opaque in self.opaque.items():
            keyword, _, key = name.partition("/")
            schema = opaque[0] if isinstance(opaque, tuple) else json.loads(opaque)
            found = convert({keyword: {key: schema} if key else schema})
            if keyword == "patternProperties" and keyword in plain:
                found = {keyword: {**plain[keyword], **found.get(keyword, {})}}
            plain |= found
        return plain

    def _inner_json_schema(self, convert: Convert, is_hollow: bool) -> dict[str, Any]:
        """Return the keywords of JSON Schema that have schemas."""
        return {}

    def with_inner(
        self, plain: Mapping[str, Any], tokens: Sequence[str], inner: Any, convert: Convert
    ) -> dict[str, Any]:
        """Return the variant as JSON Schema with another schema at a place inside.

        Args:
            plain: The variant as JSON Schema.
            tokens: The place, as of `inside`.
            inner: The schema.
            convert: Converts a schema of the document.
        """
        match tokens:
            case (keyword, name):
                return {**plain, keyword: {**plain.get(keyword, {}), name: inner}}
            case _:
                return {**plain, tokens[0]: inner}


class Scalar(Variant):
    """A kind of values that have no values in them."""

    def settled(self) -> Self | None:
        """Return the variant in its canonical spelling; None if no value is of it.

        The values that are listed are all that is allowed: no limit narrows them any more.
        """
        if self.values is None:
            return self
        unlisted = replace(self, values=None)
        values = {text: one for text, one in self.values.items() if unlisted.admits(one)}
        limits: dict[str, Any] = {
            name: None
            for name, constraint in constraints_of(type(self)).items()
            if not constraint.is_kept_beside_values
        }
        return replace(self, values=values, misplaced={}, **limits) if values else None

    def contains(self, inner: Self) -> bool:
        """Return whether this variant plainly allows every value of another one."""
        mine, theirs = self.constraints, inner.constraints
        if not mine:
            return True
        if theirs.keys() == {"values"} and mine.keys().isdisjoint(_INCOMPARABLE):
            return all(self.admits(value) for value in theirs["values"].values())
        if "values" in mine or "values" in theirs:
            return False
        has_more = self.opaque or self.is_exclusive
        if has_more and (self.opaque, self.is_exclusive) != (inner.opaque, inner.is_exclusive):
            return False
        known = constraints_of(type(self))
        return theirs.keys() >= mine.keys() and all(
            known[name].intersect(outer, theirs[name]) == theirs[name]
            if name in known
            else _spelled(outer) == _spelled(theirs[name])
            for name, outer in mine.items()
        )

    def admits(self, value: Any) -> bool:
        """Return whether a value of this kind is valid."""
        if self.values is not None:
            return super().admits(value)
        limits = ((one, getattr(self, name)) for name, one in constraints_of(type(self)).items())
        return all(one.admits(limit, value) for one, limit in limits if limit is not None)


def opaque_keywords(given: Mapping[str, Any]) -> dict[str, Opaque]:
    """Return keywords that are only compared as equal or not."""
    return {
        keyword: (value,) if isinstance(value, (dict, bool)) else canonical(value)
        for keyword, value in given.items()
    }


def conjunction(left: Schemas, right: Schemas) -> Schemas:
    """Return the schemas of both of two groups, all of which hold."""
    return tuple({id(schema): schema for schema in (*left, *right)}.values())


def joined(schemas: Schemas, convert: Convert) -> Any:
    """Return schemas as one JSON Schema."""
    plain = [convert(schema) for schema in schemas]
    return plain[0] if len(plain) == 1 else {"allOf": plain} if plain else True


def _is_unset(value: Any) -> bool:
    is_empty = isinstance(value, (tuple, frozenset, dict)) and not value
    return value is None or value is False or is_empty


_INCOMPARABLE = frozenset({"formats", "opaque", "is_exclusive"})
"""Fields that a list of values cannot be compared with."""


def _spelled(value: Any) -> Any:
    """Return the constraints of a variant as a JSON value."""
    match value:
        case Variant():
            return {name: _spelled(inner) for name, inner in value.constraints.items()}
        case Mapping():
            return {name: _spelled(inner) for name, inner in value.items()}
        case frozenset():
            return sorted(value)
        case _:
            return vars(value) if is_dataclass(value) else value


def _both_opaque(one: Mapping[str, Opaque], other: Mapping[str, Opaque]) -> dict[str, Opaque]:
    both = {**one, **other}
    for keyword in one.keys() & other.keys():
        if one[keyword] != other[keyword]:
            pair = sorted([one[keyword], other[keyword]], key=canonical)
            both[keyword] = canonical(pair)
    return both


def _differ(old: Opaque, new: Opaque, comparison: Comparison) -> bool:
    if isinstance(old, tuple) and isinstance(new, tuple):
        found = comparison.differences(old, new)
        return any(one.rule.effect is not Effect.DESCRIBED for one in found)
    return old != new


def _one_or_all(values: Mapping[str, Any]) -> Any:
    ordered = sorted(values.values(), key=canonical)
    return ordered[0] if len(ordered) == 1 else ordered
