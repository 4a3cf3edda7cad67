"""The genuine documents, and the package generated from them: once per run, for every worker."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import pkgutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from fal_codegen.cli import run
from filelock import FileLock

from .contract import Contract

PACKAGE = "corpus_endpoints"


@dataclass(frozen=True)
class Generated:
    """A project that every document was added to.

    Attributes:
        errors: What was said of each document that was refused, by endpoint id.
    """

    project: Path
    errors: Mapping[str, str]

    @property
    def output(self) -> Path:
        return self.project / "generated/python"


@pytest.fixture(scope="session")
def documents(pytestconfig: pytest.Config) -> tuple[Path, ...]:
    """Return the files of all documents."""
    given = pytestconfig.getoption("--corpus")
    if not given:
        pytest.skip("needs genuine documents of fal: --corpus=DIR, or the variable FAL_CORPUS")
    folder = Path(given)
    dated = sorted(path for path in folder.iterdir() if path.is_dir())
    found = tuple(sorted((dated[-1] if dated else folder).glob("*.json")))
    assert found, f"{folder} holds no documents"
    return found


@pytest.fixture(scope="session")
def generated(
    documents: tuple[Path, ...],
    pytestconfig: pytest.Config,
    tmp_path_factory: pytest.TempPathFactory,
) -> Generated:
    """Add every document to a new project, or find that another worker did."""
    root = tmp_path_factory.getbasetemp()
    if hasattr(pytestconfig, "workerinput"):
        root = root.parent
    folder, said = root / "corpus", root / "corpus.json"
    with FileLock(root / "corpus.lock"):
        if not said.exists():
            said.write_text(json.dumps(_generate(folder, documents[0].parent)), "utf-8")
    return Generated(folder, json.loads(said.read_text("utf-8")))


@pytest.fixture(scope="session")
def contracts(documents: tuple[Path, ...], generated: Generated) -> tuple[Contract, ...]:
    """Return every document that was not refused, as JSON Schema."""
    usable = (path for path in documents if endpoint_id(path) not in generated.errors)
    return tuple(map(Contract.read, usable))


@pytest.fixture(scope="session")
def package(generated: Generated) -> Iterator[ModuleType]:
    """Import the generated package."""
    sys.path.insert(0, str(generated.output))
    yield importlib.import_module(PACKAGE)
    sys.path.remove(str(generated.output))


@pytest.fixture(scope="session")
def endpoints(package: ModuleType) -> Mapping[str, Any]:
    """Return the class of every generated endpoint, by its id."""
    found: dict[str, Any] = {}
    for module in pkgutil.walk_packages(package.__path__, f"{PACKAGE}."):
        if "._runtime" not in module.name:
            for value in vars(importlib.import_module(module.name)).values():
                if hasattr(value, "endpoint_id") and value.__module__ == module.name:
                    found[value.endpoint_id] = value
    return found


def endpoint_id(document: Path) -> str:
    """Return the id of the endpoint that a document is of: its file is named by it."""
    return document.stem.replace("__", "/")


def _generate(folder: Path, documents: Path) -> dict[str, str]:
    """Make a project of all documents; return what was said of each that was refused."""
    assert run(["init", str(folder)]) == 0
    declaration = folder / "specs/endpoints.toml"
    text = declaration.read_text("utf-8").replace('"fal_endpoints"', f'"{PACKAGE}"')
    declaration.write_text(text, "utf-8")
    with contextlib.redirect_stderr(io.StringIO()) as said:
        run(["add", "--project", str(folder), "--from", str(documents)])
    lines = (line for line in said.getvalue().splitlines() if line.startswith("error: "))
    return dict(line.removeprefix("error: ").split(": ", 1) for line in lines)
