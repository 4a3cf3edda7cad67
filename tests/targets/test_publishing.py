"""The metadata of generated packages."""

from __future__ import annotations

import email
import json
import subprocess
import sys
from pathlib import Path

import pytest
from documents import document, write
from fal_codegen import toml
from projects import DECLARATION, Cli, edit, problem

TARGETS = """
[targets.typescript]
package = "p"
output = "generated/typescript"

[targets.fal-client-stubs]
output = "generated/stubs"
"""
SAID = 'license = "MIT OR Apache-2.0"\nrepository = "https://git.example/team/clients"\n'
PYTHON = ["python", "stubs"]


@pytest.fixture
def generated(project: Path, cli: Cli, tmp_path: Path) -> Path:
    edit(project / DECLARATION, new=TARGETS)
    documents = write(tmp_path / "documents", document())
    assert cli("add", "--project", project, "--from", documents).code == 0
    return project / "generated"


def say(project: Path, cli: Cli) -> None:
    text = (project / DECLARATION).read_text("utf-8")
    (project / DECLARATION).write_text(text.replace("\noutput", f"\n{SAID}output"), "utf-8")
    assert cli("generate", "--project", project).code == 0


@pytest.mark.parametrize("target", PYTHON)
def test_a_python_package_has_the_declared_metadata(
    generated: Path, project: Path, cli: Cli, target: str
) -> None:
    def read() -> dict[str, object]:
        found = toml.loads((generated / target / "pyproject.toml").read_text("utf-8"))
        assert isinstance(found["project"], dict)
        return found["project"]

    assert "license" not in read()
    assert read()["urls"] == {"Documentation": "https://fal.ai/docs"}
    say(project, cli)
    assert read()["license"] == "MIT OR Apache-2.0"
    urls = {
        "Documentation": "https://fal.ai/docs",
        "Repository": "https://git.example/team/clients",
    }
    assert read()["urls"] == urls
    assert "Programming Language :: Python :: 3" in str(read()["classifiers"])


@pytest.mark.parametrize("target", PYTHON)
def test_what_is_built_of_it(
    generated: Path, project: Path, cli: Cli, tmp_path: Path, target: str
) -> None:
    say(project, cli)
    build = "import sys, hatchling.build as b; b.prepare_metadata_for_build_wheel(sys.argv[1])"
    subprocess.run(
        [sys.executable, "-c", build, tmp_path],
        cwd=generated / target,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    [path] = tmp_path.glob("*.dist-info/METADATA")
    metadata = email.message_from_bytes(path.read_bytes())
    assert metadata["License-Expression"] == "MIT OR Apache-2.0"
    assert "Repository, https://git.example/team/clients" in metadata.get_all("Project-URL", [])


def test_an_npm_package_has_the_declared_metadata(generated: Path, project: Path, cli: Cli) -> None:
    package = generated / "typescript/package.json"
    before = json.loads(package.read_bytes())
    assert before.keys().isdisjoint({"license", "repository"})
    assert before["homepage"] == "https://fal.ai/docs"
    say(project, cli)
    after = json.loads(package.read_bytes())
    assert after["license"] == "MIT OR Apache-2.0"
    assert after["repository"] == {"type": "git", "url": "git+https://git.example/team/clients"}


@pytest.mark.parametrize("target", ["python", "typescript", "fal-client-stubs"])
@pytest.mark.parametrize(
    ("said", "problem_said"),
    [
        ('license = ""', "license must be a non-empty string"),
        ("license = 1", "license must be a non-empty string"),
        ("license = 'MIT\"\\'", "is not an SPDX expression"),
        ('license = "MIT\\n[tool]"', "is not an SPDX expression"),
        ('repository = "git@git.example:x"', "is not an https:// address"),
        ('repository = "https://git.example/\\""', "is not an https:// address"),
    ],
)
def test_invalid_metadata_is_an_error_that_names_it(
    project: Path, cli: Cli, target: str, said: str, problem_said: str
) -> None:
    table = f'[targets.{target}]\npackage = "p"\noutput = "o"\n{said}\n'
    if target == "fal-client-stubs":
        table = table.replace('package = "p"\n', "")
    (project / DECLARATION).write_text(table, "utf-8")
    problem(cli("generate", "--project", project), f"targets.{target}.", problem_said)
