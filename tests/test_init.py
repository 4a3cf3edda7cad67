"""`init`: a new project, and files that it does not overwrite."""

from __future__ import annotations

from pathlib import Path

import pytest
from documents import document, write
from folders import tree
from projects import BLENDER, DECLARATION, FAST, OUTPUT, Cli, problem


def test_a_new_project_can_be_generated_and_checked(tmp_path: Path, cli: Cli) -> None:
    folder = tmp_path / "some" / "where"
    ran = cli("init", folder)
    assert ran.code == 0
    workflows = {f".github/workflows/fal-{name}.yml" for name in ("codegen", "drift")}
    schemas = {"specs/endpoints.schema.json", "specs/drift-ignore.schema.json"}
    assert set(tree(folder)) == {DECLARATION, ".gitattributes", ".gitignore", *schemas, *workflows}
    for path in tree(folder):
        assert f"wrote {folder / path}" in ran.out
    assert cli("generate", "--project", folder).code == 0
    assert cli("check", "--project", folder).code == 0


def test_a_project_starts_in_the_current_folder(
    tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli("init").code == 0
    assert (tmp_path / DECLARATION).is_file()


def test_a_project_inside_another_is_noticed(filled: Path, cli: Cli) -> None:
    ran = cli("init", filled / "my-clients")
    assert (
        ran.code,
        f"{filled / 'my-clients'} is inside another project, {filled}" in ran.out,
    ) == (
        0,
        True,
    )


@pytest.mark.parametrize("taken", [DECLARATION, ".github/workflows/fal-codegen.yml"])
def test_init_overwrites_nothing(tmp_path: Path, cli: Cli, taken: str) -> None:
    (tmp_path / taken).parent.mkdir(parents=True)
    (tmp_path / taken).write_text("mine")
    problem(cli("init", tmp_path), taken, "already exists")
    assert tree(tmp_path) == {taken: b"mine"}


def test_a_project_can_start_with_endpoints(
    tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder, documents = (
        Path("mine"),
        write(tmp_path / "documents", document(BLENDER), document(FAST)),
    )
    ran = cli("init", folder, "--add", FAST, "--from", documents)
    assert ran.code == 0
    assert f"{FAST}: vendored" in ran.out
    assert ran.out.endswith(f"next: pip install -e {folder / OUTPUT}\n")
    assert len(cli("list", "--project", folder).out.splitlines()) == 1
    assert "next: " not in cli("add", "--project", folder, "--from", documents).out
    assert cli("check", "--project", folder).code == 0


def test_names_that_look_like_options_are_names(
    tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "-all", document(FAST))
    ran = cli("init", "--from=-all", "--add", FAST, "--", "-mine")
    assert (ran.code, ran.err) == (0, "")
    assert cli("check", "--project=-mine").code == 0


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["--add", "acme/No Id"], "acme/No Id"),
        (["--add=--all"], "'--all' is not an endpoint id"),
        (["--from", "nowhere.json"], "nowhere.json"),
    ],
)
def test_an_endpoint_that_cannot_be_added_leaves_a_project(
    tmp_path: Path, cli: Cli, arguments: list[str], part: str
) -> None:
    problem(cli("init", tmp_path, *arguments), part)
    problem(cli("init", tmp_path), "already exists", "fal-codegen add ID")
