"""Witnesses: an input that the old document accepts and the new one rejects."""

from __future__ import annotations

import copy
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import jsonschema_rs
import pytest
from documents import document, obj
from fal_codegen.document.json_schema import json_schema
from fal_codegen.drift import Level, compare
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from property_tests import examples

from .pairs import INPUT, Json, of_inputs, of_properties, only
from .random_schemas import Schema, changed, schemas

STRING, INTEGER = {"type": "string"}, {"type": "integer"}
LORA = obj({"path": STRING, "scale": {"type": "number", "maximum": 4}}, required=["path"])


NEITHER = {"allOf": [{"not": {"const": "a"}}, {"not": {"const": "A"}}]}


def closed(schema: Json) -> Json:
    return {**schema, "additionalProperties": False}


WITNESSES: list[tuple[Json, Json, Any]] = [
    ({"enum": ["720p", "1080p"]}, {"enum": ["720p"]}, "1080p"),
    ({**INTEGER, "maximum": 10}, {**INTEGER, "maximum": 8}, 10),
    (INTEGER, {**INTEGER, "minimum": 1}, 0),
    ({"type": "number"}, INTEGER, 0.5),
    ({**INTEGER, "minimum": 1}, {**INTEGER, "multipleOf": 8, "minimum": 1}, 1),
    (STRING, {**STRING, "minLength": 2}, "a"),
    ({**STRING, "minLength": 1}, {**STRING, "maxLength": 3}, "aaaa"),
    (STRING, {**STRING, "pattern": "^b"}, "a"),
    ({**STRING, **NEITHER}, {**STRING, **NEITHER, "maxLength": 0}, "0"),
    ({"type": ["string", "null"]}, STRING, None),
    ({"type": ["string", "integer"]}, STRING, 0),
    (
        {"type": "array", "items": STRING},
        {"type": "array", "items": STRING, "maxItems": 1},
        ["a"] * 2,
    ),
    (
        {"type": "array", "items": INTEGER},
        {"type": "array", "items": {**INTEGER, "minimum": 1}},
        [0],
    ),
    (
        {"type": "array", "items": LORA},
        {
            "type": "array",
            "items": obj(
                {"path": STRING, "scale": {"type": "number", "maximum": 3}}, required=["path"]
            ),
        },
        [{"path": "a", "scale": 4}],
    ),
    (LORA, obj({"path": STRING, "scale": {"type": "number", "maximum": 4}}), {"path": "a"}),
    (obj({"a": STRING}, required=[]), closed(obj({"a": STRING}, required=[])), {"not_listed": "a"}),
    (
        {"type": "object", "additionalProperties": STRING},
        {"type": "object", "additionalProperties": {**STRING, "maxLength": 0}},
        {"key": "a"},
    ),
    (
        {"type": "array", "items": STRING},
        {"type": "array", "items": STRING, "uniqueItems": True},
        ["a", "a"],
    ),
]


@pytest.mark.parametrize(("old", "new", "value"), WITNESSES)
def test_a_witness_is_small_and_to_the_point(old: Json, new: Json, value: Any) -> None:
    breaking = of_properties(INPUT, old, new).at(Level.BREAKING)
    assert [change.witness.value for change in breaking if change.witness] == [{"x": value}]


def test_a_witness_has_what_is_required_and_nothing_else() -> None:
    old = obj(
        {"prompt": STRING, "mode": {"enum": ["a", "b"]}, "seed": INTEGER}, required=["prompt"]
    )
    new = obj({"prompt": STRING, "mode": {"enum": ["a"]}, "seed": INTEGER}, required=["prompt"])
    change = only(of_inputs(old, new))
    assert change.witness is not None
    assert change.witness.value == {"prompt": "a", "mode": "b"}


def test_each_of_several_breaks_has_a_witness_of_its_own() -> None:
    old = obj({"a": {"enum": [1, 2]}, "b": {"enum": [3, 4]}}, required=[])
    new = obj({"a": {"enum": [1]}, "b": {"enum": [3]}, "c": STRING}, required=["c"])
    found = {
        change.text: change.witness.value if change.witness else None
        for change in of_inputs(old, new).at(Level.BREAKING)
    }
    assert found == {
        "input `a`: the value 2 was removed": {"a": 2},
        "input `b`: the value 4 was removed": {"b": 4},
        "input `c`: a new required property: string": {},
    }


Edit = tuple[str, Callable[[dict[str, Any]], Any]]


def setting(stem: str, **keywords: Any) -> Edit:
    return stem, lambda schema: schema.update(keywords)


STRINGS = {"type": ["string", "null"]}
ARRAYS = {"type": "array", "items": INTEGER, "maxItems": 9}
CHOICES = {"enum": ["a", "b", "c"]}
OBJECTS = closed(obj({"a": STRING, "b": INTEGER, "c": STRING}, required=["a"]))
MANY_EDITS: list[tuple[Json, list[Edit]]] = [
    (
        INTEGER,
        [
            setting("min-set", minimum=-3),
            setting("max-set", maximum=40),
            setting("multiple-of-set", multipleOf=2),
        ],
    ),
    (
        {"type": "number", "minimum": 0, "maximum": 9},
        [
            setting("exclusive-min-increased", minimum=0, exclusiveMinimum=True),
            setting("exclusive-max-decreased", maximum=9, exclusiveMaximum=True),
        ],
    ),
    (
        STRINGS,
        [
            setting("became-not-nullable", type="string"),
            setting("min-length-set", minLength=2),
            setting("max-length-set", maxLength=7),
            setting("pattern-added", pattern="^[a#]"),
        ],
    ),
    (
        ARRAYS,
        [
            setting("min-items-set", minItems=1),
            setting("max-items-decreased", maxItems=3),
            setting("unique-items-set", uniqueItems=True),
            setting("max-set", items={**INTEGER, "maximum": 5}),
        ],
    ),
    (
        CHOICES,
        [
            ("enum-value-removed", lambda schema: schema["enum"].remove("a")),
            ("became-not-nullable", lambda schema: None),
        ],
    ),
    (
        OBJECTS,
        [
            ("removed", lambda schema: schema["properties"].pop("b")),
            ("became-required", lambda schema: schema["required"].append("c")),
            (
                "min-length-set",
                lambda schema: schema["properties"].update(a={**STRING, "minLength": 1}),
            ),
        ],
    ),
    (
        {"anyOf": [obj({"kind": {"const": "a"}}), obj({"kind": {"const": "b"}}), INTEGER]},
        [
            ("any-of-removed", lambda schema: schema["anyOf"].pop(1)),
            ("max-set", lambda schema: schema["anyOf"][-1].update(maximum=5)),
        ],
    ),
]
"""Schemas, and simultaneous edits of each: the name of a rule, and the edit."""

PLACES: dict[str, Callable[[Json], Json]] = {
    "property": lambda schema: schema,
    "item": lambda schema: {"type": "array", "items": schema},
    "value": lambda schema: {"type": "object", "additionalProperties": schema},
    "inner property": lambda schema: obj({"y": schema}),
    "optional property": lambda schema: obj({"y": schema, "z": STRING}, required=["z"]),
    "member of a union": lambda schema: {"anyOf": [{"type": "boolean"}, schema]},
    "one of two objects": lambda schema: {
        "oneOf": [
            obj({"tag": {"const": "a"}, "y": schema}),
            obj({"tag": {"const": "b"}, "y": {"type": "boolean"}}),
        ]
    },
    "first item": lambda schema: {"type": "array", "prefixItems": [schema, STRING]},
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("old", "edits"), MANY_EDITS, ids=range(len(MANY_EDITS)))
def test_of_changes_at_once_each_has_a_witness_that_it_alone_rejects(
    old: Json, edits: list[Edit], place: str
) -> None:
    def after(*some: Edit) -> Json:
        schema = copy.deepcopy(dict(old))
        for _, edit in some:
            edit(schema)
        return obj({"x": PLACES[place](schema)}, required=[])

    def validator(schema: Json) -> jsonschema_rs.Draft202012Validator:
        return jsonschema_rs.Draft202012Validator(json_schema({}, schema))

    breaking = of_inputs(after(), after(*edits)).at(Level.BREAKING)
    edits = [edit for edit in edits if after(edit) != after()]
    shown = {}
    for stem, edit in edits:
        [change] = [one for one in breaking if one.id.endswith(f"-{stem}")]
        assert change.witness is not None, stem
        shown[stem] = change.witness.value
        assert validator(after()).is_valid(shown[stem])
        assert not validator(after((stem, edit))).is_valid(shown[stem])
    assert len(breaking) == len(edits)


def test_one_property_of_two_members_of_a_union_that_changes_alike() -> None:
    def union(maximum: int) -> Json:
        members = [obj({"n": {**INTEGER, "maximum": maximum}, name: STRING}) for name in "ab"]
        return {"anyOf": members}

    change = only(of_properties(INPUT, union(9), union(8)))
    assert change.witness is not None
    assert change.witness.value["x"]["n"] == 9


def test_what_two_changes_reject_only_together_has_no_witness() -> None:
    """After either change alone, the property is still accepted."""
    two, one = obj({"a": STRING, "b": STRING}, required=[]), obj({"a": STRING}, required=[])
    found = {change.id: change.witness for change in of_inputs(two, closed(one)).changes}
    assert found["request-property-removed"] is None
    assert found["request-body-additional-properties-closed"] is not None


def test_no_witness_where_every_call_goes_on_to_be_accepted() -> None:
    old, new = obj({"a": STRING, "b": STRING}, required=[]), obj({"a": STRING}, required=[])
    change = only(of_inputs(old, new))
    assert (change.level, change.witness) == (Level.BREAKING, None)
    refused = of_inputs(closed(old), closed(new))
    witness = only(refused).witness
    assert witness is not None
    assert witness.value == {"b": "a"}


def test_paths_and_media_types_may_be_spelled_differently() -> None:
    def api(path: str, media_type: str, values: list[str]) -> Json:
        body = {"content": {media_type: {"schema": {"enum": values}}}}
        return {"paths": {path: {"post": {"requestBody": body}}}}

    old = api("/pets/{id}", "application/json; charset=utf-8", ["a", "b"])
    new = api("/pets/{pet}", "Application/JSON;charset=utf-8", ["a"])
    change = only(compare(old, new))
    assert change.witness is not None
    assert change.witness.value == "b"


def test_a_parameter_has_no_witness() -> None:
    def api(values: list[str]) -> Json:
        parameter = {"name": "kind", "in": "query", "schema": {"enum": values}}
        return {"paths": {"/pets": {"get": {"parameters": [parameter]}}}}

    change = only(compare(api(["a", "b"]), api(["a"])))
    assert (change.id, change.witness) == ("request-parameter-enum-value-removed", None)


def test_an_output_has_no_witness() -> None:
    old, new = obj({"a": {"enum": [1, 2]}}), obj({"a": {"enum": [1, 2, 3]}})
    assert only(compare(document(output=old), document(output=new))).witness is None


@settings(
    max_examples=examples(40),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(data=st.data(), old=schemas())
def test_every_witness_is_valid_before_and_rejected_now(data: st.DataObject, old: Schema) -> None:
    new = data.draw(changed(old))
    report = of_properties(INPUT, old, new)
    was, now = (
        jsonschema_rs.Draft202012Validator({"properties": {"x": schema}}) for schema in (old, new)
    )
    for change in report.changes:
        if change.witness is not None:
            assert was.is_valid(change.witness.value)
            assert not now.is_valid(change.witness.value)


@settings(
    max_examples=examples(40),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=st.data(), x=schemas(), y=schemas())
def test_a_witness_of_one_property_needs_no_change_of_another(
    data: st.DataObject, x: Schema, y: Schema
) -> None:
    """The two properties belong to one object, or to two objects in a union."""
    now = {"x": data.draw(changed(x)), "y": data.draw(changed(y))}
    was = {"x": x, "y": y}
    is_union = data.draw(st.booleans())

    def whole(parts: dict[str, Schema]) -> Schema:
        if not is_union:
            return obj(parts, required=[])
        members = [obj({name: part}, required=[name]) for name, part in parts.items()]
        return obj({"u": {"anyOf": members}}, required=[])

    before = jsonschema_rs.Draft202012Validator(whole(was))
    for change in of_inputs(whole(was), whole(now)).changes:
        name = re.sub(r"^.*?/schema/properties/(u/properties/)?", "", change.pointer)[:1]
        if change.witness is not None and name in was:
            alone = jsonschema_rs.Draft202012Validator(whole({**was, name: now[name]}))
            assert before.is_valid(change.witness.value)
            assert not alone.is_valid(change.witness.value), (was, now, change)


def test_without_a_validator_there_is_no_witness_and_all_else_is_reported() -> None:
    program = """
import sys
sys.modules["jsonschema_rs"] = None
from fal_codegen.drift import compare
def api(values):
    body = {"content": {"application/json": {"schema": {"enum": values}}}}
    return {"paths": {"/a": {"post": {"requestBody": body}}}}
for change in compare(api(["a", "b"]), api(["a"])).changes:
    print(change.id, change.witness)
"""
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout == "request-body-enum-value-removed None\n"
