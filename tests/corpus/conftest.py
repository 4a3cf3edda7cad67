"""The genuine documents, and the package generated from them: once per run, for every worker."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from filelock import FileLock

from .contract import Contract
from .generated import Generated, endpoint_id, endpoints_of, generate

PACKAGE = "corpus_endpoints"


@pytest.fixture(scope="session")
def generated(
    genuine: tuple[Path, ...],
    pytestconfig: pytest.Config,
    tmp_path_factory: pytest.TempPathFactory,
) -> Generated:
    """Return a project with every document, which one worker generates for all."""
    root = tmp_path_factory.getbasetemp()
    if hasattr(pytestconfig, "workerinput"):
        root = root.parent
    folder, said = root / "corpus", root / "corpus.json"
    with FileLock(root / "corpus.lock"):
        if not said.exists():
            errors = generate(folder, genuine[0].parent, PACKAGE)
            said.write_text(json.dumps(errors), "utf-8")
    return Generated(folder, json.loads(said.read_text("utf-8")))


@pytest.fixture(scope="session")
def contracts(genuine: tuple[Path, ...], generated: Generated) -> tuple[Contract, ...]:
    """Return every document that was not rejected, as JSON Schema."""
    usable = (path for path in genuine if endpoint_id(path) not in generated.errors)
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
    return endpoints_of(package)
