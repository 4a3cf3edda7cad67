"""The workflows that `init` writes: valid, safe, and doing what they say."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from documents import document, obj
from projects import BLENDER, FAST, Cli, edit
from servers import Answer, DocumentServer, serving

REPOSITORY = Path(__file__).resolve().parent.parent
SCRIPTS = Path(sysconfig.get_path("scripts"))
GH = """#!/bin/sh
echo "$@" >> "$GH_LOG"
[ "$2" = list ] || exit 0
while [ "$1" != --jq ]; do shift; done
printf "%s" "$GH_OPEN" | jq --raw-output "$2"
"""
"""A `gh` that writes down what it is asked, and knows of the pull requests in `GH_OPEN`."""

OURS = {"number": 7, "author": {"login": "app/github-actions"}, "isCrossRepository": False}


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


def steps(project: Path, job: str) -> list[dict[str, str]]:
    """Return the steps of a job of `fal-drift` that are scripts, but for what they install."""
    found = yaml.safe_load(workflow(project, "fal-drift").read_text("utf-8"))["jobs"][job]
    scripts = [step for step in found["steps"] if "run" in step]
    return [step for step in scripts if "pip install" not in step["run"]]


@pytest.mark.parametrize("name", ["fal-codegen", "fal-drift"])
def test_what_runs_code_of_others_can_write_nothing(project: Path, name: str) -> None:
    read = yaml.safe_load(workflow(project, name).read_text("utf-8"))
    for job in read["jobs"].values():
        rights = job.get("permissions", read["permissions"])
        text = json.dumps(job["steps"])
        assert ("write" in rights.values()) != ("pip install" in text or "fal-codegen" in text)
        for step in job["steps"]:
            if "checkout" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] is False


@pytest.mark.skipif(
    shutil.which("jq") is None or sys.version_info < (3, 11),
    reason="needs jq, and Python with tomllib, as GitHub's machines have",
)
class TestDrift:
    """The steps of `fal-drift`, run by bash as GitHub runs them, in clones of a repository."""

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

    def run(
        self,
        clone: Path,
        url: str,
        tmp_path: Path,
        *,
        is_open: Sequence[dict[str, Any]] = (),
        tamper: Callable[[Path], None] = lambda _: None,
    ) -> str:
        """Run both jobs, and return what was asked of `gh`, which knows these pull requests."""
        declaration = clone / "specs/endpoints.toml"
        if "[fetch]" not in declaration.read_text("utf-8"):
            with declaration.open("a", encoding="utf-8") as file:
                file.write(f'\n[fetch]\nurl = "{url}"\n')
            git = ["git", "-C", str(clone), "-c", "user.name=a", "-c", "user.email=a@b.c"]
            subprocess.run([*git, "commit", "-qam", "where to fetch"], check=True)
            subprocess.run([*git, "push", "-q", "origin", "main"], check=True)
        tools = tmp_path / "tools"
        tools.mkdir(exist_ok=True)
        (tools / "gh").write_text(GH, "utf-8")
        (tools / "gh").chmod(0o755)
        log = tmp_path / "gh.log"
        log.write_text("")
        environment = {
            **os.environ,
            "PATH": f"{tools}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
            "GITHUB_OUTPUT": str(tmp_path / "output"),
            "GH_LOG": str(log),
            "GH_OPEN": json.dumps(is_open),
        }
        (tmp_path / "output").write_text("")
        shutil.rmtree(tmp_path / "first", ignore_errors=True)
        (tmp_path / "first").mkdir()
        for step in steps(clone, "update"):
            said = dict(line.split("=") for line in (tmp_path / "output").read_text().splitlines())
            self.script(
                step, clone, {**environment, "RUNNER_TEMP": str(tmp_path / "first"), **said}
            )
        if "changed=true" not in (tmp_path / "output").read_text():
            return log.read_text()
        second = tmp_path / "second"
        shutil.rmtree(second, ignore_errors=True)
        tamper(clone)
        shutil.copytree(tmp_path / "first", second)  # the artifact
        fresh = second / "clone"
        origin = subprocess.run(
            ["git", "-C", str(clone), "remote", "get-url", "origin"],
            capture_output=True,
            text=True,
            check=True,
        )
        subprocess.run(["git", "clone", "-q", origin.stdout.strip(), str(fresh)], check=True)
        for step in steps(fresh, "propose"):
            self.script(step, fresh, {**environment, "RUNNER_TEMP": str(second)})
        return log.read_text()

    def script(self, step: dict[str, str], folder: Path, environment: dict[str, str]) -> None:
        code = environment.get("code", "")
        subprocess.run(
            ["bash", "-e", "-c", step["run"]],
            cwd=folder,
            env={**environment, "CODE": code},
            capture_output=True,
            check=True,
        )

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
        assert "days" in (tmp_path / "second/body.md").read_text("utf-8")
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
            asked = self.run(clone, server.url, tmp_path, is_open=[OURS])
        assert "pr list --head fal-drift --state open" in asked
        assert "pr edit 7 --title" in asked
        assert "pr create" not in asked

    @pytest.mark.parametrize(
        "other", [{"isCrossRepository": True}, {"author": {"login": "somebody"}}]
    )
    def test_one_of_somebody_else_with_the_same_branch_is_left_alone(
        self, clone: Path, tmp_path: Path, other: dict[str, Any]
    ) -> None:
        with self.changing() as url:
            asked = self.run(clone, url, tmp_path, is_open=[{**OURS, **other}])
        assert "pr edit" not in asked
        assert "pr create --head fal-drift" in asked

    def test_an_output_folder_may_be_spelled_in_any_way(self, clone: Path, tmp_path: Path) -> None:
        edit(clone / "specs/endpoints.toml", '"generated/python"', '"./generated//python/"')
        with self.changing() as url:
            assert "pr create" in self.run(clone, url, tmp_path)

    @pytest.mark.parametrize(
        "path",
        [
            ".github/workflows/fal-drift.yml",
            "specs/endpoints.toml",
            "specs/a-link",
            "README.md",
            "generated/other/x.py",
        ],
    )
    def test_a_patch_of_anything_else_is_refused(
        self, clone: Path, tmp_path: Path, path: str
    ) -> None:
        def tamper(project: Path) -> None:
            """Do what a package that the first job installs could do."""
            target = project / path
            target.parent.mkdir(parents=True, exist_ok=True)
            if path.endswith("link"):
                target.symlink_to("/etc/passwd")
            else:
                target.write_text("# evil\n")
            subprocess.run(["git", "-C", str(project), "add", "--all"], check=True)
            patch = tmp_path / "first/update/changes.patch"
            diff = ["git", "-C", str(project), "diff", "--cached", "--binary", "HEAD~1"]
            patch.write_bytes(subprocess.run(diff, capture_output=True, check=True).stdout)

        with self.changing() as url, pytest.raises(subprocess.CalledProcessError) as failed:
            self.run(clone, url, tmp_path, tamper=tamper)
        assert f"the patch must not change {path!r}" in failed.value.stderr.decode()
        branches = subprocess.run(
            ["git", "-C", str(tmp_path / "origin.git"), "branch"], capture_output=True, check=True
        )
        assert b"fal-drift" not in branches.stdout

    @contextlib.contextmanager
    def changing(self) -> Iterator[str]:
        """Serve documents of which one changed."""
        changed = obj({"prompt": {"type": "string"}, "days": {"type": "integer"}}, required=[])
        with serving(DocumentServer) as server:
            server.answers = {
                BLENDER: [Answer.of(document(BLENDER))],
                FAST: [Answer.of(document(FAST, input=changed))],
            }
            yield server.url

    def test_no_change_is_no_pull_request(self, clone: Path, tmp_path: Path, cli: Cli) -> None:
        with serving(DocumentServer) as server:
            ids = (BLENDER, FAST)
            server.answers = {one: [Answer.of(document(one))] for one in ids}
            self.run(clone, server.url, tmp_path)  # says where documents come from, from now on
            git = ["git", "-C", str(clone), "-c", "user.name=a", "-c", "user.email=a@b.c"]
            subprocess.run([*git, "commit", "-qam", "taken over"], check=False)
            assert self.run(clone, server.url, tmp_path) == ""


COMMIT = "0123456789abcdef0123456789abcdef01234567"
SHA256 = "ab" * 32


def vcs(**said: object) -> dict[str, object]:
    return {
        "url": "https://git.example/team/fal-codegen.git",
        "vcs_info": {"vcs": "git", "commit_id": COMMIT, "requested_revision": "main"},
        **said,
    }


def archive(
    info: object, url: str = "https://files.example/fal_codegen-1.zip"
) -> dict[str, object]:
    return {"url": url, "archive_info": info}


class TestInstalling:
    """What the workflows install: what `init` itself was installed from, or nothing."""

    def commands(
        self, folder: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch, noted: object
    ) -> list[str]:
        """Return what the workflows install, if pip noted this about the tool."""

        class Installed(metadata.Distribution):
            def read_text(self, filename: str) -> str | None:
                assert filename == "direct_url.json"
                return noted if isinstance(noted, str) or noted is None else json.dumps(noted)

            def locate_file(self, path: Any) -> Any:
                return Path(path)

        monkeypatch.setattr(metadata, "distribution", lambda _: Installed())
        monkeypatch.delitem(sys.modules, "fal_codegen.commands.install_command", raising=False)
        monkeypatch.delitem(sys.modules, "fal_codegen.commands.init", raising=False)
        assert cli("init", folder).code == 0
        found = []
        for name in ("fal-codegen", "fal-drift"):
            read = yaml.safe_load(workflow(folder, name).read_text("utf-8"))
            runs = [
                step["run"]
                for job in read["jobs"].values()
                for step in job["steps"]
                if "run" in step
            ]
            found += [run for run in runs if "pip install" in run]
        return found

    @pytest.mark.parametrize(
        ("noted", "address"),
        [
            (vcs(), f"git+https://git.example/team/fal-codegen.git@{COMMIT}"),
            (
                vcs(url="https://me:****@git.example/x.git", subdirectory="tools/codegen"),
                f"git+https://git.example/x.git@{COMMIT}#subdirectory=tools/codegen",
            ),
            (
                archive({"hashes": {"sha256": SHA256}}),
                f"https://files.example/fal_codegen-1.zip#sha256={SHA256}",
            ),
            (
                archive({"hash": f"sha256={SHA256}"}),
                f"https://files.example/fal_codegen-1.zip#sha256={SHA256}",
            ),
        ],
    )
    def test_where_it_came_from(
        self,
        tmp_path: Path,
        cli: Cli,
        monkeypatch: pytest.MonkeyPatch,
        noted: object,
        address: str,
    ) -> None:
        assert self.commands(tmp_path, cli, monkeypatch, noted) == [
            f"pip install 'fal-codegen @ {address}'",
            f"pip install 'fal-codegen[drift] @ {address}'",
        ]

    @pytest.mark.parametrize(
        "noted",
        [
            None,
            "{",
            [],
            {"url": "file:///home/me/fal-codegen", "dir_info": {"editable": True}},
            archive({}, url="file:///home/me/fal_codegen-1.whl"),
            archive({}, url="https://files.example/$(id).zip"),
            archive({}, url="https://files.example/x'; id; '.zip"),
            vcs(url="https://git.example/x.git\n      - run: id"),
            vcs(url="ssh://git@git.example/x.git"),
            vcs(subdirectory="x' && id && '"),
            vcs(vcs_info={"vcs": "git", "commit_id": "main"}),
            vcs(vcs_info={"vcs": "hg", "commit_id": COMMIT}),
        ],
    )
    def test_if_nobody_else_can_get_it_there_the_workflow_says_so(
        self, tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch, noted: object
    ) -> None:
        for command in self.commands(tmp_path, cli, monkeypatch, noted):
            done = subprocess.run(
                ["bash", "-c", command], capture_output=True, text=True, check=False
            )
            assert done.returncode == 1
            assert done.stdout.startswith("::error::put a command in place of this line")
            assert done.stdout.count("\n") == 1
