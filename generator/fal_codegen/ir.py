"""The intermediate representation: what a target needs to know about an endpoint, as values.

It knows no programming language. Each property and each result has a typed schema (see
`document.schema`), in which a `Ref` holds the name of one of the endpoint's models.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from fal_codegen.document.schema import Schema


class Direction(Enum):
    """Which way a value travels; its model is strict for inputs and open for outputs."""

    INPUT = "input"
    OUTPUT = "output"


@dataclass(frozen=True)
class Default:
    """A default value of the server, shown to callers and never sent.

    Attributes:
        value: The value, as in the document.
        fits: Whether it is of the type of its property and consists of scalars, so that a typed
            language can declare it with the property.
    """

    value: Any
    fits: bool


@dataclass(frozen=True)
class Property:
    """One property of a model.

    Attributes:
        name: Its name on the wire.
        schema: Its schema, without null.
        nullable: Whether null is a value of it.
        default: The server's default, if the document states one other than null.
    """

    name: str
    schema: Schema
    required: bool
    nullable: bool
    default: Default | None
    description: str
    examples: tuple[Any, ...]
    deprecated: bool


@dataclass(frozen=True)
class Model:
    """An object of the endpoint's Input or Output, with its properties in the document's order.

    Attributes:
        name: Its class name, unique in its endpoint.
        is_open: Whether the document itself allows names that it does not list.
        is_file: Whether it describes a file: it has a `url` and other properties of files.
        tags: The values by which unions discriminate it from other models, by property.
    """

    name: str
    direction: Direction
    description: str
    properties: tuple[Property, ...]
    is_open: bool
    is_file: bool
    tags: Mapping[str, tuple[Any, ...]]


@dataclass(frozen=True)
class Repair:
    """A correction made to a document's schema before anything was generated from it.

    Attributes:
        rule: Name of the rule, see `repairs.RULES`.
        pointer: Where in the document.
    """

    rule: str
    pointer: str


@dataclass(frozen=True)
class Endpoint:
    """One endpoint, planned.

    Attributes:
        id: The endpoint id, such as `fal-ai/pika/v2.2/image-to-video`.
        class_name: Name of the class that stands for the endpoint.
        about: What it does, from its document or else from the catalogue; may be empty.
        models: Every model, dependencies first; `Input` and `Output` are among them.
        output: Schema of the result: mostly a reference to the model `Output`.
        repairs: What was repaired in its document, in the order of the document.
        correction: The reason of its overlay; empty without one.
    """

    id: str
    class_name: str
    about: str
    category: str
    documentation_url: str
    models: tuple[Model, ...]
    output: Schema
    repairs: tuple[Repair, ...]
    correction: str
