"""`--from`: documents on disk instead of fetched ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from documents import document, write
from folders import tree
from projects import BLENDER, FAST, MODULE, Cli, problem

from .projects_compared import DAYS, DRIFT, NO_DRIFT, NOT_CHECKED, blender, changes


@pytest.fixture
def call(filled: Path, cli: Cli) -> Cli:
    return lambda command, *arguments: cli(command, *arguments, "--project", filled)


def test_drift_compares_and_writes_nothing(call: Cli, filled: Path, tmp_path: Path) -> None:
    folder = write(tmp_path / "new", blender(), blender(FAST, days=DAYS))
    before = tree(filled)
    ran = call("drift", "--from", folder, "--format", "json")
    assert (ran.code, tree(filled)) == (DRIFT, before)
    assert changes(ran) == [("additive", "new-optional-request-property")]
    assert call("drift", "--from", folder, BLENDER).code == NO_DRIFT
    assert call("drift", "--from", folder, "--fail-on", "breaking").code == NO_DRIFT


def test_update_vendors_generates_and_notes(
    call: Cli, cli: Cli, filled: Path, tmp_path: Path
) -> None:
    folder = write(tmp_path / "new", blender(), blender(FAST, days=DAYS))
    assert call("update", "--from", folder).code == 0
    assert "days: int" in (filled / MODULE).read_text("utf-8")
    [line] = (filled / "specs/history.jsonl").read_text("utf-8").splitlines()
    assert json.loads(line)["endpoint"] == FAST
    assert cli("check", "--project", filled).code == 0
    assert call("drift", "--from", folder).code == NO_DRIFT


def test_several_files_and_folders(call: Cli, tmp_path: Path) -> None:
    one = write(tmp_path / "one", blender(days=DAYS)) / "0.json"
    two = write(tmp_path / "two", blender(FAST, days=DAYS))
    ran = call("drift", "--format", "json", "--from", one, two)
    assert [one["endpoint"] for one in json.loads(ran.out)["changes"]] == [BLENDER, FAST]
    ran = call("drift", "--format", "json", "--from", one, two, FAST)
    assert [one["endpoint"] for one in json.loads(ran.out)["changes"]] == [FAST]


@pytest.mark.parametrize("command", ["drift", "update"])
@pytest.mark.parametrize(
    "source",
    [".", "specs", f"specs/{BLENDER}.json", pytest.param("../link", marks=pytest.mark.posix)],
)
def test_the_vendored_documents_are_not_compared_with_themselves(
    call: Cli, filled: Path, monkeypatch: pytest.MonkeyPatch, command: str, source: str
) -> None:
    if source == "../link":
        (filled.parent / "link").symlink_to(filled.parent)
    monkeypatch.chdir(filled)
    ran = call(command, "--from", source)
    problem(ran, f"--from {source} has the vendored documents of this project", "leave out --from")


@pytest.mark.parametrize(
    "arguments",
    [
        ("drift", "--from", ""),
        ("update", "--from", ""),
        ("add", "--from", ""),
        ("check", "--project", ""),
        ("diff", "", ""),
        ("init", ""),
    ],
    ids=" ".join,
)
def test_an_empty_path_is_not_the_current_folder(
    cli: Cli, filled: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.chdir(filled)
    problem(cli(*arguments), "the path is empty; is a variable not set?")


@pytest.mark.parametrize("command", ["drift", "update"])
def test_a_file_is_of_its_own_endpoint(call: Cli, tmp_path: Path, command: str) -> None:
    file = write(tmp_path / "new", blender(FAST)) / "0.json"
    assert call(command, "--from", file).code == 0
    other = write(tmp_path / "other", blender("acme/else")) / "0.json"
    problem(call(command, "--from", other), "acme/else: the endpoint is not declared")


@pytest.mark.parametrize("command", ["drift", "update"])
def test_what_a_folder_lacks_is_named(
    call: Cli, filled: Path, tmp_path: Path, command: str
) -> None:
    folder = write(tmp_path / "new", blender(days=DAYS))
    ran = call(command, "--from", folder, "--format", "json")
    assert ran.code == NOT_CHECKED
    [failure] = json.loads(ran.out)["failures"]
    assert failure["endpoint"] == FAST
    assert "has no document of this endpoint" in failure["message"]
    assert changes(ran) == [("additive", "new-optional-request-property")]


def test_add_names_what_a_folder_lacks(call: Cli, tmp_path: Path) -> None:
    folder = write(tmp_path / "new", blender("acme/a"))
    problem(call("add", "acme/b", "acme/c", "--from", folder), "acme/b", "acme/c")


@pytest.mark.parametrize("command", ["drift", "update", "add"])
def test_documents_on_disk_exclude_a_url(call: Cli, tmp_path: Path, command: str) -> None:
    folder = write(tmp_path / "new", blender())
    ran = call(command, "--from", folder, "--url", "https://example.com")
    problem(ran, "--from reads from disk")
    problem(call(command, "--from", tmp_path / "nowhere"), "does not exist")


def test_add_of_a_declared_endpoint_reports_and_notes_what_changed(
    call: Cli, cli: Cli, filled: Path, tmp_path: Path
) -> None:
    folder = write(tmp_path / "new", blender("acme/else"), blender(FAST, days=DAYS))
    ran = call("add", "--from", folder)
    assert ran.code == 0
    assert "additive     input `days`: a new optional property: integer" in ran.out
    assert "endpoint is new" not in ran.out
    [line] = (filled / "specs/history.jsonl").read_text("utf-8").splitlines()
    assert json.loads(line)["endpoint"] == FAST
    assert "days" in (filled / "generated/python/CHANGELOG.md").read_text("utf-8")
    assert cli("check", "--project", filled).code == 0


def test_add_of_an_unchanged_endpoint_says_nothing_of_it(
    call: Cli, filled: Path, tmp_path: Path
) -> None:
    folder = write(tmp_path / "new", document(FAST))
    ran = call("add", "--from", folder)
    assert (ran.code, "changed in" in ran.out) == (0, False)
    assert not (filled / "specs/history.jsonl").exists()
