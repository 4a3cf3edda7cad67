"""Reports are deterministic and safe to print, and every comparison terminates."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from documents import document, obj
from fal_codegen.drift import Level, compare
from fal_codegen.errors import DocumentError

from .pairs import BREAKING, INPUT, Json, of_inputs, of_properties, only

STRING = {"type": "string"}


def test_the_gravest_come_first_and_are_counted() -> None:
    old = obj({"a": {"enum": ["x", "y"]}, "b": {"type": "integer", "default": 1}, "c": STRING})
    new = obj(
        {
            "a": {"enum": ["x"]},
            "b": {"type": "integer", "default": 2},
            "c": {**STRING, "title": "C"},
            "d": STRING,
        },
        required=["a", "b", "c"],
    )
    report = of_inputs(old, new)
    of_documents = [level for level in sorted(Level)[1:] if level is not Level.PRICE]
    assert [change.level for change in report.changes] == of_documents[::-1]
    assert report.counts == dict.fromkeys(of_documents, 1)
    assert [change.id for change in report.at(BREAKING)] == ["request-property-enum-value-removed"]
    assert report.level is BREAKING
    assert not report.survives
    assert of_inputs(old, old).level is Level.NONE


def test_a_fingerprint_is_of_the_change_and_not_of_its_spelling() -> None:
    def change(old: Json, new: Json, **components: Any) -> str:
        return only(of_properties(INPUT, old, new, **components)).fingerprint

    plain = change({"enum": [1, 2]}, {"enum": [2]})
    ref = {"$ref": "#/components/schemas/One"}
    assert change({"enum": [2.0, 1]}, {"const": 2}) == plain
    assert change({"enum": [1, 2]}, ref, One={"enum": [2]}) == plain
    assert change({"enum": [2, 3]}, {"enum": [2]}) != plain
    assert change({"enum": [2]}, {"enum": [1, 2]}) != plain


def test_a_fingerprint_stays_what_it_is() -> None:
    """Ignore files contain the fingerprints of accepted changes."""
    change = only(of_properties(INPUT, {"enum": [1, 2]}, {"enum": [2]}))
    assert change.fingerprint == "c0bd190e0449ff03"


def test_a_fingerprint_tells_variants_apart() -> None:
    names = ("LoraA", "LoraB")
    union = {"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in names]}

    def changed(*lower: str) -> str:
        def components(*lower: str) -> Json:
            return {
                name: obj({"kind": {"const": name}, "scale": {"maximum": 4 + (name not in lower)}})
                for name in names
            }

        old, new = (
            document(input=obj({"x": union}), components=components(*lowered))
            for lowered in ((), lower)
        )
        return only(compare(old, new)).fingerprint

    assert len({changed("LoraA"), changed("LoraB"), changed("LoraA", "LoraB")}) == 3


def test_a_fingerprint_tells_values_of_a_keyword_apart() -> None:
    def added(schema: Json) -> str:
        new = {"type": ["string", "integer"], "not": schema}
        return only(of_properties(INPUT, {"type": ["string", "integer"]}, new)).fingerprint

    assert added({"const": 1}) == added({"const": 1.0}) != added({"const": 2})


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ({}, {"not": STRING}, 'the keyword "not" was added'),
        ({"minContains": 1}, {"minContains": 2}, 'the keyword "minContains" changed'),
        (
            {"patternProperties": {"^a/b$": STRING}},
            {},
            'the keyword "patternProperties for ^a/b$" was removed',
        ),
        (
            {"dependentSchemas": {"a/b": {"required": ["c"]}}},
            {"dependentSchemas": {"a/b": {"required": ["d"]}}},
            'the keyword "dependentSchemas for a/b" changed',
        ),
    ],
)
def test_a_keyword_without_rules_of_its_own_is_named(old: Json, new: Json, text: str) -> None:
    kind = {"type": "array"} if "minContains" in old else {"type": "object"}
    change = only(of_properties(INPUT, {**kind, **old}, {**kind, **new}))
    assert change.text == f"input `x`: {text}"


def test_a_report_is_the_same_in_every_process() -> None:
    program = """
from fal_codegen.drift import compare
def api(*names):
    schema = {"type": "object", "properties": {name: {"enum": [*names]} for name in names}}
    body = {"content": {"application/json": {"schema": schema}}}
    return {"paths": {f"/{name}": {"post": {"requestBody": body}} for name in names}}
for change in compare(api(*"abcdef"), api(*"cdefgh")).changes:
    print(change.fingerprint, change.level, change.text, change.witness)
"""
    told = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1
    assert len(told.pop().splitlines()) > 20


def test_text_of_a_document_cannot_act_on_a_terminal() -> None:
    evil = "\x1b[2J\r\n\u202e" + "long" * 100
    old = obj({evil: {"enum": ["a"]}})
    new = obj({evil: {"enum": ["a", evil], "default": evil, "title": evil}})
    for change in of_inputs(old, new).changes:
        assert change.text.isprintable()
        assert len(change.text) < 800


def chain(length: int) -> dict[str, Any]:
    return {
        f"N{index}": obj({"next": {"$ref": f"#/components/schemas/N{index + 1}"}})
        for index in range(length)
    }


def doubled(keyword: str, depth: int) -> dict[str, Any]:
    return {
        f"N{index}": {keyword: [{"$ref": f"#/components/schemas/N{index + 1}"}] * 2}
        for index in range(depth)
    }


def aliases(length: int) -> dict[str, Any]:
    return {f"N{index}": {"$ref": f"#/components/schemas/N{index + 1}"} for index in range(length)}


@pytest.mark.parametrize(
    "components",
    [chain(500), doubled("allOf", 40), doubled("anyOf", 40), aliases(5000)],
    ids=["chain", "allOf", "anyOf", "aliases"],
)
def test_documents_that_nobody_meant_are_rejected_in_words(components: dict[str, Any]) -> None:
    schema = obj({"x": {"$ref": "#/components/schemas/N0"}})
    old = document(input=schema, components=components)
    new = document(input={**schema, "title": "New"}, components=components)
    with pytest.raises(DocumentError, match=r"acme/blender: .* nesting or branching limit"):
        compare(old, new)


@pytest.mark.parametrize(
    "components",
    [
        {"A": {"$ref": "#/components/schemas/A"}},
        {"A": {"allOf": [{"$ref": "#/components/schemas/A"}, STRING]}},
        {"A": {"anyOf": [{"$ref": "#/components/schemas/A"}, STRING]}},
        {"A": obj({"a": {"$ref": "#/components/schemas/A"}})},
        {"A": {"type": "array", "items": {"$ref": "#/components/schemas/A"}}},
        {"A": {"$ref": "#/components/schemas/Missing"}},
        {"A": {"$ref": "https://example.com/schema.json"}},
        {"A": {"type": "nonsense"}},
        {"A": {"type": 7, "enum": "no list", "required": "a", "properties": [], "items": 3}},
        {"A": {"minimum": "1", "multipleOf": 0, "maxLength": -1, "pattern": "(", "anyOf": {}}},
    ],
    ids=range(10),
)
def test_odd_documents_are_compared_all_the_same(components: dict[str, Any]) -> None:
    schema = obj({"x": {"$ref": "#/components/schemas/A"}, "y": STRING})
    other = obj({"x": {"$ref": "#/components/schemas/A"}, "y": {"type": "integer"}})
    old = document(input=schema, output=schema, components=components)
    new = document(input=other, output=other, components=components)
    assert {change.id for change in compare(old, new).changes} == {
        "request-property-type-changed",
        "response-property-type-changed",
    }
