"""Shapes: the object schemas of a document, before models are named after them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from fal_codegen.document.models import Direction, Property
from fal_codegen.document.schema import references


class Shape(NamedTuple):
    """An object schema that will become a model.

    Attributes:
        key: The name that references have for it until `plan` gives it one.
        name_hint: Source text for its name.
        properties: In the order of `x-fal-order-properties`; the others follow, by name.
        is_open: Whether the document itself allows properties that it does not list.
        tags: The values of its discriminators, by property.
    """

    key: str
    name_hint: str
    direction: Direction
    description: str
    properties: tuple[Property, ...]
    is_open: bool
    tags: Mapping[str, tuple[str, ...]]


def in_order(shapes: Mapping[str, Shape]) -> Iterator[Shape]:
    """Yield the shapes, dependencies first, as far as cycles allow."""
    done: set[str] = set()
    for start in shapes:
        stack = [(start, _needs(shapes[start]))]
        while stack:
            key, needs = stack[-1]
            done.add(key)
            following = next((need for need in needs if need not in done), None)
            if following is not None:
                stack.append((following, _needs(shapes[following])))
            else:
                stack.pop()
                yield shapes[key]


def _needs(shape: Shape) -> Iterator[str]:
    return (name for prop in shape.properties for name in references(prop.schema))
