"""Thousands of jobs, while one request in ten goes wrong: every job is accounted for."""

from __future__ import annotations

import asyncio
import gc
import itertools
import json
from collections import Counter
from collections.abc import Iterator, Set
from pathlib import Path
from typing import NamedTuple

import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import (
    Fal,
    InfrastructureError,
    ModelError,
    Outcome,
    Request,
    Retries,
    SubmissionUncertain,
)

from .collage import Collage, Output
from .conftest import KEY, Call
from .waiting import until

CONCURRENCY = 16

# Some jobs take a while, and some fail; then there are the requests that go wrong.
FAULTS = """
    queued=0, running=0, running=0.02; rate=0.1,
    model-error; on=submit; rate=0.08, infrastructure-error; on=submit; rate=0.04,
    drop=before; rate=0.02, drop=after; rate=0.02, truncate; rate=0.02,
    proxy-error; rate=0.02, rate-limit=0; rate=0.02
"""


@pytest.fixture
def client(emulator: Emulator) -> Iterator[Fal]:
    """Return a client that outlasts the faults: a few requests meet five of them in a row."""
    with Fal(KEY, base_url=emulator.base_url, retries=Retries(attempts=10)) as client:
        yield client


@pytest.fixture(autouse=True)
def faults(emulator: Emulator) -> None:
    emulator.emulate(FAULTS)


def requests(collage: Collage, count: int) -> Iterator[Request[Output]]:
    """Yield requests that differ."""
    return (collage(layers=[], extra={"number": number}) for number in range(count))


def ending(outcome: Outcome[Output]) -> str:
    """Check that an outcome is one that may be, and return its kind."""
    if outcome.error is None:
        assert isinstance(outcome.output, Output)
        return "output"
    assert outcome.output is None
    expected = ModelError, InfrastructureError, SubmissionUncertain
    assert isinstance(outcome.error, expected), repr(outcome.error)
    return type(outcome.error).__name__


KINDS = {"output", "ModelError", "InfrastructureError", "SubmissionUncertain"}


def check_accounts(
    emulator: Emulator,
    endings: dict[int, str],
    sent_again: int = 0,
    kinds: Set[str] = frozenset(("output", "ModelError")),
) -> None:
    """Check what the emulator was asked against what the caller was told.

    Args:
        emulator: The server.
        endings: How each request ended.
        sent_again: How many requests were sent again after their jobs had failed.
        kinds: How some of them must have ended.
    """
    count, told = len(endings), list(endings.values())
    assert sorted(endings) == list(range(count))
    assert kinds <= set(told) <= KINDS
    certain = count - told.count("SubmissionUncertain")
    # Only what was turned away as one too many (429) was sent again.
    turned_away = emulator.journal.count("submit", status=429)
    assert certain <= emulator.journal.count("submit") - turned_away - sent_again <= count
    assert certain <= len(emulator.queue) - sent_again <= count
    until(lambda: not emulator.queue.unfinished())  # a job may run whose submission was uncertain


class Held(NamedTuple):
    """How many objects are in memory: requests, and all of the client and its HTTP library."""

    requests: int
    objects: int


def held() -> Held:
    gc.collect()
    counts = Counter(map(type, gc.get_objects()))
    ours = ("fal_endpoints", "httpx", "httpcore", "h11")
    objects = sum(n for cls, n in counts.items() if str(cls.__module__).partition(".")[0] in ours)
    return Held(counts[Request], objects)


@pytest.mark.parametrize("count", [80, pytest.param(2000, marks=pytest.mark.soak)])
def test_many_jobs_end_in_bounded_memory(
    client: Fal,
    collage: Collage,
    emulator: Emulator,
    count: int,
    pytestconfig: pytest.Config,
) -> None:
    if count == 2000 and "soak" not in pytestconfig.option.markexpr:
        pytest.skip("takes up to a minute: pytest -m soak")
    endings: dict[int, str] = {}
    before, during = held(), list[Held]()
    for outcome in client.map(requests(collage, count), concurrency=CONCURRENCY):
        endings[outcome.index] = ending(outcome)
        if len(endings) % (count // 4) == 0:
            during.append(held())
    check_accounts(emulator, endings, kinds=KINDS if count == 2000 else frozenset(("output",)))
    # What is over is let go. How much else a request holds depends on the moment.
    assert max(now.requests for now in during) <= before.requests + 2 * CONCURRENCY
    if count == 2000:
        assert max(now.objects for now in during) < before.objects + 100 * CONCURRENCY


def test_hundreds_of_jobs_end_on_an_event_loop(
    client: Fal, collage: Collage, emulator: Emulator
) -> None:
    async def run() -> dict[int, str]:
        outcomes = client.map_async(requests(collage, 100), concurrency=CONCURRENCY)
        return {outcome.index: ending(outcome) async for outcome in outcomes}

    check_accounts(emulator, asyncio.run(run()))


def test_hundreds_of_jobs_survive_two_restarts(
    client: Fal, collage: Collage, emulator: Emulator, call: Call, tmp_path: Path
) -> None:
    ledger = tmp_path / "ledger.jsonl"
    for stop in (25, 75):
        outcomes = client.map(requests(collage, 100), concurrency=CONCURRENCY, ledger=ledger)
        assert len(list(itertools.islice(outcomes, stop))) == stop
        outcomes.close()
    last = call(client.map, requests(collage, 100), concurrency=CONCURRENCY, ledger=ledger)
    endings = {outcome.index: ending(outcome) for outcome in last}
    check_accounts(emulator, endings, sent_again(ledger))


def sent_again(ledger: Path) -> int:
    """Count the requests that a ledger says were sent again after their jobs had failed."""
    _, *events = map(json.loads, ledger.read_text().splitlines())
    last: dict[tuple[str, int], str] = {}
    count = 0
    for event in events:
        place = (event["request"], event["nth"])
        count += event["event"] == "sending" and last.get(place) == "failed"
        last[place] = event["event"]
    return count
