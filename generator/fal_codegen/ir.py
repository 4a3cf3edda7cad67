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
    """Which way a value travels: that decides how strict its model is."""

    INPUT = "input"
    OUTPUT = "output"


@dataclass(frozen=True)
class Default:
    """A default value of the server, shown to callers and never sent.

    Attributes:
        value: The value, as in the document.
        fits: Whether it is a value of its property's schema made of scalars, so that a typed
            language can state it where the property is declared.
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
        is_file: Whether it describes a file: it has a `url` and says more about what is there.
        tags: The values by which unions tell it from other models, by the property that has them.
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
class Outline:
    """What others need to know of an endpoint: all of it but its schemas.

    Attributes:
        id: The endpoint id, such as `fal-ai/pika/v2.2/image-to-video`.
        class_name: Name of the class that stands for the endpoint.
        about: What the endpoint does; may be empty.
        category: fal's category, such as `image-to-video`; may be empty.
        models: Names of its models.
        repairs: What was repaired in its document, in the order of the document.
        correction: Why its document was corrected by an overlay; empty if it was not.
    """

    id: str
    class_name: str
    about: str
    category: str
    models: tuple[str, ...]
    repairs: tuple[Repair, ...]
    correction: str


@dataclass(frozen=True)
class Endpoint:
    """One endpoint, planned.

    Attributes:
        id: The endpoint id, such as `fal-ai/pika/v2.2/image-to-video`.
        class_name: Name of the class that stands for the endpoint.
        about: What it does: its document's words, or else the catalogue's; may be empty.
        models: Every model, those that others need first; `Input` and `Output` among them.
        output: Schema of the result: mostly a reference to the model `Output`.
        repairs: What was repaired in its document, in the order of the document.
        correction: Why its document was corrected by an overlay; empty if it was not.
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

    @property
    def outline(self) -> Outline:
        """The endpoint without its schemas."""
        return Outline(
            id=self.id,
            class_name=self.class_name,
            about=self.about,
            category=self.category,
            models=tuple(model.name for model in self.models),
            repairs=self.repairs,
            correction=self.correction,
        )
