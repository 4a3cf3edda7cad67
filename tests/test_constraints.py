"""Every constraint of every kind of schema, in everything that reads typed schemas."""

from __future__ import annotations

from typing import Any

import pytest
from fal_codegen.document.accepts import Acceptor
from fal_codegen.document.file_limits import LIMIT_NAMES, FileLimits
from fal_codegen.document.samples.model_samples import sample
from fal_codegen.document.schema import (
    Anything,
    Array,
    Enum,
    FileUrl,
    Integer,
    Map,
    Number,
    Ref,
    Schema,
    String,
    Union,
    constraints,
    possible_constraints,
    without_constraints,
)
from fal_codegen.ir import Direction, Endpoint, Model, Property
from fal_codegen.targets.prose import limits, pattern_of
from fal_codegen.targets.python.types import python_types
from fal_codegen.targets.typescript.zod import Scope, zod_schema
from fal_codegen.text.brackets import flat

URL = "https://example.com/a.png"

CASES: tuple[tuple[Schema, Any, Any], ...] = (
    (Integer(minimum=2), 2, 1),
    (Integer(exclusive_minimum=2), 3, 2),
    (Integer(maximum=-2), -2, -1),
    (Integer(exclusive_maximum=-2), -3, -2),
    (Integer(minimum=1, multiple_of=4), 4, 6),
    (Number(minimum=2.5), 2.5, 2),
    (Number(exclusive_minimum=2.5), 2.6, 2.5),
    (Number(maximum=-2.5), -2.5, -2),
    (Number(exclusive_maximum=-2.5), -2.6, -2.5),
    (Number(minimum=1, multiple_of=0.4), 1.2, 1.3),
    (String(min_length=30), "a" * 30, "a" * 29),
    (String(max_length=2), "\N{SLICE OF PIZZA}a", "aaa"),
    (String(pattern="^b+$"), "bb", "bba"),
    (FileUrl(min_length=60), f"{URL}?{'a' * 60}", URL),
    (FileUrl(max_length=20), "data:,a", URL),
    (Array(String(), min_items=3), ["a", "a", "a"], ["a", "a"]),
    (Array(String(), max_items=0), [], ["a"]),
    (Array(Integer(), 2, unique_items=True), [1, 2], [1, 1]),
)
"""Schemas with a constraint, a value that satisfies it, and one that does not."""

EACH = pytest.mark.parametrize(("schema", "valid", "invalid"), CASES, ids=str)


def model(schema: Schema) -> Model:
    """Return an Input with one required property, `field`."""
    prop = Property("field", schema, True, False, None, "", (), False)
    return Model("Input", Direction.INPUT, "", (prop,), False, False, {})


def test_the_cases_have_every_constraint_of_every_kind() -> None:
    kinds = (Integer(), Number(), String(), FileUrl(), Array(Anything()))
    expected = {(type(kind), keyword) for kind in kinds for keyword in possible_constraints(kind)}
    assert {(type(schema), keyword) for schema, *_ in CASES for keyword in constraints(schema)} == (
        expected
    )


@EACH
def test_the_acceptor_checks_every_constraint(schema: Schema, valid: Any, invalid: Any) -> None:
    acceptor = Acceptor([])
    assert acceptor.accepts(valid, schema)
    assert not acceptor.accepts(invalid, schema), f"{schema} accepts {invalid}"


@EACH
def test_a_sample_satisfies_every_constraint(schema: Schema, valid: Any, invalid: Any) -> None:
    value = sample([model(schema)], Ref("Input"))["field"]
    assert Acceptor([]).accepts(value, schema), f"{schema} rejects its sample {value}"


@EACH
def test_it_is_in_the_docs(schema: Schema, valid: Any, invalid: Any) -> None:
    assert list(limits(schema)) or pattern_of(schema), f"the docs say nothing about {schema}"


@EACH
def test_it_is_in_the_zod_schema(schema: Schema, valid: Any, invalid: Any) -> None:
    assert zod(schema) != zod(without_constraints(schema)), f"zod does not check {schema}"


def zod(schema: Schema) -> str:
    return flat(zod_schema(schema, Direction.INPUT, Scope(frozenset(), {})))


def test_it_is_in_the_type_of_the_python_client() -> None:
    schemas = [schema for schema, *_ in CASES]
    for schema, type_, bare in zip(
        schemas, types(schemas), types(map(without_constraints, schemas)), strict=True
    ):
        assert type_ != bare, f"the Python client does not check {schema}"


def types(schemas: Any) -> list[str]:
    properties = tuple(
        Property(f"p{number}", schema, True, False, None, "", (), False)
        for number, schema in enumerate(schemas)
    )
    models = (Model("Input", Direction.INPUT, "", properties, False, False, {}),)
    endpoint = Endpoint("acme/a", "A", "", "", "", models, Anything(), (), "")
    found = python_types(endpoint, lambda model: model.name)
    return [str(type_) for type_ in found.fields["Input"]]


@pytest.mark.parametrize(
    "items",
    [
        Enum(("a", "b", "c")),
        FileUrl(),
        Number(minimum=0.5, maximum=1),
        String(max_length=1),
        String(pattern="^[a-c]$"),
        Array(Integer(minimum=1)),
        Array(Integer(), 2, unique_items=True),
        Map(Integer()),
        Anything(),
        Ref("Point"),
        Union((Enum(("auto",)), Integer())),
    ],
    ids=str,
)
def test_a_sample_of_a_list_has_no_item_twice(items: Schema) -> None:
    x = Property("x", Integer(minimum=3), True, False, None, "", (), False)
    point = Model("Point", Direction.INPUT, "", (x,), False, False, {})
    schema = Array(items, 3, unique_items=True)
    value = sample([model(schema), point], Ref("Input"))["field"]
    assert Acceptor([point]).accepts(value, schema), f"{schema} rejects its sample {value}"


@pytest.mark.parametrize(
    ("url", "is_accepted"),
    [
        ("https://example.com/a.png", True),
        ("HTTPS://example.com/a.png", True),
        ("Data:,a", True),
        ("https://", False),
        ("a.png", False),
        ("ftp://example.com/a.png", False),
    ],
)
def test_only_urls_are_accepted_for_files(url: str, is_accepted: bool) -> None:
    assert Acceptor([]).accepts(url, FileUrl()) == is_accepted


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        (Integer(minimum=1, maximum=3), ["1 to 3"]),
        (Array(String(max_length=1), 1), ["at least 1 item", "each item: at most 1 character"]),
        (Array(Anything(), 2, 2, unique_items=True), ["exactly 2 items", "no duplicates"]),
        (Map(Number(exclusive_minimum=0.5)), ["each value: more than 0.5"]),
        (FileUrl(max_length=9), ["a URL of at most 9 characters"]),
        (Union((Integer(multiple_of=8), String(0, 1))), ["a multiple of 8", "0 to 1 characters"]),
    ],
    ids=str,
)
def test_constraints_are_described_in_words(schema: Schema, words: list[str]) -> None:
    assert list(limits(schema)) == words


EVERY_LIMIT = FileLimits(
    max_file_size=3 << 20,
    min_width=10,
    max_width=20,
    min_height=11,
    max_height=11,
    max_pixels=99,
    min_aspect_ratio=0.5,
    max_aspect_ratio=2,
    min_duration=1,
    max_duration=30.05,
    min_fps=24,
    max_fps=60,
)


def test_every_limit_of_a_file_is_in_words_and_in_the_types() -> None:
    assert list(EVERY_LIMIT.stated()) == list(LIMIT_NAMES)
    schema = FileUrl(max_length=99, file_limits=EVERY_LIMIT)
    assert list(limits(schema)) == [
        "a URL of at most 99 characters",
        "a file of at most 3 MiB, 10 to 20 pixels in width, exactly 11 pixels in height, "
        "at most 99 pixels in all, an aspect ratio of 0.5 to 2, 1 to 30.05 seconds, "
        "24 to 60 frames per second",
    ]
    given = ", ".join(f"{name}={value!r}" for name, value in EVERY_LIMIT.stated().items())
    assert types([schema]) == [f"Annotated[FileInput, UrlLength(0, 99), FileLimits({given})]"]


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (8 << 20, "8 MiB"),
        (100_000_000, "100 MB"),
        (512 << 10, "512 KiB"),
        (5_000, "5 kB"),
        (1.5, "1.5 bytes"),
    ],
)
def test_sizes_are_exact_in_words(size: float, words: str) -> None:
    schema = FileUrl(file_limits=FileLimits(max_file_size=size))
    assert list(limits(schema)) == [f"a file of at most {words}"]
