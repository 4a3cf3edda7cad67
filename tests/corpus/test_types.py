"""Every generated module passes strict type checkers."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from targets.installed import install

from .conftest import PACKAGE
from .generated import Generated
from .test_generation import checked

pytestmark = pytest.mark.corpus


def test_all_is_clean_under_mypy_strict(generated: Generated) -> None:
    checked(["-m", "mypy", "--strict", "--config-file=", PACKAGE], generated.output)


def test_all_is_clean_under_pyright_strict(generated: Generated, tmp_path: Path) -> None:
    pytest.importorskip("basedpyright", reason="needs `pip install -e .[checks]`")
    settings = {
        "include": [str(generated.output / PACKAGE)],
        "extraPaths": [str(generated.output)],
        "typeCheckingMode": "strict",
    }
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings), "utf-8")
    checked(
        ["-m", "basedpyright", "--pythonpath", sys.executable, "--project", "."],
        tmp_path,
    )


def test_stubs_for_all_are_clean_under_mypy_strict(generated: Generated) -> None:
    """The clients' module is left out: mypy compares each overload there with every other one."""
    types = "fal_client-stubs/_endpoints"
    checked(["-m", "mypy", "--strict", "--config-file=", types], generated.stubs)


def test_stubs_for_all_are_clean_under_pyright_strict(generated: Generated, tmp_path: Path) -> None:
    pytest.importorskip("basedpyright", reason="needs `pip install -e .[checks]`")
    settings = {
        "include": [str(generated.stubs)],
        "extraPaths": [str(generated.stubs)],
        "typeCheckingMode": "strict",
    }
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings), "utf-8")
    checked(
        ["-m", "basedpyright", "--pythonpath", sys.executable, "--project", "."],
        tmp_path,
    )


def test_mistakes_are_found_with_stubs_for_all(generated: Generated, tmp_path: Path) -> None:
    pytest.importorskip("fal_client", reason="needs `pip install fal-client==1.0.3`")
    listed = checked(["-m", "fal_codegen", "list"], generated.project).splitlines()
    ids = [line.split()[0] for line in listed][::20]
    calls = [f"fal_client.submit({one!r}, {{'no such argument': 1}})" for one in ids]
    text = "\n".join(["import fal_client", *calls, "fal_client.submit('not/declared', {'any': 1})"])
    (tmp_path / "program.py").write_text(text, "utf-8")
    (tmp_path / "installed").mkdir()
    python = install(generated.stubs, tmp_path / "installed")
    ran = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--python-executable",
         str(python), "program.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    found = re.findall(
        r"^program\.py:(\d+): error: .*_ArgumentsOfTheEndpoint", ran.stdout, re.MULTILINE
    )
    assert [int(line) - 2 for line in found] == list(range(len(ids))), ran.stdout + ran.stderr
