"""Generated Python is formatted wherever it is, and a formatter that fails stops the run."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from documents import document, write
from folders import tree
from projects import MODULE, OUTPUT, Cli, edit, problem


def put_temporary_files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the tool put its temporary files into a folder."""
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)  # what tempfile found before


@pytest.mark.parametrize("folder", ["dist", "venv", "node_modules", "site-packages"])
def test_the_names_of_endpoints_do_not_matter(
    project: Path, tmp_path: Path, cli: Cli, folder: str
) -> None:
    source = write(tmp_path / "new", document(f"acme/{folder}/mix"), document("acme/other/mix"))
    assert cli("add", "--project", project, "--from", source).code == 0
    package = project / OUTPUT / "fal_endpoints/acme"
    name = folder.replace("-", "_")
    text = (package / name / "mix.py").read_text("utf-8")
    other = (package / "other/mix.py").read_text("utf-8")
    assert text.replace(folder, "other").replace(name, "other") == other


def test_files_that_hide_others_do_not_matter(
    filled: Path, tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".ignore").write_text("*\n", "utf-8")
    put_temporary_files(tmp_path, monkeypatch)
    assert cli("check", "--project", filled).code == 0


@pytest.mark.posix
def test_files_of_a_killed_run_are_removed_by_the_next(
    filled: Path, tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    (temporary / "fal-codegen-killed.tmp/0").mkdir(parents=True)
    (temporary / "fal-codegen-of-the-user").mkdir()
    put_temporary_files(temporary, monkeypatch)
    assert cli("check", "--project", filled).code == 0
    assert [path.name for path in temporary.iterdir()] == ["fal-codegen-of-the-user"]


@pytest.mark.posix
@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("#!/bin/sh\nkill -9 $$\n", "ruff, which formats generated Python, was killed (signal 9)"),
        (None, "ruff, which formats generated Python, is not installed"),
    ],
)
def test_a_formatter_that_fails_changes_nothing(
    filled: Path,
    tmp_path: Path,
    cli: Cli,
    monkeypatch: pytest.MonkeyPatch,
    script: str | None,
    message: str,
) -> None:
    ruff, temporary = tmp_path / "ruff", tmp_path / "temporary"
    temporary.mkdir()
    if script:
        ruff.write_text(script, "utf-8")
        ruff.chmod(0o755)
    monkeypatch.setattr("ruff.find_ruff_bin", lambda: str(ruff))
    put_temporary_files(temporary, monkeypatch)
    edit(filled / MODULE)
    before = tree(filled)
    problem(cli("generate", "--force", "--project", filled), message)
    assert tree(filled) == before
    assert not tree(temporary)
