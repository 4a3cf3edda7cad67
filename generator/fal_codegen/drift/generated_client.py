"""The client generated from a document: its inputs, outputs and public names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

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
    received,
    union_of,
    with_inner,
)
from fal_codegen.drift.kinds.variant import SchemaPath, Schemas
from fal_codegen.drift.resolve import Resolver, too_complex
from fal_codegen.errors import CodegenError
from fal_codegen.exhaustive import assert_never
from fal_codegen.ir import Direction, Endpoint, Model, Property
from fal_codegen.plan import plan

MAX_PLACES = 100_000
"""Public names and types of one endpoint; genuine endpoints have a few thousand."""

_FILE: Mapping[str, Schema] = {
    "url": String(),
    "content_type": union_of([String(), Null()]),
    "file_name": union_of([String(), Null()]),
    "file_size": union_of([Integer(), Null()]),
}
"""The properties of the client's own file class, which do not depend on the document."""


@dataclass(frozen=True)
class GeneratedClient:
    """The client generated from a document.

    Attributes:
        document: The document.
        endpoint: The planned endpoint.
    """

    document: Document
    endpoint: Endpoint

    @classmethod
    def of(cls, resolver: Resolver) -> GeneratedClient | None:
        """Plan the endpoint of a document; None if nothing can be generated from it."""
        try:
            document = read_parsed(resolver.document)
            return cls(document, plan(document, normalise(document)))
        except CodegenError:
            return None

    @cached_property
    def resolver(self) -> Resolver:
        """Resolves the schemas of the document."""
        return Resolver(self.document.content, self.endpoint.id)

    @cached_property
    def models(self) -> Resolver:
        """Resolves the schemas of the client's models."""
        models = {model.name: _json_schema(model) for model in self.endpoint.models}
        return Resolver({"$defs": models}, self.endpoint.id)

    def roots(self, direction: Direction) -> Schemas:
        """Return the schemas of the Input or the Output, in the document's spelling."""
        is_input = direction is Direction.INPUT
        return (self.document.input if is_input else self.document.output,)

    def model_roots(self, direction: Direction) -> Schemas:
        """Return the schemas of the client's Input or Output."""
        is_input = direction is Direction.INPUT
        return (as_json_schema(Ref("Input") if is_input else received(self.endpoint.output)),)

    def visible(self, direction: Direction) -> dict[SchemaPath, set[str]]:
        """Return the public names and types at each place."""
        models = {model.name: model for model in self.endpoint.models}
        is_input = direction is Direction.INPUT
        root = Ref("Input") if is_input else self.endpoint.output
        names: dict[SchemaPath, set[str]] = {}
        for count, (path, name) in enumerate(_names_and_types(root, (), models, ())):
            if count == MAX_PLACES:
                raise too_complex(self.endpoint.id)
            names.setdefault(path, set()).add(name)
        return names


def _json_schema(model: Model) -> Mapping[str, Any]:
    """Return the JSON Schema of values that the class of a model accepts."""
    is_output = model.direction is Direction.OUTPUT
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
    schema = received(prop.schema) if is_output else _sent(prop.schema)
    is_nullable = prop.nullable or (is_output and _may_be_none(prop))
    return union_of([schema, Null()]) if is_nullable else schema


def _may_be_none(prop: Property) -> bool:
    """Return whether an attribute of a result is None if the response omits it."""
    has_default = prop.default is not None and prop.default.fits
    return not prop.required and not has_default


def _sent(schema: Schema) -> Schema:
    """Return the schema of what the client sends: files are URLs."""
    if isinstance(schema, FileUrl):
        return String(schema.min_length, schema.max_length)
    return with_inner(schema, _sent)


def _names_and_types(
    schema: Schema, path: SchemaPath, models: Mapping[str, Model], trail: tuple[str, ...]
) -> Iterator[tuple[SchemaPath, str]]:
    """Yield the place of each name and type in a schema and in the models that it refers to."""
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
            yield from _names_and_types(items, (*path, ("items",)), models, trail)
        case Map(values):
            yield path, "object"
            yield from _names_and_types(values, (*path, ("additionalProperties",)), models, trail)
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
    model: Model, path: SchemaPath, models: Mapping[str, Model], trail: tuple[str, ...]
) -> Iterator[tuple[SchemaPath, str]]:
    for prop in model.properties:
        at = (*path, ("properties", prop.name))
        if prop.required:
            yield at, "required"
        if prop.nullable or (model.direction is Direction.OUTPUT and _may_be_none(prop)):
            yield at, "None"
        yield from _names_and_types(prop.schema, at, models, trail)


def _class_name(model: Model) -> str:
    """Return the name of a model's class; models of plain files share one class."""
    return "File" if model.is_plain_file else model.name
