"""The line of each change in a document."""

from __future__ import annotations

import json
from typing import Any

import pytest
from documents import document, obj
from fal_codegen.document.read import serialised
from fal_codegen.drift import compare
from fal_codegen.drift.places import lines_of

STRING, INTEGER = {"type": "string"}, {"type": "integer"}


def content(**properties: Any) -> dict[str, Any]:
    style = obj({"name": properties.pop("name", STRING)})
    return document(
        input=obj({"prompt": STRING, **properties}),
        components={"Style": style, "Pair": {"allOf": [{"$ref": "#/components/schemas/Style"}]}},
    )


def line_of(text: str, old: dict[str, Any], new: dict[str, Any]) -> str:
    """Return the line of the only change."""
    report = compare(old, new)
    [number] = set(lines_of(report.changes, text).values())
    return text.splitlines()[number - 1].strip()


REF = {"$ref": "#/components/schemas/Style"}
CASES: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    (content(seed=INTEGER), content(seed={**INTEGER, "maximum": 5}), '"seed": {'),
    (content(style=REF), content(style=REF, name=INTEGER), '"name": {'),
    (
        content(styles={"type": "array", "items": REF}),
        content(styles={"type": "array", "items": REF}, name=INTEGER),
        '"name": {',
    ),
    (
        content(style={"anyOf": [REF, {"type": "null"}]}),
        content(style={"anyOf": [REF, {"type": "null"}]}, name=INTEGER),
        '"name": {',
    ),
    (
        content(style={"$ref": "#/components/schemas/Pair"}),
        content(style={"$ref": "#/components/schemas/Pair"}, name=INTEGER),
        '"name": {',
    ),
    (content(), content(seed=INTEGER), "{"),
    ({**content(), "tags": 1}, {**content(), "webhooks": {}}, "{"),
]


@pytest.mark.parametrize(("old", "new", "line"), CASES, ids=range(len(CASES)))
def test_a_change_has_its_line(old: dict[str, Any], new: dict[str, Any], line: str) -> None:
    assert line_of(serialised(old), old, new) == line


def test_a_document_may_be_laid_out_in_any_way() -> None:
    old, new = content(seed=INTEGER), content(seed=STRING)
    for text in (json.dumps(old), json.dumps(old, indent=0), json.dumps(old, indent="\t")):
        assert '"seed"' in line_of(text, old, new)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"paths": 7}', "[" * 5_000])
def test_what_is_no_document_has_no_lines(text: str) -> None:
    report = compare(content(seed=INTEGER), content(seed=STRING))
    assert set(lines_of(report.changes, text).values()) == {1}


def test_references_that_lead_in_circles_come_to_an_end() -> None:
    old, new = content(seed=INTEGER), content(seed=STRING)
    ring = {"allOf": [{"$ref": f"#/components/schemas/R{n}"} for n in (0, 1)] * 9}
    circular = content(seed=INTEGER)
    circular["components"]["schemas"] |= {"R0": ring, "R1": ring, "BlenderInput": ring}
    assert set(lines_of(compare(old, new).changes, serialised(circular)).values()) == {1}
