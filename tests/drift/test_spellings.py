"""Different spellings of the same schema; `test_random_schemas` has random ones."""

from __future__ import annotations

import pytest
from documents import obj

from .pairs import INPUT, OUTPUT, Json, of_properties

STRING, INTEGER, NUMBER = {"type": "string"}, {"type": "integer"}, {"type": "number"}
NULL = {"type": "null"}
PART = {"Part": {"type": "string", "minLength": 1}, "Object": obj({"a": STRING})}
REF, OBJECT = {"$ref": "#/components/schemas/Part"}, {"$ref": "#/components/schemas/Object"}
A_IN_IT = {**STRING, "pattern": "a"}
MAP = {"type": "object", "additionalProperties": STRING}
CLOSED = {**obj({"a": STRING}), "additionalProperties": False}

SPELLINGS: list[tuple[Json, Json]] = [
    ({"type": ["string", "null"]}, {"type": "string", "nullable": True}),
    ({"type": ["string", "null"]}, {"anyOf": [STRING, NULL]}),
    ({"type": ["string", "null"]}, {"oneOf": [NULL, STRING]}),
    ({"enum": ["a", None]}, {"type": "string", "enum": ["a"], "nullable": True}),
    ({"enum": ["a", None]}, {"anyOf": [{"const": "a"}, {"const": None}]}),
    ({"anyOf": [REF, NULL]}, {"allOf": [REF], "nullable": True}),
    (REF, PART["Part"]),
    (REF, {"allOf": [STRING, {"minLength": 1}]}),
    (REF, {"type": "string", "allOf": [REF]}),
    ({"anyOf": [REF, INTEGER]}, {"type": ["integer", "string"], "minLength": 1}),
    ({"enum": [1, 2]}, {"anyOf": [{"const": 2.0}, {"const": 1}]}),
    ({"enum": ["a", "b", "a"]}, {"type": "string", "enum": ["b", "a"]}),
    ({"type": "string", "enum": ["a", "bcd"], "maxLength": 2}, {"const": "a"}),
    ({"anyOf": [INTEGER, NUMBER]}, NUMBER),
    ({"type": "boolean", "enum": [True, False]}, {"type": "boolean"}),
    ({**NUMBER, "minimum": 0, "exclusiveMinimum": True}, {**NUMBER, "exclusiveMinimum": 0}),
    ({**NUMBER, "minimum": 0, "exclusiveMinimum": False}, {**NUMBER, "minimum": 0.0}),
    ({**INTEGER, "exclusiveMinimum": 0, "maximum": 9.5}, {**INTEGER, "minimum": 1, "maximum": 9}),
    ({**INTEGER, "multipleOf": 1}, INTEGER),
    ({"allOf": [{**NUMBER, "maximum": 5}, {"maximum": 3}]}, {**NUMBER, "maximum": 3}),
    ({"allOf": [{**INTEGER, "multipleOf": 4}, {"multipleOf": 6}]}, {**INTEGER, "multipleOf": 12}),
    ({**STRING, "minLength": 0, "pattern": ".*"}, STRING),
    ({**STRING, "minLength": 2.0}, {**STRING, "minLength": 2}),
    ({**STRING, "minLength": 2.5, "maxLength": True}, STRING),
    ({"type": "array", "maxItems": -1}, {"type": "array"}),
    ({"type": "object", "minProperties": "3", "maxProperties": -0.5}, {"type": "object"}),
    ({**NUMBER, "minimum": "0", "exclusiveMinimum": True, "maximum": True}, NUMBER),
    ({"type": "array", "items": {}, "minItems": 0, "uniqueItems": False}, {"type": "array"}),
    (
        {"type": "array", "prefixItems": [STRING, INTEGER]},
        {"type": "array", "items": {"0": STRING, "1": INTEGER}},
    ),
    ({"type": "object", "additionalProperties": {}}, {"type": "object"}),
    ({**obj({"a": STRING}), "additionalProperties": True}, OBJECT),
    ({"allOf": [OBJECT, obj({"b": STRING})]}, obj({"a": STRING, "b": STRING})),
    (
        {"type": "object", "allOf": [OBJECT, {"required": ["b"]}], "properties": {"b": INTEGER}},
        obj({"a": STRING, "b": INTEGER}),
    ),
    (
        {"anyOf": [obj({"t": {"const": "a"}}), obj({"t": {"const": "b"}})]},
        {"oneOf": [obj({"t": {"const": "b"}}), obj({"t": {"const": "a"}})]},
    ),
    (
        {
            "allOf": [
                {"type": "array", "prefixItems": [NUMBER]},
                {"type": "array", "items": INTEGER},
            ]
        },
        {"type": "array", "prefixItems": [INTEGER], "items": INTEGER},
    ),
    (
        {"allOf": [MAP, {"type": "object", "properties": {"a": {"minLength": 1}}}]},
        {**MAP, "properties": {"a": {**STRING, "minLength": 1}}},
    ),
    (
        {"allOf": [CLOSED, obj({"b": STRING})]},
        {**obj({"a": STRING, "b": STRING}), "additionalProperties": False},
    ),
    (
        {"allOf": [{"not": {"const": "a"}}, {"not": {"const": "b"}}]},
        {"allOf": [{"not": {"const": "b"}}, {"not": {"const": "a"}}]},
    ),
    (
        {"oneOf": [{**NUMBER, "maximum": 0}, {**NUMBER, "minimum": 1}]},
        {"anyOf": [{**NUMBER, "minimum": 1}, {**NUMBER, "maximum": 0}]},
    ),
    ({"oneOf": [CLOSED, obj({"b": STRING})]}, {"anyOf": [CLOSED, obj({"b": STRING})]}),
    ({"anyOf": [{**NUMBER, "minimum": 1}, {**INTEGER, "minimum": 2}]}, {**NUMBER, "minimum": 1}),
    ({"anyOf": [OBJECT, obj({"a": STRING})]}, OBJECT),
    ({"anyOf": [{**STRING, "pattern": "a"}, {**STRING, "pattern": "a", "maxLength": 3}]}, A_IN_IT),
    ({"allOf": [{**NUMBER, "minimum": 5}, {"maximum": 3}]}, {"type": "string", "enum": []}),
    ({**STRING, "default": None}, STRING),
    ({**NUMBER, "default": 5.0, "examples": [1]}, {**NUMBER, "default": 5, "examples": [1.0]}),
    ({**STRING, "deprecated": False, "description": ""}, STRING),
    ({"anyOf": [{**STRING, "title": "A"}, NULL]}, {"type": ["string", "null"], "title": "A"}),
    (
        {"allOf": [{"not": INTEGER}, {"allOf": [{"not": NULL}, {"not": INTEGER}]}]},
        {"allOf": [{"not": NULL}, {"not": INTEGER}]},
    ),
    ({"not": {"enum": ["b", "a"]}}, {"not": {"anyOf": [{"const": "a"}, {"const": "b"}]}}),
    ({**STRING, "max_width": 9}, {**STRING, "x-fal": {"max_width": 9}}),
    (True, {}),  # type: ignore[list-item]
]


@pytest.mark.parametrize(("one", "other"), SPELLINGS, ids=range(len(SPELLINGS)))
def test_two_spellings_of_one_meaning_are_no_change(one: Json, other: Json) -> None:
    for direction in (INPUT, OUTPUT):
        for old, new in ((one, other), (other, one)):
            report = of_properties(direction, old, new, **PART)
            assert [change.text for change in report.changes] == []


DIFFERENT: list[tuple[Json, Json]] = [
    ({"const": 1}, {"const": True}),
    ({"enum": [0, 1]}, {"type": "boolean"}),
    ({**NUMBER, "default": 1}, {**NUMBER, "default": True}),
    ({"const": "1"}, {"const": 1}),
    ({**STRING, "default": ""}, STRING),
    ({"type": "object"}, {"type": "object", "additionalProperties": False}),
    ({"anyOf": [STRING, INTEGER]}, {"anyOf": [STRING, NUMBER]}),
]


@pytest.mark.parametrize(("one", "other"), DIFFERENT, ids=range(len(DIFFERENT)))
def test_what_only_looks_alike_is_a_change(one: Json, other: Json) -> None:
    assert of_properties(INPUT, one, other).changes
    assert of_properties(INPUT, other, one).changes
