"""Objects: listed, required and additional properties."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from fal_codegen.document.json_values import mapping, strings
from fal_codegen.document.models import Direction
from fal_codegen.drift import schema_rules
from fal_codegen.drift.kinds.constraints import Convert, constraint, least, most
from fal_codegen.drift.kinds.opaque import OpaqueKeyword
from fal_codegen.drift.kinds.variant import (
    Comparison,
    Difference,
    ResolvedSchemas,
    Schemas,
    Tokens,
    ValuesOf,
    Variant,
    conjunction,
    joined,
)
from fal_codegen.drift.renames import are_close, are_opposed, renamed
from fal_codegen.drift.rule_types import Effect, SchemaRule
from fal_codegen.history import Level
from fal_codegen.naming import class_name

if TYPE_CHECKING:
    from typing_extensions import Self

_FORBIDDEN: Schemas = (False,)
"""The schemas of a forbidden property."""


@dataclass(frozen=True, eq=False, kw_only=True)
class ObjectSchema(Variant):
    """Objects.

    Attributes:
        properties: The schemas of listed or required properties, by name.
        required: Names of required properties.
        additional: The schemas of all other properties.
        is_closed: Whether other properties are forbidden.
        is_open: Whether the schema states that other properties may have any value.
    """

    properties: Mapping[str, Schemas] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    additional: Schemas = ()
    is_closed: bool = False
    is_open: bool = False
    min_properties: int | None = constraint(least("minProperties", schema_rules.MIN_PROPERTIES))
    max_properties: int | None = constraint(most("maxProperties", schema_rules.MAX_PROPERTIES))

    KEYWORDS = frozenset({"properties", "required", "additionalProperties"})
    OPAQUE = (
        *("propertyNames", "unevaluatedProperties", "patternProperties"),
        *("dependentSchemas", "dependentRequired", "dependencies"),
    )

    @classmethod
    def parse(cls, kind: str, schema: Mapping[str, Any]) -> Self:
        """Parse the variant from a schema's own keywords, ignoring `enum`."""
        listed = {name: (schema,) for name, schema in mapping(schema.get("properties")).items()}
        required = frozenset(strings(schema.get("required")))
        additional = schema.get("additionalProperties", True)
        unlisted: Schemas = (
            () if isinstance(additional, bool) or additional == {} else (additional,)
        )
        return replace(
            super().parse(kind, schema),
            properties=listed | dict.fromkeys(sorted(required - listed.keys()), unlisted),
            required=required,
            additional=unlisted,
            is_closed=additional is False,
            is_open=not unlisted and additional is not False and "additionalProperties" in schema,
        )

    def _merged(self, other: Self) -> dict[str, Any]:
        """Return the fields of the intersection with another variant.

        If several parts of an `allOf` forbid additional properties, they forbid each other's
        properties. Authors mean to forbid only those that no part lists, so it is read this way.
        """
        is_closed = self.is_closed or other.is_closed
        additional = conjunction(self.additional, other.additional)
        return super()._merged(other) | {
            "properties": {
                name: conjunction(self.schemas_of(name), other.schemas_of(name))
                for name in {**self.properties, **other.properties}
            },
            "required": self.required | other.required,
            "additional": () if is_closed else additional,
            "is_closed": is_closed,
            "is_open": self.is_open or other.is_open,
        }

    def schemas_of(self, name: str) -> Schemas:
        """Return the schemas of a property, whether it is listed or not."""
        return self.properties.get(name, self.additional)

    @property
    def present(self) -> Mapping[str, Schemas]:
        """The listed properties that are not forbidden."""
        return {name: found for name, found in self.properties.items() if found != _FORBIDDEN}

    def is_disjoint(self, other: Self, values_of: ValuesOf) -> bool:
        """Return whether no value matches both variants, as far as easily seen."""
        if self.values is not None and other.values is not None:
            return super().is_disjoint(other, values_of)
        for variant, closed in ((self, other), (other, self)):
            if closed.is_closed and variant.required - closed.properties.keys():
                return True
        for name in self.required & other.required:
            mine, theirs = values_of(self.properties[name]), values_of(other.properties[name])
            if mine and theirs and mine.isdisjoint(theirs):
                return True
        return False

    def may_become(self, new: Self) -> bool:
        """Return whether another variant may be a changed version of this one."""
        if not self.properties or not new.properties or (self.label and self.label == new.label):
            return True
        return not self.properties.keys().isdisjoint(new.properties)

    def inside(self, tokens: Tokens) -> Schemas | None:
        """Return the schemas at a place inside; None if the place does not exist."""
        match tokens:
            case ("properties", name):
                return self.properties.get(name)
            case ("additionalProperties",):
                return None if self.is_closed else self.additional
            case _:
                return None

    def is_narrowed_by(self, keyword: OpaqueKeyword) -> bool:
        """Return whether one more opaque keyword could only reject values.

        A pattern exempts properties from the schema of additional ones.
        """
        is_exempting = keyword.keyword == "patternProperties"
        if is_exempting and (self.is_closed or self.additional):
            return False
        return super().is_narrowed_by(keyword)

    def differences(self, new: Self, comparison: Comparison) -> Iterator[Difference]:
        """Yield the differences between this variant and its replacement."""
        yield from super().differences(new, comparison)
        before, after = self.present, new.present
        names = self._renamed(new, comparison)
        for name, new_name in names.items():
            found = Difference(schema_rules.RENAMED, (("properties", name),), name, new_name)
            yield found.with_edit(self._without(name, new_name))
            for inner in comparison.differences(before[name], after[new_name]):
                yield inner.below("properties", new_name)
        for name in dict.fromkeys([*before, *after]):
            if name in names or name in names.values():
                continue
            was, now = before.get(name), after.get(name)
            for found in self._presence(new, name, comparison):
                yield replace(found, path=(("properties", name),))
            if now is None or not _travels(comparison.after(now), comparison):
                continue
            if was is not None or self.additional:
                unlisted = self.additional
                for found in comparison.differences(unlisted if was is None else was, now):
                    yield found.below("properties", name)
            elif self.is_open and not self.is_closed:
                # It is reported as new already, so report only which values it no longer allows.
                for found in comparison.differences((), now):
                    if found.rule.effect.on(comparison.direction) is Level.BREAKING:
                        yield found.below("properties", name)
        yield from self._additional_differences(new, comparison)
        if self.name and new.name and class_name(self.name) != class_name(new.name):
            yield Difference(schema_rules.COMPONENT_RENAMED, old=self.name, new=new.name)

    def _renamed(self, new: Self, comparison: Comparison) -> dict[str, str]:
        """Return the new names of properties that were probably renamed."""
        before, after = self.present, new.present

        def may_be(name: str, new_name: str) -> bool:
            if (name in self.required) != (new_name in new.required):
                return False
            description = comparison.before(before[name]).annotations.get("description")
            now = comparison.after(after[new_name]).annotations.get("description")
            is_described = description and description == now
            if are_opposed(name, new_name) or not (is_described or are_close(name, new_name)):
                return False
            differences = comparison.differences(before[name], after[new_name])
            described = comparison.before(before[name]), comparison.after(after[new_name])
            travel = all(_travels(each, comparison) for each in described)
            return travel and all(each.rule.effect is Effect.DESCRIBED for each in differences)

        removed, added = sorted(before.keys() - after.keys()), sorted(after.keys() - before.keys())
        return renamed(removed, added, may_be)

    def _presence(self, new: Self, name: str, comparison: Comparison) -> Iterator[Difference]:
        """Yield whether a property was added, removed, or became required, optional or marked."""
        was, now = self.present.get(name), new.present.get(name)
        before = comparison.before(was) if was is not None else None
        after = comparison.after(now) if now is not None else None
        travelled = before is not None and _travels(before, comparison)
        travels = after is not None and _travels(after, comparison)
        if not travelled and not travels:
            return
        was_required = travelled and name in self.required
        is_required = travels and name in new.required
        has_default = after is not None and after.annotations.get("default") is not None
        requiring = replace(self, required=self.required | {name})
        if before is None and after is not None:
            rule = _new_property(is_required, has_default)
            found = Difference(rule, new=after.type_name)
            yield found.with_edit(requiring) if is_required else found
        elif after is None and before is not None:
            rule = schema_rules.REQUIRED_REMOVED if was_required else schema_rules.OPTIONAL_REMOVED
            yield Difference(rule, old=before.type_name).with_edit(self._without(name))
        else:
            if travelled != travels:
                _, marked = _MARKS[comparison.direction]
                yield Difference(marked.unset if travels else marked.set)
            if is_required and not was_required:
                rule = (
                    schema_rules.BECAME_REQUIRED_WITH_DEFAULT
                    if has_default
                    else schema_rules.BECAME_REQUIRED
                )
                yield Difference(rule).with_edit(requiring)
            elif was_required and not is_required:
                yield Difference(schema_rules.BECAME_OPTIONAL)

    def _without(self, name: str, new_name: str | None = None) -> Self:
        """Return the object with one property unlisted.

        Args:
            name: The property.
            new_name: The name to list it under instead; by default, none.
        """
        properties = {key: inner for key, inner in self.properties.items() if key != name}
        required = self.required - {name}
        if new_name is not None:
            properties[new_name] = self.properties[name]
            required |= {new_name} if name in self.required else set()
        return replace(self, properties=properties, required=required)

    def _additional_differences(self, new: Self, comparison: Comparison) -> Iterator[Difference]:
        if self.is_closed or new.is_closed:
            if not self.is_closed:
                found = Difference(schema_rules.ADDITIONAL_PROPERTIES.set)
                yield found.with_edit(replace(self, additional=(), is_closed=True))
            elif not new.is_closed:
                yield Difference(schema_rules.ADDITIONAL_PROPERTIES.unset)
            return
        for found in comparison.differences(self.additional, new.additional):
            yield found.below("additionalProperties")

    def _inner_json_schema(self, convert: Convert, ignores_properties: bool) -> dict[str, Any]:
        schema: dict[str, Any] = {}
        if self.properties:
            schema["properties"] = {
                name: True if ignores_properties else joined(schemas, convert)
                for name, schemas in self.properties.items()
            }
        if self.required:
            schema["required"] = sorted(self.required)
        if self.is_closed or self.additional:
            closed = self.is_closed
            schema["additionalProperties"] = False if closed else joined(self.additional, convert)
        return schema


_MARKS = {
    Direction.INPUT: ("readOnly", schema_rules.READ_ONLY),
    Direction.OUTPUT: ("writeOnly", schema_rules.WRITE_ONLY),
}
"""The annotation that excludes a property from values in a direction, and its rules."""


def _travels(schema: ResolvedSchemas, comparison: Comparison) -> bool:
    """Return whether a property with a schema is part of values in the direction."""
    mark, _ = _MARKS[comparison.direction]
    return schema.annotations.get(mark) is not True


def _new_property(is_required: bool, has_default: bool) -> SchemaRule:
    if not is_required:
        return schema_rules.OPTIONAL_ADDED
    return schema_rules.REQUIRED_WITH_DEFAULT_ADDED if has_default else schema_rules.REQUIRED_ADDED
