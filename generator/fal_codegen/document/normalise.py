"""Normalise: from a document's schemas to typed ones (see `schema`), repairing broken parts.

Typed schemas have one spelling of nullable, no `allOf`, no single-member `anyOf`, no component that
is not an object, and annotations apart from types. Unusable parts are repaired by a named rule and
recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from itertools import combinations
from typing import NamedTuple

from fal_codegen.document.annotations import stripped
from fal_codegen.document.file_inputs import is_file, or_url
from fal_codegen.document.json_values import mapping
from fal_codegen.document.models import Direction
from fal_codegen.document.overlap import may_overlap
from fal_codegen.document.properties import properties
from fal_codegen.document.read import Document
from fal_codegen.document.repairs import Repair
from fal_codegen.document.schema import Ref, Schema
from fal_codegen.document.schema_reader import NameHint, ObjectNode, SchemaReader
from fal_codegen.document.shapes import Shape, in_order
from fal_codegen.errors import DocumentError


class Normalised(NamedTuple):
    """A document's Input and Output, as typed schemas.

    Attributes:
        shapes: Every object schema by key, dependencies first.
        input: Key of the Input's shape.
        output: Schema of the result.
        repairs: The repairs, in the order of the document.
    """

    shapes: Mapping[str, Shape]
    input: str
    output: Schema
    repairs: tuple[Repair, ...]


def normalise(document: Document, *, not_files: Iterable[str] = ()) -> Normalised:
    """Return a document's Input and Output as typed schemas.

    Args:
        document: The document.
        not_files: Names of properties that look like files (`url`, `…_url`) and are not.

    Raises:
        DocumentError: The Input is not an object or cannot be found, or its schemas exceed
            the nesting or branching limit.
    """
    incoming = SchemaReader(document, Direction.INPUT)
    root = incoming.schema(document.input, document.input_pointer, NameHint("Input", is_root=True))
    if not isinstance(root, Ref):
        raise DocumentError(
            "the Input is not an object with properties, so the endpoint cannot be called",
            endpoint=document.endpoint_id,
            pointer=document.input_pointer,
            hint="correct the document, or remove the endpoint from the declaration",
        )
    inputs = _shapes(incoming, frozenset(not_files))
    outgoing = SchemaReader(document, Direction.OUTPUT)
    output = outgoing.schema(
        document.output, document.output_pointer, NameHint("Output", is_root=True)
    )
    outputs = _shapes(outgoing, frozenset())
    return Normalised(
        shapes={shape.key: shape for shapes in (inputs, outputs) for shape in in_order(shapes)},
        input=root.name,
        output=output,
        repairs=tuple(dict.fromkeys(incoming.repairs + outgoing.repairs)),
    )


def _shapes(reader: SchemaReader, not_files: Set[str]) -> dict[str, Shape]:
    """Return the object schemas that were read, and all that they refer to, by key."""
    shapes: dict[str, Shape] = {}
    while reader.objects:
        found = reader.objects.popleft()
        shapes[found.key] = _shape(found, reader, not_files)
    if reader.direction is Direction.INPUT:
        shapes = _accepting_urls(shapes, not_files)
    for key, tags in reader.tags.items():
        distinct = {name: tuple(dict.fromkeys(values)) for name, values in tags.items()}
        shapes[key] = shapes[key]._replace(tags=distinct)
    for pointer, members in reader.one_ofs:
        if any(may_overlap(*pair, shapes) for pair in combinations(members, 2)):
            reader.repair("overlapping-one-of", pointer)
    return shapes


def _shape(found: ObjectNode, reader: SchemaReader, not_files: Set[str]) -> Shape:
    return Shape(
        key=found.key,
        name_hint=found.name_hint,
        direction=reader.direction,
        description=stripped(found.node.get("description")),
        properties=tuple(properties(found, reader, not_files)),
        is_open=_is_open(found.node),
        tags={},
    )


def _is_open(node: Mapping[str, object]) -> bool:
    """Return whether an object schema itself allows names that it does not list."""
    is_patterned = bool(mapping(node.get("patternProperties")))
    return is_patterned or node.get("additionalProperties", False) is not False


def _accepting_urls(shapes: Mapping[str, Shape], not_files: Set[str]) -> dict[str, Shape]:
    """Return shapes that accept a URL wherever they accept a model that describes a file."""
    files = {key for key, shape in shapes.items() if is_file(shape.properties)}
    return {
        key: shape._replace(
            properties=tuple(
                prop if prop.name in not_files else prop.with_schema(or_url(prop.schema, files))
                for prop in shape.properties
            ),
        )
        for key, shape in shapes.items()
    }
