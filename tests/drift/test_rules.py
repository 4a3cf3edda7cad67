"""The rules: each can occur, and each has its opposites."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from documents import document, obj
from fal_codegen.document.price import UnitPrice
from fal_codegen.drift import Report, compare
from fal_codegen.drift.prices import PricePair
from fal_codegen.drift.report import DocumentPair, compare_all
from fal_codegen.drift.rules import RULES, opposites

from .pairs import Json
from .test_operations import EDITS, Edit, answer, api, get, parameter, post, separate

STRING, INTEGER, NUMBER = {"type": "string"}, {"type": "integer"}, {"type": "number"}
ARRAY, OBJECT = {"type": "array"}, {"type": "object"}
A, B, C = (obj({name: STRING}) for name in "abc")
REF = "#/components/schemas"


def limit(schema: Json, keyword: str) -> Iterator[tuple[Json, Json]]:
    """Yield two changes: setting a limit, and raising it."""
    yield schema, {**schema, keyword: 1}
    yield {**schema, keyword: 1}, {**schema, keyword: 2}


SCHEMAS: list[tuple[Json, Json]] = [
    (STRING, INTEGER),
    (NUMBER, INTEGER),
    ({"type": ["string", "integer"]}, STRING),
    (STRING, {"type": ["string", "null"]}),
    (STRING, {"$ref": f"{REF}/Missing"}),
    ({"anyOf": [A, B]}, {"anyOf": [A]}),
    ({"anyOf": [A, B]}, {"oneOf": [A, B]}),
    ({"oneOf": [A, B]}, {"oneOf": [A, B, C]}),
    (STRING, {"enum": ["a", "b"]}),
    ({"enum": ["a", "b"]}, {"enum": ["a"]}),
    ({"enum": ["a b", "c"]}, {"enum": ["a-b", "c"]}),
    (STRING, {"const": "a"}),
    ({"const": "a"}, {"const": "b"}),
    *limit(NUMBER, "minimum"),
    *limit(NUMBER, "maximum"),
    *limit(NUMBER, "exclusiveMinimum"),
    *limit(NUMBER, "exclusiveMaximum"),
    (INTEGER, {**INTEGER, "multipleOf": 2}),
    ({**INTEGER, "multipleOf": 2}, {**INTEGER, "multipleOf": 4}),
    ({**INTEGER, "multipleOf": 2}, {**INTEGER, "multipleOf": 3}),
    *limit(STRING, "minLength"),
    *limit(STRING, "maxLength"),
    (STRING, {**STRING, "pattern": "a"}),
    ({**STRING, "pattern": "a"}, {**STRING, "pattern": "b"}),
    (STRING, {**STRING, "format": "uri"}),
    ({**STRING, "format": "uri"}, {**STRING, "format": "uuid"}),
    *limit(ARRAY, "minItems"),
    *limit(ARRAY, "maxItems"),
    (ARRAY, {**ARRAY, "uniqueItems": True}),
    *limit(OBJECT, "minProperties"),
    *limit(OBJECT, "maxProperties"),
    (OBJECT, {**OBJECT, "additionalProperties": False}),
    (A, obj({"a": STRING, "b": STRING}, required=["a"])),
    (A, obj({"a": STRING, "b": STRING})),
    (A, obj({"a": STRING, "b": {**STRING, "default": "x"}})),
    (obj({"a": STRING}, required=[]), A),
    (obj({"a": {**STRING, "default": "x"}}, required=[]), obj({"a": {**STRING, "default": "x"}})),
    (obj({"image": STRING}), obj({"image_url": STRING})),
    (A, obj({"a": {**STRING, "readOnly": True}})),
    (A, obj({"a": {**STRING, "writeOnly": True}})),
    (STRING, {**STRING, "not": {"const": "a"}}),
    ({**STRING, "not": {"const": "a"}}, {**STRING, "not": {"const": "b"}}),
    (STRING, {**STRING, "default": "a"}),
    ({**STRING, "default": "a"}, {**STRING, "default": "b"}),
    (STRING, {**STRING, "deprecated": True}),
    (OBJECT, {**OBJECT, "discriminator": {"propertyName": "kind"}}),
    (STRING, {**STRING, "max_width": 9}),
    (STRING, {**STRING, "title": "A"}),
    (STRING, {**STRING, "description": "A."}),
    (STRING, {**STRING, "examples": ["a"]}),
    (STRING, {**STRING, "ui": {"field": "image"}}),
    (
        {**OBJECT, "x-fal-order-properties": ["a", "b"]},
        {**OBJECT, "x-fal-order-properties": ["b", "a"]},
    ),
    ({"$ref": f"{REF}/One"}, {"$ref": f"{REF}/Other"}),
]
"""Pairs of schemas that cause each rule about schemas, in one direction or the other."""


def everywhere(schema: Json) -> dict[str, Any]:
    """Return a document with a schema at every place where schemas can be."""

    def operation(schema: Json) -> Json:
        content = {"application/json": {"schema": schema}}
        header = {"X-Header": {"schema": schema}}
        return {
            "parameters": [{"name": "p", "in": "query", "schema": schema}],
            "requestBody": {"content": content},
            "responses": {"200": {"headers": header, "content": content}},
        }

    return {
        "components": {"schemas": {"One": A, "Other": A}},
        "paths": {"/a": {"post": operation(schema)}, "/b": {"post": operation(obj({"x": schema}))}},
    }


OPERATIONS: list[Edit] = [
    *(edit for edit, *_ in EDITS),
    lambda d: post(d).update(requestBody={"required": True}),
    lambda d: get(d)["parameters"].append({"name": "q", "in": "query", "required": True}),
    lambda d: answer(d)["headers"].update({"X-More": {"schema": {}}}),
]


CHEAP, DEAR, OTHER = (
    UnitPrice(Decimal(amount), unit, "USD", "2026-01-02")
    for amount, unit in (("1", "image"), ("2", "image"), ("1", "second"))
)
PRICES = [
    PricePair(CHEAP, DEAR),
    PricePair(DEAR, CHEAP),
    PricePair(CHEAP, OTHER),
    PricePair(CHEAP, None),
]


def reports() -> Iterator[Report]:
    for old, new in SCHEMAS:
        yield compare(everywhere(old), everywhere(new))
        yield compare(everywhere(new), everywhere(old))
    for edit in OPERATIONS:
        old, new = separate(api()), separate(api())
        edit(new)
        yield from (compare(old, new), compare(new, old))
    without_body, with_body = separate(api()), separate(api())
    del post(without_body)["requestBody"]
    post(with_body)["requestBody"]["required"] = True
    yield compare(without_body, with_body)
    for paths in ([], ["/pets"]):
        announced = separate(api())
        for item in announced["paths"].values():
            for node in item.values():
                node["deprecated"] = True
        left = copy.deepcopy(announced)
        left["paths"] = {path: {"get": {"deprecated": True}} for path in paths}
        yield compare(announced, left)
    servers, security = document(), document()
    servers["servers"] = [{"url": "https://example.com"}]
    security["security"] = [{"key": []}]
    yield from (compare(document(), other) for other in (servers, security))
    yield from compare_all(
        [
            DocumentPair("a", None, document()),
            DocumentPair("b", document(), None),
            *(DocumentPair(f"p{n}", document(), document(), it) for n, it in enumerate(PRICES)),
        ]
    ).reports


def test_a_pair_of_documents_causes_each_rule() -> None:
    assert {change.id for report in reports() for change in report.changes} == RULES.keys()


def test_a_rule_is_an_opposite_of_each_of_its_opposites() -> None:
    for rule in RULES.values():
        assert opposites(rule)
        assert all(rule.id in opposites(RULES[id]) for id in opposites(rule)), rule.id


@pytest.mark.parametrize(("old", "new"), SCHEMAS, ids=range(len(SCHEMAS)))
def test_an_opposite_of_each_change_is_among_the_changes_back(old: Json, new: Json) -> None:
    there, back = (
        compare(everywhere(old), everywhere(new)),
        compare(everywhere(new), everywhere(old)),
    )
    ids = {change.id for change in back.changes}
    for change in there.changes:
        is_overlap = change.id.endswith("one-of-overlap-added")  # nothing is reported if it ends
        assert is_overlap or opposites(RULES[change.id]) & ids, change.id


def test_a_parameter_has_no_rules_of_properties() -> None:
    old, new = separate(api()), separate(api())
    parameter(new)["schema"]["readOnly"] = True
    assert compare(old, new).changes == ()
    assert "request-parameter-became-read-only" not in RULES
