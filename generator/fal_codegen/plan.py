"""Plan: from normalised schemas to the intermediate representation, names included.

Class names are decided here: `Input` and `Output` for the two roots, the endpoint's own for
the class that stands for it, and the components' for the models below.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fal_codegen import client_names
from fal_codegen.document.file_inputs import is_file
from fal_codegen.document.metadata import DEPRECATED_STATUS, Metadata, about_of, category_of
from fal_codegen.document.normalise import Normalised
from fal_codegen.document.read import Document
from fal_codegen.document.schema import Enum, Ref, Schema, replace_references
from fal_codegen.document.shapes import Shape
from fal_codegen.ir import Direction, Endpoint, Extension, Model, Property
from fal_codegen.naming import class_name, unique
from fal_codegen.targets.fal_client_stubs import types as stubs
from fal_codegen.targets.typescript import names as typescript

RESERVED_CLASS_NAMES = (
    client_names.RESERVED_CLASS_NAMES | typescript.RESERVED_CLASS_NAMES | stubs.RESERVED_CLASS_NAMES
)
"""Class names that no model gets, because the language of a builtin target reserves them.

A model has the same name in every target, whichever targets a project declares.
"""


def plan(
    document: Document,
    normalised: Normalised,
    *,
    own_name: str | None = None,
    extension: Extension | None = None,
) -> Endpoint:
    """Plan one endpoint.

    Args:
        document: The endpoint's document.
        normalised: Its schemas, normalised.
        own_name: Class name to use instead of the one its id suggests.
        extension: The project's class that extends the endpoint's.
    """
    endpoint_class = own_name or class_name(document.endpoint_id.rpartition("/")[2])
    if endpoint_class in RESERVED_CLASS_NAMES:
        endpoint_class += "_"
    names = _model_names(normalised, endpoint_class)

    known = document.metadata or Metadata()

    def rename(schema: Schema) -> Schema:
        return replace_references(schema, lambda ref: Ref(names[ref.name]))

    return Endpoint(
        id=document.endpoint_id,
        class_name=endpoint_class,
        about=about_of(document.about, known),
        category=category_of(document.category, known),
        documentation_url=document.documentation_url,
        models=tuple(_model(shape, names[key], rename) for key, shape in normalised.shapes.items()),
        output=rename(normalised.output),
        repairs=normalised.repairs,
        correction=document.correction,
        extension=extension,
        is_deprecated=known.status == DEPRECATED_STATUS,
        price=document.price,
        title=known.title,
        thumbnail_url=document.thumbnail_url,
    )


def _model_names(normalised: Normalised, endpoint_class: str) -> dict[str, str]:
    """Name every shape; if an input and an output want the same name, the input gets it.

    Callers write the names of input models, but rarely those of output models.
    """
    names = {normalised.input: "Input"}
    if isinstance(normalised.output, Ref):
        names[normalised.output.name] = "Output"
    taken = {*RESERVED_CLASS_NAMES, endpoint_class}
    for direction in (Direction.INPUT, Direction.OUTPUT):
        hints = {
            key: f"{direction.value} " * (class_name(shape.name_hint) in taken) + shape.name_hint
            for key, shape in normalised.shapes.items()
            if shape.direction is direction and key not in names
        }
        named = unique(hints, taken=taken, form=class_name)
        names |= named
        taken |= set(named.values())
    return names


def _model(shape: Shape, name: str, rename: Callable[[Schema], Schema]) -> Model:
    properties = tuple(prop.with_schema(rename(prop.schema)) for prop in shape.properties)
    return Model(
        name=name,
        direction=shape.direction,
        description=shape.description,
        properties=properties,
        is_open=shape.is_open,
        is_file=is_file(properties),
        tags={**shape.tags, **_enums(properties)},
    )


def _enums(properties: tuple[Property, ...]) -> dict[str, tuple[Any, ...]]:
    return {
        prop.name: prop.schema.values
        for prop in properties
        if isinstance(prop.schema, Enum) and not prop.nullable
    }
