"""Resolved schemas: different spellings of the same schema resolve to equal variants.

`type: [string, "null"]`, `anyOf`, `nullable` and an enum with null all result in several variants.
References and `allOf` are resolved, and keywords without effect (`minLength: 0`,
`uniqueItems: false`) are dropped. Schemas inside a variant are resolved only when needed, so that
recursive documents terminate.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any
from urllib.parse import unquote

from fal_codegen.document.json_values import mapping, strings
from fal_codegen.document.pointers import resolved, target_of
from fal_codegen.drift.annotations import annotations_of, extensions_of
from fal_codegen.drift.kinds import ANYTHING, intersection, united, values_of, variants_of
from fal_codegen.drift.kinds.plain import NullSchema
from fal_codegen.drift.kinds.variant import KINDS, Schemas, Tokens, Variant
from fal_codegen.errors import DocumentError

MAX_VARIANTS = 200
"""Variants of one schema; genuine schemas have at most 6."""

MAX_PARTS = 5_000
"""Parts of one schema, with references followed; genuine schemas have at most 7."""


@dataclass(frozen=True)
class Resolved:
    """Schemas of a document, combined into one with references followed.

    Attributes:
        variants: The alternatives for a value; empty if no value is valid.
        annotations: Annotations by keyword.
        extensions: Keywords that JSON Schema and OpenAPI do not define, such as `x-fal`.
        titles: Every title; a property and the component that it refers to may each have one.
        order: Names of properties, in the order in which forms show them.
        is_unresolved: Whether a part of the schema cannot be resolved: a `$ref` without a target in
            the document, or an invalid schema. Such a part is read as one that allows anything, as
            the generator does, which proves nothing about the values.
    """

    variants: tuple[Variant, ...]
    annotations: Mapping[str, Any]
    extensions: Mapping[str, Any]
    titles: tuple[str, ...]
    order: tuple[str, ...]
    is_unresolved: bool

    @property
    def is_anything(self) -> bool:
        """Whether values of every kind are valid."""
        return {variant.kind for variant in self.variants} >= set(KINDS)

    @property
    def is_nullable(self) -> bool:
        """Whether null is valid."""
        return any(variant.kind == "null" for variant in self.variants)

    @property
    def type_name(self) -> str:
        """The type for messages: `string | null`, `array`."""
        if self.is_anything:
            return "anything"
        names = {variant.type_name for variant in self.variants if variant.kind != "null"}
        return " | ".join([*sorted(names), *["null"] * self.is_nullable]) or "nothing"

    def of_kind(self, kind: str) -> tuple[Variant, ...]:
        """Return the variants of a kind."""
        return tuple(variant for variant in self.variants if variant.kind == kind)


class Resolver:
    """Resolves the schemas of one document, and caches the results."""

    def __init__(self, document: Mapping[str, Any], endpoint: str) -> None:
        self.document = document
        self.endpoint = endpoint
        self._steps = 0
        self._is_unresolved = False
        self._resolved: dict[tuple[int, ...], tuple[Schemas, Resolved]] = {}

    def schemas(self, schemas: Schemas) -> Resolved:
        """Resolve schemas into one; a value must match all of them."""
        key = key_of(schemas)
        if key not in self._resolved:
            variants: tuple[Variant, ...] = ANYTHING
            annotations: dict[str, Any] = {}
            extensions: dict[str, Any] = {}
            titles: list[str] = []
            order: tuple[str, ...] = ()
            self._steps = 0
            self._is_unresolved = False
            for schema in schemas:
                variants = self._intersection(variants, self._variants(schema, ()))
                for spelling in self._spellings(schema, ()):
                    annotations = annotations_of(spelling) | annotations
                    extensions = extensions_of(spelling) | extensions
                    titles += strings([spelling.get("title")])
                    order = order or tuple(strings(spelling.get("x-fal-order-properties")))
            # The schemas are kept, because their identities are the key.
            found = Resolved(
                variants, annotations, extensions, tuple(titles), order, self._is_unresolved
            )
            self._resolved[key] = schemas, found
        return self._resolved[key][1]

    def below(self, schemas: Schemas, path: Sequence[Tokens]) -> Iterator[Schemas]:
        """Yield the schemas at a path below others, for each variant that has the path."""
        if not path:
            yield schemas
            return
        tokens, *rest = path
        for variant in self.schemas(schemas).variants:
            inner = variant.inside(tokens)
            if inner is not None:
                yield from self.below(inner, rest)

    def node(self, node: object) -> Mapping[str, Any]:
        """Follow the `$ref` of a node other than a schema; empty if the target does not exist."""
        return mapping(resolved(self.document, node))

    def _variants(self, schema: object, trail: tuple[str, ...]) -> tuple[Variant, ...]:
        self._count_step()
        if schema is False:
            return ()
        if schema is True:
            return ANYTHING
        if not isinstance(schema, dict):
            self._is_unresolved = True
            return ANYTHING
        variants = variants_of(schema)
        ref = schema.get("$ref")
        if ref in trail or not _is_valid(schema):
            self._is_unresolved = True
        if isinstance(ref, str) and ref not in trail:
            name = unquote(ref.rpartition("/")[2])
            target = self._variants(target_of(self.document, ref), (*trail, ref))
            named = tuple(_named(variant, name) for variant in target)
            variants = self._intersection(variants, named)
        for member in _members(schema, "allOf"):
            variants = self._intersection(variants, self._variants(member, trail))
        for keyword in ("anyOf", "oneOf"):
            if members := [self._variants(member, trail) for member in _members(schema, keyword)]:
                if keyword == "oneOf":
                    members = self._exclusive(members)
                flat = [variant for member in members for variant in member]
                self._limit(len(flat))
                variants = self._intersection(variants, united(flat))
        if variants is not ANYTHING and isinstance(schema.get("title"), str):
            variants = tuple(replace(variant, label=schema["title"]) for variant in variants)
        if schema.get("nullable") is True:
            return united([*variants, NullSchema(kind="null")])
        return variants

    def _exclusive(self, members: list[tuple[Variant, ...]]) -> list[tuple[Variant, ...]]:
        """Mark variants of a `oneOf` that may overlap: a value that matches two is invalid.

        If null matches two, no variant for it is left.
        """
        nulls = [v for member in members for v in member if v.kind == "null" and not v.constraints]
        if len(nulls) > 1:
            members = [tuple(v for v in member if v.kind != "null") for member in members]
        overlapping = {
            variant.kind
            for member, other_member in combinations(members, 2)
            for variant in member
            for other in other_member
            if variant.kind == other.kind != "null" and not variant.is_disjoint(other, self._values)
        }
        return [
            tuple(
                replace(variant, is_exclusive=True) if variant.kind in overlapping else variant
                for variant in member
            )
            for member in members
        ]

    def _values(self, schemas: Schemas) -> set[str]:
        """Return the values that schemas list; empty if they list none."""
        for schema in schemas:
            if values := values_of(self.node(schema)):
                return set(values)
        return set()

    def _intersection(
        self, left: tuple[Variant, ...], right: tuple[Variant, ...]
    ) -> tuple[Variant, ...]:
        if left is ANYTHING or right is ANYTHING:
            return right if left is ANYTHING else left
        self._limit(sum(mine.kind == other.kind for mine in left for other in right))
        return intersection(left, right)

    def _limit(self, variants: int) -> None:
        if variants > MAX_VARIANTS:
            raise too_complex(self.endpoint)

    def _count_step(self) -> None:
        self._steps += 1
        if self._steps > MAX_PARTS:
            raise too_complex(self.endpoint)

    def _spellings(self, schema: object, trail: tuple[str, ...]) -> Iterator[Mapping[str, Any]]:
        """Yield a schema and the schemas that it refers to or wraps, from the outside in."""
        self._count_step()
        if not isinstance(schema, dict):
            return
        yield schema
        ref = schema.get("$ref")
        if isinstance(ref, str) and ref not in trail:
            yield from self._spellings(target_of(self.document, ref), (*trail, ref))
        for member in _members(schema, "allOf"):
            yield from self._spellings(member, trail)
        for keyword in ("anyOf", "oneOf"):
            members = [each for each in _members(schema, keyword) if not _is_null(each)]
            if len(members) == 1:
                yield from self._spellings(members[0], trail)


def too_complex(endpoint: str) -> DocumentError:
    """Return the error for a document that exceeds a limit of the comparison."""
    return DocumentError(
        "the schemas exceed the nesting or branching limit", endpoint=endpoint or None
    )


def key_of(schemas: Schemas) -> tuple[int, ...]:
    """Return a key by identity, valid while the document is in memory."""
    return tuple(map(id, schemas))


def _members(schema: Mapping[str, Any], keyword: str) -> list[Any]:
    """Return the list of schemas under a keyword; empty if there is none."""
    members = schema.get(keyword)
    return members if isinstance(members, list) else []


def _is_valid(schema: Mapping[str, Any]) -> bool:
    """Return whether the keywords that choose the variants of a schema have valid values."""
    kinds = schema.get("type", "object")
    return (
        (isinstance(kinds, str) or bool(strings(kinds)))
        and isinstance(schema.get("$ref", ""), str)
        and isinstance(schema.get("enum", []), list)
        and all(schema.get(keyword, True) for keyword in ("anyOf", "oneOf"))
        and all(isinstance(schema.get(it, []), list) for it in ("allOf", "anyOf", "oneOf"))
    )


def _named(variant: Variant, name: str) -> Variant:
    if variant.kind != "object":
        return variant
    return replace(variant, name=variant.name or name, label=variant.label or name)


def _is_null(schema: object) -> bool:
    return isinstance(schema, dict) and (
        schema.get("type") == "null"
        or schema.get("enum") == [None]
        or schema.get("const", 0) is None
    )
