"""From a schema as it is spelled to what it means, so that two spellings of one thing are equal.

A meaning is a set of *forms*, one of which a value must have. A form is of one kind of JSON value
(`type: [string, "null"]`, `anyOf`, `nullable` and an enum with null all come to several forms) and
has *facets*: what it asks of values of that kind. References, `allOf` and component names are gone;
what asks nothing (`minLength: 0`, `uniqueItems: false`) is too.

Schemas inside a form stay as they are spelled, as `Schemas`: they are read when they are needed,
which is how recursive documents come to an end.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote

from fal_codegen.drift.values import canonical, is_number, kind_of
from fal_codegen.errors import DocumentError
from fal_codegen.schemas import mapping, strings

Schemas = tuple[Any, ...]
"""Schemas of a document, all of which hold; `()` asks nothing."""

KINDS = ("null", "boolean", "number", "string", "array", "object")

MAX_FORMS = 200
"""Forms of one schema; the most that a genuine one has is 6."""

MAX_STEPS = 5_000
"""Schemas that one is made of, references followed; no genuine one is of more than 7."""

NOTES = frozenset(
    """
    title description default example examples deprecated readOnly writeOnly discriminator
    externalDocs xml
    """.split()
)
"""Keywords that say something about a schema and ask nothing of values."""

_LIMITS: Mapping[str, tuple[str, ...]] = {
    "string": ("minLength", "maxLength"),
    "array": ("minItems", "maxItems"),
    "object": ("minProperties", "maxProperties"),
}
_STATED: Mapping[str, tuple[str, ...]] = {
    "string": ("contentEncoding", "contentMediaType"),
    "object": ("dependentRequired",),
}
_SUBSCHEMAS: Mapping[str, tuple[str, ...]] = {
    "string": ("contentSchema",),
    "array": ("contains", "minContains", "maxContains", "unevaluatedItems"),
    "object": ("propertyNames", "unevaluatedProperties"),
}
_SUBSCHEMAS_BY_NAME = ("patternProperties", "dependentSchemas")
_ANY_KIND = ("not", "if", "then", "else")
_READ = frozenset(
    {
        *("$ref", "allOf", "anyOf", "oneOf", "nullable", "type", "enum", "const", "format"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "pattern"),
        *("items", "prefixItems", "additionalItems", "uniqueItems"),
        *("properties", "required", "additionalProperties", "x-fal-order-properties"),
        *("$schema", "$id", "$defs", "definitions", "$comment", "$anchor"),
        *(
            keyword
            for table in (_LIMITS, _STATED, _SUBSCHEMAS)
            for row in table.values()
            for keyword in row
        ),
        *_SUBSCHEMAS_BY_NAME,
        *_ANY_KIND,
        *NOTES,
    }
)
_KEYWORDS: Mapping[str, frozenset[str]] = {
    "number": frozenset(
        ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
    ),
    "string": frozenset(("minLength", "maxLength", "pattern")),
    "array": frozenset(("minItems", "maxItems", "uniqueItems", "items", "prefixItems")),
    "object": frozenset(
        ("minProperties", "maxProperties", "properties", "required", "additionalProperties")
    ),
}
"""Keywords that ask something of values of one kind only."""

_MATCHES_ALL = frozenset({"", "^", "$", ".*", "^.*$", "^.*", ".*$"})


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


@dataclass(frozen=True, eq=False)
class Meaning:
    """What a schema means.

    Attributes:
        forms: The forms a value may have; none if no value is valid.
        notes: What is said about it, by keyword; other keywords together under `x-`.
        order: Names of properties, in the order in which they are to be shown.
    """

    forms: tuple[Form, ...]
    notes: Mapping[str, Any]
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


ANYTHING = tuple(Form(kind) for kind in KINDS)


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
            order: tuple[str, ...] = ()
            self._steps = 0
            for schema in schemas:
                forms = self._both(forms, self._forms(schema, ()))
                for described in self._described(schema, ()):
                    _take_notes(described, notes)
                    order = order or tuple(strings(described.get("x-fal-order-properties")))
            # The schemas are kept, because their identities are the key.
            self._meanings[key] = (schemas, Meaning(forms, notes, order))
        return self._meanings[key][1]

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
        if not isinstance(ref, str) or not ref.startswith("#/"):
            return True  # leads out of the document, where nothing is known of it
        node: object = self.document
        for token in ref[2:].split("/"):
            key = unquote(token).replace("~1", "/").replace("~0", "~")
            if isinstance(node, list) and key.isdecimal() and int(key) < len(node):
                node = node[int(key)]
            else:
                node = mapping(node).get(key, True)
        return node

    def _forms(self, schema: object, trail: tuple[str, ...]) -> tuple[Form, ...]:
        self._step()
        if schema is False:
            return ()
        if not isinstance(schema, dict):
            return ANYTHING
        forms = _own_forms(schema)
        ref = schema.get("$ref")
        if isinstance(ref, str) and ref not in trail:
            name = unquote(ref.rpartition("/")[2])
            target = self._forms(self._target(ref), (*trail, ref))
            named = tuple(_named(form, name) for form in target)
            forms = self._both(forms, named)
        for member in _members(schema, "allOf"):
            forms = self._both(forms, self._forms(member, trail))
        for keyword in ("anyOf", "oneOf"):
            if members := _members(schema, keyword):
                apart = [self._forms(member, trail) for member in members]
                if keyword == "oneOf":
                    apart = self._exclusive(apart)
                flat = [form for forms_of_one in apart for form in forms_of_one]
                forms = self._both(forms, _united(self._limited(flat)))
        if forms is not ANYTHING and isinstance(schema.get("title"), str):
            forms = tuple(replace(form, label=schema["title"]) for form in forms)
        if schema.get("nullable") is True:
            return _united([*forms, Form("null")])
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
            if values := _enum(self.resolve(schema)):
                return set(values)
        return set()

    def _both(self, left: Sequence[Form], right: Sequence[Form]) -> tuple[Form, ...]:
        if left is ANYTHING or right is ANYTHING:
            return tuple(right if left is ANYTHING else left)
        pairs = [(a, b) for a in left for b in right if a.kind == b.kind]
        forms = (_together(a, b) for a, b in self._limited(pairs))
        return _united([form for form in forms if form is not None])

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
        for member in _members(schema, "allOf"):
            yield from self._described(member, trail)
        for keyword in ("anyOf", "oneOf"):
            members = [m for m in _members(schema, keyword) if not _is_null(m)]
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
        return has_length and all(_matches(p, value) for p in facets.get("patterns", ()))
    return True


def _own_forms(schema: Mapping[str, Any]) -> tuple[Form, ...]:
    """Return the forms that a schema asks for by itself, without what it refers to."""
    kinds = schema.get("type")
    named = [kinds] if isinstance(kinds, str) else strings(kinds)
    enum = _enum(schema)
    others = _others(schema, _ANY_KIND)
    if not named and enum is None and not others and _asks_nothing(schema):
        return ANYTHING
    forms = []
    for kind in dict.fromkeys("number" if n == "integer" else n for n in named or KINDS):
        facets = _facets(kind, schema)
        if others:
            facets["others"] = {**facets.get("others", {}), **others}
        if kind == "number" and "integer" in named and "number" not in named:
            facets["integer"] = True
        if enum is not None:
            facets["enum"] = {
                text: v for text, v in enum.items() if kind_of(v) == kind or kind not in KINDS
            }
        forms.append(_settled(Form(kind, facets)))
    if named and forms[0] is not None and (misplaced := _misplaced(named, schema)):
        forms[0] = replace(forms[0], facets={**forms[0].facets, "misplaced": misplaced})
    return _united([form for form in forms if form is not None])


def _asks_nothing(schema: Mapping[str, Any]) -> bool:
    asked = _READ.difference(NOTES, {"$ref", "allOf", "anyOf", "oneOf", "nullable"})
    return asked.isdisjoint(schema)


def _misplaced(named: Sequence[str], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a schema asks of values of kinds that its own `type` rules out, by kind.

    A validator passes over a `maximum` on a string. But either the type or the limit is an error
    of the document, and the server may well mean the limit, so that a change of it is told.
    """
    found = {}
    for kind, keywords in _KEYWORDS.items():
        is_own = kind in named or (kind == "number" and "integer" in named)
        if not is_own and not keywords.isdisjoint(schema):
            facets = _facets(kind, schema)
            facets = {name: f for name, f in facets.items() if name not in ("format", "others")}
            if facets:
                found[kind] = facets
    return found


def _facets(kind: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    facets: dict[str, Any] = {}
    for keyword in _LIMITS.get(kind, ()):
        size = schema.get(keyword)
        if is_number(size) and (size > 0 or keyword.startswith("max")):
            facets[keyword] = int(size)
    if kind in ("number", "string") and isinstance(schema.get("format"), str):
        facets["format"] = (schema["format"],)
    if kind == "number":
        facets |= _bounds(schema)
    elif kind == "string":
        pattern = schema.get("pattern")
        if isinstance(pattern, str) and pattern not in _MATCHES_ALL:
            facets["patterns"] = frozenset({pattern})
    elif kind == "array":
        facets |= _array(schema)
    elif kind == "object":
        facets |= _object(schema)
    others = _others(schema, _SUBSCHEMAS.get(kind, ()))
    others |= {k: ("value", canonical(schema[k])) for k in _STATED.get(kind, ()) if k in schema}
    if kind == "object":
        for keyword in _SUBSCHEMAS_BY_NAME:
            for name, sub in mapping(schema.get(keyword)).items():
                others[f"{keyword}/{name}"] = ("schema", (sub,))
    if others:
        facets["others"] = others
    return facets


def _others(schema: Mapping[str, Any], keywords: Iterable[str]) -> dict[str, tuple[str, Any]]:
    """Return what keywords ask, each as a schema or, if it is none, as its canonical text."""
    return {
        keyword: ("schema", (schema[keyword],))
        if isinstance(schema[keyword], (dict, bool))
        else ("value", canonical(schema[keyword]))
        for keyword in keywords
        if keyword in schema
    }


def _bounds(schema: Mapping[str, Any]) -> dict[str, Any]:
    facets: dict[str, Any] = {}
    for name, tighter in (("minimum", max), ("maximum", min)):
        plain, strict = schema.get(name), schema.get(f"exclusive{name.capitalize()}")
        bounds = []
        if is_number(plain):
            bounds.append(Bound(plain, strict is True))  # a flag, in OpenAPI 3.0
        if is_number(strict):
            bounds.append(Bound(strict, True))
        if bounds:
            facets[name] = _tighter_bound(bounds, tighter)
    step = schema.get("multipleOf")
    if is_number(step) and step > 0:
        facets["multipleOf"] = frozenset({step})
    return facets


def _array(schema: Mapping[str, Any]) -> dict[str, Any]:
    items: Any = schema.get("items", True)
    prefix = _members(schema, "prefixItems")
    if isinstance(items, list):  # spelled as in older JSON Schema
        prefix, items = items, schema.get("additionalItems", True)
    elif isinstance(items, dict) and items and all(key.isdecimal() for key in items):
        prefix, items = [items[key] for key in sorted(items, key=int)], True
    facets: dict[str, Any] = {}
    if prefix:
        facets["prefix"] = tuple((member,) for member in prefix)
    if items is not True and items != {}:
        facets["items"] = (items,)
    if schema.get("uniqueItems") is True:
        facets["uniqueItems"] = True
    return facets


def _object(schema: Mapping[str, Any]) -> dict[str, Any]:
    facets: dict[str, Any] = {}
    required = frozenset(strings(schema.get("required")))
    listed = mapping(schema.get("properties"))
    additional = schema.get("additionalProperties", True)
    unlisted: Schemas = (additional,) if isinstance(additional, dict) else ()
    properties: dict[str, Schemas] = {name: (sub,) for name, sub in listed.items()}
    properties |= dict.fromkeys(sorted(required - set(listed)), unlisted)
    if properties:
        facets["properties"] = properties
    if required:
        facets["required"] = required
    if additional is False:
        facets["additional"] = None
    elif isinstance(additional, dict) and additional:
        facets["additional"] = (additional,)
    return facets


def _enum(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    if "const" in schema:
        return {canonical(schema["const"]): schema["const"]}
    if isinstance(schema.get("enum"), list):
        return {canonical(value): value for value in schema["enum"]}
    return None


def _together(left: Form, right: Form) -> Form | None:
    """Return the form of values that have both forms; None if none can."""
    a, b = left.facets, right.facets
    merged: dict[str, Any] = {**a, **b}
    for name in a.keys() & b.keys():
        if name in _MERGED:
            merged[name] = _MERGED[name](a[name], b[name])
    if left.kind == "object":
        merged |= _objects_together(a, b)
    elif left.kind == "array" and ("prefix" in a or "prefix" in b):
        merged["prefix"] = _prefixes_together(a, b)
    return _settled(Form(left.kind, merged, right.name or left.name, right.label or left.label))


def _objects_together(a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, Any]:
    """Put the properties of two objects together.

    Parts of an `allOf` that each allow no further properties would allow nothing together; what
    is meant is that the whole allows no further ones, and so it is read.
    """
    merged: dict[str, Any] = {}
    mine, theirs = a.get("properties", {}), b.get("properties", {})
    if mine or theirs:
        merged["properties"] = {
            name: _conjunction(
                mine.get(name, a.get("additional") or ()),
                theirs.get(name, b.get("additional") or ()),
            )
            for name in {**mine, **theirs}
        }
    if "additional" in a and "additional" in b:
        closed = a["additional"] is None or b["additional"] is None
        merged["additional"] = None if closed else _conjunction(a["additional"], b["additional"])
    return merged


def _prefixes_together(a: Mapping[str, Any], b: Mapping[str, Any]) -> tuple[Schemas, ...]:
    size = max(len(a.get("prefix", ())), len(b.get("prefix", ())))
    return tuple(_conjunction(item_at(a, i), item_at(b, i)) for i in range(size))


def item_at(facets: Mapping[str, Any], index: int) -> Schemas:
    """Return the schemas of an array's item at an index."""
    prefix = facets.get("prefix", ())
    schemas: Schemas = prefix[index] if index < len(prefix) else facets.get("items", ())
    return schemas


def _conjunction(left: Schemas, right: Schemas) -> Schemas:
    return tuple({id(schema): schema for schema in (*left, *right)}.values())


def _others_together(a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**a, **b}
    for name in a.keys() & b.keys():
        if a[name] != b[name]:
            both = sorted([a[name], b[name]], key=lambda other: canonical(other[1]))
            merged[name] = ("value", canonical([other[1] for other in both]))
    return merged


def _tighter_bound(bounds: Iterable[Bound], tighter: Callable[..., Any]) -> Bound:
    bounds = list(bounds)
    value = tighter(bound.value for bound in bounds)
    return Bound(value, any(b.exclusive for b in bounds if b.value == value))


_MERGED: Mapping[str, Callable[[Any, Any], Any]] = {
    "enum": lambda a, b: {text: value for text, value in a.items() if text in b},
    "minimum": lambda a, b: _tighter_bound((a, b), max),
    "maximum": lambda a, b: _tighter_bound((a, b), min),
    "items": _conjunction,
    "required": frozenset.union,
    "patterns": frozenset.union,
    "multipleOf": frozenset.union,
    "format": lambda a, b: tuple(sorted({*a, *b})),
    "others": _others_together,
    "misplaced": lambda a, b: {**a, **b},
    **dict.fromkeys(("minLength", "minItems", "minProperties"), max),
    **dict.fromkeys(("maxLength", "maxItems", "maxProperties"), min),
}
"""How what two schemas ask is put together, where both ask it."""


def _settled(form: Form) -> Form | None:
    """Return a form in the one spelling of what it asks; None if no value can have it."""
    facets = dict(form.facets)
    enum = facets.pop("enum", None)
    if form.kind == "number":
        _settle_numbers(facets)
    low, high = facets.get("minimum"), facets.get("maximum")
    if (
        low
        and high
        and (
            low.value > high.value
            or (low.value == high.value and (low.exclusive or high.exclusive))
        )
    ):
        return None
    if enum is not None and form.kind != "null":
        rest = replace(form, facets=facets)
        if form.kind in ("number", "string"):
            enum = {text: value for text, value in enum.items() if admits(rest, value)}
            # What is listed is all that is allowed: no other facet narrows it any more.
            facets = {name: facets[name] for name in ("format", "others") if name in facets}
        if form.kind != "boolean" or len(enum) < 2:
            facets["enum"] = enum
    if enum is not None and not enum:
        return None
    if form.kind == "array" and facets.get("prefix") == ():
        del facets["prefix"]
    return replace(form, facets=facets)


def _settle_numbers(facets: dict[str, Any]) -> None:
    steps = facets.get("multipleOf")
    if steps and all(float(step).is_integer() for step in steps):
        if len(steps) > 1:
            facets["multipleOf"] = frozenset({math.lcm(*map(int, steps))})
        facets["integer"] = True
    if not facets.get("integer"):
        return
    if facets.get("multipleOf") == frozenset({1}):
        del facets["multipleOf"]
    for name, step, whole in (("minimum", 1, math.ceil), ("maximum", -1, math.floor)):
        bound = facets.get(name)
        if bound is not None:
            value = whole(bound.value)
            if bound.exclusive and value == bound.value:
                value += step
            facets[name] = Bound(value, False)


def _united(forms: Sequence[Form]) -> tuple[Form, ...]:
    """Return forms without those that others contain; lists of values of a kind become one."""
    found: list[Form] = []
    for kind in dict.fromkeys(form.kind for form in forms):
        same = [form for form in forms if form.kind == kind]
        found += same if len(same) == 1 else _united_kind(same)
    return tuple(found)


def _united_kind(forms: list[Form]) -> list[Form]:
    kind = forms[0].kind
    if kind == "null":
        return forms[:1]
    listed = [form for form in forms if set(form.facets) == {"enum"}]
    if len(listed) > 1:
        values = {text: v for form in listed for text, v in form.facets["enum"].items()}
        united = _settled(Form(kind, {"enum": values}, label=listed[0].label))
        forms = [form for form in forms if form not in listed]
        forms += [united] if united else []
    kept: list[Form] = []
    for index, form in enumerate(forms):
        others = [*kept, *forms[index + 1 :]]
        if not any(_contains(other, form) for other in others):
            kept.append(form)
    return kept


def _contains(outer: Form, inner: Form) -> bool:
    """Say whether every value of one form has the other, as far as that is plain to see."""
    a, b = outer.facets, inner.facets
    if not a:
        return True
    if inner.kind not in ("number", "string", "boolean"):
        return _are_one(a, b)
    if set(b) == {"enum"} and not set(a) & {"format", "others"}:
        return all(admits(outer, value) for value in b["enum"].values())
    if "enum" in a or "enum" in b:
        return False
    return all(name in b and _is_tighter(name, a[name], b[name]) for name in a)


def _are_one(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    def plain(facet: Any) -> Any:
        if isinstance(facet, Bound):
            return [facet.value, facet.exclusive]
        if isinstance(facet, Mapping):
            return {name: plain(value) for name, value in facet.items()}
        return sorted(facet) if isinstance(facet, frozenset) else facet

    return a.keys() == b.keys() and canonical(plain(a)) == canonical(plain(b))


def _is_tighter(name: str, outer: Any, inner: Any) -> bool:
    if name in ("minimum", "maximum"):
        return bool(_tighter_bound((outer, inner), max if name == "minimum" else min) == inner)
    if name in ("minLength", "maxLength"):
        return bool(inner >= outer if name == "minLength" else inner <= outer)
    if name in ("patterns", "multipleOf"):
        return bool(inner >= outer)
    return bool(inner == outer)


def _is_within(value: Any, facets: Mapping[str, Any]) -> bool:
    if facets.get("integer") and not float(value).is_integer():
        return False
    low, high = facets.get("minimum"), facets.get("maximum")
    if low and (value < low.value or (low.exclusive and value == low.value)):
        return False
    if high and (value > high.value or (high.exclusive and value == high.value)):
        return False
    return all(
        math.isclose(value / step, round(value / step)) or value == 0
        for step in facets.get("multipleOf", ())
    )


def _matches(pattern: str, value: str) -> bool:
    try:
        return re.search(pattern, value) is not None
    except re.error:  # of another dialect of regular expressions
        return True


def _named(form: Form, name: str) -> Form:
    if form.kind != "object":
        return form
    return replace(form, name=form.name or name, label=form.label or name)


def _take_notes(schema: Mapping[str, Any], notes: dict[str, Any]) -> None:
    """Add what a schema says about itself to what was said further out, which counts more."""
    for keyword in NOTES & schema.keys():
        if keyword not in notes:
            notes[keyword] = schema[keyword]
    extensions = {key: value for key, value in schema.items() if key not in _READ}
    if extensions:
        notes["x-"] = {**extensions, **notes.get("x-", {})}


def _members(schema: Mapping[str, Any], keyword: str) -> list[Any]:
    members = schema.get(keyword)
    return members if isinstance(members, list) else []


def _is_null(schema: object) -> bool:
    return isinstance(schema, dict) and (
        schema.get("type") == "null"
        or schema.get("enum") == [None]
        or schema.get("const", 0) is None
    )
