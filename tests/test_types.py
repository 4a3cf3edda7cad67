"""Strict type checkers accept the generated code and the programs that use it.

mypy and pyright each run once, over the packages of all golden cases, the programs that use them,
the examples of READMEs, guide and documentation, and programs of the client's tests.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from golden_cases import CASES, GOLDENS
from guide.examples import typed_files
from targets.pages import fenced

pytestmark = pytest.mark.types

CLIENT = Path(__file__).parents[1] / "generated/python"


@pytest.fixture(scope="module")
def checked(goldens: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with everything that is checked."""
    folder = tmp_path_factory.mktemp("types")
    for case in CASES:
        copy_package(goldens / case / "python" / case, folder / case)
        shutil.copy(GOLDENS / case / "use.py", folder / f"use_{case}.py")
    for name, source in typed_files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, "utf-8")
    for number, example in enumerate(examples(goldens / "odd_pages/docs/pages")):
        (folder / f"page_{number}.py").write_text(example, "utf-8")
    shutil.copy(Path(__file__).parent / "client/several_endpoints.py", folder)
    return folder


def copy_package(source: Path, target: Path) -> None:
    """Copy a package, but use this repository's runtime and proxy: the text is the same."""
    shutil.copytree(
        source, target, ignore=shutil.ignore_patterns("_runtime", "proxy.py", "__pycache__")
    )
    for path in target.rglob("*.py"):
        text = path.read_text("utf-8").replace(f"{source.name}._runtime", "fal_endpoints._runtime")
        text = text.replace(
            f"from {source.name} import _runtime", "from fal_endpoints import _runtime"
        )
        path.write_text(text, "utf-8")


def examples(pages: Path) -> list[str]:
    """Return the Python examples in the documentation, except those for fal-client."""
    texts = [path.read_text("utf-8") for path in sorted(pages.rglob("*.md"))]
    found = [block for text in texts for block in fenced(text, "python")]
    return [block for block in found if "fal_client" not in block]


def test_there_are_examples_to_check(checked: Path) -> None:
    assert len(typed_files()) >= 7
    assert len(list(checked.glob("page_*.py"))) >= 10


def test_mypy_accepts_everything(checked: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", "."],
        cwd=checked,
        env={**os.environ, "MYPYPATH": str(CLIENT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_pyright_accepts_everything(checked: Path) -> None:
    pytest.importorskip("basedpyright", reason="needs `pip install -e .[checks]`")
    settings = {
        "include": ["."],
        "extraPaths": [str(CLIENT)],
        "typeCheckingMode": "strict",
        "pythonVersion": "3.10",
    }
    (checked / "pyrightconfig.json").write_text(json.dumps(settings), "utf-8")
    ran = subprocess.run(
        [sys.executable, "-m", "basedpyright", "--pythonpath", sys.executable],
        cwd=checked,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
