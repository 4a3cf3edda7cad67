"""Results of odd, endless and expensive schemas come to an end."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from documents import example_output
from fal_codegen.emulator.endpoints.served_endpoint import ServedEndpoint
from fal_codegen.emulator.faults import Behaviour
from fal_codegen.emulator.queue.model_runs import run_model
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .checked_results import FORMATS, STRING, of
from .documents import Schema, document

DEEP = "#/components/schemas/Deep"


@pytest.mark.parametrize(
    "endless",
    [
        {"type": "array", "minItems": 1 << 40, "items": STRING},
        {"type": "array", "minItems": 1 << 40, "uniqueItems": True, "items": {"type": "boolean"}},
        {"type": "array", "minItems": 1 << 40, "prefixItems": [STRING], "items": {"enum": [1]}},
        {"type": "string", "minLength": 1 << 40},
        {"type": "string", "pattern": "^(a{1000}){1000}$"},
        {"type": "string", "pattern": "(" * 2000 + "a" + ")" * 2000},
        {"type": "object", "minProperties": 1 << 40},
    ],
)
def test_what_would_take_all_memory_is_cut_short(
    endless: Schema, caplog: pytest.LogCaptureFixture
) -> None:
    output = {"type": "object", "required": ["x"], "properties": {"x": endless}}
    endpoint = ServedEndpoint(document(output=output))
    assert len(json.dumps(example_output(endpoint))) < 1_000_000
    assert len(caplog.records) == (0 if endpoint.is_valid_output(example_output(endpoint)) else 1)


def test_a_result_that_cannot_be_made_is_warned_of_once(caplog: pytest.LogCaptureFixture) -> None:
    token: Schema = {"type": "string", "pattern": r"^(a)\1\1$"}
    output: Schema = {"type": "object", "required": ["token"], "properties": {"token": token}}
    endpoint = ServedEndpoint(document("acme/odd", output=output))
    if endpoint.is_valid_output({"token": "anything"}):
        pytest.skip("this validator does not know backreferences")
    for _ in range(3):
        assert isinstance(example_output(endpoint)["token"], str)
    (record,) = caplog.records
    assert record.getMessage() == (
        "acme/odd: no valid sample for `pattern` at /token; add an example with an overlay"
    )


TYPES: list[Any] = "string integer number boolean array object null file".split()
TYPES += [["string", "null"], [], ["integer", "array"]]

PATTERNS = ["^a+$", "(", "^(?!a)b", "x{3,}", r"\p{Greek}", 5, "[z-a]"]

BOUNDS = (
    "minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength minItems "
    "maxItems minProperties maxProperties"
).split()

SIZES = st.integers(-2, 6) | st.sampled_from([0.5, 2.0, 3.0, 1 << 60, "2", None, True])

ODD: st.SearchStrategy[Any] = st.deferred(lambda: SCHEMAS | st.sampled_from([True, False, 5, []]))

SCHEMAS: st.SearchStrategy[Any] = st.deferred(
    lambda: st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(TYPES),
            "enum": st.lists(st.sampled_from([1, "a", None, 2.5, {}, [1]]), max_size=3),
            "const": st.sampled_from([1, "a", None, {"a": [1]}]),
            "examples": st.lists(st.sampled_from([1, "a", None, {}]), max_size=2) | st.just({}),
            "default": st.sampled_from([1, "a", None, {}]),
            "format": st.sampled_from([*FORMATS, "odd", 5]),
            "pattern": st.sampled_from(PATTERNS),
            **dict.fromkeys(BOUNDS, SIZES),
            "nullable": st.booleans(),
            "uniqueItems": st.booleans(),
            "required": st.lists(st.sampled_from(["a", "b", "url"]), max_size=3),
            "properties": st.dictionaries(st.sampled_from(["a", "url", "width"]), ODD, max_size=2),
            "patternProperties": st.dictionaries(st.sampled_from(["^a", "("]), ODD, max_size=1),
            "additionalProperties": ODD,
            "propertyNames": ODD,
            "items": ODD,
            "contains": ODD,
            "not": ODD,
            "if": ODD,
            "then": ODD,
            "prefixItems": st.lists(ODD, max_size=2),
            "anyOf": st.lists(ODD, max_size=2),
            "oneOf": st.lists(ODD, max_size=2),
            "allOf": st.lists(ODD, max_size=2),
            "$ref": st.sampled_from(["#/components/schemas/Deep", "#/nowhere", "#", "x"]),
        },
    )
)


@pytest.mark.exhaustive
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(SCHEMAS)
def test_no_schema_is_too_odd(schema: Schema) -> None:
    output = {"type": "object", "required": ["x"], "properties": {"x": schema}}
    endpoint = ServedEndpoint(document(input=output, output=output, components={"Deep": schema}))
    outcome = run_model(endpoint, json.dumps(endpoint.example_input).encode(), Behaviour())
    assert outcome.status in (200, 422)
    json.dumps(endpoint.newer_output("odd"))


DEEP_REF: Schema = {"$ref": DEEP}

UNIQUE: Schema = {"type": "array", "minItems": 10_000, "uniqueItems": True}


@pytest.mark.parametrize(
    "schema",
    [
        {**UNIQUE, "items": {"type": "integer"}},
        {**UNIQUE, "items": STRING},
        {**UNIQUE, "items": {"type": "string", "pattern": "^[a-z]{5}$"}},
        {**UNIQUE, "items": {"type": "string", "pattern": "^[a-z]+$", "minLength": 10_000}},
        {"type": "array", "minItems": 10_000, "items": {"const": "x" * 100_000}},
        {"type": "string", "pattern": "^((){9999}){9999}$"},
        {"required": ["a" * 40 + "!"], "patternProperties": {"^(a+)+$": {"type": "integer"}}},
        {"type": "object", "required": ["a", "b"], "properties": {"a": DEEP_REF, "b": DEEP_REF}},
        {"anyOf": [DEEP_REF, DEEP_REF, DEEP_REF]},
        {"if": STRING, "then": DEEP_REF, "else": DEEP_REF, **DEEP_REF},
        {"not": {"const": 1}, **DEEP_REF},
    ],
)
def test_no_schema_takes_long(schema: Schema) -> None:
    started = time.process_time()
    endpoint = ServedEndpoint(document(output=schema, components={"Deep": schema}))
    assert len(json.dumps([example_output(endpoint), endpoint.newer_output("odd")])) < 5_000_000
    assert time.process_time() - started < 10


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "number", "minimum": 1.7e308, "multipleOf": 1e308},
        {"allOf": [{"type": "number", "multipleOf": 1.2e300}, {"multipleOf": 7.7e307}]},
    ],
)
def test_numbers_are_finite(schema: Schema) -> None:
    output = {"type": "object", "required": ["x"], "properties": {"x": schema}}
    endpoint = ServedEndpoint(document(output=output))
    json.dumps([example_output(endpoint), endpoint.newer_output("odd")], allow_nan=False)


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
    endpoint = ServedEndpoint(document(output={"$ref": DEEP}, components={"Deep": endless}))
    assert example_output(endpoint) == endpoint.newer_output("odd")
