"""Opaque keywords, such as `not`: a change of one is reported, but not whether it allows more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from fal_codegen.document.json_values import JsonSchema, canonical_text, mapping

_BY_NAME = frozenset(("patternProperties", "dependentSchemas"))
"""Keywords whose value maps names to schemas; each is compared alone."""

_WITHOUT_SCHEMA = frozenset(
    (
        *("minContains", "maxContains", "dependentRequired", "dependencies"),
        *("contentEncoding", "contentMediaType", "$dynamicRef"),
    )
)
"""Keywords whose value is not a schema, or not only."""


UNEVALUATED = frozenset(("unevaluatedItems", "unevaluatedProperties"))
"""Keywords for the values that no other keyword applies to: adding another may allow values."""


class OpaqueKeyword(NamedTuple):
    """A keyword, or one of the schemas that it has by name.

    Attributes:
        keyword: The keyword.
        name: The name of the schema, such as the pattern in `patternProperties`; None if the
            keyword has no names.
    """

    keyword: str
    name: str | None = None

    def __str__(self) -> str:
        return self.keyword if self.name is None else f"{self.keyword} for {self.name}"

    @property
    def has_schema(self) -> bool:
        """Whether its value is a schema."""
        return self.keyword not in _WITHOUT_SCHEMA


OpaqueValues = Mapping[OpaqueKeyword, tuple[Any, ...]]
"""Opaque keywords with their values in the document's spelling. One has several values if the parts
of an `allOf` state different ones: all of them apply."""


def opaque_values(schema: Mapping[str, Any], keywords: Iterable[str]) -> OpaqueValues:
    """Return those of the keywords that a schema has."""
    values: dict[OpaqueKeyword, tuple[Any, ...]] = {}
    for keyword in keywords:
        if keyword in _BY_NAME:
            for name, inner in mapping(schema.get(keyword)).items():
                values[OpaqueKeyword(keyword, name)] = (inner,)
        elif keyword in schema:
            values[OpaqueKeyword(keyword)] = (schema[keyword],)
    return values


def combined(left: OpaqueValues, right: OpaqueValues) -> OpaqueValues:
    """Return the values of both, each once and in an order that does not depend on theirs."""
    both = {**left, **right}
    for keyword in left.keys() & right.keys():
        distinct = {canonical_text(value): value for value in left[keyword] + right[keyword]}
        both[keyword] = tuple(distinct[text] for text in sorted(distinct))
    return both


def spellings(opaque: OpaqueValues) -> tuple[JsonSchema, list[JsonSchema]]:
    """Return a schema with the first value of each keyword, and schemas with one other value each.

    Of several `if`, `then` and `else`, nothing tells which belong together, so they are left out.
    """
    first: JsonSchema = {}
    others: list[JsonSchema] = []
    for (keyword, name), values in opaque.items():
        if keyword in ("if", "then", "else") and len(values) > 1:
            continue
        if name is None:
            first[keyword] = values[0]
            others += [{keyword: other} for other in values[1:]]
        else:
            first.setdefault(keyword, {})[name] = values[0]
            others += [{keyword: {name: other}} for other in values[1:]]
    return first, others
