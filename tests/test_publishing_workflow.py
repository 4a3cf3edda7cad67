"""The workflow that `init --publish` writes is valid and safe, and builds what it publishes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import Ran
from folders import tree
from projects import DECLARATION, OUTPUT, Cli, edit, problem
from workflows import run_step, validate

WORKFLOW = ".github/workflows/fal-publish.yml"
TYPESCRIPT = """
[targets.typescript]
package = "fal-endpoints"
output = "generated/typescript"
version = "0.1.0"
repository = "https://git.example/team/clients"
"""
BUILD = f'{sys.executable} -m pip wheel -q --no-deps --no-build-isolation --wheel-dir "$4" "$5"'
PRETEND = '[ -f "$5/pyproject.toml" ] && mkdir -p "$4" && touch "$4/fal_endpoints-0.1.0.whl"'
TOOLS = {
    "pipx": """#!/bin/sh
[ "$1 $2" = "run build==1.6.1" ] && [ "$3" = --outdir ] || exit 1
{build}
""",
    "npm": """#!/bin/sh
[ "$1" = pack ] && [ "$4" = --pack-destination ] || exit 1
cp "$2/package.json" "$5/fal-endpoints-0.1.0.tgz"
""",
}
"""Stand-ins for tools that would need the network."""

with_tomllib = pytest.mark.skipif(
    sys.version_info < (3, 11), reason="needs Python with tomllib, as GitHub's machines have"
)


def asked(cli: Cli, folder: Path) -> Ran:
    return cli("init", folder, "--publish")


def test_only_if_it_is_asked_for(project: Path, cli: Cli, tmp_path: Path) -> None:
    assert WORKFLOW not in tree(project)
    ran = asked(cli, tmp_path / "new")
    assert ran.code == 0
    assert f"wrote {tmp_path / 'new' / WORKFLOW}" in ran.out
    assert "comment at the top of fal-publish.yml" in ran.out
    assert {*tree(tmp_path / "new")} == {*tree(project), WORKFLOW}


def test_an_existing_project_gets_only_that(filled: Path, cli: Cli) -> None:
    before = tree(filled)
    assert asked(cli, filled).code == 0
    after = tree(filled)
    assert after.pop(WORKFLOW)
    assert after == before


def test_it_is_never_overwritten(filled: Path, cli: Cli) -> None:
    assert asked(cli, filled).code == 0
    (filled / WORKFLOW).write_text("mine")
    problem(asked(cli, filled), WORKFLOW, "already exists", "move it away")
    assert (filled / WORKFLOW).read_text() == "mine"


@pytest.fixture
def publishing(filled: Path, cli: Cli) -> Path:
    """Return a project with both packages and the workflow."""
    edit(filled / DECLARATION, new=TYPESCRIPT)
    assert cli("generate", "--project", filled).code == 0
    assert asked(cli, filled).code == 0
    return filled


def jobs(project: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((project / WORKFLOW).read_text("utf-8"))["jobs"]
    return found


def test_it_is_valid_and_safe(publishing: Path) -> None:
    validate(publishing / WORKFLOW)


def test_what_can_publish_runs_no_code_of_others(publishing: Path) -> None:
    for name, job in jobs(publishing).items():
        text = json.dumps(job["steps"])
        is_build = name == "build"
        assert ("id-token" in job["permissions"]) != is_build
        assert ("environment" in job) != is_build
        assert ("checkout" in text or "fal-codegen" in text or "build==" in text) == is_build
        assert "secrets" not in text


def build(project: Path, tag: str, folder: Path, wheel: str = PRETEND) -> dict[str, str]:
    """Run the steps of the build that follow `check`, with a command that makes the wheel.

    Returns:
        The outputs of the job.
    """
    tools = folder / "tools"
    tools.mkdir()
    for name, text in TOOLS.items():
        (tools / name).write_text(text.replace("{build}", wheel), "utf-8")
        (tools / name).chmod(0o755)
    output = folder / "output"
    output.write_text("")
    environment = {"GITHUB_REF_NAME": tag, "GITHUB_OUTPUT": str(output), "RUNNER_TEMP": str(folder)}
    outputs: dict[str, str] = {}
    for step in jobs(project)["build"]["steps"]:
        if "run" not in step or step["run"].startswith(("pip install", "echo", "fal-codegen")):
            continue
        condition = step.get("if", "").rpartition(".")[2]
        if not condition or condition in outputs:
            folder_of = {"FOLDER": outputs.get(condition, "")}
            run_step(step["run"], project, {**environment, **folder_of}, tools)
        outputs = dict(line.split("=") for line in output.read_text("utf-8").splitlines())
    return outputs


@pytest.mark.posix
@with_tomllib
def test_both_packages_are_built_once(publishing: Path, tmp_path: Path) -> None:
    outputs = build(publishing, "v0.1.0", tmp_path, BUILD)
    assert outputs == {"python": f"./{OUTPUT}", "typescript": "./generated/typescript"}
    built = {Path(path).parent.name: Path(path).suffix for path in tree(tmp_path / "packages")}
    assert built == {"python": ".whl", "typescript": ".tgz"}
    read = jobs(publishing)
    for name, target in {"pypi": "python", "npm": "typescript"}.items():
        assert read[name]["if"] == f"needs.build.outputs.{target}"
        assert f"packages/{target}" in json.dumps(read[name]["steps"][-1])


@pytest.mark.posix
@with_tomllib
def test_a_target_that_is_not_declared_is_not_published(
    filled: Path, cli: Cli, tmp_path: Path
) -> None:
    assert asked(cli, filled).code == 0
    assert build(filled, "v0.1.0", tmp_path) == {"python": f"./{OUTPUT}"}
    assert [Path(path).parent.name for path in tree(tmp_path / "packages")] == ["python"]


@pytest.mark.posix
@with_tomllib
@pytest.mark.parametrize(
    ("tag", "old", "new", "message"),
    [
        ("v0.2.0", "", "", "the tag is v0.2.0, but [targets.python] in"),
        ("v0.1.0", 'repository = "https://git.example/team/clients"', "", "set repository in"),
    ],
)
def test_what_must_not_be_published_stops_the_build(
    publishing: Path, cli: Cli, tmp_path: Path, tag: str, old: str, new: str, message: str
) -> None:
    edit(publishing / DECLARATION, old, new)
    assert cli("generate", "--project", publishing).code == 0
    with pytest.raises(subprocess.CalledProcessError) as failed:
        build(publishing, tag, tmp_path)
    assert "::error::" in failed.value.stderr
    assert message in failed.value.stderr
    assert not (tmp_path / "packages").exists()
