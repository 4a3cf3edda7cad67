"""`map` feeds many requests to the queue, and accounts for every one."""

from __future__ import annotations

import asyncio
import contextvars
import io
import logging
import pickle
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import (
    APIError,
    Failed,
    Fal,
    FalError,
    ModelError,
    Outcome,
    Request,
)

from .batches import requests
from .collage import Collage, Output
from .conftest import Call
from .waiting import until


def test_every_request_has_its_outcome(
    client: Fal, collage: Collage, call: Call, emulator: Emulator
) -> None:
    outcomes: list[Outcome[Output]] = call(client.map, requests(collage, 30), concurrency=8)
    assert sorted(outcome.index for outcome in outcomes) == list(range(30))
    for outcome in outcomes:
        assert outcome.request is not None
        assert outcome.request.payload["extra"]["number"] == outcome.index
        if outcome.index % 3:
            assert outcome.output is not None
            assert outcome.error is None
        else:
            assert isinstance(outcome.error, ModelError)
    assert emulator.journal.count("submit") == 30


def test_a_batch_has_no_more_jobs_than_its_concurrency(
    client: Fal, collage: Collage, emulator: Emulator
) -> None:
    taken = 0

    def counted() -> Iterator[Request[Output]]:
        nonlocal taken
        for request in requests(collage, 1000):
            taken += 1
            yield request

    outcomes = client.map(counted(), concurrency=4)
    for seen in range(1, 9):
        next(outcomes)
        assert taken <= seen + 4
    outcomes.close()
    assert emulator.journal.count("submit") <= 12


def test_leaving_early_cancels_what_runs(client: Fal, collage: Collage, emulator: Emulator) -> None:
    slow = {"X-Emulate": "running=60"}
    some = [collage(layers=[]), collage(layers=[]), collage(layers=[], aspect="no")]

    def one_fast_then_slow() -> Iterator[Request[Output]]:
        yield from some

    outcomes = client.map(one_fast_then_slow(), headers=slow)
    emulator.emulate("refuse=bad_request; on=submit; times=1")
    assert next(outcomes).error is not None
    outcomes.close()
    assert emulator.queue.unfinished() == []


@pytest.mark.parametrize("faults", ["drop=before; rate=0.05, rate-limit=0; rate=0.05"])
def test_a_batch_comes_through_faults(
    client: Fal, collage: Collage, emulator: Emulator, faults: str
) -> None:
    emulator.emulate(faults)
    outcomes = list(client.map(requests(collage, 60), concurrency=16))
    assert len(outcomes) == 60
    assert emulator.journal.count("submit", status=200) <= 60


def test_a_batch_that_is_left_while_it_is_turned_away_has_sent_nothing(
    client: Fal, collage: Collage, emulator: Emulator, tmp_path: Path
) -> None:
    ledger = tmp_path / "batch.jsonl"
    first, second = list(requests(collage, 3))[1:]
    emulator.emulate("rate-limit=30; on=submit; times=1, refuse=bad_request; on=submit; times=2")

    def one_turned_away() -> Iterator[Request[Output]]:
        yield first
        until(lambda: emulator.journal.count("submit", status=429) == 1)
        yield second

    outcomes = client.map(one_turned_away(), concurrency=2, ledger=ledger)
    assert isinstance(next(outcomes).error, APIError)
    outcomes.close()
    outcomes = client.map([first, second], ledger=ledger)
    assert all(outcome.error is None for outcome in outcomes)


class Counting(httpx.HTTPTransport):
    """Counts its calls, and fails in its own way where the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.calls += 1
        if b"unforeseen" in request.read():
            raise ArithmeticError("unforeseen")
        return super().handle_request(request)


def test_a_given_http_client_carries_the_batch(emulator: Emulator, tmp_path: Path) -> None:
    path = tmp_path / "frame.png"
    path.write_bytes(b"\x89PNG\r\n" * 50_000)
    transport = Counting()
    with httpx.Client(transport=transport) as http:
        collage = Collage(Fal("key", base_url=emulator.base_url, http_client=http))
        rows = [{"layers": [], "mask_urls": [path], "aspect": f"{n}:1"} for n in range(1, 9)]
        assert all(outcome.error is None for outcome in collage.map(rows, concurrency=4))
    assert transport.calls == len(emulator.journal)


def test_what_a_transport_raises_ends_one_request_and_not_the_batch(emulator: Emulator) -> None:
    with httpx.Client(transport=Counting()) as http:
        collage = Collage(Fal("key", base_url=emulator.base_url, http_client=http))
        rows = [
            {"layers": list[Any](), "extra": {"a": word}}
            for word in ("foreseen", "unforeseen", "b")
        ]
        outcomes = sorted(collage.map(rows), key=lambda outcome: outcome.index)
    assert [outcome.error is None for outcome in outcomes] == [True, False, True]
    assert isinstance(outcomes[1].error, FalError)
    assert isinstance(outcomes[1].error.__cause__, ArithmeticError)


def test_map_works_while_an_event_loop_runs(client: Fal, collage: Collage) -> None:
    async def run() -> list[Outcome[Output]]:
        return list(client.map(requests(collage, 3)))

    assert len(asyncio.run(run())) == 3


def test_context_variables_reach_the_log(
    client: Fal, collage: Collage, caplog: pytest.LogCaptureFixture
) -> None:
    user = contextvars.ContextVar[str]("user", default="nobody")
    users: list[str] = []

    def note_user(record: logging.LogRecord) -> bool:
        users.append(user.get())
        return True

    caplog.handler.addFilter(note_user)
    user.set("somebody")
    with caplog.at_level(logging.INFO, "fal_endpoints"):
        assert list(client.map([collage(layers=[])]))
    assert set(users) == {"somebody"}


def test_outcomes_can_be_pickled() -> None:
    """As they are returned from the processes of a pool."""
    failed: Failed[Output] = Failed(3, None, FalError("no"))
    copy = pickle.loads(pickle.dumps(failed))
    assert (copy.index, copy.request, copy.output) == (3, None, None)
    assert isinstance(copy.error, FalError)
    with pytest.raises(FalError):
        copy.result()


class HungUp(io.StringIO):
    """A terminal that was closed."""

    def isatty(self) -> bool:
        return True

    def write(self, text: str, /) -> int:
        raise OSError(5, "Input/output error")


def closed() -> io.StringIO:
    stream = io.StringIO()
    stream.close()
    return stream


@pytest.mark.parametrize("stderr", [None, HungUp(), closed()], ids=["none", "hung up", "closed"])
def test_a_batch_needs_no_terminal(
    collage: Collage, call: Call, monkeypatch: pytest.MonkeyPatch, stderr: io.StringIO | None
) -> None:
    """As a program without a console has none."""
    monkeypatch.setattr(sys, "stderr", stderr)
    outcomes = call(collage.map, [{"layers": []}] * 3)
    assert [outcome.error for outcome in outcomes] == [None, None, None]
