"""The variants of a schema: each holds the constraints on values of one JSON kind.

A valid value matches at least one variant. `type: [string, "null"]`, for example, has two. Schemas
inside a variant keep the document's spelling, as `Schemas`. A `Difference` between two schemas
holds the `Edit` that applies it alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol

from fal_codegen.document.json_values import canonical_text
from fal_codegen.document.models import Direction
from fal_codegen.drift import schema_rules
from fal_codegen.drift.kinds.constraints import Convert, constraints_of, one_or_all
from fal_codegen.drift.kinds.opaque import (
    UNEVALUATED,
    OpaqueKeyword,
    OpaqueValues,
    combined,
    opaque_values,
    spellings,
)
from fal_codegen.drift.renames import are_respelled, renamed
from fal_codegen.drift.rule_types import Effect, SchemaRule

if TYPE_CHECKING:
    from typing_extensions import Self

KINDS = ("null", "boolean", "number", "string", "array", "object")
"""The kinds of JSON values; `integer` is a constraint on numbers."""

Schemas = tuple[Any, ...]
"""Schemas in the document's spelling; a value must match all of them. `()` allows anything."""

ValuesOf = Callable[[Schemas], set[str]]
"""Returns the values that schemas list, as canonical text; empty if they list none."""

Tokens = tuple[str, ...]
"""Tokens of a JSON Pointer from a variant to a schema inside it: `("properties", name)`,
`("prefixItems", index)`, `("items",)` or `("additionalProperties",)`."""

SchemaPath = tuple[Tokens, ...]
"""The way from a schema to one inside it: the tokens from level to level."""


class Step(NamedTuple):
    """A step from a schema to a schema inside it.

    Attributes:
        variant: A variant of the schema.
        tokens: The place of the inner schema; empty for the variant itself, as the last step of a
            route.
    """

    variant: Variant
    tokens: Tokens


@dataclass(frozen=True, eq=False)
class Edit:
    """One change to one schema.

    Attributes:
        variants: The replacement variants; empty for a removal.
        route: The steps to the variant that they replace, or to a schema, all of whose variants
            they replace.
        tokens: Those of the next step, before its variant is known (see `of`).
    """

    variants: tuple[Variant, ...]
    route: tuple[Step, ...] = ()
    tokens: Tokens = ()

    def of(self, variant: Variant) -> Edit:
        """Return the edit with a step into a variant before its route."""
        return replace(self, route=(Step(variant, self.tokens), *self.route), tokens=())


@dataclass(frozen=True)
class Difference:
    """One difference between two schemas.

    Attributes:
        path: The way from the compared schemas to the place.
        old: The old value; None if there was none.
        new: The new value; None if there is none.
        distinction: What tells it from one with the same rule, path and values: the variants that
            it is in, where there are several, and the values of an opaque keyword.
        edit: Applies this difference alone to the old schemas; None if it rejects no value that
            was valid.
    """

    rule: SchemaRule
    path: SchemaPath = ()
    old: Any = None
    new: Any = None
    distinction: tuple[str, ...] = ()
    edit: Edit | None = None

    def below(self, *tokens: str) -> Difference:
        """Return the difference with tokens before its path, for a schema further out."""
        edit = replace(self.edit, tokens=tokens) if self.edit else None
        return replace(self, path=(tokens, *self.path), edit=edit)

    def of(self, variant: Variant) -> Difference:
        """Return the difference with its edit inside one variant of the schemas."""
        return replace(self, edit=self.edit.of(variant)) if self.edit else self

    def among(self, variants: Sequence[Variant], variant: Variant) -> Difference:
        """Return the difference with the identity of the variant that it is in, among several."""
        same_name = [each for each in variants if each.name == variant.name]
        is_named = variant.name and len(same_name) == 1
        identity = variant.name if is_named else canonical_text(spelled(variant))
        return replace(self, distinction=(identity, *self.distinction))

    def with_edit(self, *variants: Variant) -> Difference:
        """Return the difference with an edit that results in these variants."""
        return replace(self, edit=Edit(variants))


class ResolvedSchemas(Protocol):
    """Schemas, combined into one with references followed (see `resolve.Resolved`)."""

    @property
    def annotations(self) -> Mapping[str, Any]:
        """Annotations by keyword."""

    @property
    def type_name(self) -> str:
        """The type for messages."""


class Comparison(Protocol):
    """Compares the schemas inside variants."""

    direction: Direction

    def differences(self, old: Schemas, new: Schemas) -> tuple[Difference, ...]:
        """Return the differences between schemas."""

    def before(self, schemas: Schemas) -> ResolvedSchemas:
        """Resolve schemas of the old document."""

    def after(self, schemas: Schemas) -> ResolvedSchemas:
        """Resolve schemas of the new document."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Variant:
    """The values of one kind that a schema allows.

    Each kind of JSON values has a class, whose fields are the constraints on values of that kind. A
    field declared with `constraint` knows how to parse, intersect, compare and write it.

    Attributes:
        kind: One of `KINDS`, or a `type` that JSON Schema does not define.
        values: The listed values by canonical text; None if the schema lists none.
        opaque: Other keywords that constrain values.
        is_exclusive: Whether a value must match no other variant of its schema, as in a `oneOf`.
        misplaced: Constraints on other kinds, which the schema's own `type` excludes, by kind.
        name: The component that it comes from; empty if it is spelled in place.
        label: Its title, or the name of the component.
    """

    kind: str
    values: Mapping[str, Any] | None = None
    opaque: OpaqueValues = field(default_factory=dict)
    is_exclusive: bool = False
    misplaced: Mapping[str, Variant] = field(default_factory=dict)
    name: str = ""
    label: str = ""

    KEYWORDS: ClassVar[frozenset[str]] = frozenset()
    """Keywords that constrain values of this kind only, besides those of its constraints."""

    OPAQUE: ClassVar[tuple[str, ...]] = ()
    """Opaque keywords for values of this kind only."""

    @classmethod
    def parse(cls, kind: str, schema: Mapping[str, Any]) -> Self:
        """Parse the variant from a schema's own keywords, ignoring `enum`."""
        parsed: dict[str, Any] = {
            name: constraint.parse(schema) for name, constraint in constraints_of(cls).items()
        }
        return cls(kind=kind, opaque=opaque_values(schema, cls.OPAQUE), **parsed)

    @property
    def type_name(self) -> str:
        """The `type` in messages."""
        return self.kind

    @property
    def title(self) -> str:
        """The name of the variant in messages."""
        return self.label or self.type_name

    @cached_property
    def constraints(self) -> Mapping[str, Any]:
        """The constraints on values, by field; empty if every value of the kind is valid."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: value
            for name, value in values.items()
            if name not in ("kind", "name", "label", "is_open") and not _is_unset(value)
        }

    def simplified(self) -> Self | None:
        """Return the variant in its simplest spelling; None if it allows no value."""
        return self if self.values is None or self.values else None

    def intersect(self, other: Self) -> Self | None:
        """Return the variant of the values that both variants allow; None if there are none."""
        merged = {**self._merged(other), "name": other.name or self.name}
        return replace(self, **merged, label=other.label or self.label).simplified()

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
            values = {text: v for text, v in self.values.items() if text in other.values}
        return merged | {
            "values": values,
            "opaque": combined(self.opaque, other.opaque),
            "is_exclusive": self.is_exclusive or other.is_exclusive,
            "misplaced": {**self.misplaced, **other.misplaced},
        }

    def contains(self, inner: Self) -> bool:
        """Return whether this variant allows every value of another, as far as easily seen."""
        return not self.constraints or spelled(self) == spelled(inner)

    def is_disjoint(self, other: Self, values_of: ValuesOf) -> bool:
        """Return whether no value matches both variants, as far as easily seen."""
        if self.values is None or other.values is None:
            return False
        return self.values.keys().isdisjoint(other.values)

    def admits(self, value: Any) -> bool:
        """Return whether a scalar of this kind matches."""
        return self.values is None or canonical_text(value) in self.values

    def unjudged(self, name: str) -> Any:
        """Return what of a constraint `admits` does not judge; None if nothing is left."""
        return getattr(self, name)

    def may_become(self, new: Self) -> bool:
        """Return whether another variant may be a changed version of this one."""
        return True

    def inside(self, tokens: Tokens) -> Schemas | None:
        """Return the schemas at a place inside; None if the place does not exist."""
        return None

    def differences(self, new: Self, comparison: Comparison) -> Iterator[Difference]:
        """Yield the differences between this variant and its replacement."""
        has_values = self.values is not None or new.values is not None
        if has_values:
            yield from self._values_differences(new)
        for name, constraint in constraints_of(type(self)).items():
            before, after = getattr(self, name), getattr(new, name)
            if has_values:
                before, after = self.unjudged(name), new.unjudged(name)
            for changed in constraint.changes(before, after):
                difference = Difference(changed.rule, old=changed.old, new=changed.new)
                if after is not None and constraint.is_checked:
                    difference = difference.with_edit(replace(self, **{name: after}))
                yield difference
        if self.is_exclusive != new.is_exclusive:
            if new.is_exclusive:
                yield Difference(schema_rules.ONE_OF.set).with_edit(
                    replace(self, is_exclusive=True)
                )
            else:
                yield Difference(schema_rules.ONE_OF.unset)
        yield from self._opaque_differences(new, comparison)
        for kind in sorted({*self.misplaced, *new.misplaced}):
            before, after = self.misplaced.get(kind), new.misplaced.get(kind)
            present = before or after
            assert present is not None
            empty = type(present)(kind=kind)
            for difference in (before or empty).differences(after or empty, comparison):
                yield replace(difference, edit=None)  # the `type` excludes every such value

    def _values_differences(self, new: Self) -> Iterator[Difference]:
        before, after = self.values, new.values
        if before is None:
            assert after is not None
            listed = one_or_all(after.values(), key=canonical_text)
            rule = schema_rules.CONST.added if len(after) == 1 else schema_rules.ENUM.set
            yield Difference(rule, new=listed).with_edit(replace(self, values=after))
            for value in after.values():
                if not self.admits(value):
                    yield Difference(schema_rules.VALUE_ADDED, new=value)
        elif after is None:
            rule = schema_rules.CONST.removed if len(before) == 1 else schema_rules.ENUM.unset
            yield Difference(rule, old=one_or_all(before.values(), key=canonical_text))
            for text, value in before.items():
                if not new.admits(value):
                    yield self._without_value(text)
        elif len(before) == len(after) == 1 and before.keys() != after.keys():
            [was], [now] = before.values(), after.values()
            changed = Difference(schema_rules.CONST.changed, old=was, new=now)
            yield changed.with_edit(replace(self, values=after))
        else:
            removed = sorted(before.keys() - after.keys())
            added = sorted(after.keys() - before.keys())
            names = renamed(removed, added, are_respelled)
            for text, now in names.items():
                respelled = Difference(schema_rules.VALUE_RENAMED, old=before[text], new=after[now])
                left = {key: value for key, value in before.items() if key != text}
                yield respelled.with_edit(replace(self, values={**left, now: after[now]}))
            yield from (self._without_value(text) for text in removed if text not in names)
            for text in added:
                if text not in names.values():
                    yield Difference(schema_rules.VALUE_ADDED, new=after[text])

    def _without_value(self, removed: str) -> Difference:
        values = self.values or {}
        left = {text: value for text, value in values.items() if text != removed}
        return Difference(schema_rules.VALUE_REMOVED, old=values[removed]).with_edit(
            replace(self, values=left)
        )

    def is_narrowed_by(self, keyword: OpaqueKeyword) -> bool:
        """Return whether one more opaque keyword could only reject values."""
        return keyword.keyword != "minContains" and UNEVALUATED.isdisjoint(
            stated.keyword for stated in self.opaque
        )

    def _opaque_differences(self, new: Self, comparison: Comparison) -> Iterator[Difference]:
        for keyword in sorted({*self.opaque, *new.opaque}):
            was, now = self.opaque.get(keyword), new.opaque.get(keyword)
            if was and now and not _differ(keyword, was, now, comparison):
                continue
            rule = schema_rules.KEYWORD.between(was, now)
            if not (self if was is None else new).is_narrowed_by(keyword):
                rule = schema_rules.KEYWORD.changed
            difference = Difference(
                rule,
                old=was and str(keyword),
                new=now and str(keyword),
                distinction=(canonical_text([was, now]),),
            )
            if now is not None:
                edited = replace(self, opaque={**self.opaque, keyword: now})
                difference = difference.with_edit(edited)
            yield difference

    def json_schema(self, convert: Convert, *, ignores_properties: bool = False) -> dict[str, Any]:
        """Return the variant as JSON Schema.

        Args:
            convert: Converts a schema of the document.
            ignores_properties: Whether properties may have any value. False by default.
        """
        result: dict[str, Any] = {"type": self.kind} if self.kind in KINDS else {}
        for name, constraint in constraints_of(type(self)).items():
            if (value := getattr(self, name)) is not None:
                result |= constraint.json_schema(value, convert)
        if self.values is not None:
            result["enum"] = list(self.values.values())
        result |= self._inner_json_schema(convert, ignores_properties)
        first, others = spellings(self.opaque)
        result |= convert(first)
        if others:
            result["allOf"] = [*result.get("allOf", ()), *map(convert, others)]
        return result

    def _inner_json_schema(self, convert: Convert, ignores_properties: bool) -> dict[str, Any]:
        """Return the JSON Schema keywords whose values contain schemas."""
        return {}

    def with_inner(
        self, schema: Mapping[str, Any], tokens: Tokens, inner: Any, convert: Convert
    ) -> dict[str, Any]:
        """Replace the schema at a place inside the variant's JSON Schema.

        Args:
            schema: The variant as JSON Schema.
            tokens: The place.
            inner: The new schema.
            convert: Converts a schema of the document.
        """
        match tokens:
            case (keyword, name):
                return {**schema, keyword: {**schema.get(keyword, {}), name: inner}}
            case _:
                return {**schema, tokens[0]: inner}


def conjunction(left: Schemas, right: Schemas) -> Schemas:
    """Return the schemas of both groups, each once."""
    return tuple({id(schema): schema for schema in (*left, *right)}.values())


def joined(schemas: Schemas, convert: Convert) -> Any:
    """Return schemas as one JSON Schema, which requires all of them."""
    converted = [convert(schema) for schema in schemas]
    return converted[0] if len(converted) == 1 else {"allOf": converted} if converted else True


def _is_unset(value: Any) -> bool:
    is_empty = isinstance(value, (tuple, frozenset, dict)) and not value
    return value is None or value is False or is_empty


def spelled(value: Any) -> Any:
    """Return the constraints of a variant as a JSON value."""
    match value:
        case Variant():
            return {name: spelled(inner) for name, inner in value.constraints.items()}
        case Mapping():
            return {name: spelled(inner) for name, inner in value.items()}
        case frozenset():
            return sorted(value)
        case _:
            return vars(value) if is_dataclass(value) else value


def _differ(keyword: OpaqueKeyword, old: Schemas, new: Schemas, comparison: Comparison) -> bool:
    """Return whether two values of an opaque keyword differ; schemas do by what they allow."""
    if keyword.has_schema and len(old) == len(new) == 1:
        differences = comparison.differences(old, new)
        return any(found.rule.effect is not Effect.DESCRIBED for found in differences)
    return canonical_text(old) != canonical_text(new)
