"""Results are made of the document's examples if those hold, and valid against its schema."""

from __future__ import annotations

from typing import Any

import pytest
from fal_codegen.emulator.documents import Endpoint

from .documents import Schema, document

STRING: Schema = {"type": "string"}
DEEP = "#/components/schemas/Deep"


def result(output: Schema, **components: Schema) -> Any:
    endpoint = Endpoint(document(output=output, components=components))
    value = endpoint.example_output
    assert endpoint.is_valid_output(value)
    assert Endpoint(endpoint.document).example_output == value
    return value


def of(schema: Schema, **components: Schema) -> Any:
    """Return what a required field of this schema holds."""
    output = {"type": "object", "required": ["x"], "properties": {"x": schema}}
    return result(output, **components)["x"]


def test_the_documents_examples_come_first() -> None:
    assert of({**STRING, "examples": ["a", "b"]}) == "a"
    assert of({**STRING, "example": "a"}) == "a"
    assert of({**STRING, "examples": {"one": {"summary": "named", "value": "a"}}}) == "a"
    assert of({**STRING, "default": "a"}) == "a"
    assert of({"$ref": "#/components/schemas/File", "examples": [{"url": "a"}]}) == {"url": "a"}
    assert result({"type": "object", "properties": {}, "examples": [{"y": 1}]}) == {"y": 1}


def test_an_example_that_is_not_valid_is_passed_over() -> None:
    assert of({**STRING, "examples": [1, "b"]}) == "b"
    assert of({"type": "integer", "default": "five"}) == 0
    assert of({"$ref": "#/components/schemas/File", "examples": ["a"]})["url"].startswith(
        "https://"
    )


def test_optional_fields_are_there_if_they_have_examples() -> None:
    output: Schema = {
        "type": "object",
        "properties": {"a": {**STRING, "examples": ["x"]}, "b": STRING},
    }
    assert result(output) == {"a": "x"}


@pytest.mark.parametrize(
    "schema",
    [
        STRING,
        {"type": "string", "minLength": 30},
        {"type": "string", "maxLength": 0},
        {"type": "string", "enum": ["a", "b"]},
        {"const": 5},
        {"type": "boolean"},
        {"type": "null"},
        {"type": ["null", "integer"]},
        {"type": "integer", "minimum": 3},
        {"type": "integer", "maximum": -3},
        {"type": "integer", "exclusiveMinimum": 3, "multipleOf": 5},
        {"type": "number", "exclusiveMinimum": 0},
        {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        {"type": "number", "maximum": -0.5},
        {"type": "number", "minimum": 0.1, "multipleOf": 0.25},
        {"type": "array", "items": STRING},
        {"type": "array", "items": STRING, "minItems": 3},
        {"type": "array", "items": STRING, "maxItems": 0},
        {"type": "array", "prefixItems": [STRING, {"type": "integer"}], "minItems": 2},
        {"type": "object", "additionalProperties": STRING},
        {"type": "object", "required": ["undeclared"]},
        {"anyOf": [{"type": "null"}, {"type": "integer"}]},
        {"oneOf": [{"$ref": "#/components/schemas/Size"}, STRING]},
        {"allOf": [{"$ref": "#/components/schemas/Size"}], "nullable": True},
        {
            "allOf": [{"$ref": "#/components/schemas/Size"}],
            "type": "object",
            "properties": {"depth": {"type": "integer"}},
            "required": ["depth"],
        },
        {"$ref": "#/components/schemas/Absent"},
        {},
    ],
)
def test_a_result_is_valid_against(schema: Schema) -> None:
    of(schema)


def test_recursion_comes_to_an_end() -> None:
    node: Schema = {
        "type": "object",
        "required": ["children"],
        "properties": {
            "children": {"type": "array", "items": {"$ref": "#/components/schemas/Node"}}
        },
    }
    of({"$ref": "#/components/schemas/Node"}, Node=node)
    of({"$ref": DEEP}, Deep={"type": "array", "items": {"$ref": DEEP}})


@pytest.mark.parametrize(
    "endless",
    [
        {"type": "object", "required": ["x"], "properties": {"x": {"$ref": DEEP}}},
        {"type": "array", "minItems": 1, "items": {"$ref": DEEP}},
        {"anyOf": [{"$ref": DEEP}]},
        {"$ref": DEEP},
    ],
)
def test_a_schema_without_any_value_does_no_harm(endless: Schema) -> None:
    endpoint = Endpoint(document(output={"$ref": DEEP}, components={"Deep": endless}))
    assert endpoint.example_output == endpoint.newer_output("odd")


def test_a_newer_server_knows_more_values_and_leaves_nothing_out() -> None:
    mood: Schema = {"type": "string", "enum": ["calm"], "examples": ["calm"]}
    output: Schema = {
        "type": "object",
        "properties": {
            "mood": mood,
            "moods": {"type": "array", "items": mood},
            "level": {"type": "integer", "enum": [1, 2]},
            "either": {"anyOf": [STRING, mood, {"type": "null"}]},
            "size": {"$ref": "#/components/schemas/Size"},
        },
    }
    assert Endpoint(document(output=output)).newer_output("odd") == {
        "mood": "odd",
        "moods": ["odd"],
        "level": 1,
        "either": "odd",
        "size": {"width": 1},
    }


def test_an_example_input_is_valid() -> None:
    endpoint = Endpoint(document())
    assert endpoint.example_input == {"prompt": "a red fox"}
    assert endpoint.problems(endpoint.example_input) == []
