"""The same documents result in the same bytes, in any environment and any order."""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Ran
from fal_codegen.cli import run
from folders import tree

Cli = Callable[..., Ran]

SEEDS = [1, *(pytest.param(seed, marks=pytest.mark.exhaustive) for seed in (2, 3))]

TERMINAL = {
    "TZ": "Pacific/Kiritimati",
    "HOME": "/",
    "COLUMNS": "20",
    "TERM": "dumb",
    "NO_COLOR": "1",
}
NO_UTF8 = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.fixture(scope="module")
def documents() -> list[dict[str, Any]]:
    """Return the documents of all golden cases, which have every shape that matters."""
    goldens = Path(__file__).parent / "goldens"
    found = [json.loads(path.read_bytes()) for path in sorted(goldens.glob("*/documents/*.json"))]
    assert len(found) > 10
    return found


@pytest.fixture(scope="module")
def expected(
    documents: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, bytes]:
    """Return the files generated from the documents."""
    folder = tmp_path_factory.mktemp("expected")
    add(folder, documents, {"PYTHONHASHSEED": "0"})
    return results(folder)


def add(folder: Path, documents: list[dict[str, Any]], environment: dict[str, str]) -> None:
    """Create a project, and add the documents in another process."""
    for number, content in enumerate(documents):
        (folder / f"{number}.json").write_text(json.dumps(content), "utf-8")
    with contextlib.redirect_stdout(io.StringIO()):
        assert run(["init", str(folder / "project")]) == 0
    subprocess.run(
        [sys.executable, "-m", "fal_codegen", "add", "--project", "project", "--from", "."],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        check=True,
    )


def results(folder: Path) -> dict[str, bytes]:
    """Return all files of a project that are committed."""
    files = tree(folder / "project")
    return {path: data for path, data in files.items() if not path.startswith(".fal-codegen/")}


def shuffled(value: Any, order: random.Random) -> Any:
    """Return the same JSON with the keys of every object in another order."""
    if isinstance(value, dict):
        keys = order.sample(list(value), len(value))
        return {key: shuffled(value[key], order) for key in keys}
    return [shuffled(item, order) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("environment", "seed"),
    [
        pytest.param({**TERMINAL, **NO_UTF8}, 1, id="all at once"),
        pytest.param(TERMINAL, None, id="another terminal", marks=pytest.mark.exhaustive),
        pytest.param(NO_UTF8, None, id="no UTF-8", marks=pytest.mark.exhaustive),
        pytest.param({}, 1, id="another order", marks=pytest.mark.exhaustive),
        pytest.param({}, 2, id="a second order", marks=pytest.mark.exhaustive),
        pytest.param({}, 3, id="a third order", marks=pytest.mark.exhaustive),
    ],
)
def test_environments_places_and_the_order_of_keys_and_documents_do_not_matter(
    tmp_path: Path,
    documents: list[dict[str, Any]],
    expected: dict[str, bytes],
    environment: dict[str, str],
    seed: int | None,
) -> None:
    folder = tmp_path / "a rather longer path, with blanks" / "and é"
    folder.mkdir(parents=True)
    if seed is not None:
        order = random.Random(seed)
        documents = [shuffled(one, order) for one in order.sample(documents, len(documents))]
    add(folder, documents, {"PYTHONHASHSEED": str(seed or 4242), **environment})
    assert results(folder) == expected


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_in_which_endpoints_are_declared_and_added_does_not_matter(
    tmp_path: Path, documents: list[dict[str, Any]], expected: dict[str, bytes], cli: Cli, seed: int
) -> None:
    order = random.Random(seed)
    project = tmp_path / "project"
    cli("init", project)
    halves = order.sample(documents, len(documents))
    for number, half in enumerate((halves[: len(halves) // 2], halves[len(halves) // 2 :])):
        folder = tmp_path / str(number)
        folder.mkdir()
        for at, content in enumerate(half):
            (folder / f"{at}.json").write_text(json.dumps(content), "utf-8")
        assert cli("add", "--project", project, "--from", folder).code == 0
    declaration = "specs/endpoints.toml"
    added = results(tmp_path)
    assert added.keys() == expected.keys()
    assert {path for path in added if added[path] != expected[path]} <= {declaration}

    head, *tables = (project / declaration).read_text().split("\n[endpoints")
    text = "\n[endpoints".join([head, *order.sample(tables, len(tables))])
    (project / declaration).write_text(text)
    assert cli("generate", "--project", project).code == 0
    declared = results(tmp_path)
    assert {path for path in declared if declared[path] != expected[path]} <= {declaration}
