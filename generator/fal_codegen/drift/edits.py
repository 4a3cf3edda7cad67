"""Edits: a schema with one change applied and no other, which is what a witness is proved against.

The comparison of two schemas finds, for each difference, which form of the old schema it is of,
and what that form would be if nothing else had changed. An `Edit` keeps both; `edited` applies
edits to the old schema and returns the result as JSON Schema.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fal_codegen.drift.forms import KINDS, Form, Schemas, is_exclusive, item_at, schemas_inside
from fal_codegen.drift.meaning import Reading

Convert = Callable[[Any], Any]
"""Turns a schema of a document into JSON Schema."""


@dataclass(frozen=True, eq=False)
class Edit:
    """One change of one schema.

    Attributes:
        forms: The forms that take the place of what the route leads to; none if it is removed.
        route: From the schema to the place: a form of the schema, the tokens of a JSON Pointer from
            that form to a schema inside it, a form of that one, and so on. If it ends in a form,
            that form is replaced, else every form of the schema.
    """

    forms: tuple[Form, ...]
    route: tuple[Form | str, ...] = ()

    @property
    def values_gone(self) -> list[Any]:
        """The values of a list of values that are no longer in it."""
        last = self.route[-1] if self.route else ""
        before = last.facets.get("enum", {}) if isinstance(last, Form) else {}
        after = [form.facets.get("enum", {}) for form in self.forms]
        return [value for text, value in before.items() if not any(text in one for one in after)]

    def below(self, *steps: Form | str) -> Edit:
        """Return the edit as it is seen from further out."""
        return replace(self, route=(*steps, *self.route))


def edited(reading: Reading, schemas: Schemas, edits: Sequence[Edit], convert: Convert) -> Any:
    """Return schemas as one JSON Schema, with edits applied.

    Properties that no edit is of are left out where they cannot matter to what an edit rejects: of
    an object schema that has no alternative. So a schema costs as much as the edits in it.

    Args:
        reading: The document of the schemas.
        schemas: The schemas, all of which hold.
        edits: What to change; without any, the schemas are returned as the document spells them.
        convert: Converts a schema of the document.
    """
    if not edits:
        return _all(schemas, convert)
    if whole := next((edit for edit in edits if not edit.route), None):
        return _any((form, _plain(form, convert)) for form in whole.forms)
    members: list[tuple[Form, Any]] = []
    forms = reading.meaning(schemas).forms
    is_alone = len(forms) == 1
    for form in forms:
        own = [edit for edit in edits if edit.route[0] is form]
        replaced = next((edit for edit in own if len(edit.route) == 1), None)
        if replaced is not None:
            members += [(one, _plain(one, convert, is_hollow=is_alone)) for one in replaced.forms]
        else:
            members.append((form, _inside(reading, form, own, convert, is_alone=is_alone)))
    return _any(members)


def undone(reading: Reading, schemas: Schemas, edits: Sequence[Edit]) -> list[Edit]:
    """Return edits that change nothing, at the places of others.

    A value that only the edited schema rejects is rejected because of the edits, and not because
    forms spell a schema differently from its document.
    """
    return [Edit(_forms_at(reading, schemas, edit.route), edit.route) for edit in edits]


def _forms_at(
    reading: Reading, schemas: Schemas, route: tuple[Form | str, ...]
) -> tuple[Form, ...]:
    """Return what a route leads to as it is."""
    if not route:
        return reading.meaning(schemas).forms
    form, tokens = route[0], tuple(str(step) for step in route[1 : _next_form(route)])
    assert isinstance(form, Form)
    if not tokens:
        return (form,)
    return _forms_at(reading, _schemas_at(form, tokens), route[1 + len(tokens) :])


def _next_form(route: tuple[Form | str, ...]) -> int:
    """Return the index of the second form of a route that begins with one, or the route's end."""
    later = (i for i, step in enumerate(route) if i and isinstance(step, Form))
    return next(later, len(route))


def _inside(
    reading: Reading, form: Form, edits: Sequence[Edit], convert: Convert, *, is_alone: bool
) -> Any:
    """Return a form as JSON Schema, with edits applied to the schemas inside it."""
    is_enough = is_alone and all(edit.route[1] == "properties" for edit in edits)
    plain = {} if is_enough else _plain(form, convert)
    by_place: dict[tuple[str, ...], list[Edit]] = {}
    for edit in edits:
        end = _next_form(edit.route)
        tokens = tuple(str(step) for step in edit.route[1:end])
        by_place.setdefault(tokens, []).append(replace(edit, route=edit.route[end:]))
    for tokens, inner in by_place.items():
        made = edited(reading, _schemas_at(form, tokens), inner, convert)
        match tokens:
            case ("properties", name):
                plain["properties"] = {**plain.get("properties", {}), name: made}
            case ("prefixItems", index):
                known = list(plain.get("prefixItems", ()))
                while len(known) <= int(index):
                    known.append(_all(item_at(form.facets, len(known)), convert))
                known[int(index)] = made
                plain["prefixItems"] = known
            case (keyword,):
                plain[keyword] = made
    return plain


def _schemas_at(form: Form, tokens: tuple[str, ...]) -> Schemas:
    """Return the schemas inside a form at a place; a property may be one that is not listed."""
    found = schemas_inside(form, tokens)
    return found if found is not None else form.facets.get("additional") or ()


def _all(schemas: Schemas, convert: Convert) -> Any:
    plain = [convert(schema) for schema in schemas]
    return plain[0] if len(plain) == 1 else {"allOf": plain} if plain else True


def _any(members: Iterable[tuple[Form, Any]]) -> Any:
    """Return the union of forms; of those that exclude each other, a value may have one only."""
    exclusive: list[Any] = []
    others: list[Any] = []
    for form, plain in members:
        (exclusive if is_exclusive(form) else others).append(plain)
    if exclusive:
        others.append({"oneOf": exclusive})
    return {"anyOf": others} if others else False


def _plain(form: Form, convert: Convert, *, is_hollow: bool = False) -> dict[str, Any]:
    """Return a form as JSON Schema; of a hollow one, properties may have any value."""
    facets = form.facets
    plain: dict[str, Any] = {}
    if form.kind in KINDS:
        plain["type"] = "integer" if facets.get("integer") else form.kind
    every: list[Any] = [{"multipleOf": step} for step in facets.get("multipleOf", ())]
    every += [convert({"pattern": pattern}) for pattern in facets.get("patterns", ())]
    for name in _SAME & facets.keys():
        plain[name] = facets[name]
    if "enum" in facets:
        plain["enum"] = list(facets["enum"].values())
    for keyword, strict in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if bound := facets.get(keyword):
            plain[strict if bound.exclusive else keyword] = bound.value
    if "items" in facets:
        plain["items"] = _all(facets["items"], convert)
    if "prefix" in facets:
        plain["prefixItems"] = [_all(schemas, convert) for schemas in facets["prefix"]]
    if "properties" in facets:
        plain["properties"] = {
            name: True if is_hollow else _all(schemas, convert)
            for name, schemas in facets["properties"].items()
        }
    if "required" in facets:
        plain["required"] = sorted(facets["required"])
    if "additional" in facets:
        closed = facets["additional"] is None
        plain["additionalProperties"] = False if closed else _all(facets["additional"], convert)
    for keyword, schema in _others(facets.get("others", {})):
        found = convert({keyword: schema})
        if keyword == "patternProperties" and keyword in plain:
            found = {keyword: {**plain[keyword], **found.get(keyword, {})}}
        plain |= found
    return {**plain, "allOf": every} if every else plain


_SAME = frozenset(
    "minLength maxLength minItems maxItems minProperties maxProperties uniqueItems".split()
)
"""Facets that are spelled as their keywords are."""


def _others(others: Mapping[str, tuple[str, Any]]) -> Iterable[tuple[str, Any]]:
    """Yield the keywords that have no facet of their own, as they are spelled."""
    for name, (kind, asked) in others.items():
        keyword, _, key = name.partition("/")
        if keyword != "oneOf":
            schema = asked[0] if kind == "schema" else json.loads(asked)
            yield keyword, {key: schema} if key else schema
