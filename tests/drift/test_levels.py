"""The level of a change of each keyword, for inputs and for outputs."""

from __future__ import annotations

from typing import Any

import pytest
from documents import obj
from fal_codegen.drift import Level

from .pairs import (
    ADDITIVE,
    BEHAVIOURAL,
    BREAKING,
    COSMETIC,
    INPUT,
    OUTPUT,
    Json,
    of_inputs,
    of_outputs,
    of_properties,
    only,
    reported,
)

STRING, INTEGER, NUMBER = {"type": "string"}, {"type": "integer"}, {"type": "number"}
ARRAY = {"type": "array", "items": STRING}
MAP = {"type": "object", "additionalProperties": STRING}


def enum(*values: Any) -> Json:
    return {"enum": list(values)}


def item(schema: Json) -> Json:
    return {"type": "array", "items": schema}


NARROWINGS: list[tuple[str, Json, Json]] = [
    ("type-specialized", NUMBER, INTEGER),
    ("type-specialized", {}, STRING),
    ("list-of-types-narrowed", {"type": ["string", "integer"]}, STRING),
    ("list-of-types-narrowed", {"anyOf": [STRING, ARRAY]}, {"anyOf": [STRING]}),
    ("became-not-nullable", {"type": ["string", "null"]}, STRING),
    ("became-enum", STRING, {"type": "string", "enum": ["a", "b"]}),
    ("const-added", STRING, {"type": "string", "const": "a"}),
    ("enum-value-removed", enum("a", "b"), enum("a")),
    ("min-set", INTEGER, {**INTEGER, "minimum": 1}),
    ("min-increased", {**INTEGER, "minimum": 1}, {**INTEGER, "minimum": 2}),
    ("max-set", NUMBER, {**NUMBER, "maximum": 1}),
    ("max-decreased", {**NUMBER, "maximum": 2}, {**NUMBER, "maximum": 1.5}),
    ("exclusive-min-set", NUMBER, {**NUMBER, "exclusiveMinimum": 0}),
    ("exclusive-min-increased", {**NUMBER, "minimum": 0}, {**NUMBER, "exclusiveMinimum": 0}),
    ("exclusive-max-decreased", {**NUMBER, "maximum": 1}, {**NUMBER, "exclusiveMaximum": 1}),
    ("multiple-of-set", INTEGER, {**INTEGER, "multipleOf": 8}),
    ("multiple-of-narrowed", {**INTEGER, "multipleOf": 8}, {**INTEGER, "multipleOf": 16}),
    ("min-length-set", STRING, {**STRING, "minLength": 1}),
    ("min-length-increased", {**STRING, "minLength": 1}, {**STRING, "minLength": 2}),
    ("max-length-set", STRING, {**STRING, "maxLength": 9}),
    ("max-length-decreased", {**STRING, "maxLength": 9}, {**STRING, "maxLength": 8}),
    ("pattern-added", STRING, {**STRING, "pattern": "^a"}),
    ("min-items-set", ARRAY, {**ARRAY, "minItems": 1}),
    ("max-items-decreased", {**ARRAY, "maxItems": 4}, {**ARRAY, "maxItems": 2}),
    ("unique-items-set", ARRAY, {**ARRAY, "uniqueItems": True}),
    ("min-length-set", item(STRING), item({**STRING, "minLength": 1})),
    (
        "type-specialized",
        {"type": "array", "prefixItems": [NUMBER, STRING]},
        {"type": "array", "prefixItems": [INTEGER, STRING]},
    ),
    ("min-length-set", MAP, {"type": "object", "additionalProperties": {**STRING, "minLength": 1}}),
    ("max-properties-set", MAP, {**MAP, "maxProperties": 3}),
    ("keyword-added", STRING, {**STRING, "not": {"const": "a"}}),
    ("keyword-added", MAP, {**MAP, "propertyNames": {"maxLength": 3}}),
    ("keyword-added", ARRAY, {**ARRAY, "contains": {"const": "a"}}),
    ("file-limit-tightened", STRING, {**STRING, "x-fal": {"max_file_size": 9}}),
    ("file-limit-tightened", {**STRING, "max_width": 9}, {**STRING, "max_width": 8}),
    (
        "file-limit-tightened",
        {**STRING, "x-fal": {"min_duration": 3, "timeout": 20}},
        {**STRING, "x-fal": {"min_duration": 3.5, "timeout": 20}},
    ),
    ("file-limit-tightened", item({**STRING, "max_fps": 60}), item({**STRING, "max_fps": 30})),
    (
        "wrapped-in-one-of",
        {"anyOf": [obj({"a": STRING}), obj({"b": STRING})]},
        {"oneOf": [obj({"a": STRING}), obj({"b": STRING})]},
    ),
    (
        "any-of-removed",
        {"anyOf": [obj({"a": STRING}), obj({"b": STRING})]},
        {"anyOf": [obj({"a": STRING})]},
    ),
]
"""Changes that allow fewer values than before, by the name of their rule."""

REVERSED = {
    "type-specialized": "type-generalized",
    "list-of-types-narrowed": "list-of-types-widened",
    "became-not-nullable": "became-nullable",
    "became-enum": "enum-removed",
    "const-added": "const-removed",
    "enum-value-removed": "enum-value-added",
    "multiple-of-narrowed": "multiple-of-widened",
    "pattern-added": "pattern-removed",
    "file-limit-tightened": "file-limit-loosened",
    "keyword-added": "keyword-removed",
    "wrapped-in-one-of": "unwrapped-from-one-of",
    "any-of-removed": "any-of-added",
    "exclusive-min-increased": "min-decreased",
    "exclusive-max-decreased": "max-increased",
}


def reversed_stem(stem: str) -> str:
    if stem in REVERSED:
        return REVERSED[stem]
    name, _, verb = stem.rpartition("-")
    return f"{name}-{ {'set': 'unset', 'increased': 'decreased', 'decreased': 'increased'}[verb] }"


@pytest.mark.parametrize(("stem", "old", "new"), NARROWINGS)
def test_fewer_values_break_who_sends_and_more_values_who_reads(
    stem: str, old: Json, new: Json
) -> None:
    back = reversed_stem(stem)
    assert reported(of_properties(INPUT, old, new)) == {(f"request-property-{stem}", BREAKING)}
    assert reported(of_properties(INPUT, new, old)) == {(f"request-property-{back}", ADDITIVE)}
    assert reported(of_properties(OUTPUT, old, new)) == {(f"response-property-{stem}", ADDITIVE)}
    assert reported(of_properties(OUTPUT, new, old)) == {(f"response-property-{back}", BREAKING)}


OTHERS: list[tuple[str, Json, Json]] = [
    ("type-changed", INTEGER, STRING),
    ("type-changed", {"type": ["array", "null"]}, {"type": ["object", "null"]}),
    ("const-changed", {"const": "a"}, {"const": "b"}),
    ("pattern-changed", {**STRING, "pattern": "^a"}, {**STRING, "pattern": "^b"}),
    ("format-changed", {**STRING, "format": "uri"}, {**STRING, "format": "uuid"}),
    ("multiple-of-changed", {**INTEGER, "multipleOf": 8}, {**INTEGER, "multipleOf": 12}),
    ("keyword-changed", {**STRING, "not": {"const": "a"}}, {**STRING, "not": {"const": "b"}}),
]


@pytest.mark.parametrize(("stem", "old", "new"), OTHERS)
def test_other_values_break_both_directions(stem: str, old: Json, new: Json) -> None:
    for before, after in ((old, new), (new, old)):
        assert reported(of_properties(INPUT, before, after)) == {
            (f"request-property-{stem}", BREAKING)
        }
        assert reported(of_properties(OUTPUT, before, after)) == {
            (f"response-property-{stem}", BREAKING)
        }


SAID: list[tuple[str, Json, Json, Level]] = [
    ("default-value-added", INTEGER, {**INTEGER, "default": 5}, BEHAVIOURAL),
    ("default-value-changed", {**INTEGER, "default": 5}, {**INTEGER, "default": 6}, BEHAVIOURAL),
    ("default-value-removed", {**INTEGER, "default": 5}, INTEGER, BEHAVIOURAL),
    ("deprecated", INTEGER, {**INTEGER, "deprecated": True}, BEHAVIOURAL),
    ("reactivated", {**INTEGER, "deprecated": True}, INTEGER, ADDITIVE),
    ("title-changed", INTEGER, {**INTEGER, "title": "Seed"}, COSMETIC),
    ("description-changed", INTEGER, {**INTEGER, "description": "A seed."}, COSMETIC),
    ("examples-changed", INTEGER, {**INTEGER, "examples": [7]}, COSMETIC),
    ("metadata-changed", STRING, {**STRING, "ui": {"field": "image"}}, COSMETIC),
    ("metadata-changed", {**INTEGER, "le": 5}, {**INTEGER, "le": 6}, COSMETIC),
    ("metadata-changed", {**STRING, "max_rows": 5}, {**STRING, "max_rows": 4}, COSMETIC),
    ("metadata-changed", {**STRING, "max_width": 0}, {**STRING, "max_width": -1}, COSMETIC),
]


@pytest.mark.parametrize(("stem", "old", "new", "level"), SAID)
def test_what_is_said_breaks_nobody(stem: str, old: Json, new: Json, level: Level) -> None:
    assert reported(of_properties(INPUT, old, new)) == {(f"request-property-{stem}", level)}
    assert reported(of_properties(OUTPUT, old, new)) == {(f"response-property-{stem}", level)}


def test_a_format_is_a_promise() -> None:
    uri = {**STRING, "format": "uri"}
    assert reported(of_properties(INPUT, STRING, uri)) == {
        ("request-property-format-added", BEHAVIOURAL)
    }
    assert reported(of_properties(OUTPUT, STRING, uri)) == {
        ("response-property-format-added", ADDITIVE)
    }
    assert reported(of_properties(OUTPUT, uri, STRING)) == {
        ("response-property-format-removed", BREAKING)
    }


ONE, TWO = obj({"a": STRING}), obj({"a": STRING, "b": STRING}, required=["a"])
PROPERTIES: list[tuple[Json, Json, str, Level, str, Level]] = [
    (
        *(ONE, TWO),
        *("new-optional-request-property", ADDITIVE),
        *("response-optional-property-added", ADDITIVE),
    ),
    (
        *(TWO, ONE),
        *("request-property-removed", BREAKING),
        *("response-optional-property-removed", BREAKING),
    ),
    (
        *(ONE, obj({"a": STRING, "b": STRING})),
        *("new-required-request-property", BREAKING),
        *("response-required-property-added", ADDITIVE),
    ),
    (
        *(ONE, obj({"a": STRING, "b": {**STRING, "default": "x"}})),
        *("new-required-request-property-with-default", BREAKING),
        *("response-required-property-with-default-added", ADDITIVE),
    ),
    (
        *(obj({"a": STRING, "b": STRING}), ONE),
        *("request-property-removed", BREAKING),
        *("response-required-property-removed", BREAKING),
    ),
    (
        *(TWO, obj({"a": STRING, "b": STRING})),
        *("request-property-became-required", BREAKING),
        *("response-property-became-required", ADDITIVE),
    ),
    (
        *(obj({"a": STRING, "b": STRING}), TWO),
        *("request-property-became-optional", ADDITIVE),
        *("response-property-became-optional", BREAKING),
    ),
    (
        *(ONE, {**ONE, "additionalProperties": False}),
        *("request-body-additional-properties-closed", BREAKING),
        *("response-body-additional-properties-closed", ADDITIVE),
    ),
    (
        *({**ONE, "additionalProperties": False}, ONE),
        *("request-body-additional-properties-opened", ADDITIVE),
        *("response-body-additional-properties-opened", ADDITIVE),
    ),
    (
        *(ONE, {**ONE, "x-fal-order-properties": []}),
        *("", Level.NONE),
        *("", Level.NONE),
    ),
]


@pytest.mark.parametrize(
    ("old", "new", "incoming", "level_in", "outgoing", "level_out"), PROPERTIES
)
def test_a_changed_property_has_a_level_in_each_direction(
    old: Json, new: Json, incoming: str, level_in: Level, outgoing: str, level_out: Level
) -> None:
    assert reported(of_inputs(old, new)) == ({(incoming, level_in)} if incoming else set())
    assert reported(of_outputs(old, new)) == ({(outgoing, level_out)} if outgoing else set())


def test_what_never_travels_that_way_is_not_judged() -> None:
    plain = obj({"a": STRING}, required=[])
    mine = obj({"a": STRING, "id": {**STRING, "readOnly": True}}, required=[])
    assert reported(of_inputs(plain, mine)) == set()
    assert reported(of_outputs(mine, plain)) == {("response-optional-property-removed", BREAKING)}
    marked = obj({"a": {**STRING, "readOnly": True}}, required=[])
    assert reported(of_inputs(plain, marked)) == {("request-property-became-read-only", BREAKING)}
    assert reported(of_inputs(marked, plain)) == {
        ("request-property-became-not-read-only", ADDITIVE)
    }
    secret = obj({"a": {**STRING, "writeOnly": True}}, required=[])
    assert reported(of_outputs(plain, secret)) == {
        ("response-property-became-write-only", BREAKING)
    }


def test_variants_are_matched_with_what_they_became() -> None:
    small = obj({"kind": {"const": "s"}, "a": STRING})
    large = obj({"kind": {"const": "l"}, "b": {**INTEGER, "maximum": 9}})
    larger = obj({"kind": {"const": "l"}, "b": {**INTEGER, "maximum": 8}})
    change = only(of_properties(INPUT, {"oneOf": [small, large]}, {"oneOf": [larger, small]}))
    assert (change.id, change.old, change.new) == ("request-property-max-decreased", 9, 8)
    assert change.text == "input `x.b`: the maximum was lowered from 9 to 8"


def test_of_variants_that_may_overlap_a_new_one_takes_values_from_the_others() -> None:
    a, b, c = (obj({name: STRING}) for name in "abc")
    report = of_properties(INPUT, {"oneOf": [a, b]}, {"oneOf": [a, b, c]})
    assert reported(report) == {
        ("request-property-any-of-added", ADDITIVE),
        ("request-property-one-of-overlap-added", BREAKING),
    }
    tagged = [obj({"t": {"const": name}}) for name in "abc"]
    report = of_properties(INPUT, {"oneOf": tagged[:2]}, {"oneOf": tagged})
    assert reported(report) == {("request-property-any-of-added", ADDITIVE)}


def test_a_property_of_a_map_that_gets_a_type_of_its_own() -> None:
    listed = {**MAP, "properties": {"a": INTEGER}}
    assert reported(of_properties(INPUT, MAP, listed)) == {
        ("new-optional-request-property", ADDITIVE),
        ("request-property-type-changed", BREAKING),
    }


def test_a_property_that_is_forbidden_is_not_there() -> None:
    forbidden = obj({"a": STRING, "b": False}, required=["a"])
    assert reported(of_inputs(ONE, forbidden)) == set()
    assert reported(of_inputs(forbidden, TWO)) == {("new-optional-request-property", ADDITIVE)}


def test_a_discriminator_is_reported_without_the_names_of_components() -> None:
    def tagged(*tags: str) -> Json:
        mapping = {tag: f"#/components/schemas/{tag}" for tag in tags}
        return {"discriminator": {"propertyName": "kind", "mapping": mapping}}

    assert reported(of_properties(INPUT, tagged("a"), tagged("a", "b"))) == {
        ("request-property-discriminator-changed", BEHAVIOURAL)
    }


def test_a_variant_within_another_is_no_change() -> None:
    texts = {"anyOf": [STRING, {"type": "string", "enum": ["a", "b"]}]}
    assert reported(of_properties(INPUT, STRING, texts)) == set()
    assert reported(of_properties(INPUT, {"anyOf": [NUMBER, INTEGER]}, NUMBER)) == set()


def test_a_limit_on_the_wrong_type_is_taken_seriously() -> None:
    old, new = {**STRING, "maximum": 5}, {**STRING, "maximum": 4}
    assert reported(of_properties(INPUT, old, new)) == {
        ("request-property-max-decreased", BREAKING)
    }


def test_one_component_in_both_directions_is_judged_in_each() -> None:
    ref = {"$ref": "#/components/schemas/Item"}
    from documents import document
    from fal_codegen.drift import compare

    def with_item(item: Json) -> dict[str, Any]:
        return document(input=obj({"x": ref}), output=obj({"x": ref}), components={"Item": item})

    report = compare(with_item(enum("a")), with_item(enum("a", "b")))
    assert reported(report) == {
        ("request-property-enum-value-added", ADDITIVE),
        ("response-property-enum-value-added", BREAKING),
    }


def test_recursion_comes_to_an_end_and_is_reported_once() -> None:
    ref = {"$ref": "#/components/schemas/Node"}
    from documents import document
    from fal_codegen.drift import compare

    def with_node(value: Json) -> dict[str, Any]:
        node = obj({"value": value, "next": ref}, required=[])
        return document(input=obj({"first": ref, "all": item(ref)}), components={"Node": node})

    assert reported(compare(with_node(STRING), with_node(STRING))) == set()
    report = compare(with_node(NUMBER), with_node(INTEGER))
    places = [change.pointer.partition("/schema/")[2] for change in report.changes]
    assert places == [
        "properties/all/items/properties/value",
        "properties/first/properties/value",
    ]
