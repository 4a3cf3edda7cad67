"""The description of an endpoint as a tool: a name, and JSON Schemas of its input and output."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fal_codegen.document.schema import Null, Ref, Schema, as_json_schema, references, union_of
from fal_codegen.ir import Direction, Endpoint, Model, Property
from fal_codegen.text.escaping import json_text

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def tool_schema(endpoint: Endpoint) -> str:
    """Return the description of an endpoint as a tool, as JSON.

    It has the fields of a tool of the Model Context Protocol. Inputs are as strict as the document,
    and outputs may have more properties than the document lists.
    """
    models = {model.name: model for model in endpoint.models}
    tool = {
        "name": endpoint.id,
        **({"title": endpoint.title} if endpoint.title else {}),
        "description": endpoint.description,
        "inputSchema": _root(Ref("Input"), models),
        "outputSchema": _root(endpoint.output, models),
    }
    return json_text(tool, indent=2) + "\n"


def reachable(models: Mapping[str, Model], schemas: Iterable[Schema]) -> tuple[str, ...]:
    """Return the models that schemas lead to, each after a model that refers to it."""
    found: dict[str, None] = {}
    waiting = list(schemas)
    while waiting:
        for name in references(waiting.pop(0)):
            if name not in found:
                found[name] = None
                waiting += [prop.schema for prop in models[name].properties]
    return tuple(found)


def _root(schema: Schema, models: Mapping[str, Model]) -> dict[str, Any]:
    """Return a schema with the models that it needs. A model is written out, as tools expect."""
    if isinstance(schema, Ref):
        root = _object(models[schema.name])
        parts = [prop.schema for prop in models[schema.name].properties]
    else:
        root, parts = _with_urls(as_json_schema(schema)), [schema]
    definitions = {name: _object(models[name]) for name in sorted(reachable(models, parts))}
    return {"$schema": _DIALECT, **root, **({"$defs": definitions} if definitions else {})}


def _object(model: Model) -> dict[str, Any]:
    is_strict = model.direction is Direction.INPUT and not model.is_open
    required = [prop.name for prop in model.properties if prop.required]
    return {
        "type": "object",
        **({"description": model.description} if model.description else {}),
        "properties": {prop.name: _property(prop) for prop in model.properties},
        **({"required": required} if required else {}),
        **({"additionalProperties": False} if is_strict else {}),
    }


def _property(prop: Property) -> dict[str, Any]:
    schema = union_of([prop.schema, Null()]) if prop.nullable else prop.schema
    return {
        **_with_urls(as_json_schema(schema)),
        **({"description": prop.description} if prop.description else {}),
        **({} if prop.default is None else {"default": prop.default.value}),
        **({"examples": list(prop.examples)} if prop.examples else {}),
        **({"deprecated": True} if prop.deprecated else {}),
    }


def _with_urls(schema: Any) -> Any:
    """Return a JSON Schema in which a file is a URL, as it is on the wire."""
    if isinstance(schema, list):
        return [_with_urls(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    shown = {key: _with_urls(part) for key, part in schema.items()}
    return {**shown, "format": "uri"} if shown.get("format") == "file" else shown
