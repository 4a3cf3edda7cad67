"""Genuine documents of fal, hundreds of them: `pytest --corpus=DIR`, or the variable FAL_CORPUS.

DIR holds documents (`*.json`), or folders of documents named by the day they were saved; then the
newest is used.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from fal_codegen.cli import run

pytestmark = pytest.mark.corpus

MAX_REFUSED = 5

IMPORT_ALL = """
import importlib, pkgutil
import fal_endpoints
for module in pkgutil.walk_packages(fal_endpoints.__path__, "fal_endpoints."):
    importlib.import_module(module.name)
"""


@pytest.fixture(scope="module")
def documents(request: pytest.FixtureRequest) -> Path:
    given = request.config.getoption("--corpus")
    if not given:
        pytest.skip("needs genuine documents of fal: --corpus=DIR, or the variable FAL_CORPUS")
    folder = Path(given)
    dated = sorted(path for path in folder.iterdir() if path.is_dir())
    return dated[-1] if dated else folder


@dataclass(frozen=True)
class Added:
    """A project that every document was added to, and what was said of those that were refused."""

    project: Path
    errors: tuple[str, ...]


@pytest.fixture(scope="module")
def added(documents: Path, tmp_path_factory: pytest.TempPathFactory) -> Added:
    folder = tmp_path_factory.mktemp("corpus")
    assert run(["init", str(folder)]) == 0
    with contextlib.redirect_stderr(io.StringIO()) as said:
        run(["add", "--project", str(folder), "--from", str(documents)])
    lines = said.getvalue().splitlines()
    return Added(folder, tuple(line for line in lines if line.startswith("error: ")))


@pytest.fixture(scope="module")
def project(added: Added) -> Path:
    return added.project


def checked(command: list[str], folder: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    ran = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-4000:]


def test_documents_are_refused_only_when_their_input_is_not_there(
    documents: Path, added: Added
) -> None:
    assert len(added.errors) <= MAX_REFUSED
    for line in added.errors:
        assert "which is not in the document" in line
        endpoint_id = line.removeprefix("error: ").partition(":")[0]
        name = line.partition("'#/components/schemas/")[2].partition("'")[0]
        text = (documents / f"{endpoint_id.replace('/', '__')}.json").read_text("utf-8")
        assert name not in json.loads(text)["components"]["schemas"]


def test_all_that_is_generated_is_what_check_expects(project: Path) -> None:
    assert run(["check", "--project", str(project)]) == 0


def test_all_modules_can_be_imported(project: Path) -> None:
    checked([sys.executable, "-W", "error", "-c", IMPORT_ALL], project / "generated/python")


def test_all_is_clean_under_mypy_strict(project: Path) -> None:
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "fal_endpoints"]
    checked(command, project / "generated/python")


def test_all_is_clean_under_pyright_strict(project: Path) -> None:
    settings = {"include": ["fal_endpoints"], "typeCheckingMode": "strict"}
    folder = project / "generated/python"
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), "utf-8")
    basedpyright = Path(sys.executable).with_name("basedpyright")
    try:
        checked([str(basedpyright), "--pythonpath", sys.executable], folder)
    finally:
        (folder / "pyrightconfig.json").unlink()
