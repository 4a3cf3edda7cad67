"""Views: the values that the templates of the stubs print."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from fal_codegen.client_names import Node, walk
from fal_codegen.document.schema import Enum
from fal_codegen.ir import Direction, Endpoint, Model, Property
from fal_codegen.render import Untrusted
from fal_codegen.targets.fal_client_stubs.types import ANY, python_type
from fal_codegen.targets.prose import documentation, model_description
from fal_codegen.targets.tags import Discriminators, discriminators
from fal_codegen.targets.typed_dict_keys import is_key

_NAMES = frozenset(
    "Any Literal NotRequired TypeAlias TypedDict bool dict float int list str".split()
)
"""Names that type declarations refer to, besides the names of models."""

_ANY_DICT = "dict[str, Any]"
_ANY_INPUT = "MutableMapping[str, Any]"
"""The type of an open Input.

A dict that is not written in the call matches an overload that comes before those of the endpoints:
the one for `_ArgumentsOfTheEndpoint`.
"""


class Call(NamedTuple):
    """A declared endpoint, for which the client's methods are overloaded.

    Attributes:
        module: The module of its types.
        alias: The name that the stubs import the module by.
        streamed: The name of the module whose types hold when results are streamed.
    """

    id: str
    module: str
    alias: str
    streamed: str


class DictKey(NamedTuple):
    """A key of a dict, and its type.

    Attributes:
        name: The key.
        identifier: The key, if a class can declare it; None otherwise.
    """

    name: Untrusted
    identifier: str | None
    annotation: str
    is_required: bool
    doc: Untrusted

    @property
    def annotation_of_get(self) -> str:
        """The type of what `get` returns without a default."""
        has_none = self.annotation == ANY or self.annotation.endswith("None")
        return self.annotation if self.is_required or has_none else f"{self.annotation} | None"


class Dict(NamedTuple):
    """The type of a model.

    Attributes:
        anything: The type used instead if the document allows other keys, which a `TypedDict`
            cannot express.
        is_result: Whether it is a subclass of `dict` that knows its keys. Unlike a `TypedDict`, it
            fits where programs expect a dict, but no comparison of a key narrows a union of such.
    """

    name: str
    doc: Untrusted
    anything: str | None
    is_result: bool
    keys: tuple[DictKey, ...]

    @property
    def is_class(self) -> bool:
        """Whether it can be written as a class."""
        return all(key.identifier for key in self.keys)

    @property
    def is_never_empty(self) -> bool:
        """Whether it is a result with a required key."""
        return self.is_result and any(key.is_required for key in self.keys)

    @property
    def has_defaults(self) -> bool:
        """Whether `get` returns a default for some key of a result."""
        return self.is_result and any(
            not key.is_required and key.annotation != ANY for key in self.keys
        )


class Module(NamedTuple):
    """The types of an endpoint.

    Attributes:
        result: The type of the result, if it is not the model `Output`.
    """

    id: str
    doc: Untrusted
    dicts: tuple[Dict, ...]
    result: str | None

    @property
    def has_defaults(self) -> bool:
        """Whether `get` of some dict returns a default."""
        return any(typed.has_defaults for typed in self.dicts)


def calls(nodes: Iterable[Node]) -> list[Call]:
    """Return the calls of all endpoints among nodes and below them."""
    found = {node.prefix: node for node in walk(nodes) if node.endpoint is not None}
    return [
        Call(
            id=endpoint_id,
            module=".".join(("fal_client", "_endpoints", *node.path)),
            alias=_alias(node),
            # To stream, the client appends `/stream` to the id; that may be a declared endpoint.
            streamed=_alias(found.get(f"{endpoint_id}/stream", node)),
        )
        for endpoint_id, node in found.items()
    ]


def module(endpoint: Endpoint) -> Module:
    """Return the view of the types of an endpoint."""
    by_property = discriminators(endpoint)
    output = python_type(endpoint.output, Direction.OUTPUT)
    return Module(
        id=endpoint.id,
        doc=Untrusted(endpoint.description),
        dicts=tuple(_dict(model, by_property) for model in endpoint.models),
        result=None if endpoint.has_output_model else output,
    )


def _alias(node: Node) -> str:
    return "__".join(node.path)


def _dict(model: Model, by_property: Discriminators) -> Dict:
    is_input = model.direction is Direction.INPUT
    is_open = model.is_open and is_input
    is_tagged = any(name == model.name for name, _ in by_property)
    return Dict(
        name=model.name,
        doc=Untrusted(model_description(model)),
        anything=(_ANY_INPUT if model.name == "Input" else _ANY_DICT) if is_open else None,
        is_result=not is_input and not is_tagged,
        keys=tuple(
            _key(prop, model.direction, by_property.get((model.name, prop.name), ()))
            for prop in model.properties
        ),
    )


def _key(prop: Property, direction: Direction, tag: Sequence[Any]) -> DictKey:
    declared = python_type(prop.schema, direction)
    # A tag has just the values that it has here, so that comparing it narrows the union.
    annotation = python_type(Enum(tuple(tag)), Direction.INPUT) if tag else declared
    if prop.nullable and annotation != ANY:
        annotation = f"{annotation} | None"
    return DictKey(
        name=Untrusted(prop.name),
        identifier=prop.name if is_key(prop.name, _NAMES) else None,
        annotation=annotation,
        is_required=prop.required,
        doc=Untrusted(documentation(prop, direction)),
    )
