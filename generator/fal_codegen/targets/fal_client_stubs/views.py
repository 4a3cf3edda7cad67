"""Views: the values that the templates of the stubs print."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from fal_codegen.document.schema import Enum, Ref
from fal_codegen.ir import Direction, Endpoint, Model, Property
from fal_codegen.render import Untrusted
from fal_codegen.targets.fal_client_stubs.types import ANY, python_type
from fal_codegen.targets.prose import ROOTS, documentation
from fal_codegen.targets.python.expressions import PythonType
from fal_codegen.targets.python.names import Node
from fal_codegen.targets.tags import Discriminators, discriminators

_NAMES = frozenset(
    "Any Literal NotRequired TypeAlias TypedDict bool dict float int list str".split()
)
"""Names that declarations of types refer to, the models' own apart."""

_ANY_DICT = PythonType("dict[str, Any]", frozenset({"Any"}))
_ANY_INPUT = PythonType("MutableMapping[str, Any]", frozenset({"Any", "MutableMapping"}))
"""The input itself: any dict but one that is written in the call fits an overload before it."""


@dataclass(frozen=True)
class Call:
    """A declared endpoint, as the client's methods are overloaded for it.

    Attributes:
        module: The module of its types.
        alias: What the client's module calls that.
        streamed: What it calls the module of the types that hold where results are streamed.
    """

    id: str
    module: str
    alias: str
    streamed: str


@dataclass(frozen=True)
class Key:
    """A key of a dict, and its type.

    Attributes:
        name: Its name on the wire.
        identifier: The same, if the key can be declared in a class.
    """

    name: Untrusted
    identifier: str | None
    annotation: PythonType
    is_required: bool
    doc: Untrusted


@dataclass(frozen=True)
class Dict:
    """A model's `TypedDict`.

    Attributes:
        anything: What it is instead where other keys are allowed as well, which no `TypedDict`
            can say.
    """

    name: str
    doc: Untrusted
    anything: PythonType | None
    keys: tuple[Key, ...]

    @property
    def is_class(self) -> bool:
        """Whether it can be written as a class."""
        return all(key.identifier for key in self.keys)


@dataclass(frozen=True)
class Module:
    """The types of an endpoint.

    Attributes:
        result: The type of the result, if it is not the model `Output`.
    """

    id: str
    doc: Untrusted
    dicts: tuple[Dict, ...]
    result: PythonType | None


def nodes_below(nodes: Iterable[Node]) -> Iterator[Node]:
    """Yield nodes, and all that is below them."""
    for node in nodes:
        yield node
        yield from nodes_below(node.children)


def calls(nodes: Iterable[Node]) -> list[Call]:
    """Return the calls of all endpoints among nodes and below them."""
    found = {node.prefix: node for node in nodes_below(nodes) if node.endpoint is not None}
    return [
        Call(
            id=endpoint_id,
            module=".".join(("fal_client", "_endpoints", *node.path)),
            alias=_alias(node),
            # To stream, the client itself adds this to the id; it may be an endpoint of its own.
            streamed=_alias(found.get(f"{endpoint_id}/stream", node)),
        )
        for endpoint_id, node in found.items()
    ]


def module(endpoint: Endpoint) -> Module:
    """Return the view of the types of an endpoint."""
    is_model = endpoint.output == Ref("Output")
    told = discriminators(endpoint)
    return Module(
        id=endpoint.id,
        doc=Untrusted(endpoint.about or f"The endpoint `{endpoint.id}`."),
        dicts=tuple(_dict(model, told) for model in endpoint.models),
        result=None if is_model else python_type(endpoint.output, Direction.OUTPUT),
    )


def _alias(node: Node) -> str:
    return "__".join(node.path)


def _dict(model: Model, told: Discriminators) -> Dict:
    is_open = model.is_open and model.direction is Direction.INPUT
    return Dict(
        name=model.name,
        doc=Untrusted(model.description or ROOTS.get(model.name, "")),
        anything=(_ANY_INPUT if model.name == "Input" else _ANY_DICT) if is_open else None,
        keys=tuple(
            _key(prop, model.direction, told.get((model.name, prop.name), ()))
            for prop in model.properties
        ),
    )


def _key(prop: Property, direction: Direction, tag: Sequence[Any]) -> Key:
    # A tag has just the values that it has here, so that comparing it narrows the union.
    annotation = (
        python_type(Enum(tuple(tag)), Direction.INPUT)
        if tag
        else python_type(prop.schema, direction)
    )
    if prop.nullable and annotation != ANY:
        annotation = annotation.or_none()
    return Key(
        name=Untrusted(prop.name),
        identifier=prop.name if _is_name(prop.name) else None,
        annotation=annotation,
        is_required=prop.required,
        doc=Untrusted(documentation(prop, direction)),
    )


def _is_name(text: str) -> bool:
    """Return whether a class can declare a key; names with two leading underscores are mangled."""
    is_name = text.isascii() and text.isidentifier() and not keyword.iskeyword(text)
    return is_name and not text.startswith("__") and text not in _NAMES
