"""Effects of changes on the generated client, from the planned endpoints of both documents."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from documents import document, obj
from fal_codegen.drift import Change, Level, Report, compare
from fal_codegen.drift.client_effects import VISIBLE
from fal_codegen.drift.rules import SCHEMA_RULES

from .pairs import BREAKING, INPUT, Json, of_inputs, of_outputs, of_properties, only, reported

STRING, INTEGER = {"type": "string"}, {"type": "integer"}
FILE = obj({"url": STRING, "content_type": STRING}, required=["url"])


def closed(schema: Json) -> Json:
    return {**schema, "additionalProperties": False}


def at(report: Report, end: str) -> Change:
    """Return the breaking change whose pointer has this end."""
    return next(one for one in report.at(BREAKING) if one.pointer.endswith(end))


def test_an_input_that_an_open_object_goes_on_to_take_is_survived() -> None:
    two, one = obj({"a": STRING, "b": STRING}, required=[]), obj({"a": STRING}, required=[])
    assert only(of_inputs(two, one)).survives
    assert not only(of_inputs(closed(two), closed(one))).survives
    nested = only(
        of_properties(INPUT, {"type": "array", "items": two}, {"type": "array", "items": one})
    )
    assert nested.survives


def test_a_property_of_an_open_object_that_gets_a_limit() -> None:
    """The client sends any property of such an object unchecked."""
    old = {**obj({"a": STRING}), "additionalProperties": STRING}
    new = {**obj({"a": STRING, "b": {**STRING, "maxLength": 3}}, required=["a"])}
    change = at(of_properties(INPUT, old, {**new, "additionalProperties": STRING}), "/b")
    assert not change.survives


LOOKING_AHEAD = {**STRING, "pattern": "^(?=a)"}
"""A pattern with look-ahead, which the client does not check."""


@pytest.mark.parametrize(
    ("old", "new", "survives"),
    [
        (LOOKING_AHEAD, {**STRING, "pattern": "^(?=b)"}, False),
        (LOOKING_AHEAD, {**LOOKING_AHEAD, "maxLength": 5}, False),
        (LOOKING_AHEAD, {**LOOKING_AHEAD, "description": "A."}, True),
        ({**STRING, "not": {"const": "a"}}, {**STRING, "not": {"const": "b"}}, False),
        ({**STRING, "not": {"const": "a"}}, {**STRING, "not": {"const": "a"}, "title": "A"}, True),
    ],
)
def test_what_the_client_does_not_check_breaks_it_only_if_it_changed(
    old: Json, new: Json, survives: bool
) -> None:
    assert only(of_properties(INPUT, old, new)).survives is survives


def test_every_visible_rule_is_one_of_schemas() -> None:
    assert set(SCHEMA_RULES.values()) >= VISIBLE


OUTPUTS: list[tuple[Json, Json, bool]] = [
    (obj({"x": {**INTEGER, "maximum": 5}}), obj({"x": INTEGER}), True),
    (obj({"x": INTEGER}), obj({"x": {"type": "number"}}), False),
    (obj({"x": INTEGER}), obj({"x": INTEGER}, required=[]), False),
    (obj({"x": INTEGER, "y": INTEGER}, required=["x"]), obj({"x": INTEGER}), True),
    (obj({"x": INTEGER}), obj({"x": {**INTEGER, "writeOnly": True}}), False),
    (
        obj({"x": INTEGER}, required=[]),
        obj({"x": {**INTEGER, "writeOnly": True}}, required=[]),
        True,
    ),
    (obj({"x": FILE}), obj({"x": {**FILE, "required": []}}), False),
    (
        obj({"x": {**FILE, "required": ["url", "content_type"]}}),
        obj({"x": FILE}),
        True,  # the client's own class of files can do without
    ),
    (
        obj({"x": {**INTEGER, "default": 5}}, required=[]),
        obj({"x": {"type": ["integer", "null"], "default": 5}}, required=[]),
        False,
    ),
    (
        obj({"x": INTEGER}, required=[]),
        obj({"x": {"type": ["integer", "null"]}}, required=[]),
        True,
    ),
    ({"type": "array", "items": INTEGER}, {"type": "array", "items": STRING}, False),
]
"""Outputs before and after, and whether the old client can read the new ones."""


@pytest.mark.parametrize(("old", "new", "survives"), OUTPUTS, ids=range(len(OUTPUTS)))
def test_outputs_that_the_old_client_reads(old: Json, new: Json, survives: bool) -> None:
    report = of_outputs(old, new)
    assert report.level is BREAKING
    assert report.survives is survives


def test_only_the_change_that_breaks_the_client_is_blamed() -> None:
    old = obj({"a": INTEGER, "b": {"enum": ["x"]}, "c": {**STRING, "description": "One."}})
    new = obj({"a": STRING, "b": {"enum": ["x", "y"]}, "c": {**STRING, "description": "Two."}})
    survives = {one.subject: one.survives for one in of_outputs(old, new).changes}
    assert survives == {"output `a`": False, "output `b`": True, "output `c`": True}


SEEN: list[tuple[Json, Json, set[str]]] = [
    (obj({"a": INTEGER}), obj({"a": STRING}), {"input `a`"}),
    (obj({"a": INTEGER}), obj({"a": {**INTEGER, "maximum": 5}}), set()),
    (obj({"a": INTEGER}), obj({"a": INTEGER}, required=[]), {"input `a`"}),
    (obj({"a": INTEGER}), obj({"a": INTEGER, "b": INTEGER}, required=["a"]), {"input `b`"}),
    (obj({"a": INTEGER, "b": STRING}), obj({"a": INTEGER}), {"input `b`"}),
    (obj({"a": {"enum": ["x"]}}), obj({"a": {"enum": ["x", "y"]}}), {"input `a`"}),
    (obj({"a": INTEGER}), obj({"a": {"type": ["integer", "null"]}}), {"input `a`"}),
    (obj({"a": INTEGER}), obj({"a": {**INTEGER, "description": "A."}}), set()),
    (obj({"a": INTEGER}), obj({"a": {**INTEGER, "deprecated": True}}), set()),
    (
        obj({"a": {"type": "array", "items": obj({"x": INTEGER})}}),
        obj({"a": {"type": "array", "items": obj({"x": {**STRING, "description": "X."}})}}),
        {"input `a[].x`"},
    ),
]


@pytest.mark.parametrize(("old", "new", "subjects"), SEEN, ids=range(len(SEEN)))
def test_names_and_types_that_change_are_the_surface(
    old: Json, new: Json, subjects: set[str]
) -> None:
    changes = of_inputs(old, new).changes
    assert {one.subject for one in changes if one.surface} == subjects


def test_a_component_that_is_renamed_is_surface_only_if_a_class_is_called_otherwise() -> None:
    def with_style(name: str, file: str) -> dict[str, Any]:
        style = {"$ref": f"#/components/schemas/{name}"}
        image = {"$ref": f"#/components/schemas/{file}"}
        return document(
            input=obj({"style": style}),
            output=obj({"image": image}),
            components={name: obj({"id": STRING}), file: FILE},
        )

    report = compare(with_style("Style", "Image"), with_style("KreaStyle", "Picture"))
    assert {one.subject: one.surface for one in report.changes} == {
        "input `style`": True,
        "output `image`": False,  # what only describes a file is a File
    }


def test_components_of_the_roots_are_named_by_the_endpoint() -> None:
    old, new = document(), document()
    new["components"]["schemas"]["Shorter"] = new["components"]["schemas"].pop("BlenderInput")
    body = new["paths"]["/acme/blender"]["post"]["requestBody"]
    body["content"]["application/json"]["schema"] = {"$ref": "#/components/schemas/Shorter"}
    assert [one.surface for one in compare(old, new).changes] == [False]


def edited(edit: Callable[[dict[str, Any]], Any]) -> Report:
    old, new = document(), copy.deepcopy(document())
    for one in (old, new):
        one["paths"]["/acme/blender"]["post"] |= {"tags": ["a"], "operationId": "blend"}
        one["security"] = [{"key": []}]
        one["components"]["securitySchemes"] = {
            "key": {"type": "apiKey", "in": "header", "name": "Authorization"},
            "login": {"type": "http", "scheme": "bearer"},
        }
    edit(new)
    return compare(old, new)


def post(content: dict[str, Any]) -> Any:
    return content["paths"]["/acme/blender"]["post"]


def answer(content: dict[str, Any]) -> Any:
    return content["paths"]["/acme/blender/requests/{request_id}"]["get"]["responses"]["200"]


UNREAD: list[Callable[[dict[str, Any]], Any]] = [
    lambda d: d["servers"][0].update(url="https://queue.fal.run/"),
    lambda d: d["servers"][0].update(url="https://queue2.fal.run"),
    lambda d: d.pop("servers"),
    lambda d: post(d).update(servers=[{"url": "https://elsewhere.example"}]),
    lambda d: post(d).update(tags=["b"]),
    lambda d: post(d).update(operationId="blend_now"),
    lambda d: post(d).update(summary="Blends."),
    lambda d: d["security"].append({"login": []}),
    lambda d: d.update(security=[{"login": []}]),
    lambda d: d.pop("security"),
    lambda d: d["components"]["schemas"].update(Unused=STRING),
    lambda d: answer(d).update(description="Another one."),
    lambda d: post(d).update({"x-codeSamples": []}),
    lambda d: d.update({"x-more": 1}),
    lambda d: d["info"].update(version="2"),
]


@pytest.mark.parametrize("edit", UNREAD, ids=range(len(UNREAD)))
def test_what_no_client_reads_is_cosmetic_at_most(edit: Callable[[dict[str, Any]], Any]) -> None:
    report = edited(edit)
    assert report.level <= Level.COSMETIC
    assert report.survives
    assert not any(one.surface for one in report.changes)


def test_other_servers_are_reported_once() -> None:
    change = only(edited(lambda d: d["servers"][0].update(url="https://queue2.fal.run")))
    assert (change.id, change.old, change.new) == (
        "api-servers-changed",
        ["https://queue.fal.run"],
        ["https://queue2.fal.run"],
    )


@pytest.mark.parametrize(
    "spelled",
    [
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "Application/JSON",
        "application/json; profile=a",
    ],
)
def test_parameters_of_json_mean_nothing(spelled: str) -> None:
    def rename(content: dict[str, Any]) -> None:
        for item in content["paths"].values():
            for operation in item.values():
                for holder in (operation.get("requestBody"), *operation["responses"].values()):
                    if holder:
                        holder["content"] = {spelled: holder["content"].pop("application/json")}

    assert edited(rename).changes == ()


def test_other_media_types_keep_their_parameters() -> None:
    def csv(header: str) -> dict[str, Any]:
        content = document()
        answer(content)["content"][f"text/csv; header={header}"] = {}
        return content

    assert reported(compare(csv("present"), csv("absent"))) == {
        ("response-media-type-removed", BREAKING),
        ("response-media-type-added", Level.ADDITIVE),
    }
    assert compare(csv("present"), csv("absent")).survives


GONE: list[tuple[Callable[[dict[str, Any]], Any], bool]] = [
    (lambda d: d["paths"].pop("/acme/blender"), False),
    (lambda d: d["paths"].pop("/acme/blender/requests/{request_id}"), False),
    (lambda d: answer(d)["content"].pop("application/json"), False),
    (lambda d: post(d).update(parameters=[{"name": "a", "in": "query", "required": True}]), False),
    (lambda d: post(d)["responses"].pop("200"), True),
]


@pytest.mark.parametrize(("edit", "survives"), GONE, ids=range(len(GONE)))
def test_operations_that_are_gone_or_ask_for_more(
    edit: Callable[[dict[str, Any]], Any], survives: bool
) -> None:
    report = edited(edit)
    assert report.level is BREAKING
    assert report.survives is survives


def test_what_several_operations_answer_is_reported_once() -> None:
    """In some documents, the response of the POST has the schema of the result."""

    def answering(schema: Json) -> dict[str, Any]:
        content = document(output=schema)
        ref = {"$ref": "#/components/schemas/BlenderOutput"}
        post(content)["responses"]["200"]["content"]["application/json"]["schema"] = ref
        return content

    change = only(compare(answering(obj({"a": INTEGER})), answering(obj({"a": STRING}))))
    assert change.operation == "GET /acme/blender/requests/{request_id}"
    assert not change.survives
