"""What was repaired in documents is said: which rule, why, how often and where."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Ran
from documents import document, obj, write
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
    assert f"{RULE} 1 place: a $ref that leads nowhere admits anything" in ran.out
    assert places(ran) == [
        "  acme/blender at /components/schemas/BlenderInput/properties/p0",
    ]


def test_of_many_places_the_first_are_named_and_the_rest_counted(
    project: Path, add: Cli, cli: Cli
) -> None:
    ran = add(12)
    assert f"{RULE} 12 places: " in ran.out
    assert len(places(ran)) == 5
    assert "  and 7 more; to see them all: fal-codegen list --repairs" in ran.out
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
