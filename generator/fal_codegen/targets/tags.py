"""Tags: the properties whose values discriminate between the members of a union."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fal_codegen.document.schema import Ref, Schema, Union, inner
from fal_codegen.ir import Direction, Endpoint

Tags = Mapping[str, Mapping[str, Sequence[Any]]]
"""The values of a model's tags, by model and property."""

Discriminators = Mapping[tuple[str, str], Sequence[Any]]
"""The values of the tags by which unions of results are discriminated, by model and property."""


def discriminating(tags: Tags) -> dict[str, dict[str, tuple[Any, ...]]]:
    """Return the tags that discriminate between some of the models; empty if none does."""
    listed: dict[str, list[frozenset[tuple[type, Any]]]] = {}
    for tagged in tags.values():
        for name, values in tagged.items():
            listed.setdefault(name, []).append(frozenset((type(value), value) for value in values))
    kept = {name for name, sets in listed.items() if len(set(sets)) > 1}
    discriminating_tags = {
        model: {name: tuple(values) for name, values in tagged.items() if name in kept}
        for model, tagged in tags.items()
    }
    return {model: tagged for model, tagged in discriminating_tags.items() if tagged}


def union_tags(union: Union, tags: Tags) -> dict[str, dict[str, tuple[Any, ...]]]:
    """Return the tags that discriminate between the members of a union."""
    names = [member.name for member in union.members if isinstance(member, Ref)]
    return discriminating({name: tags[name] for name in names if name in tags})


def tags_of(endpoint: Endpoint) -> Tags:
    """Return the tags of an endpoint's models, without models that have none."""
    return {model.name: model.tags for model in endpoint.models if model.tags}


def discriminators(endpoint: Endpoint) -> Discriminators:
    """Return the tags by which unions in an endpoint's results are discriminated."""
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
