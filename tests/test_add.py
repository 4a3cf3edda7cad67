"""`add --from`: documents become part of a project."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from documents import document, obj, write
from fal_codegen.exit_codes import ExitCode
from folders import tree
from projects import (
    BLENDER,
    FAST,
    MODULE,
    OUTPUT,
    Cli,
    edit,
    problem,
    published,
)


def test_a_document_is_added_from_a_file(project: Path, tmp_path: Path, cli: Cli) -> None:
    documents = write(tmp_path / "documents", document(BLENDER))
    ran = cli("add", "--project", project, "--from", documents / "0.json")
    assert ran.code == 0
    assert f"{BLENDER}: vendored" in ran.out
    assert json.loads((project / "specs/acme/blender.json").read_bytes()) == document(BLENDER)
    assert (project / OUTPUT / "fal_endpoints/acme/blender.py").is_file()
    assert cli("check", "--project", project).code == 0


def test_documents_are_added_from_several_files_and_folders(
    project: Path, tmp_path: Path, cli: Cli
) -> None:
    ids = [BLENDER, FAST, "acme/mixer", "acme/toaster"]
    one, two, three = (tmp_path / name for name in ("one", "two", "three"))
    write(one, document(ids[0]), document(ids[1]))
    write(two, document(ids[2]))
    write(three, document(ids[3]))
    sources = [one / "0.json", one / "1.json", two]
    ran = cli("add", "--project", project, "--from", *sources, "--from", three)
    assert (ran.code, ran.err) == (0, "")
    assert [line.split()[0] for line in cli("list", "--project", project).out.splitlines()] == ids


def test_what_was_not_added_is_in_the_last_line(project: Path, tmp_path: Path, cli: Cli) -> None:
    documents = write(tmp_path / "documents", *(document(f"acme/e{n}") for n in range(9)))
    for number in range(7):
        (documents / f"{number}.json").write_text("{}")
    ran = cli("add", "--project", project, "--from", documents)
    assert ran.code == ExitCode.FAILURE
    left_out = ", ".join(str(documents / f"{number}.json") for number in range(5))
    assert ran.out.splitlines()[-1] == f"2 added, 7 not: {left_out}, 2 more"


def test_ids_may_follow_the_files(project: Path, tmp_path: Path, cli: Cli) -> None:
    one = write(tmp_path / "one", document(BLENDER), document(FAST))
    two = write(tmp_path / "two", document("acme/mixer"))
    assert cli("add", "--project", project, "--from", one, two, FAST, "acme/mixer").code == 0
    assert not (project / "specs/acme/blender.json").exists()
    assert (project / "specs/acme/mixer.json").is_file()


def test_of_several_sources_one_is_missing_or_two_disagree(
    project: Path, tmp_path: Path, cli: Cli
) -> None:
    one = write(tmp_path / "one", document(BLENDER)) / "0.json"
    two = write(tmp_path / "two", document(BLENDER, about="Other.")) / "0.json"
    add = ("add", "--project", project, "--from", one)
    problem(cli(*add, tmp_path / "three"), "three does not exist")
    problem(cli(*add, two), f"{one}, {two} have more than one document of this endpoint")
    problem(cli(*add, "acme/other"), f"acme/other: {one} has no document of this endpoint")


def test_every_document_of_a_folder_is_added(filled: Path) -> None:
    specs = {
        path for path in tree(filled / "specs") if path.endswith(".json") and ".schema." not in path
    }
    assert specs == {"acme/blender.json", "acme/blender/fast.json"}
    assert (filled / MODULE).is_file()


def test_only_the_named_documents_of_a_folder_are_added(
    project: Path, tmp_path: Path, cli: Cli
) -> None:
    documents = write(tmp_path / "documents", document(BLENDER), document(FAST))
    (documents / "package.json").write_text("{}")
    (documents / "a folder.json").mkdir()
    assert cli("add", FAST, FAST, "--project", project, "--from", documents).code == 0
    assert FAST in cli("list", "--project", project).out
    assert not (project / "specs/acme/blender.json").exists()


def test_a_broken_document_keeps_no_other_out(project: Path, tmp_path: Path, cli: Cli) -> None:
    documents = write(tmp_path / "documents", document(BLENDER), {"openapi": "3.0.4"})
    ran = cli("add", "--project", project, "--from", documents)
    problem(ran, str(documents / "1.json"), "is not an OpenAPI document")
    assert cli("list", "--project", project).out.startswith(BLENDER)
    assert cli("check", "--project", project).code == 0


@pytest.mark.parametrize("again", [False, True], ids=["the first", "all"])
def test_a_second_time_changes_nothing(filled: Path, tmp_path: Path, cli: Cli, again: bool) -> None:
    before = published(filled)
    shuffled = [dict(reversed(document(id_).items())) for id_ in (BLENDER, FAST)]
    documents = write(tmp_path / "documents", *shuffled[: 1 + again])
    ran = cli("add", "--project", filled, "--from", documents)
    assert ran.code == 0
    assert f"{BLENDER}: unchanged" in ran.out
    assert "0 written, 0 removed" in ran.out
    assert published(filled) == before


def test_adding_a_changed_document_replaces_the_vendored_one(
    filled: Path, tmp_path: Path, cli: Cli
) -> None:
    changed = document(FAST, input=obj({"speed": {"type": "integer"}}))
    documents = write(tmp_path / "documents", changed)
    ran = cli("add", "--project", filled, "--from", documents)
    assert ran.code == 0
    assert f"wrote {MODULE}" in ran.out
    assert "speed: int" in (filled / MODULE).read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "nothing to add"),
        (["--from", "nowhere"], "nowhere does not exist"),
        (["--from", "empty"], "empty has no documents"),
        (
            ["--from", "documents", "acme/other"],
            "acme/other: documents has no document of",
        ),
        (["--from", "twice"], f"{BLENDER}: twice has more than one document of this endpoint"),
        (["--from", "documents/0.json", "--url", "ftp://fal.ai"], "does not start with"),
        (["flux"], "'flux' is not an endpoint id"),
        (["../../etc/passwd"], "is not an endpoint id"),
    ],
    ids=["nothing", "nowhere", "empty", "absent", "twice", "url", "no owner", "traversal"],
)
def test_a_source_that_cannot_be_added_changes_nothing(
    filled: Path,
    tmp_path: Path,
    cli: Cli,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    write(tmp_path / "documents", document(BLENDER))
    write(tmp_path / "twice", document(BLENDER), document(BLENDER, about="Another."))
    before = published(filled)
    problem(cli("add", "--project", filled, *arguments), message)
    assert published(filled) == before


def test_an_id_that_differs_only_in_case_is_refused_before_anything_is_written(
    filled: Path, tmp_path: Path, cli: Cli
) -> None:
    documents = write(tmp_path / "documents", document("acme/Blender"))
    before = published(filled)
    ran = cli("add", "--project", filled, "--from", documents)
    problem(ran, "acme/Blender", BLENDER, "differ only in case")
    assert published(filled) == before


@pytest.mark.parametrize("ids", [["acme/build", "acme/build/fast"], ["build/dist", "dist/x"]])
def test_ids_may_be_named_as_what_build_tools_leave(
    project: Path, tmp_path: Path, cli: Cli, ids: list[str]
) -> None:
    documents = write(tmp_path / "documents", *map(document, ids))
    assert cli("add", "--project", project, "--from", documents).code == 0
    assert cli("check", "--project", project).code == 0
    edit(project / "specs" / f"{ids[-1]}.json", "Blends", "Cuts")
    assert cli("check", "--project", project).code == ExitCode.DIFFERENCE
