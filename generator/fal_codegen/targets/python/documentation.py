"""The documentation of endpoints as data, which the package's command line and MCP server show.

Docstrings are for editors: Python keeps none of fields, and with `-OO` none at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fal_codegen.ir import Endpoint, Model
from fal_codegen.targets.prose import documentation
from fal_codegen.targets.python.types import Types
from fal_codegen.targets.python.views import class_of, named_properties
from fal_codegen.text.escaping import json_text


def documentation_lines(endpoints: Iterable[Endpoint], types: Mapping[str, Types]) -> str:
    """Return a line of JSON for each endpoint, which the runtime's `documentation` reads.

    Args:
        endpoints: The endpoints.
        types: The types of each endpoint, by id.
    """
    return "".join(f"{json_text(_stated(each, types[each.id]))}\n" for each in endpoints)


def _stated(endpoint: Endpoint, types: Types) -> dict[str, object]:
    fields = {class_of(model): _fields(model, types) for model in endpoint.models}
    return {
        "endpoint_id": endpoint.id,
        "description": endpoint.description,
        "price": endpoint.price.dated if endpoint.price else "",
        "fields": {name: described for name, described in fields.items() if described},
    }


def _fields(model: Model, types: Types) -> dict[str, str]:
    """Return the documentation of each field of a model, by its Python name."""
    named = named_properties(model, types.fields[model.name])
    names = {prop.name: name for name, prop, _ in named}  # without those that `File` has
    described = {
        names.get(prop.name, prop.name): documentation(prop, model.direction)
        for prop in model.properties
    }
    return {name: text for name, text in described.items() if text}
