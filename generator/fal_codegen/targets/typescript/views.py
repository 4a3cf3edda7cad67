"""Views: the values that the TypeScript templates print."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from fal_codegen.document.samples.model_samples import sample
from fal_codegen.document.schema import Array, Enum, Ref
from fal_codegen.ir import Direction, Endpoint, Model, Property
from fal_codegen.render import Untrusted
from fal_codegen.snippets.literals import javascript
from fal_codegen.targets.prose import documentation, model_description
from fal_codegen.targets.tags import Discriminators, discriminators, tags_of
from fal_codegen.targets.typescript.quoting import STYLE, key, literal, property_name
from fal_codegen.targets.typescript.types import property_type, type_of
from fal_codegen.targets.typescript.zod import (
    Scope,
    property_schema,
    property_uses_runtime,
    uses_runtime,
    zod_schema,
)
from fal_codegen.text import cut
from fal_codegen.text.brackets import Bracketed, laid_out
from fal_codegen.text.escaping import json_text

_LONGEST_EXAMPLE = 80


class ModelProperty(NamedTuple):
    """A property of a model.

    Attributes:
        member: Its declaration in the type.
        entry: Its entry in the zod schema.
        example: An example as JSON, cut if it is long; empty if there is none, or `doc` has it.
        default: The server's default as JSON; empty if the document states none.
    """

    member: str
    entry: str
    doc: Untrusted
    example: Untrusted
    default: Untrusted
    is_deprecated: bool


class ModelType(NamedTuple):
    """The type of a model, and its zod schema.

    Attributes:
        is_open: Whether the document allows properties that it does not list.
        is_strict: Whether its zod schema rejects such properties.
    """

    name: str
    doc: Untrusted
    is_open: bool
    is_strict: bool
    fields: tuple[ModelProperty, ...]


class Result(NamedTuple):
    """The result of an endpoint, where it is not the model `Output`.

    Attributes:
        declaration: The declaration of its type.
        schema: Its zod schema.
    """

    declaration: str
    schema: str


class Choices(NamedTuple):
    """The values that a property of an Input can have.

    Attributes:
        declaration: The type of its entry in `choices`.
        entry: Its entry in `choices`.
    """

    declaration: str
    entry: str


class Module(NamedTuple):
    """The modules of an endpoint.

    Attributes:
        id: The endpoint id.
        root: The relative path from its folder to the root of the package.
        aliases: The names of its Input and Output, each with one that is unique in the package.
        choices: The properties of its Input that have a fixed set of values.
        result: The result, if it is not the model `Output`.
        uses_runtime: Whether its zod schemas refer to the package's runtime.
    """

    source: str
    id: str
    root: str
    about: Untrusted
    aliases: tuple[tuple[str, str], ...]
    choices: tuple[Choices, ...]
    types: tuple[ModelType, ...]
    result: Result | None
    uses_runtime: bool


class Example(NamedTuple):
    """An endpoint that the README shows the use of.

    Attributes:
        id: The endpoint id.
        path: The import path of its module, below the package.
        input: An input as an object literal of TypeScript.
        indented_input: The same, inside an object literal.
    """

    id: str
    path: str
    input: str
    indented_input: str


def example(endpoint: Endpoint, path: str) -> Example:
    """Return the view of an endpoint that the README shows the use of."""
    value = sample(endpoint.models, Ref("Input"))
    return Example(endpoint.id, path, javascript(value, indent=0), javascript(value, indent=2))


def module(endpoint: Endpoint, path: str, prefix: str) -> Module:
    """Return the view of an endpoint's modules.

    Args:
        endpoint: The endpoint.
        path: The folder of its modules, below the folder of all endpoints.
        prefix: What the unique names of its Input and Output begin with.
    """
    taken = {model.name for model in endpoint.models}
    types: list[ModelType] = []
    defined: set[str] = set()
    tags, by_property = tags_of(endpoint), discriminators(endpoint)
    for model in endpoint.models:
        types.append(_model_type(model, Scope(frozenset(defined), tags), by_property))
        defined.add(model.name)
    return Module(
        source=f"specs/{endpoint.id}.json",
        id=endpoint.id,
        root="../" * (path.count("/") + 2),
        about=Untrusted(endpoint.description),
        aliases=tuple(
            (name, f"{prefix}{name}")
            for name in ("Input", "Output")
            if f"{prefix}{name}" not in taken
        ),
        choices=tuple(_choices(endpoint)),
        types=tuple(types),
        result=None if endpoint.has_output_model else _result(endpoint, Scope(defined, tags)),
        uses_runtime=uses_runtime(endpoint.output, Direction.OUTPUT, tags)
        or any(
            property_uses_runtime(prop, model.direction, tags)
            for model in endpoint.models
            for prop in model.properties
        ),
    )


def _choices(endpoint: Endpoint) -> Iterator[Choices]:
    for prop in next(model for model in endpoint.models if model.name == "Input").properties:
        schema = prop.schema.items if isinstance(prop.schema, Array) else prop.schema
        if isinstance(schema, Enum):
            values = Bracketed("[", tuple(map(literal, schema.values)), "]", last="")
            name = property_name(prop.name)
            yield Choices(
                declaration=laid_out((f"readonly {name}: readonly ", values, ";"), STYLE, indent=2),
                entry=laid_out((f"{key(prop.name)}: ", values, ","), STYLE, indent=2),
            )


def _result(endpoint: Endpoint, scope: Scope) -> Result:
    type_ = type_of(endpoint.output, Direction.OUTPUT)
    schema = zod_schema(endpoint.output, Direction.OUTPUT, scope)
    return Result(
        declaration=laid_out(("export type Output = ", type_, ";"), STYLE),
        schema=laid_out(("export const Output = ", schema, ";"), STYLE),
    )


def _model_type(model: Model, scope: Scope, by_property: Discriminators) -> ModelType:
    is_input = model.direction is Direction.INPUT
    return ModelType(
        name=model.name,
        doc=Untrusted(model_description(model)),
        is_open=model.is_open,
        is_strict=is_input and not model.is_open,
        fields=tuple(
            _field(prop, model.direction, scope, by_property.get((model.name, prop.name), ()))
            for prop in model.properties
        ),
    )


def _field(
    prop: Property, direction: Direction, scope: Scope, tag: Sequence[object]
) -> ModelProperty:
    mark = "" if prop.required else "?"
    type_ = property_type(prop, direction, tag)
    schema = property_schema(prop, direction, scope, tag)
    return ModelProperty(
        member=laid_out((f"{property_name(prop.name)}{mark}: ", type_, ";"), STYLE, indent=2),
        entry=laid_out((f"{key(prop.name)}: ", schema, ","), STYLE, indent=2),
        doc=Untrusted(documentation(prop, direction, with_default=False)),
        example=Untrusted(_example(prop, direction)),
        default=Untrusted(_default(prop, direction)),
        is_deprecated=prop.deprecated,
    )


def _example(prop: Property, direction: Direction) -> str:
    if direction is Direction.OUTPUT or not (prop.description and prop.examples):
        return ""
    example = json_text(prop.examples[0])
    return cut(example, _LONGEST_EXAMPLE)


def _default(prop: Property, direction: Direction) -> str:
    if prop.default is None or direction is Direction.OUTPUT:
        return ""
    return json_text(prop.default.value)
