"""Golden cases: a document beside the package that it must generate, byte for byte.

A case is a folder in `goldens/`: documents, `expected/`, and `use.py`, a program that uses the
package. Every package is also imported, type-checked (mypy and pyright, strict) and used.

`pytest tests/test_goldens.py --update-goldens` rewrites `expected/`; read the diff.
"""

from __future__ import annotations

import json
import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import tree
from fal_codegen.cli import run

GOLDENS = Path(__file__).parent / "goldens"
CASES = sorted(path.name for path in GOLDENS.iterdir() if path.is_dir())


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Generate every case, each as a package of its own name, all in one folder."""
    root = tmp_path_factory.mktemp("goldens")
    for case in CASES:
        project = root / "projects" / case
        assert run(["init", str(project)]) == 0
        declaration = project / "specs" / "endpoints.toml"
        text = declaration.read_text("utf-8").replace('"fal_endpoints"', f'"{case}"')
        declaration.write_text(text, "utf-8")
        assert run(["add", "--project", str(project), "--from", str(GOLDENS / case)]) == 0
        shutil.copytree(project / "generated/python" / case, root / "packages" / case)
        shutil.copy(GOLDENS / case / "use.py", root / "packages" / f"use_{case}.py")
    return root


@pytest.fixture(scope="module")
def typed(packages: Path) -> Path:
    """Return the packages with one runtime for all, which is the same text in each."""
    folder, first = packages / "typed", CASES[0]
    shutil.copytree(packages / "packages", folder)
    for case in CASES[1:]:
        shutil.rmtree(folder / case / "_runtime")
        for path in (folder / case).rglob("*.py"):
            source = path.read_text("utf-8").replace(f"{case}._runtime", f"{first}._runtime")
            path.write_text(
                source.replace(f"from {case} import _runtime", f"from {first} import _runtime"),
                "utf-8",
            )
    return folder


def generated(packages: Path, case: str) -> dict[str, bytes]:
    """Return what a case generated, without what is the same for all: the runtime."""
    output = packages / "projects" / case / "generated/python"
    return {
        path: content
        for path, content in tree(output).items()
        if "/_runtime/" not in path and not path.startswith(".")
    }


@pytest.mark.parametrize("case", CASES)
def test_a_document_generates_what_it_must(
    packages: Path, case: str, request: pytest.FixtureRequest
) -> None:
    made = generated(packages, case)
    expected = GOLDENS / case / "expected"
    if request.config.getoption("--update-goldens"):
        shutil.rmtree(expected, ignore_errors=True)
        for path, content in made.items():
            (expected / path).parent.mkdir(parents=True, exist_ok=True)
            (expected / path).write_bytes(content)
    wanted = tree(expected)
    assert sorted(made) == sorted(wanted)
    for path, content in made.items():
        assert content.decode() == wanted[path].decode(), path


@pytest.mark.parametrize("case", CASES)
def test_a_generated_package_can_be_used(
    packages: Path, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(packages / "packages"))
    runpy.run_path(str(packages / "packages" / f"use_{case}.py"))


def test_generated_packages_are_clean_under_mypy_strict(typed: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", "."],
        cwd=typed,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout


def test_generated_packages_are_clean_under_pyright_strict(typed: Path) -> None:
    settings = {"include": ["."], "typeCheckingMode": "strict", "pythonVersion": "3.10"}
    (typed / "pyrightconfig.json").write_text(json.dumps(settings), "utf-8")
    ran = subprocess.run(
        ["basedpyright", "--pythonpath", sys.executable],
        cwd=typed,
        env={
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout


def test_goldens_cannot_be_updated_in_ci() -> None:
    """Updating goldens where nobody reads the diff would make every change look meant."""
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "--numprocesses=0", "--update-goldens"],
        cwd=GOLDENS.parent.parent,
        env={**os.environ, "CI": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == pytest.ExitCode.USAGE_ERROR
    assert "nobody reads the diff" in ran.stdout + ran.stderr
