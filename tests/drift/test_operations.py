"""Changes outside schemas: paths, methods, servers, security, parameters and responses."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from fal_codegen.drift import Direction, Level, compare
from fal_codegen.drift.rules import RULES

from .pairs import ADDITIVE, BEHAVIOURAL, BREAKING, COSMETIC, only, reported

Edit = Callable[[dict[str, Any]], Any]
JSON = "application/json"


def api() -> dict[str, Any]:
    schema = {"type": "object", "properties": {"id": {"type": "string"}}}
    limit = {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 50}}
    key = {"name": "pet", "in": "path", "required": True, "schema": {"type": "string"}}
    answer = {
        "description": "The pets.",
        "headers": {"X-Count": {"required": True, "schema": {"type": "integer"}}},
        "content": {JSON: {"schema": schema}},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Pets", "version": "1"},
        "servers": [{"url": "https://one.example"}],
        "security": [{"key": []}],
        "components": {
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
                "login": {"type": "http", "scheme": "bearer"},
            }
        },
        "paths": {
            "/pets": {
                "get": {"parameters": [limit], "responses": {"200": answer}},
                "post": {
                    "requestBody": {"content": {JSON: {"schema": schema}}},
                    "responses": {"200": answer, "404": {"description": "No."}},
                },
            },
            "/pets/{pet}": {"get": {"parameters": [key], "responses": {"200": answer}}},
        },
    }


def get(document: dict[str, Any]) -> Any:
    return document["paths"]["/pets"]["get"]


def post(document: dict[str, Any]) -> Any:
    return document["paths"]["/pets"]["post"]


def parameter(document: dict[str, Any]) -> Any:
    return get(document)["parameters"][0]


def answer(document: dict[str, Any]) -> Any:
    return get(document)["responses"]["200"]


EDITS: list[tuple[Edit, str, Level, str, Level]] = [
    (
        lambda d: d["paths"].pop("/pets/{pet}"),
        *("api-path-removed-without-deprecation", BREAKING),
        *("endpoint-added", ADDITIVE),
    ),
    (
        lambda d: d["paths"]["/pets"].pop("post"),
        *("api-removed-without-deprecation", BREAKING),
        *("endpoint-added", ADDITIVE),
    ),
    (
        lambda d: d["servers"].append({"url": "https://two.example"}),
        *("api-server-added", ADDITIVE),
        *("api-server-removed", BREAKING),
    ),
    (
        lambda d: d["security"].append({"login": []}),
        *("api-security-alternative-added", ADDITIVE),
        *("api-security-removed", BREAKING),
    ),
    (
        lambda d: d["security"].append({}),
        *("api-security-alternative-added", ADDITIVE),
        *("api-security-added", BREAKING),
    ),
    (
        lambda d: d["security"][0].update(login=[]),
        *("api-security-removed", BREAKING),
        *("api-security-alternative-added", ADDITIVE),
    ),
    (
        lambda d: get(d)["parameters"].clear(),
        *("request-parameter-removed", BREAKING),
        *("new-optional-request-parameter", ADDITIVE),
    ),
    (
        lambda d: parameter(d).update(required=True),
        *("request-parameter-became-required", BREAKING),
        *("request-parameter-became-optional", ADDITIVE),
    ),
    (
        lambda d: parameter(d)["schema"].update(maximum=20),
        *("request-parameter-max-decreased", BREAKING),
        *("request-parameter-max-increased", ADDITIVE),
    ),
    (
        lambda d: parameter(d).update(style="pipeDelimited"),
        *("request-parameter-style-changed", BREAKING),
        *("request-parameter-style-changed", BREAKING),
    ),
    (
        lambda d: post(d).pop("requestBody"),
        *("request-body-removed", BREAKING),
        *("request-body-added-optional", ADDITIVE),
    ),
    (
        lambda d: post(d)["requestBody"].update(required=True),
        *("request-body-became-required", BREAKING),
        *("request-body-became-optional", ADDITIVE),
    ),
    (
        lambda d: post(d)["requestBody"]["content"].update({"text/csv": {}}),
        *("request-body-media-type-added", ADDITIVE),
        *("request-body-media-type-removed", BREAKING),
    ),
    (
        lambda d: get(d)["responses"].update({"202": {"description": "Later."}}),
        *("response-success-status-added", ADDITIVE),
        *("response-success-status-removed", BREAKING),
    ),
    (
        lambda d: post(d)["responses"].pop("404"),
        *("response-non-success-status-removed", ADDITIVE),
        *("response-non-success-status-added", ADDITIVE),
    ),
    (
        lambda d: answer(d)["content"].update({"text/csv": {}}),
        *("response-media-type-added", ADDITIVE),
        *("response-media-type-removed", BREAKING),
    ),
    (
        lambda d: answer(d)["headers"].pop("X-Count"),
        *("required-response-header-removed", BREAKING),
        *("response-header-added", ADDITIVE),
    ),
    (
        lambda d: answer(d)["headers"]["X-Count"].pop("required"),
        *("response-header-became-optional", BREAKING),
        *("response-header-became-required", ADDITIVE),
    ),
    (
        lambda d: answer(d)["headers"]["X-Count"].update(schema={"type": "number"}),
        *("response-header-type-generalized", BREAKING),
        *("response-header-type-specialized", ADDITIVE),
    ),
    (
        lambda d: get(d).update(deprecated=True),
        *("endpoint-deprecated", BEHAVIOURAL),
        *("endpoint-reactivated", ADDITIVE),
    ),
    (
        lambda d: get(d).update(summary="Lists pets."),
        *("endpoint-description-changed", COSMETIC),
        *("endpoint-description-changed", COSMETIC),
    ),
    (
        lambda d: get(d).update(operationId="listPets"),
        *("api-operation-id-changed", COSMETIC),
        *("api-operation-id-changed", COSMETIC),
    ),
    (
        lambda d: get(d).update(tags=["pets"]),
        *("api-tags-changed", COSMETIC),
        *("api-tags-changed", COSMETIC),
    ),
    (
        lambda d: post(d).update(callbacks={"done": {}}),
        *("callbacks-changed", BEHAVIOURAL),
        *("callbacks-changed", BEHAVIOURAL),
    ),
    (
        lambda d: parameter(d).update(deprecated=True),
        *("request-parameter-deprecated", BEHAVIOURAL),
        *("request-parameter-reactivated", ADDITIVE),
    ),
    (
        lambda d: parameter(d).update(description="How many."),
        *("request-parameter-description-changed", COSMETIC),
        *("request-parameter-description-changed", COSMETIC),
    ),
    (
        lambda d: parameter(d).update(content={JSON: {"schema": parameter(d).pop("schema")}}),
        *("request-parameter-style-changed", BREAKING),
        *("request-parameter-style-changed", BREAKING),
    ),
    (
        lambda d: get(d)["parameters"].append({"name": "X-Trace", "in": "header"}),
        *("new-optional-request-parameter", ADDITIVE),
        *("request-parameter-removed", BREAKING),
    ),
    (
        lambda d: get(d).update(security=[]),
        *("api-security-alternative-added", ADDITIVE),
        *("api-security-added", BREAKING),
    ),
    (
        lambda d: d["info"].update({"x-more": {"about": "Pets."}}),
        *("api-info-changed", COSMETIC),
        *("api-info-changed", COSMETIC),
    ),
    (
        lambda d: d["info"].update(version="2"),
        *("api-info-changed", COSMETIC),
        *("api-info-changed", COSMETIC),
    ),
    (
        lambda d: d.update(webhooks={"new": {"post": {}}}),
        *("callbacks-changed", BEHAVIOURAL),
        *("callbacks-changed", BEHAVIOURAL),
    ),
]


@pytest.mark.parametrize(("edit", "there", "level", "back", "level_back"), EDITS)
def test_each_edit_is_reported_there_and_back(
    edit: Edit, there: str, level: Level, back: str, level_back: Level
) -> None:
    # One answer and one schema stand in several places, and an edit is to be of one.
    old, new = copy.deepcopy(api()), separate(api())
    edit(new)
    assert reported(compare(separate(old), new)) == {(there, level)}
    assert reported(compare(new, separate(old))) == {(back, level_back)}


def separate(document: Any) -> Any:
    """Return a copy without shared objects."""
    if isinstance(document, dict):
        return {key: separate(value) for key, value in document.items()}
    return [separate(item) for item in document] if isinstance(document, list) else document


def rename_path_parameter(document: dict[str, Any]) -> None:
    item = document["paths"].pop("/pets/{pet}")
    item["get"]["parameters"][0]["name"] = "id"
    document["paths"]["/pets/{id}"] = item


def rename_security_scheme(document: dict[str, Any]) -> None:
    schemes = document["components"]["securitySchemes"]
    schemes["token"] = schemes.pop("key")
    document["security"] = [{"token": []}]


def share_parameter(document: dict[str, Any]) -> None:
    document["components"]["parameters"] = {"limit": parameter(document)}
    get(document)["parameters"] = [{"$ref": "#/components/parameters/limit"}]


def share_answer(document: dict[str, Any]) -> None:
    document["components"]["responses"] = {"pets": answer(document)}
    get(document)["responses"]["200"] = {"$ref": "#/components/responses/pets"}


def spell_media_type(document: dict[str, Any]) -> None:
    content = post(document)["requestBody"]["content"]
    content["Application/JSON"] = content.pop(JSON)


def spell_header(document: dict[str, Any]) -> None:
    headers = answer(document)["headers"]
    headers["x-count"] = headers.pop("X-Count")


SAME: list[Edit] = [
    rename_path_parameter,
    rename_security_scheme,
    share_parameter,
    share_answer,
    spell_media_type,
    spell_header,
    lambda d: get(d).update(security=[{"key": []}]),
    lambda d: get(d)["parameters"].append({"name": "Accept", "in": "header"}),
    lambda d: d["paths"]["/pets"].update(servers=[{"url": "https://one.example"}]),
    lambda d: d["components"].update(schemas={"Unused": {"type": "string"}}),
]


@pytest.mark.parametrize("edit", SAME)
def test_what_comes_to_the_same_is_no_change(edit: Edit) -> None:
    new = separate(api())
    edit(new)
    assert compare(api(), new).changes == ()
    assert compare(new, api()).changes == ()


def test_a_parameter_of_a_path_is_one_of_each_of_its_methods() -> None:
    new = separate(api())
    new["paths"]["/pets"]["parameters"] = get(new).pop("parameters")
    added = only(compare(api(), new))
    assert (added.id, added.operation) == ("new-optional-request-parameter", "POST /pets")


def test_an_operation_that_was_deprecated_goes_as_announced() -> None:
    old, new = separate(api()), separate(api())
    post(old)["deprecated"] = True
    del new["paths"]["/pets"]["post"]
    assert reported(compare(old, new)) == {("api-removed-with-deprecation", BREAKING)}


def test_a_server_of_all_operations_is_reported_once() -> None:
    new = separate(api())
    new["servers"] = [{"url": "https://three.example"}]
    report = compare(api(), new)
    assert [(change.id, change.operation) for change in report.changes] == [
        ("api-server-removed", ""),
        ("api-server-added", ""),
    ]


def test_every_rule_says_what_it_means() -> None:
    for rule in RULES.values():
        assert rule.id == rule.id.lower()
        assert rule.level is not Level.NONE
        assert rule.message
        assert rule.direction in (*Direction, None)


@pytest.mark.parametrize(
    "junk", [None, [], "text", 7, {"paths": None}, {"paths": {"/a": None, "/b": {"get": []}}}]
)
def test_what_is_no_document_has_no_operations(junk: Any) -> None:
    old = junk if isinstance(junk, dict) else {"paths": {"/pets": {"get": junk}}}
    assert compare(old, old).changes == ()
    assert compare(old, {"paths": {}}).level is Level.NONE
