"""Surface: what a change means to the generated client, from the plans of both documents.

A report's level is about the contract. Whether the client generated from the old document goes on
working (`survives`), and whether names or types in generated code change (`surface`), is found by
comparing what is planned for each document, and does not depend on the rule of a change:

- What the old client sends, which its Input checks, has to be valid for the new document.
- What the new document promises has to be readable for the old client's Output, which is open.
- Names, types and what is required are compared place by place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from fal_codegen import ir
from fal_codegen.document.normalise import normalise
from fal_codegen.document.read import Document, read_parsed
from fal_codegen.document.schema import (
    Anything,
    Array,
    Boolean,
    Enum,
    FileUrl,
    Integer,
    Map,
    Null,
    Number,
    Ref,
    Schema,
    String,
    Union,
    as_json_schema,
    scalar_kind,
    union_of,
    with_inner,
    without_constraints,
)
from fal_codegen.drift.changes import Change, Direction, Level
from fal_codegen.drift.comparison import Cause
from fal_codegen.drift.differences import Difference
from fal_codegen.drift.kinds.object import ObjectSchema
from fal_codegen.drift.kinds.variant import Schemas
from fal_codegen.drift.resolve import Resolver, beyond_reason, first_step
from fal_codegen.drift.rules import READ_ONLY, RENAMED, Effect
from fal_codegen.drift.schemas import SchemaComparison
from fal_codegen.drift.values import canonical
from fal_codegen.errors import CodegenError
from fal_codegen.exhaustive import assert_never
from fal_codegen.ir import Endpoint, Model, Property
from fal_codegen.plan import plan

Path = tuple[str, ...]
"""Tokens of a JSON Pointer, from the Input or the Output to a place."""

MAX_PLACES = 100_000
"""Names and types that a caller can reach in one endpoint; no genuine one has more than a few
thousand."""

_FILE: Mapping[str, Schema] = {
    "url": String(),
    "content_type": union_of([String(), Null()]),
    "file_name": union_of([String(), Null()]),
    "file_size": union_of([Integer(), Null()]),
}
"""What the client's own class of files reads, whatever the document says of these properties."""

VISIBLE = frozenset(
    """
    type-changed type-specialized type-generalized list-of-types-narrowed list-of-types-widened
    became-nullable became-not-nullable any-of-removed any-of-added enum-value-removed
    enum-value-added enum-value-renamed became-enum enum-removed const-added const-removed
    const-changed optional-removed required-removed renamed new-optional new-required
    new-required-with-default became-required became-required-with-default became-optional
    became-read-only became-not-read-only became-write-only became-not-write-only
    default-value-added default-value-removed component-renamed
    """.split()
)
"""Stems of changes that names and types can come from; limits and words are not among them."""

_UNSENT = frozenset({"new-required-request-parameter", "request-parameter-became-required"})
"""Changes after which an operation asks for something that no generated client sends."""


def judged(
    changes: Iterable[Change], causes: Mapping[str, Cause], old: Resolver, new: Resolver
) -> list[Change]:
    """Return changes with what each means to the generated client.

    Args:
        changes: The changes of a document.
        causes: What changes inside bodies come from, by fingerprint.
        old: The old document. If nothing can be generated from it, there is no client to break,
            and a change counts as survived unless it breaks the contract.
        new: The new document.
    """
    changes = list(changes)
    before, after = _Planned.of(old), _Planned.of(new)
    if before is None:
        return [replace(one, survives=one.level is not Level.BREAKING) for one in changes]
    if after is None:
        return [replace(one, survives=one.level <= Level.COSMETIC) for one in changes]
    broken = {one.fingerprint for one in changes if _stops(one)}
    seen: set[str] = set()
    for direction in (Direction.INPUT, Direction.OUTPUT):
        places = [
            _Place(change, cause.differences[0])
            for change in changes
            if (cause := causes.get(change.fingerprint))
            and change.direction is direction
            and cause.body.new == after.roots(direction)
        ]
        for lost in _lost(before, after, direction, places):
            broken |= {one.change.fingerprint for one in _responsible(lost, places)}
        if direction is Direction.INPUT:
            broken |= {one.change.fingerprint for one in places if _is_unchecked(one, before)}
        visible = [place for place in places if place.found.rule.name in VISIBLE]
        for path in _differing(before.visible(direction), after.visible(direction)):
            seen |= {one.change.fingerprint for one in _nearest(path, visible)}
    return [
        replace(
            change,
            survives=change.fingerprint not in broken,
            surface=change.fingerprint in seen,
        )
        for change in changes
    ]


def _stops(change: Change) -> bool:
    """Return whether an operation that the client uses is removed, or asks for more than it sends.

    Of an operation, the client reads nothing else: neither servers nor headers, for example.
    """
    is_gone = change.direction is Direction.ENDPOINT and change.level is Level.BREAKING
    return (is_gone and "-removed-with" in change.id) or change.id in _UNSENT


@dataclass(frozen=True)
class _Place:
    """A change of the Input or the Output, and the difference that it is."""

    change: Change
    found: Difference

    @property
    def paths(self) -> tuple[Path, ...]:
        """Where it is; a property that was renamed is in two places."""
        path = self.found.path
        is_renamed = self.found.rule is RENAMED
        return (path, (*path[:-1], self.found.new)) if is_renamed else (path,)


@dataclass(frozen=True)
class _Planned:
    """A document, and the endpoint that is generated from it."""

    document: Document
    endpoint: Endpoint

    @classmethod
    def of(cls, reading: Resolver) -> _Planned | None:
        """Plan the endpoint of a document; None if nothing can be generated from it."""
        try:
            document = read_parsed(reading.document)
            return cls(document, plan(document, normalise(document)))
        except CodegenError:
            return None

    @cached_property
    def reading(self) -> Resolver:
        return Resolver(self.document.content, self.endpoint.id)

    @cached_property
    def client(self) -> Resolver:
        """What the generated client sends and reads, as the components of a document."""
        models = {model.name: _as_schema(model) for model in self.endpoint.models}
        return Resolver({"$defs": models}, self.endpoint.id)

    def roots(self, direction: Direction) -> Schemas:
        """Return the schemas of the Input or the Output, as the document spells them."""
        is_input = direction is Direction.INPUT
        return (self.document.input if is_input else self.document.output,)

    def client_roots(self, direction: Direction) -> Schemas:
        """Return the schemas of what the client sends or reads."""
        is_input = direction is Direction.INPUT
        return (as_json_schema(Ref("Input") if is_input else _received(self.endpoint.output)),)

    def visible(self, direction: Direction) -> dict[Path, set[str]]:
        """Return what a caller sees of names and types at each place."""
        models = {model.name: model for model in self.endpoint.models}
        is_input = direction is Direction.INPUT
        root = Ref("Input") if is_input else self.endpoint.output
        found: dict[Path, set[str]] = {}
        for count, (path, words) in enumerate(_names_and_types(root, (), models, ())):
            if count == MAX_PLACES:
                raise beyond_reason(self.endpoint.id)
            found.setdefault(path, set()).add(words)
        return found


def _lost(
    before: _Planned, after: _Planned, direction: Direction, places: Sequence[_Place]
) -> list[Difference]:
    """Return differences that make the old client fail with the new document, and not before.

    What the client and the old document differ in comes from a repair, or is not checked by the
    client: it was so before, and counts only at places where inputs break.
    """
    client, roots = before.client, before.client_roots(direction)
    walk = SchemaComparison(client, before.reading, direction)
    known = {_key(found) for found in walk.differences(roots, before.roots(direction))}
    touched = {
        place.found.path
        for place in places
        if direction is Direction.INPUT and place.change.level is Level.BREAKING
    }
    found = SchemaComparison(client, after.reading, direction).differences(
        roots, after.roots(direction)
    )
    return [
        one
        for one in found
        if (_key(one) not in known or one.path in touched) and _loses(one, before, after, direction)
    ]


def _key(found: Difference) -> tuple[Any, ...]:
    return found.rule.name, found.path, canonical(found.old), canonical(found.new)


def _loses(found: Difference, before: _Planned, after: _Planned, direction: Direction) -> bool:
    """Return whether a difference rejects what the client sends, or breaks what it reads."""
    effect = found.rule.effect
    if effect is not Effect.REMOVED:
        other_way = Effect.NARROWER if direction is Direction.INPUT else Effect.WIDER
        return effect in (other_way, Effect.OTHER)
    if found.rule is READ_ONLY.set:
        return True
    *path, _, name = found.path
    known = _objects(before.client, before.client_roots(direction), path)
    is_required = any(name in form.required for form in known)
    if direction is Direction.OUTPUT:
        return is_required
    # An object that takes properties that it does not list goes on to take this one.
    forms = _objects(after.reading, after.roots(direction), path)
    is_limited = any(form.is_closed or form.additional for form in forms)
    return is_limited or (is_required and found.rule is RENAMED)


def _is_unchecked(place: _Place, before: _Planned) -> bool:
    """Return whether a change breaks inputs at a place where the client lets anything pass."""
    if place.change.level is not Level.BREAKING:
        return False
    roots = before.client_roots(Direction.INPUT)
    at: Path = ()
    left = place.found.path
    while left:
        step, left = first_step(left)
        for form in _objects(before.client, roots, at):
            is_listed = step[0] == "properties" and step[1] in form.properties
            is_checked = is_listed or form.is_closed or form.additional
            if step[0] in ("properties", "additionalProperties") and not is_checked:
                return True
        at = (*at, *step)
    return False


def _objects(reading: Resolver, roots: Schemas, path: Sequence[str]) -> list[ObjectSchema]:
    """Return the object schemas at a path."""
    there = [one for inner in reading.below(roots, path) for one in reading.schemas(inner).variants]
    return [one for one in there if isinstance(one, ObjectSchema)]


def _responsible(lost: Difference, places: Sequence[_Place]) -> list[_Place]:
    """Return the changes that a loss comes from: those that are the same difference, or near."""
    same = [one for one in places if (one.found.rule, one.found.path) == (lost.rule, lost.path)]
    if same:
        return same
    breaking = [one for one in places if one.change.level is Level.BREAKING]
    noticed = [one for one in places if one.change.level > Level.COSMETIC]
    return _nearest(lost.path, breaking) or _nearest(lost.path, noticed) or breaking or noticed


def _nearest(path: Path, places: Sequence[_Place]) -> list[_Place]:
    """Return the changes at a path; if there are none, those above or below it."""
    there = [place for place in places if path in place.paths]
    return there or [place for place in places if any(_leads_to(path, at) for at in place.paths)]


def _leads_to(one: Path, other: Path) -> bool:
    """Return whether one of two places is inside the other."""
    return one[: len(other)] == other or other[: len(one)] == one


def _differing(before: Mapping[Path, set[str]], after: Mapping[Path, set[str]]) -> list[Path]:
    return sorted(
        path for path in before.keys() | after.keys() if before.get(path) != after.get(path)
    )


def _as_schema(model: Model) -> Mapping[str, Any]:
    """Return what the client's class of a model accepts, or reads, as JSON Schema."""
    is_output = model.direction is ir.Direction.OUTPUT
    properties = {prop.name: _of_property(prop, is_output) for prop in model.properties}
    required = [prop.name for prop in model.properties if prop.required]
    if is_output and model.is_file:
        properties |= _FILE
        required = [name for name in required if name not in _FILE] + ["url"]
    return {
        "type": "object",
        "properties": {name: as_json_schema(schema) for name, schema in properties.items()},
        "required": required,
        "additionalProperties": is_output or model.is_open,
    }


def _of_property(prop: Property, is_output: bool) -> Schema:
    schema = _received(prop.schema) if is_output else _sent(prop.schema)
    is_nullable = prop.nullable or (is_output and _may_be_none(prop))
    return union_of([schema, Null()]) if is_nullable else schema


def _may_be_none(prop: Property) -> bool:
    """Return whether an attribute of a result is None if it is left out."""
    has_default = prop.default is not None and prop.default.fits
    return not prop.required and not has_default


def _sent(schema: Schema) -> Schema:
    """Return a schema as the document would spell it: files are sent as their URL."""
    if isinstance(schema, FileUrl):
        return String(schema.min_length, schema.max_length)
    return with_inner(schema, _sent)


def _received(schema: Schema) -> Schema:
    """Return a schema as outputs read it: without constraints, and with any value of an enum."""
    if not isinstance(schema, Enum):
        return with_inner(without_constraints(schema), _received)
    kinds = [scalar_kind(value) for value in schema.values]
    return union_of(Number() if Number() in kinds and kind == Integer() else kind for kind in kinds)


def _names_and_types(
    schema: Schema, path: Path, models: Mapping[str, Model], trail: tuple[str, ...]
) -> Iterator[tuple[Path, str]]:
    """Yield what a caller sees of a schema and of the models that it leads to, by place."""
    match schema:
        case Union(members):
            for member in members:
                yield from _names_and_types(member, path, models, trail)
        case Ref(name):
            model = models[name]
            yield path, f"class {_class_name(model)}"
            if name not in trail:
                yield from _properties(model, path, models, (*trail, name))
        case Enum(values):
            yield from ((path, f"value {value!r}") for value in values)
        case Array(items):
            yield path, "array"
            yield from _names_and_types(items, (*path, "items"), models, trail)
        case Map(values):
            yield path, "object"
            yield from _names_and_types(values, (*path, "additionalProperties"), models, trail)
        case FileUrl():
            yield path, "file"
        case Null():
            yield path, "null"
        case Boolean():
            yield path, "boolean"
        case Integer():
            yield path, "integer"
        case Number():
            yield path, "number"
        case String():
            yield path, "string"
        case Anything():
            yield path, "anything"
        case _:
            assert_never(schema)


def _properties(
    model: Model, path: Path, models: Mapping[str, Model], trail: tuple[str, ...]
) -> Iterator[tuple[Path, str]]:
    for prop in model.properties:
        at = (*path, "properties", prop.name)
        if prop.required:
            yield at, "required"
        if prop.nullable or (model.direction is ir.Direction.OUTPUT and _may_be_none(prop)):
            yield at, "None"
        yield from _names_and_types(prop.schema, at, models, trail)


def _class_name(model: Model) -> str:
    """Return the name of a model's class: the client has one for what only describes a file."""
    is_plain = model.is_file and model.name != "Output"
    is_output = model.direction is ir.Direction.OUTPUT
    if is_plain and is_output and {prop.name for prop in model.properties} <= _FILE.keys():
        return "File"
    return model.name
