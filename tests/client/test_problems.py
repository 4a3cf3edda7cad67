"""What is wrong with an input: each field once, where it is, and nothing that is private."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any, Literal

import pytest
from fal_endpoints import (
    Endpoint,
    Fal,
    FileInput,
    InputModel,
    ModelError,
    OutputModel,
    Problem,
    ValidationError,
)
from pydantic import Field

from .conftest import Call
from .scripted import Answer, scripted


class Size(InputModel):
    width: int
    pixel_height: int = Field(alias="pixel-height")


class Named(InputModel):
    name: str


class Input(InputModel):
    size: Size | Literal["square", "wide"] = "wide"
    either: Size | Named | None = None
    many: list[Size | int] = Field(default_factory=list[Any], alias="many-of-them")
    by_name: dict[str, int | Size] = Field(default_factory=dict[str, Any])
    amount: int | str = 1
    steps: int = 1
    prompt: str = Field(default="", max_length=20, pattern="^[a-z ]*$")
    style: Literal["plain", "ornate"] = "plain"
    picture: FileInput = "https://example.test/a.png"


class Output(OutputModel):
    pass


class Sizes(Endpoint[Input, Output]):
    endpoint_id = "acme/sizes"


@pytest.fixture
def sizes() -> Sizes:
    return Sizes(Fal("key", base_url="http://127.0.0.1:9"))


@pytest.fixture
def problems(sizes: Sizes) -> Callable[..., list[Problem]]:
    def problems_with(**arguments: Any) -> list[Problem]:
        with pytest.raises(ValidationError) as error:
            sizes.bind(**arguments)
        return error.value.errors

    return problems_with


def message(sizes: Sizes, **arguments: Any) -> str:
    with pytest.raises(ValidationError) as error:
        sizes.bind(**arguments)
    return str(error.value)


def test_a_value_that_fits_no_alternative_is_one_problem(problems: Any) -> None:
    (problem,) = problems(size=3)
    assert problem.field == "size"
    assert problem.loc == ("size",)
    assert problem.message.startswith("Input should be ")
    assert problem.message.endswith(" or 'square' or 'wide'")
    assert problem.input == 3
    (problem,) = problems(amount=[])
    assert problem.message == "Input should be a valid integer or a valid string"


def test_parts_of_the_alternative_that_was_meant_are_named(problems: Any) -> None:
    wrong_width, no_height = problems(size={"width": "x"})
    assert (wrong_width.field, wrong_width.loc) == ("size.width", ("size", "width"))
    assert (no_height.field, no_height.type) == ("size.pixel_height", "missing")
    assert no_height.loc == ("size", "pixel-height")


def test_of_several_that_may_be_meant_each_is_named(problems: Any) -> None:
    (problem,) = problems(either={})
    assert problem.loc == ("either",)
    assert "Size (width: Field required; pixel_height: Field required)" in problem.message
    assert "Named (name: Field required)" in problem.message


def test_places_inside_lists_and_mappings(problems: Any) -> None:
    found = problems(
        many=[1, "x", {"width": 1, "pixel-height": None}],
        by_name={"int": {"width": 1, "pixel_height": "y"}, "Size": "z"},
    )
    assert [(problem.field, problem.loc) for problem in found] == [
        ("many[1]", ("many-of-them", 1)),
        ("many[2].pixel_height", ("many-of-them", 2, "pixel-height")),
        ("by_name.int.pixel_height", ("by_name", "int", "pixel-height")),
        ("by_name.Size", ("by_name", "Size")),
    ]


def test_the_server_is_understood_the_same_way(call: Call) -> None:
    items = [
        {"loc": ["body", "size", "ServerSize", "pixel-height"], "msg": "no", "type": "int_type"},
        {"loc": ["body", "size", "literal['square','wide']"], "msg": "no", "type": "literal_error"},
        {"loc": ["body", "amount", "int"], "msg": "Input should be a valid integer", "type": "a"},
        {"loc": ["body", "amount", "str"], "msg": "Input should be a valid string", "type": "b"},
    ]
    with (
        scripted(lambda asked: Answer(422, {"detail": items})) as server,
        Fal("key", base_url=server.base_url) as client,
        pytest.raises(ModelError) as error,
    ):
        call(Sizes(client).bind().submit)
    assert [(one.field, one.loc, one.message) for one in error.value.errors] == [
        ("size.pixel_height", ("size", "pixel-height"), "no"),
        ("amount", ("amount",), "Input should be a valid integer or a valid string"),
    ]


def test_numbers_and_short_choices_are_repeated(sizes: Sizes) -> None:
    assert "  style: Input should be 'plain' or 'ornate' (got 'fancy')" in message(
        sizes, style="fancy"
    )
    assert message(sizes, steps=1.5).endswith("(got 1.5)")
    assert message(sizes, steps="7").endswith("(got '7')")
    assert message(sizes, steps=None).endswith("(got None)")
    assert message(sizes, size=[1]).endswith("(got a value of type list)")


@pytest.mark.parametrize(
    "arguments",
    [
        {"prompt": "my plan to do IT"},
        {"prompt": "my plan " * 9},
        {"style": "my plan, which is longer than a choice ever is"},
        {"steps": "my plan, which is longer than a number ever is"},
        {"promt": "my plan"},
        {"size": {"width": {"plan": "my plan"}, "pixel-height": ["my plan"]}},
        {"prompt": ["my plan"]},
        {"prompt": {"my plan": "my plan"}},
    ],
)
def test_a_prompt_is_not_repeated(sizes: Sizes, arguments: dict[str, Any]) -> None:
    assert "my plan" not in message(sizes, **arguments)


def test_a_file_is_not_repeated(sizes: Sizes) -> None:
    picture = base64.b64encode(bytes(700_000)).decode()
    for arguments in (
        {"style": picture},
        {"size": picture},
        {"steps": picture.encode()},
        {"by_name": {picture: "x"}},
        {picture: 1},
    ):
        assert len(message(sizes, **arguments)) < 1000


def test_a_value_that_is_no_json_is_the_callers_mistake(sizes: Sizes) -> None:
    class Free(InputModel):
        anything: Any = None

    class Frees(Endpoint[Free, Output]):
        endpoint_id = "acme/frees"

    itself: list[object] = []
    itself.append(itself)
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    for value in (itself, deep, object(), float("nan"), "\ud800", 10**5000):
        with pytest.raises(ValidationError, match="cannot be written as JSON"):
            Frees(sizes._client).bind(anything=value).submit()
