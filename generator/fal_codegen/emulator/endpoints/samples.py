"""Sample inputs and results for the schemas of a document, valid against every keyword of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache, partial
from typing import Any

from jsonschema_rs import Validator

from fal_codegen.document.json_schema import JsonSchema, followed_in, validator, with_inner
from fal_codegen.document.models import Direction
from fal_codegen.document.samples.budget import Budget
from fal_codegen.document.samples.sampler import Sampler

__all__ = ["sample_input", "sample_newer_output", "sample_output"]

_IMAGE_SIDE = 1024
"""Width and height of an image without examples."""


def sample_input(schema: Any, schemas: JsonSchema) -> Any:
    """Return an input.

    Args:
        schema: Its schema, converted.
        schemas: The document's components, converted.
    """
    return _sample(schema, schemas, omit=Direction.INPUT.omits)


def sample_output(schema: Any, schemas: JsonSchema, *, fill: bool = False) -> Any:
    """Return a result, whose images have a size.

    Args:
        schema: Its schema, converted.
        schemas: The document's components, converted.
        fill: Whether to fill in every optional property.
    """
    schema, schemas = _changed(_with_image_sizes, schema, schemas)
    return _sample(schema, schemas, omit=Direction.OUTPUT.omits, fill=fill)


def sample_newer_output(schema: Any, schemas: JsonSchema, value: str) -> Any:
    """Return a result with every property, and with `value` for each enum that lists strings.

    A server with a newer document than the schemas may answer that.
    """
    newer = _changed(partial(_of_newer_document, value=value), schema, schemas)
    return sample_output(*newer, fill=True)


def _sample(schema: Any, schemas: JsonSchema, *, omit: str, fill: bool = False) -> Any:
    budget = Budget()

    @cache
    def compiled(text: str) -> Validator:
        return validator(json.loads(text), schemas if '"$ref"' in text else {}, formats=True)

    def is_valid(value: Any, part: JsonSchema) -> bool:
        text = json.dumps(part, sort_keys=True)
        budget.spend(len(text) // 1000)
        return bool(compiled(text).is_valid(value))

    return Sampler(followed_in(schemas), is_valid, budget, omit=omit, fill=fill).sample(schema)


def _changed(
    change: Callable[[Any], Any], schema: Any, schemas: JsonSchema
) -> tuple[Any, JsonSchema]:
    return change(schema), {name: change(component) for name, component in schemas.items()}


def _with_image_sizes(schema: Any) -> Any:
    """Return a schema in which the width and height of images have examples."""
    if not isinstance(schema, dict):
        return schema
    schema = with_inner(schema, _with_image_sizes)
    fields = schema.get("properties", {})
    sides = ("width", "height") if {"url", "width", "height"} <= fields.keys() else ()
    sized = {
        side: {"examples": [_IMAGE_SIDE], **fields[side]}
        for side in sides
        if isinstance(fields[side], dict)
    }
    return {**schema, "properties": {**fields, **sized}} if sized else schema


def _of_newer_document(schema: Any, value: str) -> Any:
    """Return a schema without examples, in which `value` replaces each enum that lists strings.

    Unions have it first.
    """
    if not isinstance(schema, dict):
        return schema
    if any(isinstance(listed, str) for listed in schema.get("enum", ())):
        return {"const": value}
    newer = with_inner(schema, partial(_of_newer_document, value=value))
    for union in ("anyOf", "oneOf"):
        if union in newer:
            newer[union].sort(key=lambda member: member != {"const": value})
    return {
        keyword: item for keyword, item in newer.items() if keyword not in ("examples", "default")
    }
