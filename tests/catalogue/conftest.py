"""Catalogues: emulated and scripted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from documents import document
from fal_codegen.emulator import Emulator
from servers import CatalogueServer, serving

from .answers import (
    ALL,
    LISTING,
    MANY,
    PAINT,
    declare,
)


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    documents = [document(id_, about="" if id_ == PAINT else "Does it.") for id_ in ALL]
    with Emulator(documents, listing=LISTING) as emulator:
        yield emulator


@pytest.fixture(scope="module")
def server_of_many() -> Iterator[Emulator]:
    with Emulator(map(document, MANY)) as emulator:
        yield emulator


@pytest.fixture
def fal(server: Emulator) -> Emulator:
    server.reset()
    return server


@pytest.fixture
def fal_of_many(server_of_many: Emulator) -> Emulator:
    server_of_many.reset()
    return server_of_many


@pytest.fixture
def scripted() -> Iterator[CatalogueServer]:
    with serving(CatalogueServer) as server:
        yield server


@pytest.fixture(autouse=True)
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FAL_KEY", raising=False)


@pytest.fixture
def at_fal(project: Path, fal: Emulator) -> Path:
    """A new project that fetches from the emulator."""
    return declare(project, fal)
