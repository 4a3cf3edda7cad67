"""From a schema as it is spelled to what it means, so that two spellings of one thing are equal.

A meaning is a set of forms: `type: [string, "null"]`, `anyOf`, `nullable` and an enum with null all
come to several. References, `allOf` and the names of components are gone, and so is what asks
nothing (`minLength: 0`, `uniqueItems: false`).

Schemas inside a form are read when they are needed, which is how recursive documents come to an
end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote

from fal_codegen.document.json_values import mapping, strings
from fal_codegen.document.pointers import follow, pointer_of
from fal_codegen.drift.combine import together, united
from fal_codegen.drift.forms import (
    ANYTHING,
    KINDS,
    Form,
    Schemas,
    kind_name,
    schemas_inside,
    step_size,
)
from fal_codegen.drift.keywords import KEYWORDS, NOTES, listed, members_of, own_forms
from fal_codegen.errors import DocumentError

MAX_FORMS = 200
"""Forms of one schema; the most that a genuine one has is 6."""

MAX_STEPS = 5_000
"""Schemas that one is made of, references followed; no genuine one is of more than 7."""


@dataclass(frozen=True, eq=False)
class Meaning:
    """What a schema means.

    Attributes:
        forms: The forms a value may have; none if no value is valid.
        notes: What is said about it, by keyword; other keywords together under `x-`.
        titles: Every title of it: a property may have one, and the component that it refers to too.
        order: Names of properties, in the order in which they are to be shown.
    """

    forms: tuple[Form, ...]
    notes: Mapping[str, Any]
    titles: tuple[str, ...]
    order: tuple[str, ...]

    @property
    def is_anything(self) -> bool:
        """Whether it allows values of every kind, so that it has no type."""
        return {form.kind for form in self.forms} >= set(KINDS)

    @property
    def is_nullable(self) -> bool:
        """Whether null is a value of it."""
        return any(form.kind == "null" for form in self.forms)

    def of_kind(self, kind: str) -> tuple[Form, ...]:
        """Return the forms of a kind."""
        return tuple(form for form in self.forms if form.kind == kind)


class Reading:
    """One document, whose schemas are read as they are asked for, each once."""

    def __init__(self, document: Mapping[str, Any], endpoint: str = "") -> None:
        self.document = document
        self.endpoint = endpoint
        self._steps = 0
        self._meanings: dict[tuple[int, ...], tuple[Schemas, Meaning]] = {}

    def meaning(self, schemas: Schemas) -> Meaning:
        """Return what schemas mean together."""
        key = key_of(schemas)
        if key not in self._meanings:
            forms: tuple[Form, ...] = ANYTHING
            notes: dict[str, Any] = {}
            titles: list[str] = []
            order: tuple[str, ...] = ()
            self._steps = 0
            for schema in schemas:
                forms = self._both(forms, self._forms(schema, ()))
                for described in self._described(schema, ()):
                    _take_notes(described, notes)
                    titles += strings([described.get("title")])
                    order = order or tuple(strings(described.get("x-fal-order-properties")))
            # The schemas are kept, because their identities are the key.
            self._meanings[key] = (schemas, Meaning(forms, notes, tuple(titles), order))
        return self._meanings[key][1]

    def below(self, schemas: Schemas, path: Sequence[str]) -> Iterator[Schemas]:
        """Yield the schemas at a path below others, in each form that has some there."""
        if not path:
            yield schemas
            return
        for form in self.meaning(schemas).forms:
            size = step_size(path[0])
            inner = schemas_inside(form, tuple(path[:size]))
            if inner is not None:
                yield from self.below(inner, path[size:])

    def resolve(self, node: object) -> Mapping[str, Any]:
        """Follow the `$ref` of a node other than a schema; empty if it leads nowhere."""
        seen = set()
        while isinstance(node, dict) and isinstance(node.get("$ref"), str):
            if node["$ref"] in seen:
                return {}
            seen.add(node["$ref"])
            node = self._target(node["$ref"])
        return mapping(node)

    def _target(self, ref: object) -> object:
        pointer = pointer_of(ref)
        target = None if pointer is None else follow(self.document, pointer)
        # Nothing is known of what is not in the document.
        return True if target is None else target

    def _forms(self, schema: object, trail: tuple[str, ...]) -> tuple[Form, ...]:
        self._step()
        if schema is False:
            return ()
        if not isinstance(schema, dict):
            return ANYTHING
        forms = own_forms(schema)
        ref = schema.get("$ref")
        if isinstance(ref, str) and ref not in trail:
            name = unquote(ref.rpartition("/")[2])
            target = self._forms(self._target(ref), (*trail, ref))
            named = tuple(_named(form, name) for form in target)
            forms = self._both(forms, named)
        for member in members_of(schema, "allOf"):
            forms = self._both(forms, self._forms(member, trail))
        for keyword in ("anyOf", "oneOf"):
            if members := members_of(schema, keyword):
                apart = [self._forms(member, trail) for member in members]
                if keyword == "oneOf":
                    apart = self._exclusive(apart)
                flat = [form for forms_of_one in apart for form in forms_of_one]
                forms = self._both(forms, united(self._limited(flat)))
        if forms is not ANYTHING and isinstance(schema.get("title"), str):
            forms = tuple(replace(form, label=schema["title"]) for form in forms)
        if schema.get("nullable") is True:
            return united([*forms, Form("null")])
        return forms

    def _exclusive(self, members: list[tuple[Form, ...]]) -> list[tuple[Form, ...]]:
        """Mark the forms of a `oneOf` that may overlap: what has two of them is not valid."""
        overlapping = {
            a.kind
            for index, member in enumerate(members)
            for other in members[index + 1 :]
            for a in member
            for b in other
            if a.kind == b.kind != "null" and not self._are_apart(a.facets, b.facets)
        }
        mark = {"oneOf": ("value", "exclusive")}
        return [
            tuple(
                replace(f, facets={**f.facets, "others": {**f.facets.get("others", {}), **mark}})
                if f.kind in overlapping
                else f
                for f in member
            )
            for member in members
        ]

    def _are_apart(self, a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
        """Say whether it is plain that no value has two forms of one kind."""
        if "enum" in a and "enum" in b:
            return not set(a["enum"]) & set(b["enum"])
        for one, other in ((a, b), (b, a)):
            low, high = one.get("minimum"), other.get("maximum")
            if low and high and low.value > high.value:
                return True
            missing = one.get("required", frozenset()) - other.get("properties", {}).keys()
            if missing and other.get("additional", ()) is None:
                return True
        for name in a.get("required", frozenset()) & b.get("required", frozenset()):
            mine, theirs = self._listed(a["properties"][name]), self._listed(b["properties"][name])
            if mine and theirs and mine.isdisjoint(theirs):
                return True
        return False

    def _listed(self, schemas: Schemas) -> set[str]:
        """Return the values that a property's schemas list; none if they do not."""
        for schema in schemas:
            if values := listed(self.resolve(schema)):
                return set(values)
        return set()

    def _both(self, left: Sequence[Form], right: Sequence[Form]) -> tuple[Form, ...]:
        if left is ANYTHING or right is ANYTHING:
            return tuple(right if left is ANYTHING else left)
        pairs = [(a, b) for a in left for b in right if a.kind == b.kind]
        forms = (together(a, b) for a, b in self._limited(pairs))
        return united([form for form in forms if form is not None])

    def _limited(self, items: list[Any]) -> list[Any]:
        if len(items) > MAX_FORMS:
            raise beyond_reason(self.endpoint)
        return items

    def _step(self) -> None:
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise beyond_reason(self.endpoint)

    def _described(self, schema: object, trail: tuple[str, ...]) -> Iterator[Mapping[str, Any]]:
        """Yield a schema and those that stand for it in other spellings, the outermost first."""
        self._step()
        if not isinstance(schema, dict):
            return
        yield schema
        ref = schema.get("$ref")
        if isinstance(ref, str) and ref not in trail:
            yield from self._described(self._target(ref), (*trail, ref))
        for member in members_of(schema, "allOf"):
            yield from self._described(member, trail)
        for keyword in ("anyOf", "oneOf"):
            members = [m for m in members_of(schema, keyword) if not _is_null(m)]
            if len(members) == 1:
                yield from self._described(members[0], trail)


def beyond_reason(endpoint: str) -> DocumentError:
    """Return the error for documents that nobody could have meant."""
    return DocumentError(
        "the schemas are nested or branched beyond reason",
        endpoint=endpoint or None,
        hint="no genuine document is; check where it came from",
    )


def key_of(schemas: Schemas) -> tuple[int, ...]:
    """Return what tells schemas of one document apart for as long as it is held."""
    return tuple(map(id, schemas))


def describe(meaning: Meaning) -> str:
    """Return a schema in a few words: `string | null`, `array`."""
    if meaning.is_anything:
        return "anything"
    kinds = {kind_name(form) for form in meaning.forms if form.kind != "null"}
    return " | ".join([*sorted(kinds), *(["null"] if meaning.is_nullable else [])]) or "nothing"


def _named(form: Form, name: str) -> Form:
    if form.kind != "object":
        return form
    return replace(form, name=form.name or name, label=form.label or name)


def _take_notes(schema: Mapping[str, Any], notes: dict[str, Any]) -> None:
    """Add what a schema says about itself to what was said further out, which counts more."""
    for keyword in NOTES & schema.keys():
        if keyword not in notes:
            notes[keyword] = schema[keyword]
    extensions = {key: value for key, value in schema.items() if key not in KEYWORDS}
    if extensions:
        notes["x-"] = {**extensions, **notes.get("x-", {})}


def _is_null(schema: object) -> bool:
    return isinstance(schema, dict) and (
        schema.get("type") == "null"
        or schema.get("enum") == [None]
        or schema.get("const", 0) is None
    )
