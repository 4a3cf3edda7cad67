"""Properties of an object schema: their order, schemas and annotations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import Any

from fal_codegen.document.accepts import fits
from fal_codegen.document.annotations import examples_of, stripped
from fal_codegen.document.constraints import file_limits
from fal_codegen.document.file_inputs import are_of_file, as_files, is_of_files
from fal_codegen.document.json_values import mapping, strings
from fal_codegen.document.models import Default, Direction, Property
from fal_codegen.document.pointers import dereferenced, escape, follow
from fal_codegen.document.read import Document
from fal_codegen.document.schema import Number, Schema, without_null
from fal_codegen.document.schema_reader import ObjectNode, SchemaReader


def properties(found: ObjectNode, reader: SchemaReader, not_files: Set[str]) -> Iterator[Property]:
    """Yield the properties of an object schema, in the order of `x-fal-order-properties`.

    Args:
        found: The object schema.
        reader: Reads the schemas of the properties.
        not_files: Names of properties that look like files (`url`, `…_url`) and are not.
    """
    node, pointer = found.node, found.pointer
    hidden = {name for name, prop in node["properties"].items() if _is_hidden(prop, found, reader)}
    nodes = {name: prop for name, prop in node["properties"].items() if name not in hidden}
    required = set(strings(node.get("required"))) - hidden
    for name in sorted(required - nodes.keys()):
        reader.repair("required-unlisted", f"{pointer}/required")
        nodes[name] = {}
    first = [name for name in strings(node.get("x-fal-order-properties")) if name in nodes]
    plain = {*not_files, "url"} if are_of_file(nodes.keys()) else not_files
    nulls = _shown_null(found, reader.document) if reader.direction is Direction.INPUT else set()
    for name in dict.fromkeys([*first, *sorted(nodes)]):
        at = f"{pointer}/properties/{escape(name)}"
        if name == "__proto__":
            reader.repair("unportable-name", at)
        yield _property(
            name,
            nodes[name],
            at,
            reader,
            name_hint=f"{found.name_hint} {name}",
            is_required=name in required,
            is_shown_null=name in nulls,
            may_be_file=name not in plain,
        )


def _is_hidden(node: object, found: ObjectNode, reader: SchemaReader) -> bool:
    """Return whether a property is left out in this direction: read-only, or write-only."""
    flag = reader.direction.omits
    return any(part.get(flag) is True for part in reader.parts(node, found.pointer))


def _shown_null(found: ObjectNode, document: Document) -> set[str]:
    """Return the names of the properties of an input that are null in an example."""
    examples = [*examples_of(found.node), *examples_of(_body(document, found.pointer))]
    return {name for example in examples for name, item in mapping(example).items() if item is None}


def _body(document: Document, pointer: str) -> Mapping[str, Any]:
    """Return the request body if its schema is at a pointer: it may have more examples."""
    root = document.input_pointer
    is_input = dereferenced(document.content, root)[1] == pointer
    return mapping(follow(document.content, root.removesuffix("/schema"))) if is_input else {}


def _property(
    name: str,
    node: object,
    pointer: str,
    reader: SchemaReader,
    *,
    name_hint: str,
    is_required: bool,
    is_shown_null: bool,
    may_be_file: bool,
) -> Property:
    annotations: Mapping[str, Any] = node if isinstance(node, dict) else {}
    examples = tuple(examples_of(annotations))
    is_input = reader.direction is Direction.INPUT
    is_file = is_input and may_be_file and is_of_files(name, annotations)
    read = reader.property_schema(node, pointer, name_hint=name_hint, is_file=is_file)
    schema, is_nullable = without_null(read)
    default = _default(annotations.get("default"), schema)
    if default and not default.fits and not isinstance(default.value, (dict, list)):
        reader.repair("unfit-default", f"{pointer}/default")
    if is_file:
        limits = file_limits(annotations, pointer, reader.repair)
        schema = as_files(schema, limits, lambda: reader.repair("file-pattern", pointer))
        default = _default(annotations.get("default"), schema)
    if is_input and not is_required:
        # A document whose own example is null shows that the server takes null.
        is_nullable = is_nullable or is_shown_null or None in examples
    return Property(
        name=name,
        schema=schema,
        required=is_required,
        nullable=is_nullable,
        default=default,
        description=stripped(annotations.get("description")),
        examples=examples,
        deprecated=annotations.get("deprecated") is True,
    )


def _default(value: object, schema: Schema) -> Default | None:
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer() and not isinstance(schema, Number):
        value = int(value)  # in JSON, 5.0 is an integer
    return Default(value, fits=fits(value, schema))
