"""An invalid input is answered as fal does, by the document's own schema."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from fal_codegen.emulator import Emulator
from fal_codegen.emulator.endpoints.served_endpoint import ServedEndpoint

from .conftest import PAINT
from .documents import Schema, document


def problems(http: httpx.Client, payload: Any, endpoint: str = PAINT) -> Any:
    response = http.post(f"/run/{endpoint}", json=payload)
    assert response.status_code == 422
    return response.json()["detail"]


@pytest.mark.parametrize(
    ("given", "where", "kind", "message", "ctx"),
    [
        ({"prompt": 3}, ["prompt"], "string_type", "Input should be a valid string", None),
        (
            {"prompt": "x"},
            ["prompt"],
            "string_too_short",
            "String should have at least 2 characters",
            {"min_length": 2},
        ),
        ({"steps": "20"}, ["steps"], "int_type", "Input should be a valid integer", None),
        (
            {"steps": 1.5},
            ["steps"],
            "int_from_float",
            "Input should be a valid integer, got a number with a fractional part",
            None,
        ),
        (
            {"steps": 0},
            ["steps"],
            "greater_than_equal",
            "Input should be greater than or equal to 1",
            {"ge": 1},
        ),
        (
            {"steps": 51},
            ["steps"],
            "less_than_equal",
            "Input should be less than or equal to 50",
            {"le": 50},
        ),
        (
            {"style": "wild"},
            ["style"],
            "literal_error",
            "Input should be 'plain' or 'vivid'",
            {"expected": "'plain' or 'vivid'"},
        ),
        (
            {"tags": ["a", "b", "c"]},
            ["tags"],
            "too_long",
            "List should have at most 2 items after validation, not 3",
            {"field_type": "List", "max_length": 2, "actual_length": 3},
        ),
        ({"tags": ["a", 2]}, ["tags", 1], "string_type", "Input should be a valid string", None),
        ({"tags": "a"}, ["tags"], "list_type", "Input should be a valid list", None),
        ({"seed": "1"}, ["seed"], "int_type", "Input should be a valid integer", None),
        (
            {"size": {"width": 0}},
            ["size", "width"],
            "greater_than",
            "Input should be greater than 0",
            {"gt": 0},
        ),
        ({"size": {}}, ["size", "width"], "missing", "Field required", None),
    ],
)
def test_a_problem_has_the_place_type_and_message_of_pydantic(
    http: httpx.Client, given: Any, where: list[str | int], kind: str, message: str, ctx: Any
) -> None:
    (item,) = problems(http, {"prompt": "a red fox", **given})
    assert item["loc"] == ["body", *where]
    assert item["type"] == kind
    assert item["msg"] == message
    assert item.get("ctx") == ctx
    # As pydantic writes it, without `url`, which errors of the model have.
    assert item.keys() - {"ctx"} == {"type", "loc", "msg", "input"}


def test_the_value_at_fault_is_in_the_item(http: httpx.Client) -> None:
    (item,) = problems(http, {"prompt": "a red fox", "style": "wild"})
    assert item["input"] == "wild"
    assert item["msg"] == "Input should be 'plain' or 'vivid'"
    (item,) = problems(http, {"steps": 5})
    assert (item["loc"], item["msg"], item["input"]) == (
        ["body", "prompt"],
        "Field required",
        {"steps": 5},
    )


def test_every_alternative_is_named_when_none_is_near(http: httpx.Client) -> None:
    items = problems(http, {"prompt": "a red fox", "size": 5})
    assert {item["type"] for item in items} == {"dict_type", "string_type", "literal_error"}


def test_a_body_that_is_no_json(http: httpx.Client) -> None:
    response = http.post(f"/run/{PAINT}", content=b"{")
    assert response.status_code == 422
    assert response.json()["detail"] == [
        {
            "type": "json_invalid",
            "loc": ["body", 1],
            "msg": "JSON decode error",
            "input": {},
            "ctx": {"error": "Expecting property name enclosed in double quotes"},
        }
    ]
    (item,) = http.post(f"/run/{PAINT}").json()["detail"]
    assert item == {"type": "missing", "loc": ["body"], "msg": "Field required", "input": None}
    (item,) = http.post(f"/run/{PAINT}", json=[]).json()["detail"]
    assert (item["type"], item["loc"]) == ("model_attributes_type", ["body"])


@pytest.mark.parametrize(
    "body",
    [
        b'{"steps": NaN}',
        b'{"steps": -Infinity}',
        b'{"steps": 1e999}',
        b'{"steps": 1' + b"0" * 5000 + b"}",
        rb'{"tags": ["\ud800"]}',
        rb'{"\udfff": 1}',
        b"[" * 100_000,
        b'{"tags": ' + b"[" * 150 + b"]" * 150 + b"}",
        b'{"tags": "\xff"}',
        "{}".encode("utf-16"),
        b"\0",
        b"prompt=a+red+fox",
        b'--x\r\nContent-Disposition: form-data; name="prompt"\r\n\r\na\r\n--x--',
    ],
)
def test_what_json_cannot_hold_is_no_json(http: httpx.Client, body: bytes) -> None:
    answers = [http.post(f"/run/{PAINT}", content=body)]
    job = http.post(f"/queue/{PAINT}", content=body, headers={"X-Emulate": "queued=0, running=0"})
    assert job.status_code == 200
    answers.append(http.get(job.json()["response_url"]))
    for answer in answers:
        assert answer.status_code == 422
        assert [item["type"] for item in answer.json()["detail"]] == ["json_invalid"]


def test_the_last_of_several_equal_names_counts(http: httpx.Client) -> None:
    body = b'{"prompt": "a red fox", "steps": 0, "steps": 7}'
    assert http.post(f"/run/{PAINT}", content=body).status_code == 200


def test_unknown_names_are_accepted_unless_forbidden(http: httpx.Client) -> None:
    accepted = http.post(f"/run/{PAINT}", json={"prompt": "a red fox", "promt": 1})
    assert accepted.status_code == 200
    closed: Schema = {"type": "object", "properties": {}, "additionalProperties": False}
    with Emulator([document("acme/closed", input=closed)]) as emulator:
        url = f"{emulator.base_url}/run/acme/closed"
        answer = httpx.post(url, json={"promt": 1}, headers=http.headers)
    (item,) = answer.json()["detail"]
    assert (item["loc"], item["type"]) == (["body", "promt"], "extra_forbidden")
    assert item["input"] == 1


@pytest.mark.parametrize(
    ("schema", "valid", "invalid"),
    [
        ({"type": "string", "nullable": True}, ["x", None], [1]),
        ({"type": "string", "enum": ["a"], "nullable": True}, ["a", None], ["b"]),
        ({"$ref": "#/components/schemas/Size", "nullable": False}, [{"width": 1}], [None]),
        ({"allOf": [{"type": "string"}], "nullable": True}, ["x", None], [1]),
        ({"type": "integer", "minimum": 1, "exclusiveMinimum": True}, [2], [1]),
        ({"type": "integer", "maximum": 1, "exclusiveMaximum": False}, [1], [2]),
        ({"type": "number", "multipleOf": 0.5}, [1.5], [1.2]),
        ({"type": "string", "pattern": "^a"}, ["ab"], ["b"]),
        ({"const": "a"}, ["a"], ["b"]),
        ({"type": ["string", "null"]}, ["a", None], [1]),
        ({"type": "array", "prefixItems": [{"type": "integer"}]}, [[1]], [["x"]]),
        ({"not": {"type": "string"}}, [1], ["x"]),
        # Keywords that no validator can read are ignored.
        ({"type": "string", "pattern": "("}, ["anything"], [1]),
        ({"type": "string", "minLength": "two"}, [""], [1]),
        ({"type": "file", "required": True}, [1, "x"], []),
        ({"type": "array", "items": {"0": {"type": "string"}}}, [[1, "x"]], ["x"]),
        ({"$ref": "#/components/schemas/Absent"}, [1, "x", None], []),
        ({"$ref": "https://example.com/schema.json"}, [1, "x", None], []),
    ],
)
def test_schemas_of_every_dialect_are_checked(
    schema: Schema, valid: list[Any], invalid: list[Any]
) -> None:
    wrapped: Schema = {"type": "object", "properties": {"x": schema}}
    endpoint = ServedEndpoint(document(input=wrapped))
    assert [bool(endpoint.problems({"x": value})) for value in valid] == [False] * len(valid)
    assert [bool(endpoint.problems({"x": value})) for value in invalid] == [True] * len(invalid)


@pytest.mark.parametrize(
    ("name", "spelling"), [("é", "é"), ("a b", "a b"), ("a|b", "a%7Cb"), ("100%", "100%")]
)
def test_a_reference_may_have_characters_that_no_uri_has(name: str, spelling: str) -> None:
    wrapped: Schema = {
        "type": "object",
        "properties": {"x": {"$ref": f"#/components/schemas/{spelling}"}},
    }
    endpoint = ServedEndpoint(document(input=wrapped, components={name: {"type": "string"}}))
    assert endpoint.problems({"x": "a"}) == []
    assert endpoint.problems({"x": 1}) != []


def test_no_string_stands_for_an_object_whose_url_is_none() -> None:
    link = {"type": "object", "properties": {"url": {"type": "integer"}, "file_size": {}}}
    reference = {"$ref": "#/components/schemas/Link"}
    input = {"type": "object", "properties": {"link": reference}}
    endpoint = ServedEndpoint(document(input=input, components={"Link": link}))
    assert endpoint.problems({"link": {"url": 1}}) == []
    assert endpoint.problems({"link": "https://example.test/a.mp4"}) != []


def test_a_url_may_stand_for_the_object_of_a_file() -> None:
    clip = {"type": "object", "properties": {"url": {"type": "string"}, "file_size": {}}}
    schemas: Schema = {"Clip": {**clip, "required": ["url"]}}
    takes_clip = document(
        "acme/cut",
        input={"type": "object", "properties": {"clip": {"$ref": "#/components/schemas/Clip"}}},
        components=schemas,
    )
    endpoint = ServedEndpoint(takes_clip)
    assert endpoint.problems({"clip": "https://example.test/a.mp4"}) == []
    assert endpoint.problems({"clip": {"url": "https://example.test/a.mp4"}}) == []
    assert endpoint.problems({"clip": {"file_size": 3}}) != []
    assert endpoint.problems({"clip": 3}) != []
