"""`drift`, through the command line and over HTTP."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from documents import write
from fal_codegen.drift.formats import FORMATS
from folders import tree
from projects import BLENDER, FAST, Cli, problem
from servers import Answer, DocumentServer

from .projects_compared import BREAKING, DAYS, DRIFT, NO_DRIFT, NOT_CHECKED, blender, changes


def test_without_a_change_nothing_is_written(run: Cli, filled: Path) -> None:
    before = tree(filled)
    ran = run("drift")
    assert (ran.code, tree(filled)) == (NO_DRIFT, before)


def test_a_breaking_change_is_told_and_nothing_is_written(
    run: Cli, filled: Path, server: DocumentServer
) -> None:
    server.answers[BLENDER] = [Answer.of(blender(seed={"type": "integer"}))]
    assert run("update").code == 0
    server.answers[BLENDER] = [Answer.of(blender(seed={"type": "integer", "maximum": 9}))]
    before = tree(filled)
    ran = run("drift", "--format", "json")
    assert (ran.code, tree(filled)) == (BREAKING, before)
    [change] = json.loads(ran.out)["changes"]
    assert (change["level"], change["endpoint"]) == ("breaking", BLENDER)
    assert change["witness"] == {"prompt": "a", "seed": 10}
    assert change["survives"] is False


@pytest.mark.parametrize(
    ("threshold", "code"),
    [("breaking", NO_DRIFT), ("behavioural", NO_DRIFT), ("additive", DRIFT), ("any", DRIFT)],
)
def test_the_threshold_decides_the_exit_code(
    run: Cli, server: DocumentServer, threshold: str, code: int
) -> None:
    server.answers[FAST] = [Answer.of(blender(FAST, days=DAYS))]
    assert run("drift", "--fail-on", threshold).code == code


def test_only_the_named_are_compared(run: Cli, server: DocumentServer) -> None:
    server.answers[FAST] = [Answer.of(blender(FAST, days=DAYS))]
    assert run("drift", BLENDER).code == NO_DRIFT
    assert server.requests == {BLENDER: 1}
    problem(run("drift", "acme/else"), "acme/else: the endpoint is not declared")


def test_an_endpoint_that_is_gone_breaks(run: Cli, server: DocumentServer) -> None:
    server.answers[FAST] = [Answer(status=404)]
    ran = run("drift", "--format", "json")
    assert (ran.code, changes(ran)) == (BREAKING, [("breaking", "endpoint-gone")])


def test_what_could_not_be_fetched_is_never_no_drift(run: Cli, server: DocumentServer) -> None:
    server.answers[FAST] = [Answer(status=403)]
    ran = run("drift", "--format", "json")
    assert ran.code == NOT_CHECKED
    [failure] = json.loads(ran.out)["failures"]
    assert failure["endpoint"] == FAST
    # A breaking change beside it does not change the exit code.
    server.answers[BLENDER] = [Answer(status=404)]
    assert run("drift").code == NOT_CHECKED


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_tells_of_the_change(run: Cli, server: DocumentServer, form: str) -> None:
    server.answers[FAST] = [Answer.of(blender(FAST, days=DAYS))]
    ran = run("drift", "--format", form)
    assert (ran.code, "days" in ran.out) == (DRIFT, True)


def test_that_witnesses_cannot_be_made_is_told(filled: Path, tmp_path: Path) -> None:
    new = blender()
    new["components"]["schemas"]["BlenderInput"]["properties"]["prompt"]["maxLength"] = 9
    folder = write(tmp_path / "new", new)
    program = """
import sys
sys.modules["jsonschema_rs"] = None
from fal_codegen.cli import run
sys.exit(run(sys.argv[1:]))
"""
    command = ["drift", BLENDER, "--from", str(folder), "--project", str(filled)]
    ran = subprocess.run(
        [sys.executable, "-c", program, *command], capture_output=True, text=True, check=False
    )
    assert ran.returncode == BREAKING
    assert "no examples of inputs that are no longer valid" in ran.stdout
    assert "extra `drift`" in ran.stdout
