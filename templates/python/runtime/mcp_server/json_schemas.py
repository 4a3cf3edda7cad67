"""JSON Schemas of an endpoint's input and output, from its models."""

from __future__ import annotations

from typing import Any, cast

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from ..documentation import documentation_of
from ..endpoint import Endpoint
from ..file import file_input
from ..models import not_null
from ..type_hints import model_of
from .folder import LOCAL_FILE
from .quoting import quoted

URL: JsonSchemaValue = {
    "type": "string",
    "format": "uri",
    "description": "An http(s) or data URL.",
}
FILE: JsonSchemaValue = {
    "anyOf": [
        URL,
        {
            "type": "object",
            "properties": {LOCAL_FILE: {"type": "string"}},
            "required": [LOCAL_FILE],
            "additionalProperties": False,
            "description": "A file in the server's folder, by its relative path.",
        },
    ]
}

OUTPUT = "output"
"""The property that holds an output that is put into an object: see `is_wrapped`."""


def input_schema(endpoint: Endpoint[Any, Any], has_folder: bool) -> dict[str, Any]:
    """Return the schema of an endpoint's input.

    Args:
        endpoint: The endpoint.
        has_folder: Whether files in the server's folder are accepted.
    """
    adapter: TypeAdapter[Any] = TypeAdapter(endpoint.types.input)
    schemas = _Schemas(endpoint.endpoint_id, FILE if has_folder else URL)
    return schemas.generate(adapter.core_schema, mode="validation")


def is_wrapped(output: Any) -> bool:
    """Return whether an output of this type is put into an object, because it may be none."""
    return model_of(output) is None


def output_schema(endpoint: Endpoint[Any, Any]) -> dict[str, Any]:
    """Return the schema of an endpoint's output, which is always an object: see `OUTPUT`."""
    output = endpoint.types.output
    adapter: TypeAdapter[Any] = TypeAdapter(output)
    schemas = _Schemas(endpoint.endpoint_id, URL)
    schema = schemas.generate(adapter.core_schema, mode="serialization")
    if not is_wrapped(output):
        return schema
    definitions = schema.pop("$defs", None)
    wrapped = {"type": "object", "properties": {OUTPUT: schema}, "required": [OUTPUT]}
    return wrapped if definitions is None else {**wrapped, "$defs": definitions}


class _Schemas(GenerateJsonSchema):
    """Adds what pydantic does not know: descriptions, files, and unions by tags."""

    def __init__(self, endpoint_id: str, file: JsonSchemaValue) -> None:
        super().__init__(by_alias=True)
        self._documentation = documentation_of(endpoint_id)
        self._file = file

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        model: type[BaseModel] = schema["cls"]
        generated = super().model_schema(schema)
        for name in ("title", "description"):  # the name and the docstring of the class
            generated.pop(name, None)
        properties: dict[str, JsonSchemaValue] = generated.get("properties", {})
        for name, text in self._documentation.of_fields(model).items():
            field = model.model_fields.get(name)
            shown = field and properties.get(field.serialization_alias or field.alias or name)
            if shown is not None:
                shown["description"] = quoted(text)
        return generated

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False  # a title repeats the name

    def function_plain_schema(self, schema: Any) -> JsonSchemaValue:
        if schema["function"]["function"] is file_input:
            return dict(self._file)
        return super().function_plain_schema(schema)

    def function_before_schema(
        self, schema: core_schema.BeforeValidatorFunctionSchema
    ) -> JsonSchemaValue:
        if schema["function"]["function"] is not_null:
            nullable = cast("core_schema.NullableSchema", schema["schema"])
            return self.generate_inner(nullable["schema"])
        return super().function_before_schema(schema)

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        if schema.get("default") is None:  # it stands for an argument that is left out
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)

    def tagged_union_schema(self, schema: core_schema.TaggedUnionSchema) -> JsonSchemaValue:
        # The first choice of `Tagged` is the union of all variants; the others are parts of it.
        return self.generate_inner(next(iter(schema["choices"].values())))
