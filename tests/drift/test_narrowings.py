"""A change that rejects a valid input, or allows an output that was invalid, is breaking."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
from documents import obj
from fal_codegen.drift import Direction

from .pairs import ADDITIVE, BREAKING, INPUT, OUTPUT, Json, of_properties, reported

CLOSED = {"type": "object", "additionalProperties": False}
MAP = {"type": "object", "additionalProperties": True}
STRING, NUMBER, INTEGER = {"type": "string"}, {"type": "number"}, {"type": "integer"}
NULLABLE = {"type": ["string", "null"]}
SOME_INTEGER = {"type": "array", "contains": INTEGER}


def pattern(additional: object) -> Json:
    return {
        "type": "object",
        "patternProperties": {"^lora_": NUMBER},
        "additionalProperties": additional,
    }


NARROWINGS: dict[str, tuple[Json, Json, Any]] = {
    "pattern-of-a-closed-object": (pattern(False), CLOSED, {"lora_a": 1}),
    "pattern-beside-typed-properties": (
        pattern(STRING),
        {"type": "object", "additionalProperties": STRING},
        {"lora_a": 1},
    ),
    "pattern-beside-unevaluated-properties": (
        {"type": "object", "patternProperties": {"^a": {}}, "unevaluatedProperties": False},
        {"type": "object", "unevaluatedProperties": False},
        {"a": 1},
    ),
    "enum-beside-const": ({"const": "a"}, {"const": "a", "enum": ["b"]}, "a"),
    "unreadable-pattern-beside-enum": (
        {"enum": ["apple", "bear"]},
        {"enum": ["apple", "bear"], "pattern": "^(?!a)"},
        "apple",
    ),
    "unreadable-pattern-instead-of-enum": (
        {"type": "string", "enum": ["apple", "bear"]},
        {"type": "string", "pattern": "^(?!a)"},
        "apple",
    ),
    "size-beside-enum-of-arrays": (
        {"enum": [["a"], ["b", "c"]]},
        {"enum": [["a"], ["b", "c"]], "minItems": 2},
        ["a"],
    ),
    "null-in-two-members-of-one-of": (
        {"oneOf": [NULLABLE, {"type": "object"}]},
        {"oneOf": [NULLABLE, {"type": ["object", "null"]}]},
        None,
    ),
    "dependencies": (
        {"type": "object"},
        {"type": "object", "dependencies": {"a": ["b"]}},
        {"a": 1},
    ),
    "dynamic-ref": (
        {"$defs": {"a": {"$dynamicAnchor": "a", "type": "string"}}},
        {"$defs": {"a": {"$dynamicAnchor": "a", "type": "string"}}, "$dynamicRef": "#a"},
        1,
    ),
    "min-contains": ({**SOME_INTEGER, "minContains": 0}, SOME_INTEGER, []),
    "property-of-a-free-map": (MAP, {**MAP, "properties": {"b": {"type": "boolean"}}}, {"b": 1}),
    "type-of-a-read-only-property": (
        obj({"a": {**STRING, "readOnly": True}}, required=[]),
        obj({"a": INTEGER}, required=[]),
        {"a": "text"},
    ),
    "read-only-property-becomes-required": (
        obj({"a": {**STRING, "readOnly": True}}, required=[]),
        obj({"a": STRING}),
        {},
    ),
}


@pytest.mark.parametrize(("wide", "narrow", "value"), NARROWINGS.values(), ids=NARROWINGS.keys())
def test_a_narrowed_input_is_breaking(wide: Json, narrow: Json, value: Any) -> None:
    assert jsonschema_rs.Draft202012Validator(dict(wide)).is_valid(value)
    assert not jsonschema_rs.Draft202012Validator(dict(narrow)).is_valid(value)
    assert of_properties(INPUT, wide, narrow).level is BREAKING


@pytest.mark.parametrize("name", [name for name in NARROWINGS if "property" not in name])
def test_a_widened_output_is_breaking(name: str) -> None:
    wide, narrow, _ = NARROWINGS[name]
    assert of_properties(OUTPUT, narrow, wide).level is BREAKING


@pytest.mark.parametrize("direction", Direction)
def test_a_pattern_of_an_open_object_is_a_limit(direction: Direction) -> None:
    with_pattern, without = pattern(True), {"type": "object"}
    if direction is OUTPUT:
        with_pattern, without = without, with_pattern
    assert of_properties(direction, with_pattern, without).level is ADDITIVE


def test_a_property_that_becomes_required_when_it_can_be_sent_is_a_break() -> None:
    old, new = obj({"a": {**STRING, "readOnly": True}}), obj({"a": STRING})
    assert reported(of_properties(INPUT, old, new)) == {
        ("request-property-became-not-read-only", ADDITIVE),
        ("request-property-became-required", BREAKING),
    }
