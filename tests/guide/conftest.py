"""What the tests of the guide share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fal_codegen.emulator import Emulator, load_documents

from .examples import ROOT
from .reader import Reader


@pytest.fixture(scope="module")
def started() -> Iterator[Emulator]:
    with Emulator(load_documents([ROOT / "specs"])) as emulator:
        yield emulator


@pytest.fixture
def reader(started: Emulator, tmp_path: Path) -> Reader:
    """Return somebody with a fresh clone of this repository, and an emulator."""
    started.reset()
    return Reader(tmp_path / "fal-codegen", started)
