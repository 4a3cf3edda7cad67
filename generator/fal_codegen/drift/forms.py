"""Forms: what a schema comes to, as values. A value must have one of a schema's forms.

A form is of one kind of JSON value and has *facets*: what it asks of values of that kind. Schemas
inside it stay as they are spelled, as `Schemas`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fal_codegen.document.json_values import is_multiple
from fal_codegen.document.patterns.rust import matches
from fal_codegen.drift.values import canonical

Schemas = tuple[Any, ...]
"""Schemas of a document as they are spelled, all of which hold; `()` asks nothing."""

KINDS = ("null", "boolean", "number", "string", "array", "object")
"""The kinds of JSON values; that a number is whole is a facet."""


@dataclass(frozen=True)
class Bound:
    """A lower or upper bound of numbers."""

    value: Any
    exclusive: bool


@dataclass(frozen=True, eq=False)
class Form:
    """One form that a value may have.

    Attributes:
        kind: One of `KINDS`, or a `type` that JSON Schema does not know.
        facets: What is asked, by name: `integer`, `minimum` and `maximum` (as `Bound`),
            `multipleOf`, `enum` (values by canonical text), `patterns`, `format`, `items`,
            `prefix`, `properties`, `required`, `additional` (None: nothing but the properties),
            limits of size by their keyword, `others` (every keyword not named here), and
            `misplaced` (facets of other kinds that stand beside this one all the same).
        name: The component that it came from; empty if it is spelled in place.
        label: What people call it: its title, or the component's name.
    """

    kind: str
    facets: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    label: str = ""

    def with_facets(self, **facets: Any) -> Form:
        """Return the form with some of its facets replaced."""
        return replace(self, facets={**self.facets, **facets})


ANYTHING = tuple(Form(kind) for kind in KINDS)
"""The forms of a schema that asks nothing."""


def kind_name(form: Form) -> str:
    """Return the `type` of a form: `integer` for whole numbers."""
    if form.kind != "number":
        return form.kind
    values = form.facets.get("enum", {}).values()
    is_whole = all(float(value).is_integer() for value in values) if values else False
    return "integer" if form.facets.get("integer") or is_whole else "number"


def admits(form: Form, value: Any) -> bool:
    """Say whether a scalar is a value of a form of its kind."""
    facets = form.facets
    if "enum" in facets:
        return canonical(value) in facets["enum"]
    if form.kind == "number":
        return _is_within(value, facets)
    if form.kind == "string":
        has_length = facets.get("minLength", 0) <= len(value) <= facets.get("maxLength", len(value))
        return has_length and all(matches(p, value) for p in facets.get("patterns", ()))
    return True


def is_exclusive(form: Form) -> bool:
    """Say whether a value of a form may have no other form of its schema, as in a `oneOf`."""
    return "oneOf" in form.facets.get("others", {})


def item_at(facets: Mapping[str, Any], index: int) -> Schemas:
    """Return the schemas of an array's item at an index."""
    prefix = facets.get("prefix", ())
    schemas: Schemas = prefix[index] if index < len(prefix) else facets.get("items", ())
    return schemas


def step_size(token: str) -> int:
    """Return how many tokens of a path lead from a form to a schema inside it, by the first."""
    return 2 if token in ("properties", "prefixItems") else 1


def schemas_inside(form: Form, tokens: tuple[str, ...]) -> Schemas | None:
    """Return the schemas at a place inside a form; None if the form has no such place.

    Args:
        form: The form.
        tokens: `("properties", name)`, `("prefixItems", index)`, `("items",)`, or
            `("additionalProperties",)`.
    """
    facets = form.facets
    found: Schemas | None = None
    match form.kind, tokens:
        case "object", ("properties", name):
            found = facets.get("properties", {}).get(name)
        case "object", ("additionalProperties",):
            found = facets.get("additional", ())
        case "array", ("prefixItems", index):
            found = item_at(facets, int(index))
        case "array", ("items",):
            found = facets.get("items", ())
    return found


def _is_within(value: Any, facets: Mapping[str, Any]) -> bool:
    if facets.get("integer") and not float(value).is_integer():
        return False
    low, high = facets.get("minimum"), facets.get("maximum")
    if low and (value < low.value or (low.exclusive and value == low.value)):
        return False
    if high and (value > high.value or (high.exclusive and value == high.value)):
        return False
    return all(is_multiple(value, step) for step in facets.get("multipleOf", ()))
