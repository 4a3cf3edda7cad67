"""Samples: small values that are valid for schemas of a document, as far as that is easy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from fal_codegen.drift.kinds.object import ObjectSchema
from fal_codegen.drift.kinds.string import StringSchema
from fal_codegen.drift.kinds.variant import MAX_SIZE, Schemas, Variant
from fal_codegen.drift.resolve import Resolver, first_step

_MAX_LEVELS = 8
"""Levels of values that are made inside a value."""

_MAX_VALUES = 200
"""Values that are made for one sample, after which nothing more is filled in."""


class SchemaSamples:
    """Makes samples for the schemas of one document."""

    def __init__(self, resolver: Resolver) -> None:
        self.room = MAX_SIZE
        self._resolver = resolver
        self._left = 0
        # By identity: the variant is kept with its value, so that no other has the same.
        self._made: dict[int, tuple[Variant, Any]] = {}

    def around(self, root: Schemas, path: Sequence[str], inner: tuple[Any] | None) -> Iterator[Any]:
        """Yield small values with a value at a path.

        Args:
            root: The schemas of the whole.
            path: Tokens of the JSON Pointer below them.
            inner: The value; None for the least that is valid there.
        """
        variants = self._resolver.schemas(root).variants
        if not path and inner is not None:
            yield inner[0]
        elif not path:
            objects = (one for one in variants if isinstance(one, ObjectSchema))
            yield from (self.of_variant(one, 0) for one in objects)
        else:
            step, rest = first_step(path)
            for variant in variants:
                schemas = variant.inside(step)
                for value in self.around(schemas, rest, inner) if schemas is not None else ():
                    yield variant.holding(step, value, self)

    def least(self, schemas: Schemas, level: int = 0) -> Any:
        """Return a small value of schemas."""
        self._left -= 1
        if level and (level > _MAX_LEVELS or self._left < 0):
            return None
        resolved = self._resolver.schemas(schemas)
        if not resolved.variants:
            return None
        others = [variant for variant in resolved.variants if variant.kind != "null"]
        variant = (others or resolved.variants)[0]
        if resolved.is_anything:
            variant = resolved.of_kind("string")[0]
        value = self.of_variant(variant, level)
        if isinstance(variant, StringSchema) and variant.patterns:
            default = resolved.annotations.get("default")
            examples = resolved.annotations.get("examples")
            known = [default, *(examples if isinstance(examples, list) else [])]
            return next((text for text in known if isinstance(text, str)), value)
        return value

    def of_variant(self, variant: Variant, level: int) -> Any:
        """Return a small value of a variant."""
        if level:
            return next(self._values(variant, level), None)
        if id(variant) not in self._made:
            self._made[id(variant)] = variant, next(self._values(variant, level), None)
        return self._made[id(variant)][1]

    def edges(self, variant: Variant, others: Sequence[Variant]) -> Iterator[Any]:
        """Yield values of a variant, among them those that others, if narrower, would reject."""
        yield from self._values(variant, 0)
        yield from variant.edges(others, self)

    def _values(self, variant: Variant, level: int) -> Iterator[Any]:
        if level == 0:
            self._left = _MAX_VALUES
        if variant.values is not None:
            yield from variant.values.values()
        else:
            yield from variant.small_values(self, level)
