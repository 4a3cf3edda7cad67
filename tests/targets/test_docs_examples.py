"""Example values on pages: the document's own, whole, or else the plainest there are."""

from __future__ import annotations

import ast
from typing import Any

import pytest
from documents import document, obj

from .pages import examples, fenced
from .test_docs_text import pages_of

PAGE = "pages/endpoints/acme/blender.md"
LONG = f"{'A long prompt, with every detail. ' * 60}The end."


def shown(input: dict[str, Any], output: dict[str, Any] | None = None) -> str:
    components = {"Thing": obj({"url": {"type": "string"}, "size": {"type": "integer"}})}
    components["Thing"]["properties"]["url"]["examples"] = ["https://fal.media/a.png"]
    return pages_of(document(input=input, output=output, components=components))[PAGE]


@pytest.mark.parametrize(
    ("schema", "number"),
    [
        ({"type": "integer"}, 0),
        ({"type": "number"}, 0),
        ({"type": "integer", "minimum": -10}, 0),
        ({"type": "integer", "maximum": 100}, 0),
        ({"type": "integer", "minimum": 3}, 3),
        ({"type": "integer", "maximum": -3}, -3),
        ({"type": "integer", "exclusiveMinimum": 0}, 1),
        ({"type": "integer", "exclusiveMaximum": 0}, -1),
        ({"type": "integer", "minimum": 10, "multipleOf": 8}, 16),
        ({"type": "integer", "maximum": -1, "multipleOf": 8}, -8),
        ({"type": "number", "minimum": 0.5, "maximum": 0.9}, 0.5),
        ({"type": "number", "exclusiveMinimum": 0, "maximum": 0.5}, 0.25),
        ({"type": "number", "minimum": 0.1, "multipleOf": 0.25}, 0.25),
    ],
)
def test_a_number_is_the_nearest_to_0_that_is_allowed(
    schema: dict[str, Any], number: float
) -> None:
    [value, *_], _ = examples(shown(obj({"number": schema})))
    assert value == {"number": number}


def test_an_input_has_what_is_required_and_what_has_an_example() -> None:
    properties = {
        "prompt": {"type": "string", "examples": ["a fox"]},
        "seed": {"type": "integer"},
        "style": {"type": "string", "examples": ["oil"]},
    }
    inputs, _ = examples(shown(obj(properties, required=["prompt"])))
    assert inputs == [{"prompt": "a fox", "style": "oil"}]


def test_a_result_is_made_of_the_document_s_own_examples_or_absent() -> None:
    thing = {"$ref": "#/components/schemas/Thing"}
    seed = {"type": "integer"}
    example = {"url": "https://fal.media/b.png", "size": 5}
    for properties, required, wanted in (
        ({"seed": seed}, ["seed"], []),
        ({"seed": seed}, [], []),
        ({"seed": seed, "thing": thing}, [], []),  # no example of its required size
        (
            {"seed": seed, "thing": {**thing, "examples": [example]}},
            ["thing"],
            [{"thing": example}],
        ),
        ({"seed": seed, "thing": {**thing, "examples": [example]}}, ["seed", "thing"], []),
        ({"seed": {**seed, "examples": [42]}}, ["seed"], [{"seed": 42}]),
    ):
        page = shown(obj({}), obj(properties, required=required))
        assert examples(page)[1] == wanted
        assert ("A result" in page) == bool(wanted)


def test_long_examples_and_defaults_are_shown_whole_everywhere() -> None:
    prompt = {"type": "string", "examples": [LONG]}
    negative = {"type": "string", "default": LONG.upper()}
    page = shown(
        obj({"prompt": prompt, "negative": negative}, required=["prompt"]),
        obj({"text": {"type": "string", "examples": [LONG]}}),
    )
    inputs, results = examples(page)
    assert inputs == [{"prompt": LONG}, {"prompt": LONG, "negative": LONG.upper()}]
    assert results == [{"text": LONG}]
    assert page.count(f'`"{LONG}"`') == 2  # beside the fields
    assert page.count(f'`"{LONG.upper()}"`') == 1
    for source in fenced(page, "python"):
        assert LONG in {
            node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)
        }
    assert "…" not in page


@pytest.mark.parametrize(
    ("name", "schema", "argument"),
    [
        ("image_url", {"type": "string"}, 'image_url=Path("image.png")'),
        (
            "image_urls",
            {"type": "array", "items": {"type": "string"}},
            'image_urls=[Path("image.png")]',
        ),
        ("class", {"type": "string"}, None),
    ],
)
def test_a_file_on_the_disk_is_a_path(
    name: str, schema: dict[str, Any], argument: str | None
) -> None:
    page = shown(obj({"prompt": {"type": "string"}, name: schema}))
    if argument is None:
        assert "Path(" not in page
        return
    assert f"`{argument}`" in page.replace("\n", " ")
    assert "`from pathlib import Path`" in page


def test_how_long_results_are_kept() -> None:
    calling = " ".join(pages_of(document())["pages/calling.md"].split())
    kept = "for 1 hour, or for 6 minutes if it is 10 KB or larger and payload storage is off"
    assert f"A result can be fetched {kept}" in calling
    assert '`image_url=Path("first-frame.png")` after `from pathlib import Path`' in calling
