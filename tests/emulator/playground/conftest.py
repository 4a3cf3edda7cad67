"""The playground as it is served."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from fal_codegen.emulator import Emulator

from .documents import documents, prices


@pytest.fixture(scope="module")
def served() -> Iterator[httpx.Client]:
    # Faults apply to fal's operations, never to the pages.
    with (
        Emulator(documents(), faults="rate-limit, delay=60", prices=prices()) as emulator,
        httpx.Client(base_url=emulator.base_url) as client,
    ):
        yield client
