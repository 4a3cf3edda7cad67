"""Every document is generated from, or rejected for a true reason."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from folders import tree

from .conftest import PACKAGE
from .generated import Generated, endpoint_id

pytestmark = pytest.mark.corpus

MAX_REFUSED = 5

IMPORT_ALL = f"""
import importlib, pkgutil
import {PACKAGE} as package
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    importlib.import_module(module.name)
"""

Record = Callable[[str, object], None]


def checked(command: list[str], folder: Path, **environment: str) -> str:
    """Run a command that must succeed, and return its output."""
    ran = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-4000:]
    return ran.stdout


def test_documents_are_refused_only_when_their_input_is_not_there(
    genuine: tuple[Path, ...], generated: Generated, record_property: Record
) -> None:
    record_property("documents", len(genuine))
    record_property("refused", dict(generated.errors))
    assert len(generated.errors) <= MAX_REFUSED
    by_id = {endpoint_id(path): path for path in genuine}
    for refused, reason in generated.errors.items():
        assert "which is not in the document" in reason
        name = reason.partition("'#/components/schemas/")[2].partition("'")[0]
        text = by_id[refused].read_text("utf-8")
        assert name not in json.loads(text)["components"]["schemas"]


def test_a_refused_document_stops_no_other(genuine: tuple[Path, ...], generated: Generated) -> None:
    listed = checked(["-m", "fal_codegen", "list"], generated.project).splitlines()
    wanted = {endpoint_id(path) for path in genuine} - set(generated.errors)
    assert {line.split()[0] for line in listed} == wanted


def test_documents_put_there_by_hand_come_out_the_same_in_another_process(
    genuine: tuple[Path, ...], generated: Generated, tmp_path: Path
) -> None:
    again = tmp_path / "again"
    specs = Path(shutil.copytree(generated.project / "specs", again / "specs"))
    with (specs / "endpoints.toml").open("a", encoding="utf-8") as declaration:
        for path in genuine:
            if endpoint_id(path) in generated.errors:
                declaration.write(f'[endpoints."{endpoint_id(path)}"]\n')
                target = specs / f"{endpoint_id(path)}.json"
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, target)
    ran = subprocess.run(
        [sys.executable, "-m", "fal_codegen", "generate"],
        cwd=again,
        env={**os.environ, "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == (2 if generated.errors else 0)
    assert ran.stderr.count("error: ") == len(generated.errors)
    made = tree(again / "generated/python")
    # Where it was imported and type-checked, there are caches as well.
    others = [path for path in tree(generated.output) if "cache" not in path and path not in made]
    assert {path: (generated.output / path).read_bytes() for path in made} == made
    assert not others


def test_repairs_are_by_rules_that_say_why(generated: Generated, record_property: Record) -> None:
    said = checked(["-m", "fal_codegen", "list", "--repairs"], generated.project).splitlines()
    rules = [line for line in said if line.startswith("repaired ")]
    places = [line for line in said if line.startswith("  ")]
    record_property("repairs", rules)
    counted = sum(int(line.partition(" in ")[2].split()[0]) for line in rules)
    assert len(said) == len(rules) + len(places)
    assert counted == len(places)
    assert all(line.partition(": ")[2] for line in rules)


def test_every_generated_module_can_be_imported(generated: Generated) -> None:
    checked(["-W", "error", "-c", IMPORT_ALL], generated.output)
