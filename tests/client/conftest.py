"""An emulated fal, a client of it, and one way to call a method and its `_async` twin."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from pathlib import Path
from types import MethodType
from typing import Any, cast

import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import Fal, File, Request

from .collage import COLLAGE_DOCUMENT, Collage, Output
from .given import CONTENT
from .undeclared import UNDECLARED

KEY = "key-id:key-secret"
SPECS = Path(__file__).parents[2] / "specs"

Call = Callable[..., Any]


@pytest.fixture(scope="session")
def running_emulator() -> Iterator[Emulator]:
    pika = json.loads((SPECS / "fal-ai/pika/v2.2/image-to-video.json").read_text())
    with Emulator([pika, COLLAGE_DOCUMENT, *UNDECLARED]) as emulator:
        yield emulator


@pytest.fixture
def emulator(running_emulator: Emulator) -> Emulator:
    running_emulator.reset()
    return running_emulator


@pytest.fixture
def client(emulator: Emulator) -> Iterator[Fal]:
    with Fal(KEY, base_url=emulator.base_url) as client:
        yield client


@pytest.fixture
def collage(client: Fal) -> Collage:
    return Collage(client)


@pytest.fixture
def request_(collage: Collage) -> Request[Output]:
    """Return a request that is not sent yet."""
    return collage(layers=[])


@pytest.fixture
def file(client: Fal) -> File:
    """Return a file that can be downloaded: `CONTENT`."""
    return File(url=client.upload(CONTENT, file_name="a b.bin"))


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """Return where a ledger may be created."""
    return tmp_path / "batch.jsonl"


@pytest.fixture(params=["blocking", "async"])
def call(request: pytest.FixtureRequest) -> Call:
    """Call a method, or run its `_async` twin to the end on an event loop of its own."""

    def blocking(method: Callable[..., Any], *args: Any, **options: Any) -> Any:
        outcome = method(*args, **options)
        return list(cast("Iterable[Any]", outcome)) if isinstance(outcome, Iterator) else outcome

    def on_a_loop(method: Callable[..., Any], *args: Any, **options: Any) -> Any:
        owner = cast("MethodType", method).__self__
        twin = getattr(owner, f"{method.__name__}_async")
        return asyncio.run(_finished(twin(*args, **options)))

    return blocking if request.param == "blocking" else on_a_loop


async def _finished(outcome: Awaitable[Any] | AsyncIterator[Any]) -> Any:
    if isinstance(outcome, AsyncIterator):
        return [item async for item in outcome]
    return await outcome
