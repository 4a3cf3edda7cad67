"""Arrays: the first items may each have their own schema; all others share one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from fal_codegen.document.json_values import by_index
from fal_codegen.drift import schema_rules
from fal_codegen.drift.kinds.constraints import Convert, constraint, flag, least, most
from fal_codegen.drift.kinds.variant import (
    Comparison,
    Difference,
    Schemas,
    Tokens,
    Variant,
    conjunction,
    joined,
)

if TYPE_CHECKING:
    from typing_extensions import Self


@dataclass(frozen=True, eq=False, kw_only=True)
class ArraySchema(Variant):
    """Arrays.

    Attributes:
        prefix: The schemas of each of the first items.
        items: The schemas of all other items.
    """

    prefix: tuple[Schemas, ...] = ()
    items: Schemas = ()
    min_items: int | None = constraint(least("minItems", schema_rules.MIN_ITEMS))
    max_items: int | None = constraint(most("maxItems", schema_rules.MAX_ITEMS))
    unique_items: bool | None = constraint(flag("uniqueItems", schema_rules.UNIQUE_ITEMS))

    KEYWORDS = frozenset({"items", "prefixItems"})
    OPAQUE = ("contains", "minContains", "maxContains", "unevaluatedItems")

    @classmethod
    def parse(cls, kind: str, schema: Mapping[str, Any]) -> Self:
        """Parse the variant from a schema's own keywords, ignoring `enum`."""
        items: Any = schema.get("items", True)
        prefix = schema.get("prefixItems")
        if isinstance(items, list):  # the spelling of older JSON Schema
            prefix, items = items, schema.get("additionalItems", True)
        elif indexed := by_index(items):
            prefix, items = indexed, True
        return replace(
            super().parse(kind, schema),
            prefix=tuple((item,) for item in prefix) if isinstance(prefix, list) else (),
            items=() if items is True or items == {} else (items,),
        )

    def item(self, index: int) -> Schemas:
        """Return the schemas of the item at an index."""
        return self.prefix[index] if index < len(self.prefix) else self.items

    def _merged(self, other: Self) -> dict[str, Any]:
        size = max(len(self.prefix), len(other.prefix))
        return super()._merged(other) | {
            "prefix": tuple(conjunction(self.item(i), other.item(i)) for i in range(size)),
            "items": conjunction(self.items, other.items),
        }

    def inside(self, tokens: Tokens) -> Schemas | None:
        """Return the schemas at a place inside; None if the place does not exist."""
        match tokens:
            case ("prefixItems", index):
                return self.item(int(index))
            case ("items",):
                return self.items
            case _:
                return None

    def differences(self, new: Self, comparison: Comparison) -> Iterator[Difference]:
        """Yield the differences between this variant and its replacement."""
        yield from super().differences(new, comparison)
        for index in range(max(len(self.prefix), len(new.prefix))):
            for found in comparison.differences(self.item(index), new.item(index)):
                yield found.below("prefixItems", str(index))
        for found in comparison.differences(self.items, new.items):
            yield found.below("items")

    def _inner_json_schema(self, convert: Convert, ignores_properties: bool) -> dict[str, Any]:
        schema: dict[str, Any] = {"items": joined(self.items, convert)} if self.items else {}
        if self.prefix:
            schema["prefixItems"] = [joined(schemas, convert) for schemas in self.prefix]
        return schema

    def with_inner(
        self, schema: Mapping[str, Any], tokens: Tokens, inner: Any, convert: Convert
    ) -> dict[str, Any]:
        """Replace the schema at a place inside the variant's JSON Schema."""
        match tokens:
            case ("prefixItems", index):
                prefix = list(schema.get("prefixItems", ()))
                missing = range(len(prefix), int(index) + 1)
                prefix += [joined(self.item(at), convert) for at in missing]
                prefix[int(index)] = inner
                return {**schema, "prefixItems": prefix}
            case _:
                return super().with_inner(schema, tokens, inner, convert)
