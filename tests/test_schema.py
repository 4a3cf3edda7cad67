"""Typed schemas as values: equality, unions, JSON Schema, and the keywords of each kind."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from fal_codegen.document.schema import (
    CONSTRAINT_KEYWORDS,
    Anything,
    Array,
    Boolean,
    Enum,
    FileUrl,
    Integer,
    Map,
    Null,
    Number,
    Ref,
    Schema,
    String,
    Union,
    as_json_schema,
    constraints,
    possible_constraints,
    references,
    replace_references,
    union_of,
    without_constraints,
    without_null,
)

KINDS: tuple[Schema, ...] = (
    Anything(),
    Null(),
    Boolean(),
    Integer(),
    Number(),
    String(),
    FileUrl(),
    Enum(("a",)),
    Array(Anything()),
    Map(Anything()),
    Ref("Style"),
    Union((Null(), String())),
)


@pytest.mark.parametrize(
    ("schema", "json_schema"),
    [
        (Anything(), {}),
        (Integer(minimum=1, multiple_of=2), {"type": "integer", "minimum": 1, "multipleOf": 2}),
        (Number(exclusive_maximum=0.5), {"type": "number", "exclusiveMaximum": 0.5}),
        (String(0, 9, "^a"), {"type": "string", "minLength": 0, "maxLength": 9, "pattern": "^a"}),
        (FileUrl(max_length=9), {"type": "string", "format": "file", "maxLength": 9}),
        (Enum(("a", True, 1)), {"enum": ["a", True, 1]}),
        (
            Array(Boolean(), 1, 2, unique_items=True),
            {
                "type": "array",
                "items": {"type": "boolean"},
                "minItems": 1,
                "maxItems": 2,
                "uniqueItems": True,
            },
        ),
        (Map(Ref("Style")), {"type": "object", "additionalProperties": {"$ref": "#/$defs/Style"}}),
        (Union((String(), Null())), {"anyOf": [{"type": "string"}, {"type": "null"}]}),
    ],
)
def test_a_schema_is_written_as_json_schema(schema: Schema, json_schema: dict[str, Any]) -> None:
    found = as_json_schema(schema)
    assert found == json_schema, f"{schema} is {json_schema} in JSON Schema, not {found}"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: type(kind).__name__)
def test_every_field_of_a_kind_is_a_keyword_or_part_of_it(kind: Schema) -> None:
    parts = {"items", "values", "members", "name", "file_limits"}
    names = [field.name for field in fields(kind) if field.name not in parts]
    spelled = ["".join([first, *map(str.title, rest)]) for first, *rest in map(_words, names)]
    assert list(possible_constraints(kind)) == spelled, (
        f"`possible_constraints` leaves out a constraint of {kind}"
    )


def _words(name: str) -> list[str]:
    return name.split("_")


def test_every_keyword_belongs_to_a_kind() -> None:
    used = {keyword for kind in KINDS for keyword in possible_constraints(kind)}
    assert used == set(CONSTRAINT_KEYWORDS)


@pytest.mark.parametrize(
    ("members", "union"),
    [
        ([String()], String()),
        ([String(), String()], String()),
        ([Enum(("a",)), String(), Enum(("b", "a"))], Union((Enum(("a", "b")), String()))),
        ([Union((String(), Null())), Integer()], Union((String(), Null(), Integer()))),
        ([Integer(), Anything()], Anything()),
        (
            [Array(Enum((1,))), Array(Enum((True,)))],
            Union((Array(Enum((1,))), Array(Enum((True,))))),
        ),
    ],
)
def test_a_union_is_simplified(members: list[Schema], union: Schema) -> None:
    found = union_of(members)
    assert found == union, f"the union of {members} is {union}, not {found}"


def test_values_of_enums_are_equal_only_with_their_types() -> None:
    assert Enum((1,)) != Enum((True,)), "in JSON, 1 is not true"
    assert len({Enum((1,)), Enum((True,)), Enum((1,))}) == 2


@pytest.mark.parametrize(
    ("schema", "rest", "is_nullable"),
    [
        (String(), String(), False),
        (Union((String(), Null())), String(), True),
        (Union((String(), Integer())), Union((String(), Integer())), False),
        (Null(), Anything(), True),
    ],
)
def test_null_is_taken_out_of_a_schema(schema: Schema, rest: Schema, is_nullable: bool) -> None:
    assert without_null(schema) == (rest, is_nullable)


def test_references_are_found_and_replaced_at_any_depth() -> None:
    schema = union_of([Array(Map(Ref("A"))), Ref("B")])
    assert list(references(schema)) == ["A", "B"]
    renamed = replace_references(schema, lambda ref: Ref(ref.name.lower()))
    assert renamed == union_of([Array(Map(Ref("a"))), Ref("b")])


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: type(kind).__name__)
def test_without_constraints_no_constraint_is_left(kind: Schema) -> None:
    assert constraints(without_constraints(kind)) == {}
    assert type(without_constraints(kind)) is type(kind)
