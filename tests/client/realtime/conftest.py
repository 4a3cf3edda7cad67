"""Realtime sessions in both forms, and endpoints that they connect to."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints._runtime.protocol.connection import Connection
from fal_endpoints._runtime.protocol.key import Key

from client.collage import Collage
from client.conftest import KEY
from client.tuned import IMPATIENT, tuned_client

from .sessions import Connect, Mirror, connected, connected_on_a_loop


@pytest.fixture(params=[connected, connected_on_a_loop], ids=["blocking", "async"])
def connect(request: pytest.FixtureRequest) -> Connect:
    chosen: Connect = request.param
    return chosen


@pytest.fixture
def impatient(emulator: Emulator) -> Iterator[Collage]:
    """An endpoint whose client hardly pauses."""
    with tuned_client(IMPATIENT, key=KEY, base_url=emulator.base_url) as client:
        yield Collage(client)


@pytest.fixture
def mirror(emulator: Emulator) -> Callable[[str], Mirror]:
    """Return an endpoint that a scripted server serves; the emulator creates its tokens."""

    def endpoint(run_url: str) -> Mirror:
        client = tuned_client(IMPATIENT, key=KEY, base_url=emulator.base_url)
        addresses = client.connection.addresses._replace(run=run_url)
        client.connection = Connection(addresses, Key(KEY), client.connection.pools)
        return Mirror(client)

    return endpoint
