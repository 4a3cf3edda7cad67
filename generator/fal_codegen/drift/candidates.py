"""Candidates for witnesses: small values around a changed place, at the edges of constraints.

They are not samples of `document.samples`, but a search: `witness` tries one after another, and a
validator decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from fal_codegen.document.annotations import examples_of
from fal_codegen.document.json_values import is_number
from fal_codegen.drift.kinds.array import ArraySchema
from fal_codegen.drift.kinds.constraints import constraints_of
from fal_codegen.drift.kinds.number import NumberSchema
from fal_codegen.drift.kinds.object import ObjectSchema
from fal_codegen.drift.kinds.plain import BooleanSchema
from fal_codegen.drift.kinds.string import StringSchema
from fal_codegen.drift.kinds.variant import Schemas, Tokens, Variant
from fal_codegen.drift.resolve import Resolver

_MAX_SIZE = 10_000
"""Size of the largest string or array, including everything in its items."""

_MAX_LEVELS = 8
"""Levels of nested values in one value."""

_MAX_VALUES = 200
"""Values in one value, after which nested values are null."""

_STRINGS = ("", "a", "A", "0", "a b", "-", "https://example.com/a.png", "#ffffff", "16:9")
"""Strings to try if a pattern changed; no string is generated from a pattern."""

_UNLISTED, _ANY_NAME = "not_listed", "key"
"""Names of properties in objects that do not list them."""


class Candidates:
    """Makes values for the schemas of one document that are valid as far as easily seen."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._size_left = _MAX_SIZE
        self._values_left = 0
        self._small: dict[Variant, Any] = {}

    def around(
        self, root: Schemas, path: Sequence[Tokens], inner: tuple[Any] | None
    ) -> Iterator[Any]:
        """Yield small values with a given value at a path.

        Args:
            root: The schemas of the whole value.
            path: The way from the root to the place.
            inner: The value at the path; None for small valid objects there.
        """
        variants = self._resolver.schemas(root).variants
        if not path and inner is not None:
            yield inner[0]
        elif not path:
            objects = (variant for variant in variants if isinstance(variant, ObjectSchema))
            yield from (self._of_variant(variant, 0) for variant in objects)
        else:
            tokens, *rest = path
            for variant in variants:
                schemas = variant.inside(tokens)
                for value in self.around(schemas, rest, inner) if schemas is not None else ():
                    yield self._with_inner(variant, tokens, value)

    def edges(self, variant: Variant, others: Sequence[Variant]) -> Iterator[Any]:
        """Yield values of a variant, including those that other, narrower variants may reject.

        Args:
            variant: The variant.
            others: Variants of its kind that may be narrower.
        """
        yield from self._values(variant, 0)
        for other in others:
            for name, constraint in constraints_of(type(variant)).items():
                limit = getattr(other, name)
                if constraint.size_beyond and limit is not None:
                    size = constraint.size_beyond(limit)
                    if 0 <= size <= _MAX_SIZE:
                        yield self._of_size(variant, size)
        match variant:
            case NumberSchema():
                yield from _edge_numbers(variant, others)
            case StringSchema():
                yield from (text for text in _STRINGS if variant.admits(text))
            case ArraySchema():  # equal items, which `uniqueItems` rejects
                item = self._of_schemas(variant.item(0))
                yield [item] * min(max(2, variant.min_items or 0), _MAX_SIZE)

    def with_unlisted(self, variant: ObjectSchema) -> dict[str, Any]:
        """Return a small object with a property that the schema does not list."""
        return {**self._of_variant(variant, 0), _UNLISTED: self._of_schemas(variant.additional)}

    def _of_schemas(self, schemas: Schemas, level: int = 0) -> Any:
        self._values_left -= 1
        if level and (level > _MAX_LEVELS or self._values_left < 0):
            return None
        resolved = self._resolver.schemas(schemas)
        if not resolved.variants:
            return None
        others = [variant for variant in resolved.variants if variant.kind != "null"]
        variant = (others or resolved.variants)[0]
        if resolved.is_anything:
            variant = resolved.of_kind("string")[0]
        value = self._of_variant(variant, level)
        if isinstance(variant, StringSchema) and variant.patterns:
            documented = (resolved.annotations.get("default"), *examples_of(resolved.annotations))
            return next((text for text in documented if isinstance(text, str)), value)
        return value

    def _of_variant(self, variant: Variant, level: int) -> Any:
        if level:
            return next(self._values(variant, level), None)
        if variant not in self._small:
            self._small[variant] = next(self._values(variant, level), None)
        return self._small[variant]

    def _values(self, variant: Variant, level: int) -> Iterator[Any]:
        """Yield small values, at a level of nesting: those that the variant lists, if any."""
        if level == 0:
            self._values_left = _MAX_VALUES
        if variant.values is not None:
            yield from variant.values.values()
            return
        match variant:
            case BooleanSchema():
                yield from (True, False)
            case NumberSchema():
                yield from _small_numbers(variant)
            case StringSchema():
                yield "a" * min(variant.min_length or 1, _MAX_SIZE)
            case ArraySchema():
                yield self._items(variant, min(variant.min_items or 0, _MAX_SIZE), level + 1)
            case ObjectSchema(properties=properties):
                yield {
                    name: self._of_schemas(schemas, level + 1)
                    for name, schemas in properties.items()
                    if name in variant.required
                }
            case _:
                yield None

    def _of_size(self, variant: Variant, size: int) -> Any:
        """Return a value of a size; an object has no more properties than are listed."""
        match variant:
            case StringSchema():
                return "a" * size
            case ArraySchema():
                return self._items(variant, size, 0)
            case ObjectSchema(properties=properties):
                return {name: self._of_schemas(properties[name]) for name in [*properties][:size]}
            case _:
                return None

    def _with_inner(self, variant: Variant, tokens: Tokens, inner: Any) -> Any:
        """Return a small value with a given value at a place inside."""
        match variant:
            case ArraySchema():
                index = int(tokens[1]) if tokens[0] == "prefixItems" else len(variant.prefix)
                size = max(index + 1, variant.min_items or 0)
                items = self._items(variant, min(size, _MAX_SIZE), 0)
                return [*items[:index], inner, *items[index + 1 :]]
            case ObjectSchema():
                name = tokens[1] if tokens[0] == "properties" else _ANY_NAME
                return {**self._of_variant(variant, 0), name: inner}
            case _:
                return inner

    def _items(self, array: ArraySchema, size: int, level: int) -> list[Any]:
        """Return the items of an array; those after the prefix are all equal."""
        size_left = self._size_left
        size = min(size, size_left)
        different = min(size, len(array.prefix) + 1)
        self._size_left = size_left // max(size, 1)
        items = [self._of_schemas(array.item(index), level) for index in range(different)]
        self._size_left = size_left
        return items + items[-1:] * (size - different)


def _small_numbers(schema: NumberSchema) -> Iterator[Any]:
    bounds = [bound.value for bound in (schema.minimum, schema.maximum) if bound]
    steps = [step for step in schema.multiple_of or () if is_number(step)]
    for edge in (0, *bounds):
        for step in (0, 1, -1, 0.5, -0.5, *steps):
            if schema.admits(edge + step):
                yield edge + step


def _edge_numbers(schema: NumberSchema, others: Sequence[Variant]) -> Iterator[Any]:
    numbers = [number for number in (schema, *others) if isinstance(number, NumberSchema)]
    bounds = [bound.value for n in numbers for bound in (n.minimum, n.maximum) if bound]
    values = [edge + step for edge in (*bounds, 0) for step in (0, -1, 1, 0.5, -0.5)]
    yield from sorted({v for v in values if schema.admits(v)}, key=lambda v: (abs(v), v))
