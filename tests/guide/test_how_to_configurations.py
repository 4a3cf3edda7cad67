"""Files of other tools: Dockerfile, compose file, and pipelines of GitHub and GitLab."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import httpx
import pytest
import yaml
from fal_codegen import toml
from workflows import validate

from .examples import CLIENT, ROOT, Page

pytestmark = pytest.mark.guide

SCRIPTS = Path(sysconfig.get_path("scripts"))
PAGE = Page(ROOT / "docs/how-to/docker-compose.md")
COMPOSE = PAGE.file("compose.yaml").source
WORKFLOW = Page(ROOT / "docs/how-to/tests-in-ci.md").file(".github/workflows/tests.yml").source
GITLAB = Page(ROOT / "docs/how-to/drift-in-ci.md").file(".gitlab-ci.yml").source


@pytest.mark.parametrize(
    ("schema", "source"),
    [("vendor.compose-spec", COMPOSE), ("vendor.gitlab-ci", GITLAB)],
    ids=["compose", "gitlab"],
)
def test_they_are_valid(schema: str, source: str, tmp_path: Path) -> None:
    path = tmp_path / "file.yaml"
    path.write_text(source, "utf-8")
    ran = subprocess.run(
        [SCRIPTS / "check-jsonschema", "--builtin-schema", schema, path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_workflow_for_tests_is_valid_and_safe(tmp_path: Path) -> None:
    path = tmp_path / ".github/workflows/tests.yml"
    path.parent.mkdir(parents=True)
    path.write_text(WORKFLOW, "utf-8")
    validate(path)


def instruction(name: str) -> list[str]:
    """Return the words of an instruction of the Dockerfile in its JSON form."""
    text = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    [line] = (line for line in text.splitlines() if line.startswith(f"{name} "))
    words: list[str] = json.loads(line[line.index("[") :])
    return words


def test_the_image_is_built_from_files_that_its_context_has() -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8")
    rules = (ROOT / ".dockerignore").read_text("utf-8").split()
    context = {rule.removeprefix("!") for rule in rules if rule.startswith("!")}
    project = toml.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    needed = {"pyproject.toml", "specs", "generator", project["project"]["readme"]}
    needed |= set(project["project"]["license-files"])
    needed |= set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"])
    assert context == needed
    assert all((ROOT / name).exists() for name in context)
    assert "USER 65534:65534" in text.splitlines()


def test_the_service_becomes_healthy_and_answers_its_neighbours(tmp_path: Path) -> None:
    service, app = (yaml.safe_load(COMPOSE)["services"][name] for name in ("fal", "tests"))
    shutil.copytree(ROOT / "specs", tmp_path / "specs")
    program, *arguments = instruction("ENTRYPOINT") + shlex.split(service["command"])
    command = [str(SCRIPTS / program), *arguments, "--host", "127.0.0.1", "--port", "0"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as emulator:
        try:
            assert emulator.stdout is not None
            url = emulator.stdout.readline().split()[4]
            script = instruction("HEALTHCHECK")[-1].replace("http://127.0.0.1:8321", url)
            subprocess.run([sys.executable, "-c", script], check=True)
            host = app["environment"]["FAL_BASE_URL"].removeprefix("http://")
            assert host == "fal:8321"
            for name, status in ((host, 200), ("other", 421)):
                answer = httpx.get(f"{url}/rest/.well-known/jwks.json", headers={"Host": name})
                assert answer.status_code == status
            (tmp_path / "test_app.py").write_text(PAGE.file("test_app.py").source, "utf-8")
            variables = {**os.environ, **app["environment"], "FAL_BASE_URL": url}
            variables |= {"PYTHONPATH": str(CLIENT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
            tests = [sys.executable, "-m", app["command"], "-q", "--rootdir", tmp_path]
            subprocess.run(tests, cwd=tmp_path, env=variables, check=True)
        finally:
            emulator.terminate()
