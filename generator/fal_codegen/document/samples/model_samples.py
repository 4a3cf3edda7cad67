"""Sample values of planned models: the document's examples, or the plainest valid values.

`Sampler` makes them from the JSON Schemas of the models, with those examples that are valid.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from fal_codegen.document.accepts import Acceptor
from fal_codegen.document.json_values import JsonSchema
from fal_codegen.document.models import Model, Property
from fal_codegen.document.samples.budget import VALUE, Budget
from fal_codegen.document.samples.sampler import Sampler
from fal_codegen.document.schema import Ref, Schema, String, as_json_schema

__all__ = ["from_examples", "sample"]

_MOST_VALUES = 1000
"""Values of a sample, after which nothing is filled in: a reader has to look through it."""


def sample(models: Iterable[Model], schema: Schema, *, complete: bool = False) -> Any:
    """Return a value; an object has its required properties, and those with an example.

    Args:
        models: The models of the endpoint.
        schema: The schema of the value.
        complete: Whether to include properties with a default.
    """
    sampler = _sampler(models, has_default=lambda prop: complete or prop.required)
    return sampler.sample(as_json_schema(schema))


def from_examples(models: Iterable[Model], schema: Schema) -> Any:
    """Return a value that consists of the document's examples; None if they do not suffice."""
    sampler = _sampler(models, has_default=lambda _: False, only_examples=True)
    return sampler.sample(as_json_schema(schema))


def _sampler(
    models: Iterable[Model],
    *,
    has_default: Callable[[Property], bool],
    only_examples: bool = False,
) -> Sampler:
    """Return a sampler of models.

    Args:
        models: The models of an endpoint.
        has_default: Returns whether the default of a property is one of its examples.
        only_examples: Whether values consist of examples alone.
    """
    by_reference = {as_json_schema(Ref(model.name))["$ref"]: model for model in models}
    acceptor = Acceptor(by_reference.values())

    def examples(prop: Property) -> list[Any]:
        default = (prop.default.value,) if prop.default and has_default(prop) else ()
        values = (*prop.examples, *default)
        return [value for value in values if acceptor.accepts(value, prop.schema)]

    @cache
    def target(reference: object) -> JsonSchema:
        properties = by_reference[reference].properties
        return {
            "type": "object",
            "properties": {
                prop.name: {**as_json_schema(prop.schema), "examples": examples(prop)}
                for prop in properties
            },
            "required": [prop.name for prop in properties if prop.required],
        }

    budget = Budget(_MOST_VALUES * VALUE)
    return Sampler(target, _has_its_pattern, budget, only_examples=only_examples)


def _has_its_pattern(value: Any, schema: JsonSchema) -> bool:
    """Return whether a string is valid; every other value is valid as it is made."""
    if "pattern" not in schema or not isinstance(value, str):
        return True
    constraints = String(schema.get("minLength"), schema.get("maxLength"), schema["pattern"])
    return Acceptor(()).accepts(value, constraints)
