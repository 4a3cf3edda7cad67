"""A wrong input is answered in fal's form, by the document's own schema."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from fal_codegen.emulator import Emulator
from fal_codegen.emulator.documents import Endpoint

from .conftest import PAINT
from .documents import Schema, document

STYLES = ["plain", "vivid"]


def problems(http: httpx.Client, payload: Any, endpoint: str = PAINT) -> Any:
    response = http.post(f"/run/{endpoint}", json=payload)
    assert response.status_code == 422
    return response.json()["detail"]


@pytest.mark.parametrize(
    ("given", "where", "kind", "ctx"),
    [
        ({"prompt": 3}, ["prompt"], "string_type", None),
        ({"prompt": "x"}, ["prompt"], "sequence_too_short", {"min_length": 2}),
        ({"steps": "20"}, ["steps"], "int_type", None),
        ({"steps": 0}, ["steps"], "greater_than_equal", {"ge": 1}),
        ({"steps": 51}, ["steps"], "less_than_equal", {"le": 50}),
        ({"style": "wild"}, ["style"], "one_of", {"expected": STYLES}),
        ({"tags": ["a", "b", "c"]}, ["tags"], "sequence_too_long", {"max_length": 2}),
        ({"tags": ["a", 2]}, ["tags", 1], "string_type", None),
        ({"tags": "a"}, ["tags"], "list_type", None),
        ({"seed": "1"}, ["seed"], "int_type", None),
        ({"size": {"width": 0}}, ["size", "width"], "greater_than", {"gt": 0}),
        ({"size": {}}, ["size", "width"], "missing", None),
    ],
)
def test_one_problem(
    http: httpx.Client, given: Any, where: list[str | int], kind: str, ctx: Any
) -> None:
    (item,) = problems(http, {"prompt": "a red fox", **given})
    assert item["loc"] == ["body", *where]
    assert item["type"] == kind
    assert item["url"] == f"https://docs.fal.ai/errors/#{kind}"
    assert item.get("ctx") == ctx
    assert item["msg"]


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
    assert {item["type"] for item in items} == {"dict_type", "string_type", "one_of"}


def test_a_body_that_is_no_json(http: httpx.Client) -> None:
    response = http.post(f"/run/{PAINT}", content=b"{")
    assert response.status_code == 422
    assert response.json()["detail"][0]["type"] == "json_invalid"


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
        # What no validator could read is as if it were not there.
        ({"type": "string", "pattern": "("}, ["anything"], [1]),
        ({"type": "string", "minLength": "two"}, [""], [1]),
        ({"type": "file", "required": True}, [1, "x"], []),
        ({"type": "array", "items": {"0": {"type": "string"}}}, [[1, "x"]], ["x"]),
        ({"$ref": "#/components/schemas/Absent"}, [1, "x", None], []),
        ({"$ref": "https://example.com/schema.json"}, [1, "x", None], []),
    ],
)
def test_schemas_in_all_their_dialects(
    schema: Schema, valid: list[Any], invalid: list[Any]
) -> None:
    wrapped: Schema = {"type": "object", "properties": {"x": schema}}
    endpoint = Endpoint(document(input=wrapped))
    assert [bool(endpoint.problems({"x": value})) for value in valid] == [False] * len(valid)
    assert [bool(endpoint.problems({"x": value})) for value in invalid] == [True] * len(invalid)
