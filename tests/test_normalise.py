"""Normalise: small schemas of documents, and the typed schemas that they result in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from documents import document, obj
from fal_codegen.document.file_limits import FileLimits
from fal_codegen.document.normalise import Normalised, normalise
from fal_codegen.document.read import read_parsed
from fal_codegen.document.schema import (
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
    union_of,
)
from fal_codegen.document.shapes import Shape
from fal_codegen.errors import DocumentError
from fal_codegen.ir import Default, Direction, Property

Json = Mapping[str, Any]

TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
STYLE = {"Style": obj({"name": {"type": "string"}})}
STYLE_KEY = "input:/components/schemas/Style"


def normalised(
    input: Json | None = None, *, output: Json | None = None, components: Json | None = None
) -> Normalised:
    parsed = document(input=input, output=output, components=components)
    return normalise(read_parsed(parsed))


def property_of(node: object, *, name: str = "value", **components: Json) -> Property:
    found = normalised(obj({name: node}), components=components)
    return shape_of(found, "Input").properties[0]


def shape_of(found: Normalised, name_hint: str) -> Shape:
    return next(shape for shape in found.shapes.values() if shape.name_hint == name_hint)


def rules(found: Normalised) -> list[str]:
    return [repair.rule for repair in found.repairs]


@pytest.mark.parametrize(
    ("node", "schema"),
    [
        ({}, Anything()),
        (True, Anything()),
        ({"type": "boolean"}, Boolean()),
        ({"type": "integer", "minimum": 1, "maximum": 9}, Integer(minimum=1, maximum=9)),
        ({"type": "number", "multipleOf": 0.5}, Number(multiple_of=0.5)),
        ({"type": "number", "exclusiveMinimum": 0}, Number(exclusive_minimum=0)),
        (
            {"type": "number", "minimum": 0, "exclusiveMinimum": True, "maximum": 1},
            Number(exclusive_minimum=0, maximum=1),
        ),
        (
            {"type": "number", "maximum": 1, "exclusiveMaximum": False},
            Number(maximum=1),
        ),
        (
            {"type": "string", "minLength": 1, "maxLength": 9.0, "pattern": "^a"},
            String(1, 9, "^a"),
        ),
        ({"enum": ["a", "b", "a"]}, Enum(("a", "b"))),
        ({"enum": [1, True, 1.0]}, Enum((1, True))),
        ({"const": "a"}, Enum(("a",))),
        ({"type": "array", "items": {"type": "string"}}, Array(String())),
        (
            {"type": "array", "minItems": 1, "maxItems": 4, "uniqueItems": True},
            Array(Anything(), 1, 4, unique_items=True),
        ),
        ({"type": "object"}, Map(Anything())),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, Map(Integer())),
        ({"allOf": [{"type": "string"}]}, String()),
        (
            {"allOf": [{"type": "integer", "minimum": 1}, {"minimum": 3, "maximum": 9}]},
            Integer(minimum=3, maximum=9),
        ),
        ({"anyOf": [{"type": "string"}]}, String()),
        (
            {"anyOf": [{"type": "string"}, {"type": "integer"}], "maxLength": 9},
            Union((String(max_length=9), Integer())),
        ),
        (
            {"oneOf": [{"enum": ["a"]}, {"type": "integer"}, {"enum": ["b"]}]},
            Union((Enum(("a", "b")), Integer())),
        ),
        ({"type": ["string", "integer"]}, Union((String(), Integer()))),
    ],
)
def test_a_schema_is_read_as_its_kind(node: object, schema: Schema) -> None:
    found = property_of(node).schema
    assert found == schema, f"{json.dumps(node)} is read as {found}, not as {schema}"


@pytest.mark.parametrize(
    "node",
    [
        {"type": "string", "nullable": True},
        {"type": ["string", "null"]},
        {"anyOf": [{"type": "string"}, {"type": "null"}]},
        {"oneOf": [{"type": "null"}, {"type": "string"}]},
    ],
)
def test_every_spelling_of_nullable_is_one(node: Json) -> None:
    found = property_of(node)
    assert (found.schema, found.nullable) == (String(), True)


def test_null_inside_an_array_stays_a_member_of_a_union() -> None:
    found = property_of({"type": "array", "items": {"type": "string", "nullable": True}})
    assert found.schema == Array(Union((String(), Null())))
    assert not found.nullable


@pytest.mark.parametrize(
    ("node", "schema", "rule"),
    [
        ({"$ref": "#/components/schemas/Nowhere"}, Anything(), "dangling-ref"),
        ("string", Anything(), "not-a-schema"),
        ({"type": "text"}, Anything(), "unknown-type"),
        ({"enum": []}, Anything(), "unusable-enum"),
        ({"enum": [1, 2**70]}, Integer(), "unusable-enum"),
        ({"type": "string", "pattern": "(?=a)"}, String(), "unusable-pattern"),
        ({"type": "string", "maxLength": -1}, String(), "unusable-constraint"),
        ({"type": "number", "multipleOf": 0}, Number(), "unusable-constraint"),
        ({"type": "number", "minimum": True}, Number(), "unusable-constraint"),
        (
            {"type": "array", "prefixItems": [TEXT, WHOLE], "items": False},
            Array(Union((String(), Integer()))),
            "items-by-index",
        ),
        (
            {"type": "array", "prefixItems": [TEXT, WHOLE], "maxItems": 2},
            Array(Union((String(), Integer())), max_items=2),
            "items-by-index",
        ),
        (
            {"type": "array", "prefixItems": [TEXT], "items": WHOLE},
            Array(Union((String(), Integer()))),
            "items-by-index",
        ),
        ({"type": "array", "prefixItems": [TEXT, WHOLE]}, Array(Anything()), "items-by-index"),
        (
            {"type": "array", "prefixItems": [TEXT], "maxItems": 3},
            Array(Anything(), max_items=3),
            "items-by-index",
        ),
        ({"type": "array", "items": [TEXT, WHOLE]}, Array(Anything()), "items-by-index"),
        (
            {"type": "array", "items": {"0": {"type": "string"}, "1": {"type": "string"}}},
            Array(String()),
            "items-by-index",
        ),
        (
            {"anyOf": [{"type": "integer", "minimum": n} for n in range(51)]},
            Anything(),
            "wide-union",
        ),
        ({"type": "string", "format": "date"}, String(), "unchecked-keyword"),
        ({"type": "string", "not": {"const": "a"}}, String(), "unchecked-keyword"),
    ],
)
def test_a_repair_is_made_and_recorded(node: object, schema: Schema, rule: str) -> None:
    found = normalised(obj({"value": node}))
    text = json.dumps(node)
    assert rules(found) == [rule], f"{text} is repaired by {rule}, not by {rules(found)}"
    repaired = shape_of(found, "Input").properties[0].schema
    assert repaired == schema, f"{text} is repaired to {schema}, not to {repaired}"


def test_many_enums_are_one_and_no_wide_union() -> None:
    found = property_of({"anyOf": [{"const": number} for number in range(51)]})
    assert found.schema == Enum(tuple(range(51)))


def test_a_reference_to_an_object_names_its_shape() -> None:
    found = property_of({"$ref": "#/components/schemas/Style"}, Style=STYLE["Style"])
    assert found.schema == Ref(STYLE_KEY)


def test_a_reference_to_anything_else_is_replaced_by_it() -> None:
    found = property_of({"$ref": "#/components/schemas/Seed"}, Seed={"type": "integer"})
    assert found.schema == Integer()


@pytest.mark.parametrize("name", ["Options", "Input"])
def test_the_name_of_a_component_does_not_decide_how_it_is_read(name: str) -> None:
    options = {"type": "object", "properties": {}, "additionalProperties": {"type": "integer"}}
    root = obj({"value": {"$ref": f"#/components/schemas/{name}"}})
    found = normalised(root, components={name: options})
    assert shape_of(found, "Input").properties[0].schema == Map(Integer())
    assert not found.repairs


def test_an_alias_of_itself_accepts_any_value() -> None:
    loop = {"anyOf": [{"$ref": "#/components/schemas/Loop"}, {"type": "string"}]}
    found = normalised(
        obj({"value": {"$ref": "#/components/schemas/Loop"}}), components={"Loop": loop}
    )
    assert rules(found) == ["recursive-alias"]
    assert shape_of(found, "Input").properties[0].schema == Anything()


def test_objects_come_after_those_that_they_need() -> None:
    outer = obj({"style": {"$ref": "#/components/schemas/Style"}})
    found = normalised(
        obj({"outer": {"$ref": "#/components/schemas/Outer"}}),
        components={"Outer": outer, **STYLE},
    )
    hints = [s.name_hint for s in found.shapes.values() if s.direction is Direction.INPUT]
    assert hints == ["Style", "Outer", "Input"]


def test_properties_are_in_the_order_that_the_document_gives_then_by_name() -> None:
    names = {name: {"type": "string"} for name in ("zeta", "beta", "alpha", "prompt")}
    found = normalised(obj(names, **{"x-fal-order-properties": ["prompt", "zeta", "missing"]}))
    order = [prop.name for prop in shape_of(found, "Input").properties]
    assert order == ["prompt", "zeta", "alpha", "beta"]


def test_a_required_property_that_is_not_listed_is_added() -> None:
    found = normalised(obj({"a": {"type": "string"}}, required=["a", "b"]))
    assert rules(found) == ["required-unlisted"]
    last = shape_of(found, "Input").properties[-1]
    assert (last.name, last.schema, last.required) == ("b", Anything(), True)


def test_properties_travel_one_way_if_the_document_says_so() -> None:
    both = obj({"seen": {"type": "string", "readOnly": True}, "sent": {"writeOnly": True}})
    found = normalised(both, output=both)
    assert [prop.name for prop in shape_of(found, "Input").properties] == ["sent"]
    assert [prop.name for prop in shape_of(found, "Output").properties] == ["seen"]


@pytest.mark.parametrize(
    ("name", "node", "schema"),
    [
        ("image_url", {"type": "string", "maxLength": 99}, FileUrl(max_length=99)),
        ("image_urls", {"type": "array", "items": {"type": "string"}}, Array(FileUrl())),
        ("url", {"type": "string"}, FileUrl()),
        ("url", {"type": "string", "examples": ["fal.ai"]}, String()),
        ("mask", {"type": "string", "_fal_ui_field": "image"}, FileUrl()),
        ("mask", {"type": "string"}, String()),
        ("method_url", {"type": "string", "default": "fastest"}, String()),
    ],
)
def test_which_strings_are_urls_of_files(name: str, node: Json, schema: Schema) -> None:
    found = property_of(node, name=name).schema
    assert found == schema, f"{name}: {json.dumps(node)} is read as {found}, not as {schema}"


_OF_8_BYTES = FileUrl(file_limits=FileLimits(max_file_size=8))


@pytest.mark.parametrize(
    ("node", "schema"),
    [
        ({"type": "string", "x-fal": {"max_file_size": 8, "timeout": 20}}, _OF_8_BYTES),
        ({"type": "string", "max_file_size": 8, "max_width": None}, _OF_8_BYTES),
        ({"anyOf": [{"type": "string", "x-fal": {"max_file_size": 8}}]}, _OF_8_BYTES),
        ({"anyOf": [{"type": "string"}, {"type": "null"}], "max_file_size": 8}, _OF_8_BYTES),
        ({"type": "array", "items": {"type": "string"}, "max_file_size": 8}, Array(_OF_8_BYTES)),
        (
            {
                "type": "array",
                "items": {"type": "string", "x-fal": {"max_width": 2}},
                "x-fal": {"max_width": 9, "max_fps": 60},
            },
            Array(FileUrl(file_limits=FileLimits(max_width=2, max_fps=60))),
        ),
    ],
)
def test_limits_of_files_are_read_in_every_spelling(node: Json, schema: Schema) -> None:
    assert property_of(node, name="image_url").schema == schema


def test_only_files_have_limits_of_files() -> None:
    assert property_of({"type": "string", "max_width": 9}, name="title").schema == String()


@pytest.mark.parametrize("limit", ["10MB", -1, 0, True, [1]])
def test_an_invalid_limit_of_files_is_left_out_and_reported_once(limit: object) -> None:
    node = {"type": "string", "x-fal": {"max_file_size": limit, "max_width": 9}}
    found = normalised(obj({"image_url": node}))
    assert rules(found) == ["unusable-constraint"]
    (prop,) = shape_of(found, "Input").properties
    assert prop.schema == FileUrl(file_limits=FileLimits(max_width=9))


def test_a_url_may_stand_for_a_model_of_a_file_in_an_input() -> None:
    file = obj({"url": {"type": "string"}, "file_size": {"type": "integer"}})
    prop = property_of({"$ref": "#/components/schemas/File"}, File=file)
    model = Ref("input:/components/schemas/File")
    assert prop.schema == union_of([FileUrl(), model])


def test_the_url_of_a_file_object_is_plain() -> None:
    found = normalised(obj({"url": {"type": "string"}, "content_type": {"type": "string"}}))
    schemas = [prop.schema for prop in shape_of(found, "Input").properties]
    assert schemas == [String(), String()]


@pytest.mark.parametrize(
    ("node", "default"),
    [
        ({"type": "integer", "default": 5.0}, Default(5, fits=True)),
        ({"type": "integer", "minimum": 9, "default": 5}, Default(5, fits=True)),
        ({"enum": ["a"], "default": "b"}, Default("b", fits=False)),
        ({"type": "string", "default": None}, None),
    ],
)
def test_a_default_is_read(node: Json, default: Default | None) -> None:
    assert property_of(node).default == default


def test_an_example_that_is_null_shows_that_null_is_accepted() -> None:
    found = normalised(obj({"a": {"type": "string"}}, required=[], example={"a": None}))
    assert shape_of(found, "Input").properties[0].nullable


def test_a_discriminator_tags_the_models_of_a_union() -> None:
    shapes = {name: obj({"kind": {"type": "string"}}) for name in ("Cat", "Dog")}
    refs = [{"$ref": f"#/components/schemas/{name}"} for name in shapes]
    union = {
        "oneOf": refs,
        "discriminator": {"propertyName": "kind", "mapping": {"cat": refs[0]["$ref"]}},
    }
    found = normalised(obj({"pet": union}), components=shapes)
    tags = {shape.name_hint: shape.tags for shape in found.shapes.values() if shape.tags}
    assert tags == {"Cat": {"kind": ("cat",)}, "Dog": {"kind": ("Dog",)}}
    assert rules(found) == []


@pytest.mark.parametrize(
    ("members", "overlap"),
    [
        ([{"type": "string"}, {"type": "integer"}], False),
        ([{"type": "integer", "maximum": 4}, {"type": "integer", "minimum": 5}], False),
        ([{"type": "integer", "maximum": 4}, {"type": "number", "minimum": 4}], True),
        ([{"type": "string", "maxLength": 3}, {"enum": ["long"]}], False),
        ([{"type": "string", "pattern": "^a"}, {"enum": ["b"]}], False),
        ([{"type": "integer", "exclusiveMinimum": 4}, {"enum": [4]}], False),
        ([{"type": "array", "maxItems": 1}, {"type": "array", "minItems": 1}], True),
        ([obj({"a": {"const": 1}}), obj({"a": {"const": 2}})], False),
        ([obj({"a": {}}), obj({"a": {"const": 2}})], True),
    ],
)
def test_one_of_with_members_that_overlap_is_reported(members: list[Json], overlap: bool) -> None:
    found = normalised(obj({"value": {"oneOf": members}}))
    assert ("overlapping-one-of" in rules(found)) == overlap


@pytest.mark.parametrize(
    ("more", "is_open"),
    [
        ({}, False),
        ({"additionalProperties": False}, False),
        ({"additionalProperties": True}, True),
        ({"additionalProperties": {"type": "string"}}, True),
        ({"patternProperties": {"^x": {}}}, True),
    ],
)
def test_whether_an_object_is_open(more: Json, is_open: bool) -> None:
    found = normalised(obj({"a": {"type": "string"}}, **more))
    assert shape_of(found, "Input").is_open is is_open


def test_an_output_that_is_no_object_is_a_schema_of_its_own() -> None:
    found = normalised(output={"type": "array", "items": {"type": "string"}})
    assert found.output == Array(String())


def test_an_input_that_is_no_object_is_an_error() -> None:
    with pytest.raises(DocumentError, match="the Input is not an object"):
        normalised({"type": "string"})
