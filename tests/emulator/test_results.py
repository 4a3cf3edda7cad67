"""Results consist of the document's valid examples, and are valid against its schema."""

from __future__ import annotations

import jsonschema_rs
import pytest
from fal_codegen.emulator.endpoints.served_endpoint import ServedEndpoint

from .checked_results import FORMATS, STRING, of, result
from .documents import Schema, document

DEEP = "#/components/schemas/Deep"


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


def test_a_result_that_would_be_empty_has_every_optional_field() -> None:
    file: Schema = {"$ref": "#/components/schemas/File"}
    output: Schema = {"type": "object", "properties": {"image": file, "score": {"type": "number"}}}
    filled = result(output)
    assert filled.keys() == {"image", "score"}
    assert filled["image"]["url"].startswith("https://")
    assert result({**output, "maxProperties": 0}) == {}  # a result stays valid


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


@pytest.mark.parametrize("name", FORMATS)
def test_a_string_has_its_format(name: str) -> None:
    schema: Schema = {"type": "string", "format": name}
    checked = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    assert checked.is_valid(of(schema))
    several = of({"type": "array", "minItems": 4, "uniqueItems": True, "items": schema})
    assert all(map(checked.is_valid, several))
    assert len(set(several)) == 4


@pytest.mark.parametrize(
    "pattern",
    [
        r"^[0-9a-f]{5}$",
        r"^#(?:[0-9a-fA-F]{3}){1,2}$",
        r"^\d{4}-\d{2}-\d{2}T\d\d:\d\d:\d\dZ$",
        r"^(foo|bar)-\w{2,4}?(\.[^\s.]+)+$",
        r"^(?=.*\d)[a-z\d]{8,}$",
        r"^[^\x00-\x1f]*$",
        r"^\p{Lu}\p{Ll}+$",
        r"^\u0041[\]\-\\]\/$",
        r"[A-Z]",
        r"^$",
        r"^https://.*\.png$",
    ],
)
def test_a_string_matches_its_pattern(pattern: str) -> None:
    of({"type": "string", "pattern": pattern})


@pytest.mark.parametrize(
    "schema",
    [
        {"pattern": r"^\d+$", "minLength": 12},
        {"pattern": "[A-Z]", "minLength": 20},
        {"pattern": "^a*$", "minLength": 3, "maxLength": 4},
        {"pattern": "^2026-01-0[5-9]$", "format": "date"},
        {"format": "uri", "minLength": 100},
        {"format": "email", "minLength": 40},
        {"format": "ipv4", "maxLength": 9},
    ],
)
def test_a_string_has_its_length_besides(schema: Schema) -> None:
    of({"type": "string", **schema})


NEEDS: dict[str, list[Schema]] = {
    "several, all different": [
        {"type": "array", "uniqueItems": True, "minItems": 5, "items": items}
        for items in (
            STRING,
            {"type": "integer"},
            {"type": "integer", "multipleOf": 7, "minimum": -20, "maximum": 15},
            {"type": "number", "minimum": 0, "maximum": 1},
            {"type": "string", "pattern": "^[a-c]{2}$"},
            {"type": "string", "maxLength": 1},
            {"enum": [1, 2, 3, 4, 5]},
            {"type": "object", "required": ["x"], "properties": {"x": STRING}},
            {"type": "array", "minItems": 1, "items": {"type": "integer"}},
            {"anyOf": [{"type": "boolean"}, STRING]},
            {"$ref": "#/components/schemas/Size"},
            {"type": "string", "examples": ["a", "a", "b"], "default": "c"},
            {"type": "integer", "minimum": 5, "default": 5},
            {},
        )
    ],
    "names that are not listed": [
        {"type": "object", "minProperties": 3},
        {"type": "object", "minProperties": 2, "additionalProperties": {"type": "integer"}},
        {
            "type": "object",
            "minProperties": 2,
            "additionalProperties": False,
            "properties": {"a": STRING, "b": STRING},
        },
        {
            "type": "object",
            "minProperties": 2,
            "additionalProperties": False,
            "patternProperties": {"^x-[a-z]+$": {"type": "integer"}},
        },
        {"type": "object", "minProperties": 2, "propertyNames": {"pattern": "^[A-Z]{3}$"}},
        {
            "type": "object",
            "required": ["a"],
            "properties": {"a": STRING},
            "dependentRequired": {"a": ["b"], "b": ["c"]},
        },
        {"required": ["x-1"], "patternProperties": {"^x-": {"type": "integer"}}},
        {
            "type": "object",
            "maxProperties": 1,
            "required": ["a"],
            "properties": {"a": STRING, "b": {"type": "string", "examples": ["x"]}},
        },
    ],
    "numbers within bounds": [
        {"type": "number", "multipleOf": 0.1, "minimum": 0.25},
        {"type": "number", "multipleOf": 0.01, "exclusiveMinimum": 0, "maximum": 0.02},
        {"type": "integer", "multipleOf": 2.5, "minimum": 1},
        {"type": "integer", "minimum": 1.2, "maximum": 2.9},
        {"type": "number", "exclusiveMinimum": 0.1, "exclusiveMaximum": 0.2},
        {"type": "number", "exclusiveMinimum": 5, "maximum": 5.5},
        {"type": "number", "exclusiveMaximum": 0},
        {"type": "integer", "minimum": 10**20},
        {"type": "number", "minimum": 1e300},
    ],
    "several schemas at once": [
        {"allOf": [{"type": "string", "minLength": 3}, {"maxLength": 4}, {"pattern": "^a"}]},
        {
            "allOf": [
                {"anyOf": [STRING, {"type": "integer"}]},
                {"anyOf": [{"type": "integer"}, {"type": "boolean"}]},
            ]
        },
        {
            "allOf": [
                {"$ref": "#/components/schemas/Size"},
                {"properties": {"width": {"minimum": 7}}, "required": ["width"]},
            ]
        },
        {"$ref": "#/components/schemas/Size", "properties": {"width": {"multipleOf": 16}}},
        {"anyOf": [STRING, {"type": "integer"}], "enum": [5, 6]},
        {"type": "integer", "anyOf": [{"minimum": 5}, {"maximum": -5}]},
        {"enum": [1, "a", 2], "type": "string"},
    ],
    "one schema and no other": [
        {"oneOf": [{"type": "integer"}, {"type": "number"}]},
        {"oneOf": [{"type": "integer", "minimum": 0}, {"type": "integer", "maximum": 0}]},
        {
            "oneOf": [
                {"type": "object", "required": ["a"], "properties": {"a": {"const": 1}}},
                {"type": "object", "required": ["b"], "properties": {"b": STRING}},
            ]
        },
        {"anyOf": [{"anyOf": [{"type": "null"}, {"oneOf": [{"format": "uuid"}, {"const": 1}]}]}]},
        {"type": "string", "not": {"enum": ["x"]}},
        {"type": "string", "not": {"pattern": "^x"}},
        {"type": "integer", "not": {"const": 0}},
        {"type": "integer", "if": {"minimum": 0}, "then": {"minimum": 10}, "else": False},
        {
            "type": "object",
            "required": ["a"],
            "properties": {"a": {"enum": ["x", "y"]}},
            "if": {"properties": {"a": {"const": "x"}}},
            "then": {"required": ["b"]},
        },
        {"type": "array", "contains": {"type": "integer", "minimum": 5}, "items": {"minimum": 1}},
    ],
    "sizes that are written as fractions": [
        {"type": "string", "minLength": 20.0, "pattern": "^a+$"},
        {"type": "string", "minLength": 20.0},
        {"type": "array", "items": STRING, "maxItems": 0.0},
        {"type": "object", "minProperties": 2.0},
    ],
    "no type": [{"minLength": 3}, {"minimum": 3}, {"minItems": 2, "items": STRING}],
}


@pytest.mark.parametrize("schema", [schema for schemas in NEEDS.values() for schema in schemas])
def test_a_result_has_what_its_schema_needs(schema: Schema) -> None:
    of(schema)


def test_what_is_only_written_is_not_in_a_result_and_what_is_only_read_not_in_an_input() -> None:
    schema: Schema = {
        "type": "object",
        "required": ["id", "token", "name"],
        "properties": {
            "id": {"type": "string", "format": "uuid", "readOnly": True},
            "token": {"type": "string", "writeOnly": True},
            "note": {"type": "string", "writeOnly": True, "examples": ["x"]},
            "name": STRING,
        },
    }
    assert result(schema).keys() == {"id", "name"}
    endpoint = ServedEndpoint(document(input=schema))
    assert endpoint.example_input == {"token": "token", "note": "x", "name": "name"}
    assert endpoint.problems(endpoint.example_input) == []


def test_an_image_has_a_size_although_the_document_has_no_example() -> None:
    whole = {"anyOf": [{"type": "integer"}, {"type": "null"}]}
    image: Schema = {
        "type": "object",
        "required": ["url"],
        "properties": {"url": STRING, "width": whole, "height": {"type": "integer"}},
    }
    assert (of(image)["width"], of(image)["height"]) == (1024, 1024)
    image["properties"]["width"] = {"type": "integer", "maximum": 512}
    assert "width" not in of(image)


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
    assert ServedEndpoint(document(output=output)).newer_output("odd") == {
        "mood": "odd",
        "moods": ["odd"],
        "level": 1,
        "either": "odd",
        "size": {"width": 1},
    }


def test_an_example_input_is_valid() -> None:
    endpoint = ServedEndpoint(document())
    assert endpoint.example_input == {"prompt": "a red fox"}
    assert endpoint.problems(endpoint.example_input) == []
