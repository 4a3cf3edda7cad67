from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from fal_codegen.emulator import Emulator

from .documents import document

PAINT = "acme/paint/v1.0/draft"


@pytest.fixture(scope="session")
def server() -> Iterator[Emulator]:
    documents = [
        document(PAINT),
        document("acme/paint", about="The same, in short."),
        document("workflows/acme/chain/last", category="workflow"),
    ]
    with Emulator(documents) as emulator:
        yield emulator


@pytest.fixture
def emulator(server: Emulator) -> Emulator:
    server.reset()
    return server


@pytest.fixture
def http(emulator: Emulator) -> Iterator[httpx.Client]:
    """A client of the emulator, with a key."""
    headers = {"Authorization": "Key any"}
    with httpx.Client(base_url=emulator.base_url, headers=headers) as client:
        yield client
