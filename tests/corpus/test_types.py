"""All that is generated passes strict type checkers."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from .conftest import PACKAGE
from .generated import Generated
from .test_generation import checked

pytestmark = pytest.mark.corpus


def test_all_is_clean_under_mypy_strict(generated: Generated) -> None:
    checked(["-m", "mypy", "--strict", "--config-file=", PACKAGE], generated.output)


def test_all_is_clean_under_pyright_strict(generated: Generated, tmp_path: Path) -> None:
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
