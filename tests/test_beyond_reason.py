"""Documents of unreasonable size or shape are generated or rejected, and nothing hangs.

Earlier versions ran out of memory on most of these, or ended in a traceback.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from documents import document, example_output, obj, write
from fal_codegen.drift.formats import FORMATS
from fal_codegen.emulator import Emulator
from fal_codegen.emulator.endpoints.served_endpoint import ServedEndpoint
from fal_codegen.errors import DocumentError
from projects import Cli, edit, problem

TARGETS = """
[targets.typescript]
package = "p"
output = "generated/typescript"

[targets.docs]
output = "generated/docs"

[targets.fal-client-stubs]
output = "generated/stubs"
"""
TEXT = {"type": "string"}
SLOW = {**TEXT, "pattern": "^(a+)+$", "examples": ["a" * 60 + "!"]}


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def branching(levels: int, leaf: Any) -> dict[str, Any]:
    """Return components, the first of which is a tree with two branches at each level."""
    nodes = {f"N{at}": obj(dict.fromkeys("ab", ref(f"N{at + 1}"))) for at in range(levels)}
    return {**nodes, f"N{levels}": obj({"leaf": leaf})}


def layered(levels: int, leaf: Any, **layer: Any) -> dict[str, Any]:
    """Return components that each contain the next, in the place of `NEXT` in `layer`."""
    text = json.dumps(layer)
    nodes = {
        f"N{at}": json.loads(text.replace('"NEXT"', json.dumps(ref(f"N{at + 1}"))))
        for at in range(levels)
    }
    return {**nodes, f"N{levels}": leaf}


ODD: dict[str, dict[str, Any]] = {
    "odd/odd": {},
    "acme/b/acme/b": {},
    "acme/fractions": {"input": obj({"scale": {"enum": [0.5, 1, 1.5]}})},
    "acme/fractions/out": {"output": obj({"scale": {"enum": [0.5, 1, "auto"]}})},
    "acme/steps": {"input": obj({"x": {"type": "number", "minimum": 1e300, "multipleOf": 1e-300}})},
    "acme/steps/out": {"output": {"type": "integer", "minimum": 1e308, "multipleOf": 5e-324}},
    "acme/index": {"input": obj({"x": {"type": "array", "items": {"1" * 5000: TEXT}}})},
    "acme/slow": {"input": obj({"x": SLOW})},
    "acme/slow/classes": {"input": obj({"x": {**TEXT, "pattern": "[^a]" * 60 + "(?i)b"}})},
    "acme/items": {"input": obj({"x": {"type": "array", "items": TEXT, "minItems": 2**31 - 1}})},
    "acme/length": {"input": obj({"x": {**TEXT, "minLength": 2**31 - 1}})},
    "acme/branching": {"input": obj({"x": ref("N0")}), "components": branching(19, TEXT)},
}


def test_whatever_can_be_generated_is(project: Path, cli: Cli, tmp_path: Path) -> None:
    edit(project / "specs/endpoints.toml", new=TARGETS)
    documents = [document(name, **reported) for name, reported in ODD.items()]
    added = cli("add", "--project", project, "--from", write(tmp_path / "odd", *documents))
    assert (added.code, added.err.count("error")) == (0, 0)
    assert "client.odd.odd\n" in cli("list", "--project", project).out
    pages = project / "generated/docs/pages/endpoints/acme"
    assert "| number |" in (pages / "fractions.md").read_text("utf-8")
    types = project / "generated/typescript/endpoints/acme/fractions/out/index.d.ts"
    assert 'scale: 0.5 | 1 | "auto" | (number & {}) | (string & {});' in types.read_text("utf-8")


@pytest.mark.parametrize(
    ("schema", "reported"),
    [
        ({"type": "number", "minimum": 10**400}, "is too large"),
        (
            {"allOf": [ref("BlenderInput"), obj({"more": {}})]},
            "exceed the nesting or branching limit",
        ),
    ],
)
def test_what_cannot_be_generated_is_told(
    project: Path, cli: Cli, tmp_path: Path, schema: Any, reported: str
) -> None:
    folder = write(tmp_path / "odd", document(input=obj({"x": schema})))
    problem(cli("add", "--project", project, "--from", folder), reported)


@pytest.mark.parametrize(
    "property", [ref("N0"), {"type": "array", "items": ref("N0")}], ids=["property", "items"]
)
def test_parts_that_double_at_each_level_come_to_an_end(
    project: Path, cli: Cli, tmp_path: Path, property: Any
) -> None:
    parts = layered(40, obj({"leaf": TEXT}), allOf=["NEXT", "NEXT"])
    folder = write(tmp_path / "odd", document(input=obj({"x": property}), components=parts))
    problem(
        cli("add", "--project", project, "--from", folder), "exceed the nesting or branching limit"
    )


PAIRS: list[tuple[Any, Any, str]] = [
    (TEXT, {**SLOW, "enum": ["a" * 60 + "!"]}, "was removed"),
    (TEXT, {**TEXT, "pattern": "a{4294967296}", "enum": ["a"]}, "is accepted now"),
    ({"type": "number"}, {"type": "number", "minimum": 10**400}, "could not be compared"),
    (
        {"type": "number", "multipleOf": 1e300},
        {"type": "number", "multipleOf": 1e-300},
        "multiples",
    ),
    (TEXT, {"type": "array", "items": {"1" * 5000: TEXT}}, "the type changed from"),
]


@pytest.mark.parametrize(("old", "new", "reported"), PAIRS)
def test_any_two_documents_are_compared(
    cli: Cli, tmp_path: Path, old: Any, new: Any, reported: str
) -> None:
    first, second = (document(input=obj({"x": one})) for one in (old, new))
    compared = compare(cli, tmp_path, first, second)
    assert reported in compared.out or reported == "was removed"
    assert compared.err == ""


@pytest.mark.parametrize(("levels", "reported"), [(8, "256 breaking"), (30, "branching limit")])
def test_one_change_in_many_places_comes_to_an_end(
    cli: Cli, tmp_path: Path, levels: int, reported: str
) -> None:
    trees = (branching(levels, {"type": kind}) for kind in ("string", "integer"))
    old, new = (document(input=obj({"x": ref("N0")}), components=tree) for tree in trees)
    assert reported in compare(cli, tmp_path, old, new).out


LAYERS: list[tuple[int, Any, str]] = [
    (20, {"type": "array", "minItems": 10, "items": "NEXT"}, "the minimum length"),
    (40, {"anyOf": ["NEXT", {"type": "array", "items": "NEXT"}]}, "branching limit"),
]


@pytest.mark.exhaustive
@pytest.mark.parametrize(("levels", "layer", "reported"), LAYERS, ids=["items", "unions"])
def test_a_change_below_many_layers_comes_to_an_end(
    cli: Cli, tmp_path: Path, levels: int, layer: Any, reported: str
) -> None:
    leaves = ({**TEXT, "minLength": length} for length in (2, 3))
    old, new = (
        document(input=obj({"x": ref("N0")}), components=layered(levels, leaf, **layer))
        for leaf in leaves
    )
    compared = compare(cli, tmp_path, old, new)
    assert reported in compared.out


@pytest.mark.parametrize("form", FORMATS)
def test_an_id_that_no_file_could_hold_is_told(cli: Cli, tmp_path: Path, form: str) -> None:
    old, new = document(), document(input=obj({"prompt": {"type": "integer"}}))
    for content in (old, new):
        content["info"]["x-fal-metadata"]["endpointId"] = "\ud800"
    assert compare(cli, tmp_path, old, new, "--format", form).code == 3


@pytest.mark.parametrize("keyword", ["allOf", "anyOf"])
def test_the_emulator_refuses_what_it_would_check_for_ever(keyword: str) -> None:
    layers = layered(40, obj({"leaf": TEXT}), **{keyword: ["NEXT", "NEXT"]})
    odd = document(input=obj({"x": {"type": "array", "items": ref("N0")}}), components=layers)
    with pytest.raises(DocumentError, match="acme/blender: the schemas exceed the branching limit"):
        Emulator([odd])


def test_the_emulator_serves_a_document_that_no_utf_8_can_carry() -> None:
    served = document(input=obj({"a\ud800": TEXT}), about="\udfff")
    with Emulator([served]) as fal:
        for path in ("playground/acme/blender", "api/v1/models?expand=openapi-3.0"):
            assert httpx.get(f"{fal.base_url}/{path}", trust_env=False).status_code == 200


@pytest.mark.parametrize("name", ODD)
def test_the_emulator_has_an_answer_for_each(name: str) -> None:
    served = ServedEndpoint(document(name, **ODD[name]))
    assert example_output(served) is not None
    assert isinstance(served.problems(served.example_input), list)


def compare(cli: Cli, folder: Path, old: Any, new: Any, *options: str) -> Any:
    for name, content in (("old", old), ("new", new)):
        (folder / f"{name}.json").write_text(json.dumps(content))
    return cli("diff", folder / "old.json", folder / "new.json", *options)
