"""Annotations are resolved from the root of the repository, wherever in it the project is."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from documents import write
from projects import BLENDER, Cli

from .projects_compared import DAYS, blender


def places(ran: Any) -> list[tuple[str, int]]:
    [found] = json.loads(ran.out)["runs"]
    places = [one["locations"][0]["physicalLocation"] for one in found["results"]]
    return [(one["artifactLocation"]["uri"], one["region"]["startLine"]) for one in places]


@pytest.mark.parametrize("mark", ["folder", "file", "none"])
def test_a_document_in_a_monorepo_has_the_line(
    filled: Path, cli: Cli, tmp_path: Path, mark: str
) -> None:
    project = tmp_path / "repository/packages/fal"
    shutil.copytree(filled, project)
    if mark == "folder":
        (tmp_path / "repository/.git").mkdir()
    elif mark == "file":  # as in a worktree or a submodule
        (tmp_path / "repository/.git").write_text("gitdir: elsewhere\n")
    prefix = "" if mark == "none" else "packages/fal/"
    new = blender()
    new["components"]["schemas"]["BlenderInput"]["properties"]["prompt"]["maxLength"] = 9
    folder = write(tmp_path / "new", new)
    given = ("drift", BLENDER, "--from", folder, "--project", project, "--format")
    path = f"{prefix}specs/{BLENDER}.json"
    vendored = (project / "specs" / f"{BLENDER}.json").read_text("utf-8").splitlines()
    [(uri, line)] = places(cli(*given, "sarif"))
    assert (uri, vendored[line - 1].strip()) == (path, '"prompt": {')
    first = cli(*given, "github").out.splitlines()[0]
    assert f"file={path}," in first
    assert f",line={line}::" in first


@pytest.mark.parametrize("is_folder", [True, False])
def test_of_files_the_newer_one_has_the_lines(
    filled: Path, cli: Cli, tmp_path: Path, is_folder: bool
) -> None:
    old = write(tmp_path / "old", blender())
    new = write(tmp_path / "new", blender(days=DAYS))
    file = new / "0.json"
    file.write_text(json.dumps(blender(days=DAYS), indent=2), "utf-8")
    given = (old, new) if is_folder else (old / "0.json", file)
    for project in (("--project", filled), ()):
        [(uri, line)] = places(cli("diff", *given, *project, "--format", "sarif"))
        assert uri == file.as_posix()
        assert file.read_text("utf-8").splitlines()[line - 1].strip().startswith('"days"')
        ran = cli("diff", *given, *project, "--format", "github")
        assert f"file={file}," in ran.out
    gone = write(tmp_path / "gone", blender("acme/other")) / "0.json"
    ran = cli("diff", gone, file, "--project", filled, "--format", "github")
    assert f"file={gone}," in ran.out
    (tmp_path / ".git").mkdir()
    assert "file=new/0.json," in cli("diff", *given, "--format", "github").out


def test_of_revisions_the_newer_one_has_the_lines(filled: Path, cli: Cli, tmp_path: Path) -> None:
    git = ["git", "-C", str(filled), "-c", "user.name=a", "-c", "user.email=a@b.c"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "before"]):
        subprocess.run([*git, *command], check=True)
    folder = write(tmp_path / "new", blender(days=DAYS))
    assert cli("update", BLENDER, "--from", folder, "--project", filled).code == 0
    subprocess.run([*git, "commit", "-qam", "after"], check=True)
    ran = cli("diff", "--rev", "HEAD~1..", "--project", filled, "--format", "sarif")
    [(uri, line)] = places(ran)
    vendored = (filled / "specs" / f"{BLENDER}.json").read_text("utf-8").splitlines()
    assert (uri, vendored[line - 1].strip()) == (f"specs/{BLENDER}.json", '"days": {')
