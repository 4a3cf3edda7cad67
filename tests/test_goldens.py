"""Golden cases: every target generates the expected files, and programs can use them.

`golden_cases` describes a case. The Python packages are imported and used here, and
`test_types` checks their types; `targets/` uses what the other targets generate.

`poe goldens` rewrites `expected/`; read the diff.
"""

from __future__ import annotations

import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from folders import tree
from golden_cases import CASES, GOLDENS, OURS, files_of_case, files_of_every_case


@pytest.mark.parametrize("case", CASES)
def test_documents_generate_the_expected_files(
    goldens: Path, case: str, request: pytest.FixtureRequest
) -> None:
    actual = files_of_case(goldens / case)
    expected = GOLDENS / case / "expected"
    if request.config.getoption("--update-goldens"):
        shutil.rmtree(expected, ignore_errors=True)
        for path, content in actual.items():
            (expected / path).parent.mkdir(parents=True, exist_ok=True)
            (expected / path).write_bytes(content)
    wanted = tree(expected)
    assert sorted(actual) == sorted(wanted)
    for path, content in actual.items():
        assert content.decode() == wanted[path].decode(), path


@pytest.mark.parametrize("case", CASES)
def test_files_that_no_document_decides_are_those_of_this_repository(
    goldens: Path, case: str
) -> None:
    actual, wanted = files_of_every_case(goldens / case, case), files_of_every_case(OURS)
    assert sorted(actual) == sorted(wanted)
    for path, content in actual.items():
        assert content.decode() == wanted[path].decode(), path


@pytest.mark.parametrize("case", CASES)
def test_a_generated_package_can_be_used(
    goldens: Path, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(goldens / case / "python"))
    runpy.run_path(str(GOLDENS / case / "use.py"))


def test_goldens_cannot_be_updated_in_ci() -> None:
    """Nobody would read the diff of an update in CI, so every change would look intended."""
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
