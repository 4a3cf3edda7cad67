"""The modules of the generator: they import each other in one direction."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import fal_codegen
import pytest

ROOT = Path(fal_codegen.__file__).parent

BESIDE = ("drift", "emulator", "commands")
"""Packages that use the steps of the pipeline, and that no step uses."""


@cache
def imports() -> dict[str, set[str]]:
    """Return the modules that each module imports, also for type checkers alone."""
    paths = {module(path): path for path in ROOT.rglob("*.py")}
    return {
        name: {full if full in paths else outer for outer, full in imported(path)} - {name}
        for name, path in paths.items()
    }


def module(path: Path) -> str:
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path) -> Iterator[tuple[str, str]]:
    """Yield where each name is imported from, and its full name."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("fal_codegen"):
            assert node.module is not None
            yield from ((node.module, f"{node.module}.{alias.name}") for alias in node.names)


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert len(list(TopologicalSorter(imports()).static_order())) > 200


def test_no_packages_import_each_other_in_a_circle() -> None:
    graph: dict[str, set[str]] = {}
    for name, others in imports().items():
        graph.setdefault(package(name), set()).update(map(package, others))
    for name, others in graph.items():
        others.discard(name)
    assert len(list(TopologicalSorter(graph).static_order())) > 20


def package(name: str) -> str:
    """Return the outermost package or module of a module."""
    return ".".join(name.split(".")[:2])


@pytest.mark.parametrize(
    "step", ["document", "fetch", "plan", "ir", "project", "snippets", "targets"]
)
def test_a_step_of_the_pipeline_imports_nothing_that_is_beside_it(step: str) -> None:
    modules = [name for name in imports() if name.split(".")[1:2] == [step]]
    assert modules
    upward = {
        f"{name} imports {other}"
        for name in modules
        for other in imports()[name]
        if other.split(".")[1:2] and other.split(".")[1] in BESIDE
    }
    assert not upward
