"""Tags: the properties by whose values the members of a union are told apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fal_codegen.document.schema import Ref, Schema, Union, inner
from fal_codegen.ir import Direction, Endpoint

Tags = Mapping[str, Mapping[str, Sequence[Any]]]
"""Of each model, the values by which unions tell it from others, by property."""


ToldApart = Mapping[tuple[str, str], Sequence[Any]]
"""The values of the tags that unions of results go by, by model and property."""


def telling(tags: Tags) -> dict[str, dict[str, tuple[Any, ...]]]:
    """Return the tags that tell some of these models apart; nothing if none does."""
    listed: dict[str, list[frozenset[tuple[type, Any]]]] = {}
    for tagged in tags.values():
        for name, values in tagged.items():
            listed.setdefault(name, []).append(frozenset((type(one), one) for one in values))
    kept = {name for name, sets in listed.items() if len(set(sets)) > 1}
    found = {
        model: {name: tuple(values) for name, values in tagged.items() if name in kept}
        for model, tagged in tags.items()
    }
    return {model: tagged for model, tagged in found.items() if tagged}


def union_tags(union: Union, tags: Tags) -> dict[str, dict[str, tuple[Any, ...]]]:
    """Return the tags that tell the members of a union apart."""
    names = [member.name for member in union.members if isinstance(member, Ref)]
    return telling({name: tags[name] for name in names if name in tags})


def tags_of(endpoint: Endpoint) -> Tags:
    """Return the tags of an endpoint's models that have some."""
    return {model.name: model.tags for model in endpoint.models if model.tags}


def told_apart(endpoint: Endpoint) -> ToldApart:
    """Return the values of the tags that unions of an endpoint's results go by."""
    tags = tags_of(endpoint)
    schemas = [endpoint.output] + [
        prop.schema
        for model in endpoint.models
        if model.direction is Direction.OUTPUT
        for prop in model.properties
    ]
    return {
        (model, name): values
        for schema in schemas
        for union in _unions(schema)
        for model, tagged in union_tags(union, tags).items()
        for name, values in tagged.items()
    }


def _unions(schema: Schema) -> Iterator[Union]:
    if isinstance(schema, Union):
        yield schema
    for part in inner(schema):
        yield from _unions(part)
