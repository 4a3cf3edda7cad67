"""The workflows that `init` writes: valid, safe, and doing what they say."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
import yaml
from documents import document, obj
from projects import BLENDER, FAST, Cli
from servers import Answer, DocumentServer, serving

REPOSITORY = Path(__file__).resolve().parent.parent
SCRIPTS = Path(sysconfig.get_path("scripts"))
GH = '#!/bin/sh\necho "$@" >> "$GH_LOG"\n[ "$2" != list ] || printf "%s" "$GH_OPEN"\n'
"""A `gh` that writes down what it is asked, and knows of the pull requests in `GH_OPEN`."""


def workflow(project: Path, name: str) -> Path:
    return project / f".github/workflows/{name}.yml"


@pytest.mark.parametrize("name", ["fal-codegen", "fal-drift"])
def test_this_repository_uses_them(project: Path, name: str) -> None:
    own = (REPOSITORY / f".github/workflows/{name}.yml").read_text("utf-8")
    lines = workflow(project, name).read_text("utf-8").splitlines()
    installs = [line for line in lines if "pip install" in line]
    assert len(installs) == 1
    others = [line for line in lines if line not in installs]
    assert [line for line in own.splitlines() if "pip install" not in line] == others


def test_they_are_valid_and_safe(project: Path) -> None:
    workflows = [workflow(project, name) for name in ("fal-codegen", "fal-drift")]
    for command in (
        [SCRIPTS / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", *workflows],
        [SCRIPTS / "zizmor", "--offline", "--persona", "pedantic", *workflows],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


class TestDrift:
    """The steps of `fal-drift`, run by bash as GitHub runs them, in a clone of a repository."""

    @pytest.fixture
    def clone(self, filled: Path, tmp_path: Path) -> Path:
        origin = tmp_path / "origin.git"
        clone = tmp_path / "clone"
        git = ["git", "-C", str(filled), "-c", "user.name=a", "-c", "user.email=a@b.c"]
        for command in (
            [*git, "init", "-q", "-b", "main"],
            [*git, "add", "."],
            [*git, "commit", "-qm", "a project"],
            ["git", "clone", "-q", "--bare", str(filled), str(origin)],
            ["git", "clone", "-q", str(origin), str(clone)],
        ):
            subprocess.run(command, check=True)
        return clone

    def run(self, clone: Path, url: str, tmp_path: Path, *, is_open: str = "") -> str:
        """Run the steps, and return what was asked of `gh`, which knows one pull request."""
        tools = tmp_path / "tools"
        tools.mkdir(exist_ok=True)
        (tools / "gh").write_text(GH, "utf-8")
        (tools / "gh").chmod(0o755)
        declaration = clone / "specs/endpoints.toml"
        if "[fetch]" not in declaration.read_text("utf-8"):
            with declaration.open("a", encoding="utf-8") as file:
                file.write(f'\n[fetch]\nurl = "{url}"\n')
            git = ["git", "-C", str(clone), "-c", "user.name=a", "-c", "user.email=a@b.c"]
            subprocess.run([*git, "commit", "-qam", "where to fetch"], check=True)
        log = tmp_path / "gh.log"
        log.write_text("")
        output = tmp_path / "output"
        environment = {
            **os.environ,
            "PATH": f"{tools}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "RUNNER_TEMP": str(tmp_path),
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
            "GITHUB_OUTPUT": str(output),
            "GH_LOG": str(log),
            "GH_OPEN": is_open,
        }
        steps = yaml.safe_load(workflow(clone, "fal-drift").read_text("utf-8"))
        for step in steps["jobs"]["update"]["steps"]:
            if "run" not in step or step["run"].startswith("pip"):
                continue
            code = output.read_text().split("=")[-1].strip() if output.exists() else ""
            subprocess.run(
                ["bash", "-e", "-c", step["run"]],
                cwd=clone,
                env={**environment, "CODE": code},
                check=True,
            )
        return log.read_text()

    def test_a_change_becomes_a_pull_request(self, clone: Path, tmp_path: Path) -> None:
        changed = obj({"prompt": {"type": "string"}, "days": {"type": "integer"}}, required=[])
        with serving(DocumentServer) as server:
            server.answers = {
                BLENDER: [Answer.of(document(BLENDER))],
                FAST: [Answer.of(document(FAST, input=changed))],
            }
            asked = self.run(clone, server.url, tmp_path)
        assert "pr create --head fal-drift" in asked
        assert "pr edit" not in asked
        assert "days" in (tmp_path / "report.md").read_text("utf-8")
        assert "days" in (tmp_path / "summary.md").read_text("utf-8")
        pushed = subprocess.run(
            ["git", "-C", str(tmp_path / "origin.git"), "diff", "--stat", "main", "fal-drift"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert f"specs/{FAST}.json" in pushed.stdout
        assert "generated/python" in pushed.stdout

    def test_a_pull_request_that_is_open_is_edited(self, clone: Path, tmp_path: Path) -> None:
        changed = obj({"prompt": {"type": "string"}, "days": {"type": "integer"}}, required=[])
        with serving(DocumentServer) as server:
            server.answers = {
                BLENDER: [Answer.of(document(BLENDER))],
                FAST: [Answer.of(document(FAST, input=changed))],
            }
            asked = self.run(clone, server.url, tmp_path, is_open="7")
        assert "pr list --head fal-drift --state open" in asked
        assert "pr edit 7 --title" in asked
        assert "pr create" not in asked

    def test_no_change_is_no_pull_request(self, clone: Path, tmp_path: Path, cli: Cli) -> None:
        with serving(DocumentServer) as server:
            ids = (BLENDER, FAST)
            server.answers = {one: [Answer.of(document(one))] for one in ids}
            self.run(clone, server.url, tmp_path)  # says where documents come from, from now on
            git = ["git", "-C", str(clone), "-c", "user.name=a", "-c", "user.email=a@b.c"]
            subprocess.run([*git, "commit", "-qam", "taken over"], check=False)
            assert self.run(clone, server.url, tmp_path) == ""
