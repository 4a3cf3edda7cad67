"""Models: the objects of an endpoint's Input and Output, and their properties."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, NamedTuple

from fal_codegen.document.schema import Schema

FILE_PROPERTIES = frozenset({"url", "content_type", "file_name", "file_size"})
"""The properties of the client's own class of files."""


class Direction(Enum):
    """Whether a value is sent or received; models are strict for inputs and open for outputs."""

    INPUT = "input"
    OUTPUT = "output"

    @property
    def omits(self) -> str:
        """The keyword of properties that values in this direction leave out."""
        return "readOnly" if self is Direction.INPUT else "writeOnly"


class Default(NamedTuple):
    """A default value of the server, shown to callers and never sent.

    Attributes:
        value: The value, as in the document.
        fits: Whether it has the type of its property and consists of scalars, so that a typed
            language can declare it with the property.
    """

    value: Any
    fits: bool


class Property(NamedTuple):
    """One property of a model.

    Attributes:
        name: Its name on the wire.
        schema: Its schema, without null.
        nullable: Whether it may be null.
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

    def with_schema(self, schema: Schema) -> Property:
        """Return the property with this schema, which most often is the same."""
        return self if schema is self.schema else self._replace(schema=schema)


class Model(NamedTuple):
    """An object of the endpoint's Input or Output, with its properties in the document's order.

    Attributes:
        name: Its class name, unique in its endpoint.
        is_open: Whether the document itself allows properties that it does not list.
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

    @property
    def is_plain_file(self) -> bool:
        """Whether it is a file in an output for which the client's class `File` suffices."""
        return (
            self.direction is Direction.OUTPUT
            and self.name != "Output"
            and self.is_file
            and {prop.name for prop in self.properties} <= FILE_PROPERTIES
        )
