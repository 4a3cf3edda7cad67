"""Reading a document: its endpoint id, its bodies, and references to schemas."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from documents import document, obj, write
from fal_codegen.emulator.endpoints.served_endpoint import ServedEndpoint
from projects import Cli, problem

POST, RESULT = "/acme/blender", "/acme/blender/requests/{request_id}"
MODULE = "generated/python/fal_endpoints/acme/blender.py"

Change = Callable[[dict[str, Any]], None]


def changed(change: Change) -> dict[str, Any]:
    content = document()
    change(content)
    return content


def served_as(media_type: str) -> Change:
    """Return a change that gives every JSON body another media type."""

    def change(content: dict[str, Any]) -> None:
        for item in content["paths"].values():
            for operation in item.values():
                bodies = [operation.get("requestBody"), *operation["responses"].values()]
                for body in filter(None, bodies):
                    if "content" in body:
                        body["content"] = {media_type: body["content"].pop("application/json")}

    return change


def without_metadata(content: dict[str, Any]) -> None:
    del content["info"]["x-fal-metadata"]


def of_two_endpoints(content: dict[str, Any]) -> None:
    without_metadata(content)
    for path, item in list(content["paths"].items()):
        content["paths"][path.replace("/acme/", "/other/")] = item


def referring(content: dict[str, Any]) -> None:
    """Move bodies and paths to components, and refer to them."""
    post = content["paths"][POST]["post"]
    content["components"]["requestBodies"] = {"a/b c": post["requestBody"]}
    post["requestBody"] = {"$ref": "#/components/requestBodies/a~1b%20c"}
    content["components"]["pathItems"] = {"Result": content["paths"][RESULT]}
    content["paths"][RESULT] = {"$ref": "#/components/pathItems/Result"}


USABLE: dict[str, Change] = {
    **{
        media_type: served_as(media_type)
        for media_type in (
            "application/json; charset=utf-8",
            "application/json;charset=UTF-8",
            "Application/JSON",
            "application/problem+json",
        )
    },
    "no metadata": without_metadata,
    "references": referring,
}


@pytest.mark.parametrize("case", USABLE)
def test_a_document_in_another_envelope_is_accepted(
    project: Path, tmp_path: Path, cli: Cli, case: str
) -> None:
    usual, unusual = document(), changed(USABLE[case])
    modules = []
    for name, content in (("usual", usual), ("unusual", unusual)):
        ran = cli("add", "--project", project, "--from", write(tmp_path / name, content))
        assert ran.code == 0, ran.err
        modules.append((project / MODULE).read_text("utf-8"))
    expected = modules[0]
    if case == "no metadata":
        expected = expected.replace("Blends two things.", "The endpoint `acme/blender`.")
        expected = expected.replace("\n\n    https://fal.ai/models/acme/blender/api", "")
    assert modules[1] == expected


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (served_as("text/plain"), "no Input found"),
        (served_as("application/jsonl"), "no Input found"),
        (of_two_endpoints, "does not name its endpoint"),
    ],
)
def test_a_document_that_says_too_little_is_refused(
    project: Path, tmp_path: Path, cli: Cli, change: Change, said: str
) -> None:
    folder = write(tmp_path / "documents", changed(change))
    problem(cli("add", "--project", project, "--from", folder), said)


def test_of_several_endpoints_the_declared_one_is_meant(
    filled: Path, tmp_path: Path, cli: Cli
) -> None:
    write(filled / "specs/acme", changed(of_two_endpoints))
    (filled / "specs/acme/0.json").replace(filled / "specs/acme/blender.json")
    assert cli("generate", "--project", filled).code == 0


def test_an_emulated_endpoint_follows_references_into_schemas() -> None:
    sizes = {"anyOf": [{"type": "integer", "maximum": 9}, {"type": "string"}]}
    listed = {"type": "array", "prefixItems": [{"type": "boolean"}]}
    refs = ("Sizes/anyOf/0", "Listed/prefixItems/0", "Sizes/anyOf/9", "Sizes/x-no/schema")
    properties = {
        f"p{number}": {"$ref": f"#/components/schemas/{ref}"} for number, ref in enumerate(refs)
    }
    content = document(
        input=obj(properties, required=[]), components={"Sizes": sizes, "Listed": listed}
    )
    endpoint = ServedEndpoint(content)
    assert not endpoint.problems({"p0": 9, "p1": True, "p2": {}, "p3": None})
    assert [detail["loc"][-1] for detail in endpoint.problems({"p0": 10, "p1": 1})] == ["p0", "p1"]


def test_a_reference_may_lead_outside_of_components(
    project: Path, tmp_path: Path, cli: Cli
) -> None:
    content = document(input=obj({"size": {"$ref": "#/x-shared/sizes/0"}}))
    content["x-shared"] = {"sizes": [{"type": "integer", "maximum": 5}]}
    ran = cli("add", "--project", project, "--from", write(tmp_path / "documents", content))
    assert "repaired" not in ran.out
    assert "size: Annotated[int, Field(le=5)]" in (project / MODULE).read_text("utf-8")
    endpoint = ServedEndpoint(content)
    assert endpoint.problems({"size": 5}) == []
    assert [detail["type"] for detail in endpoint.problems({"size": 6})] == ["less_than_equal"]
