"""Proxies in front of the emulator, and of a server that answers as a test says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import Fal
from fal_endpoints._runtime.tuning import Tuning
from fal_endpoints.proxy import Proxy, ProxyCall
from guide.served_app import listening, serving
from starlette.applications import Starlette
from starlette.routing import Mount

from client.conftest import KEY
from client.tuned import tuned_client

from .proxied import (
    PATIENCE,
    Proxied,
    Upstream,
    answer,
    nobody_asks,
    unreachable,
)


@pytest.fixture(scope="module")
def served(running_emulator: Emulator) -> Iterator[Proxied]:
    proxied = Proxied("", Upstream(), nobody_asks, [])

    def authorize(call: ProxyCall) -> Any:
        proxied.calls.append(call)
        return proxied.authorize(call)

    tuning = Tuning(longest_response=100_000)
    emulated = Fal(KEY, base_url=running_emulator.base_url, store_io=False, tags={"of": "proxy"})
    with serving(proxied.upstream, listening()) as url, emulated:
        proxied.upstream.url = url
        with tuned_client(tuning, key=KEY, base_url=url) as scripted:
            app = Starlette(
                routes=[
                    Mount("/fal", Proxy(emulated, authorize, uploads=True)),
                    Mount("/scripted", Proxy(scripted, authorize, max_body=1000)),
                    Mount("/nowhere", Proxy(unreachable(), authorize)),
                ]
            )
            with serving(app, listening()) as proxied.url:
                yield proxied


@pytest.fixture
def proxied(served: Proxied, emulator: Emulator) -> Proxied:
    served.authorize = nobody_asks
    served.calls.clear()
    served.upstream.requests.clear()
    served.upstream.answer = answer()
    return served


@pytest.fixture
def browser(proxied: Proxied) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=proxied.url, timeout=PATIENCE) as client:
        yield client
