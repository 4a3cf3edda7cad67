"""The workflows that `init` writes are valid and safe, and work."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from documents import document, obj
from projects import BLENDER, FAST, Cli, edit
from servers import Answer, DocumentServer, serving
from workflows import run_step, validate

REPOSITORY = Path(__file__).resolve().parent.parent
GH = """#!/bin/sh
echo "$@" >> "$GH_LOG"
[ "$2" = list ] || exit 0
while [ "$1" != --jq ]; do shift; done
printf "%s" "$GH_OPEN" | jq --raw-output "$2"
"""
"""A `gh` that records its arguments and lists the pull requests in `GH_OPEN`."""

OURS = {"number": 7, "author": {"login": "app/github-actions"}, "isCrossRepository": False}


def workflow(project: Path, name: str) -> Path:
    return project / f".github/workflows/{name}.yml"


@pytest.mark.parametrize("name", ["fal-codegen", "fal-drift"])
def test_this_repository_uses_the_workflows_of_init(project: Path, name: str) -> None:
    own = (REPOSITORY / f".github/workflows/{name}.yml").read_text("utf-8")
    lines = workflow(project, name).read_text("utf-8").splitlines()
    installs = [line for line in lines if "pip install" in line]
    assert len(installs) == 1
    others = [line for line in lines if line not in installs]
    assert [line for line in own.splitlines() if "pip install" not in line] == others


def test_they_are_valid_and_safe(project: Path) -> None:
    validate(*(workflow(project, name) for name in ("fal-codegen", "fal-drift")))


def steps(project: Path, job: str) -> list[dict[str, str]]:
    """Return the scripts of a job of `fal-drift`, except those that install."""
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


def git(*arguments: str, folder: Path, check: bool = True) -> str:
    """Run git in a folder; return its output."""
    command = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b.c", *arguments]
    return subprocess.run(command, check=check, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def cloned(pattern: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a repository, `origin.git`, and a clone of it."""
    folder = tmp_path_factory.mktemp("drift")
    project, origin = Path(shutil.copytree(pattern, folder / "project")), folder / "origin.git"
    git("init", "-q", "-b", "main", folder=project)
    git("add", ".", folder=project)
    git("commit", "-qm", "a project", folder=project)
    git("clone", "-q", "--bare", str(project), str(origin), folder=folder)
    git("clone", "-q", str(origin), "clone", folder=folder)
    shutil.rmtree(project)
    return folder


@pytest.fixture(scope="module")
def server() -> Iterator[DocumentServer]:
    """Serve two documents, of which one changed."""
    changed = obj({"prompt": {"type": "string"}, "days": {"type": "integer"}}, required=[])
    with serving(DocumentServer) as server:
        server.answers = {
            BLENDER: [Answer.of(document(BLENDER))],
            FAST: [Answer.of(document(FAST, input=changed))],
        }
        yield server


@pytest.fixture(scope="module")
def updated(cloned: Path, server: DocumentServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder after the first job, for which a document has changed."""
    folder = Path(shutil.copytree(cloned, tmp_path_factory.mktemp("drift") / "updated"))
    assert update(folder, server.url)
    return folder


@pytest.fixture
def folder(cloned: Path, tmp_path: Path) -> Path:
    """Return a folder for this test, in which no job has run."""
    return Path(shutil.copytree(cloned, tmp_path / "folder"))


@pytest.fixture
def after_update(updated: Path, tmp_path: Path) -> Path:
    """Return a folder for this test, in which the first job has run."""
    return Path(shutil.copytree(updated, tmp_path / "folder"))


def update(folder: Path, url: str) -> bool:
    """Run the first job in the clone; return whether it found a change."""
    clone = folder / "clone"
    declaration = clone / "specs/endpoints.toml"
    if "[fetch]" not in declaration.read_text("utf-8"):
        with declaration.open("a", encoding="utf-8") as file:
            file.write(f'\n[fetch]\nurl = "{url}"\n')
        git("commit", "-qam", "where to fetch", folder=clone)
        git("push", "-q", str(folder / "origin.git"), "main", folder=clone)
    shutil.rmtree(folder / "first", ignore_errors=True)
    (folder / "first").mkdir()
    output = folder / "output"
    output.write_text("")
    for step in steps(clone, "update"):
        outputs = dict(line.split("=") for line in output.read_text("utf-8").splitlines())
        script(step, clone, {"RUNNER_TEMP": str(folder / "first"), **outputs})
    return "changed=true" in output.read_text("utf-8")


def propose(folder: Path, is_open: Sequence[dict[str, Any]] = ()) -> str:
    """Run the second job in a new clone.

    Returns:
        The commands to `gh`, which lists these pull requests.
    """
    second = Path(shutil.copytree(folder / "first", folder / "second"))  # the artifact
    git("clone", "-q", str(folder / "origin.git"), "clone", folder=second)
    tools, log = folder / "tools", folder / "gh.log"
    tools.mkdir()
    (tools / "gh").write_text(GH, "utf-8")
    (tools / "gh").chmod(0o755)
    log.write_text("")
    environment = {
        "RUNNER_TEMP": str(second),
        "GH_LOG": str(log),
        "GH_OPEN": json.dumps(is_open),
    }
    for step in steps(second / "clone", "propose"):
        script(step, second / "clone", environment, tools)
    return log.read_text("utf-8")


def script(step: dict[str, str], clone: Path, environment: dict[str, str], *tools: Path) -> None:
    folder = Path(environment["RUNNER_TEMP"]).parent
    given = {
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
        "GITHUB_OUTPUT": str(folder / "output"),
        "CODE": environment.get("code", ""),
    }
    run_step(step["run"], clone, {**given, **environment}, *tools)


@pytest.mark.posix
@pytest.mark.skipif(
    shutil.which("jq") is None or sys.version_info < (3, 11),
    reason="needs jq, and Python with tomllib, as GitHub's machines have",
)
class TestDrift:
    """The steps of `fal-drift`, run by bash as GitHub runs them, in clones of a repository."""

    def test_a_change_becomes_a_pull_request(self, after_update: Path) -> None:
        asked = propose(after_update)
        assert "pr create --head fal-drift" in asked
        assert "pr edit" not in asked
        assert "days" in (after_update / "second/body.md").read_text("utf-8")
        assert "days" in (after_update / "summary.md").read_text("utf-8")
        pushed = git("diff", "--stat", "main", "fal-drift", folder=after_update / "origin.git")
        assert f"specs/{FAST}.json" in pushed
        assert "generated/python" in pushed

    def test_a_pull_request_that_is_open_is_edited(self, after_update: Path) -> None:
        asked = propose(after_update, is_open=[OURS])
        assert "pr list --head fal-drift --state open" in asked
        assert "pr edit 7 --title" in asked
        assert "pr create" not in asked

    @pytest.mark.parametrize(
        "other", [{"isCrossRepository": True}, {"author": {"login": "somebody"}}]
    )
    def test_one_of_somebody_else_with_the_same_branch_is_left_alone(
        self, after_update: Path, other: dict[str, Any]
    ) -> None:
        asked = propose(after_update, is_open=[{**OURS, **other}])
        assert "pr edit" not in asked
        assert "pr create --head fal-drift" in asked

    def test_an_output_folder_may_be_spelled_in_any_way(
        self, folder: Path, server: DocumentServer
    ) -> None:
        edit(folder / "clone/specs/endpoints.toml", '"generated/python"', '"./generated//python/"')
        assert update(folder, server.url)
        assert "pr create" in propose(folder)

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
    def test_a_patch_of_anything_else_is_refused(self, after_update: Path, path: str) -> None:
        """Do as a malicious package in the first job could: change the patch."""
        target = after_update / "clone" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.endswith("link"):
            target.symlink_to("/etc/passwd")
        else:
            target.write_text("# evil\n")
        git("add", "--all", folder=after_update / "clone")
        patch = git("diff", "--cached", "--binary", "HEAD~1", folder=after_update / "clone")
        (after_update / "first/update/changes.patch").write_text(patch, "utf-8")

        with pytest.raises(subprocess.CalledProcessError) as failed:
            propose(after_update)
        assert f"the patch must not change {path!r}" in failed.value.stderr
        assert "fal-drift" not in git("branch", folder=after_update / "origin.git")

    def test_no_change_is_no_pull_request(self, after_update: Path, server: DocumentServer) -> None:
        git("commit", "-qam", "taken over", folder=after_update / "clone", check=False)
        assert not update(after_update, server.url)


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
    """The workflows install from where `init` was installed, or fail."""

    def commands(
        self, folder: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch, noted: object
    ) -> list[str]:
        """Return the workflows' install command, if pip recorded this about the tool."""

        class Installed(metadata.Distribution):
            def read_text(self, filename: str) -> str | None:
                assert filename == "direct_url.json"
                return noted if isinstance(noted, str) or noted is None else json.dumps(noted)

            def locate_file(self, path: Any) -> Any:
                return Path(path)

        monkeypatch.setattr("fal_codegen.install_command.distribution", lambda _: Installed())
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
    def test_the_workflow_installs_from_where_the_tool_came(
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

    @pytest.mark.posix
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
            assert done.stdout.startswith("::error::replace this line with the command")
            assert done.stdout.count("\n") == 1
