"""Repairs of documents are reported: the rule, the reason, the count and the places."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from conftest import Ran
from documents import Schema, document, obj, write
from fal_codegen.cli import run
from projects import Cli

RULE = "repaired dangling-ref in"
NOWHERE = {"$ref": "#/components/schemas/Nowhere"}


def broken(count: int) -> dict[str, object]:
    return document(input=obj({f"p{index}": NOWHERE for index in range(count)}))


def places(ran: Ran) -> list[str]:
    return [line for line in ran.out.splitlines() if line.startswith("  acme/blender at /")]


@pytest.fixture
def add(project: Path, tmp_path: Path, cli: Cli) -> Cli:
    def call(count: int) -> Ran:
        source = write(tmp_path / "documents", broken(count))
        return cli("add", "--project", project, "--from", source)

    return call


def test_a_few_places_are_named_with_the_reason(add: Cli) -> None:
    ran = add(1)
    assert f"{RULE} 1 place: a $ref without a target accepts any value" in ran.out
    assert places(ran) == [
        "  acme/blender at /components/schemas/BlenderInput/properties/p0",
    ]


def test_of_many_places_the_first_are_named_and_the_rest_counted(
    project: Path, add: Cli, cli: Cli
) -> None:
    ran = add(12)
    assert f"{RULE} 12 places: " in ran.out
    assert len(places(ran)) == 5
    assert "  and 7 more; to list them all, run: fal-codegen list --repairs" in ran.out
    listed = cli("list", "--repairs", "--project", project)
    assert listed.code == 0
    assert len(places(listed)) == 12
    assert " more" not in listed.out


def test_a_sound_document_needs_none(filled: Path, cli: Cli) -> None:
    assert cli("list", "--repairs", "--project", filled).out == "nothing was repaired\n"


def test_the_url_of_a_file_is_a_fitting_default(project: Path, tmp_path: Path, cli: Cli) -> None:
    files = {"image_url": {"type": "string", "default": "https://example.test/a.png"}}
    source = write(tmp_path / "documents", document(input=obj(files, required=[])))
    assert "repaired" not in cli("add", "--project", project, "--from", source).out


def test_an_endpoint_that_cannot_be_read_hides_no_other(filled: Path, cli: Cli) -> None:
    (filled / "specs/acme/blender.json").write_text("{", "utf-8")
    ran = cli("list", "--repairs", "--project", filled)
    assert ran.code == 2
    assert "acme/blender" in ran.err
    assert ran.out == "nothing was repaired\n"


TEXT = {"type": "string"}
PAIR = obj({"a": TEXT, "b": TEXT}, required=[])
SHORT = {"$ref": "#/components/schemas/Short"}
UNCHECKED: dict[str, tuple[dict[str, Any], str]] = {
    "not": ({**TEXT, "not": {"const": "a"}}, "not"),
    "condition": ({**PAIR, "if": {"required": ["a"]}, "else": {"required": ["b"]}}, "if"),
    "dependent names": ({**PAIR, "dependentRequired": {"a": ["b"]}}, "dependentRequired"),
    "dependent schemas": ({**PAIR, "dependentSchemas": {"a": PAIR}}, "dependentSchemas"),
    "fewest properties": ({"type": "object", "minProperties": 1}, "minProperties"),
    "most properties": ({**PAIR, "maxProperties": 1}, "maxProperties"),
    "names by pattern": ({**PAIR, "patternProperties": {"^x": TEXT}}, "patternProperties"),
    "names": ({"type": "object", "propertyNames": {"maxLength": 3}}, "propertyNames"),
    "other properties": ({**PAIR, "additionalProperties": TEXT}, "additionalProperties"),
    "no properties": ({"type": "object", "additionalProperties": False}, "additionalProperties"),
    "unevaluated": ({**PAIR, "unevaluatedProperties": False}, "unevaluatedProperties"),
    "contains": ({"type": "array", "items": TEXT, "contains": {"const": "a"}}, "contains"),
    "at most some": ({"type": "array", "contains": {}, "maxContains": 2}, "contains"),
    "no more items": ({"type": "array", "unevaluatedItems": False}, "unevaluatedItems"),
    "format": ({**TEXT, "format": "uuid"}, "format"),
    "encoding": ({**TEXT, "contentEncoding": "base64"}, "contentEncoding"),
    "media type": ({**TEXT, "contentMediaType": "image/png"}, "contentMediaType"),
    "without a type": ({"minLength": 3}, "minLength"),
    "beside an enum": ({"enum": ["a", "bb"], "maxLength": 1}, "maxLength"),
    "beside a union": ({"anyOf": [SHORT, {"type": "null"}], "maxLength": 3}, "maxLength"),
    "beside an allOf": ({"allOf": [SHORT], "not": {"const": "a"}}, "not"),
    "in two parts": ({"allOf": [{**TEXT, "pattern": "a"}, {"pattern": "b"}]}, "allOf/pattern"),
    "in a list": ({"type": "array", "items": {**TEXT, "not": {}}}, "items/not"),
    "in a map": (
        {"type": "object", "additionalProperties": {**PAIR, "maxProperties": 1}},
        "additionalProperties/maxProperties",
    ),
    "in a union": ({"anyOf": [{**TEXT, "format": "date"}, {"type": "null"}]}, "anyOf/0/format"),
}
CHECKED: dict[str, dict[str, Any]] = {
    "annotations": {**TEXT, "title": "T", "description": "D", "examples": ["a"], "x-note": 1},
    "unknown words": {**TEXT, "min": 1, "readonly": True, "$comment": "c", "xml": {}},
    "all that is expressed": {**TEXT, "minLength": 1, "maxLength": 3, "pattern": "^a"},
    "of another type": {"type": "integer", "minLength": 3, "items": {}, "required": ["a"]},
    "nothing asked": {**PAIR, "minProperties": 0, "patternProperties": {}, "required": []},
    "asked twice": {**obj({"a": TEXT}), "minProperties": 1},
    "a half of a condition": {**TEXT, "then": {"const": "a"}, "minContains": 2},
    "a form field": {**TEXT, "format": "password"},
    "passed on": {"anyOf": [TEXT, {"type": "null"}], "maxLength": 3},
}

WHOLE = {"type": "integer"}
ONE_OFS: list[tuple[list[dict[str, Any]], bool]] = [
    ([{**WHOLE, "multipleOf": 3}, {**WHOLE, "multipleOf": 5}], True),
    ([WHOLE, {"type": "number"}], True),
    ([TEXT, {"enum": ["a", 1]}], True),
    ([PAIR, obj({"a": TEXT}, required=[])], True),
    ([{}, TEXT], True),
    ([{"type": "array", "items": TEXT}, {"type": "array", "items": WHOLE}], True),
    ([WHOLE, TEXT, {"type": "null"}, {"type": "boolean"}], False),
    ([{**WHOLE, "maximum": 3}, {**WHOLE, "minimum": 4}], False),
    ([{**WHOLE, "exclusiveMaximum": 3}, {**WHOLE, "minimum": 3}], False),
    ([{"enum": ["a", 1]}, {"enum": ["b", True]}], False),
    ([obj({"a": TEXT}), obj({"b": TEXT})], False),
    ([obj({"kind": {"const": "a"}}), obj({"kind": {"const": "b"}})], False),
]


def input_of(
    schema: Schema, openapi: str = "3.0.4", endpoint_id: str = "acme/blender"
) -> dict[str, Any]:
    content = document(
        endpoint_id,
        input=obj({"x": schema}, required=[]),
        components={"Short": {**TEXT, "minLength": 1}},
    )
    return {**content, "openapi": openapi}


Repairs = Mapping[str, list[tuple[str, str]]]
"""The rule and the place of each repair, by case."""


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Repairs:
    """Add a document for each case to one project, and list the repairs."""
    schemas = {
        **{case: schema for case, (schema, _) in UNCHECKED.items()},
        **CHECKED,
        **{f"one of {number}": {"oneOf": members} for number, (members, _) in enumerate(ONE_OFS)},
    }
    cases = {f"acme/{case.replace(' ', '-')}": case for case in schemas}
    documents = [input_of(schemas[case], endpoint_id=id_) for id_, case in cases.items()]
    folder = tmp_path_factory.mktemp("repaired")
    project, source = str(folder / "project"), str(write(folder / "documents", *documents))
    with contextlib.redirect_stdout(io.StringIO()):
        assert run(["init", project]) == 0
        assert run(["add", "--project", project, "--from", source]) == 0
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        assert run(["list", "--repairs", "--json", "--project", project]) == 0
    repairs: dict[str, list[tuple[str, str]]] = {case: [] for case in schemas}
    for repair in json.loads(printed.getvalue())["repairs"]:
        repairs[cases[repair["endpoint"]]].append((repair["rule"], repair["pointer"]))
    return repairs


@pytest.fixture
def told(project: Path, tmp_path: Path, cli: Cli) -> Callable[[dict[str, Any]], str]:
    def add_and_list(content: dict[str, Any]) -> str:
        added = cli("add", "--project", project, "--from", write(tmp_path / "documents", content))
        listed = cli("list", "--repairs", "--project", project)
        assert (added.code, listed.code) == (0, 0)
        for line in listed.out.splitlines():
            assert line == "nothing was repaired" or line in added.out
        return listed.out

    return add_and_list


@pytest.mark.parametrize(("openapi", "is_named"), [("3.0.4", False), ("3.1.0", True)])
def test_what_stands_beside_a_reference_counts_from_openapi_3_1_on(
    told: Callable[[dict[str, Any]], str], openapi: str, is_named: bool
) -> None:
    out = told(input_of({**SHORT, "maxLength": 3, "description": "D"}, openapi))
    assert ("properties/x/maxLength" in out) == is_named
    assert "description" not in out


@pytest.mark.parametrize("case", UNCHECKED)
def test_a_keyword_that_is_dropped_is_named(listed: Repairs, case: str) -> None:
    _, keyword = UNCHECKED[case]
    pointer = f"/components/schemas/BlenderInput/properties/x/{keyword}"
    assert [place for rule, place in listed[case] if rule == "unchecked-keyword"] == [pointer]


@pytest.mark.parametrize("case", CHECKED)
def test_what_constrains_nothing_is_not_named(listed: Repairs, case: str) -> None:
    assert listed[case] == []


@pytest.mark.parametrize(
    ("case", "is_named"),
    [(f"one of {number}", is_named) for number, (_, is_named) in enumerate(ONE_OFS)],
)
def test_a_one_of_is_named_if_a_value_may_fit_several(
    listed: Repairs, case: str, is_named: bool
) -> None:
    rules = [rule for rule, _ in listed[case]]
    assert rules.count("overlapping-one-of") == (1 if is_named else 0)
    assert is_named or not rules


LOOPS: list[dict[str, Any]] = [
    {"Loop": {"anyOf": [{"$ref": "#/components/schemas/Loop/anyOf/0"}, TEXT]}},
    {
        "Loop": {"$ref": "#/components/schemas/Other"},
        "Other": {"$ref": "#/components/schemas/Loop"},
    },
    {"Loop": {"allOf": [{"$ref": "#/components/schemas/Loop"}, TEXT]}},
]


@pytest.mark.parametrize("components", LOOPS)
def test_references_in_a_circle_admit_anything(
    told: Callable[[dict[str, Any]], str], components: dict[str, Any]
) -> None:
    schema = {"$ref": "#/components/schemas/Loop"}
    out = told(document(input=obj({"x": schema}), components=components))
    assert "recursive-alias in 1 place" in out or "merged-all-of in 1 place" in out
