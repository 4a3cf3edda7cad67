"""`map` feeds many requests to the queue, and accounts for every one."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import Fal, ModelError, Outcome, Request, SubmissionUncertain

from .collage import Collage, Output
from .conftest import Call


def requests(collage: Collage, count: int) -> Iterator[Request[Output]]:
    """Yield requests that differ; each third one is refused by the model."""
    for number in range(count):
        yield collage(
            layers=[], extra={"number": number}, aspect="1:1" if number % 3 else "refused"
        )


def test_every_request_has_its_outcome(
    client: Fal, collage: Collage, call: Call, emulator: Emulator
) -> None:
    outcomes: list[Outcome[Output]] = call(client.map, requests(collage, 30), concurrency=8)
    assert sorted(outcome.index for outcome in outcomes) == list(range(30))
    for outcome in outcomes:
        assert outcome.request.payload["extra"]["number"] == outcome.index
        if outcome.index % 3:
            assert outcome.output is not None
            assert outcome.error is None
        else:
            assert isinstance(outcome.error, ModelError)
    assert emulator.journal.count("submit") == 30


def test_no_more_than_so_many_at_a_time(client: Fal, collage: Collage, emulator: Emulator) -> None:
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


def test_a_batch_goes_on_after_a_restart(
    client: Fal, collage: Collage, call: Call, emulator: Emulator, tmp_path: Path
) -> None:
    ledger = tmp_path / "batch.jsonl"
    first = client.map(requests(collage, 10), concurrency=2, ledger=ledger)
    assert len(list(itertools.islice(first, 4))) == 4
    first.close()
    submitted = emulator.journal.count("submit")
    assert 4 <= submitted < 10
    assert len(ledger.read_text().splitlines()) == submitted
    outcomes = call(client.map, requests(collage, 10), concurrency=2, ledger=ledger)
    assert len(outcomes) == 10
    assert emulator.journal.count("submit") == 10


def test_equal_requests_are_told_apart(
    client: Fal, collage: Collage, call: Call, emulator: Emulator, tmp_path: Path
) -> None:
    ledger = tmp_path / "batch.jsonl"
    same = [collage(layers=[{"image_url": b"GIF89a"}]) for _ in range(3)]
    call(client.map, same[:2], ledger=ledger)
    call(client.map, same, ledger=ledger)
    assert emulator.journal.count("submit") == 3
    ids = [json.loads(line)["request_id"] for line in ledger.read_text().splitlines()]
    assert len(set(ids)) == 3


def test_a_submission_without_an_answer_is_not_repeated_after_a_restart(
    client: Fal, collage: Collage, call: Call, emulator: Emulator, tmp_path: Path
) -> None:
    ledger = tmp_path / "batch.jsonl"
    emulator.emulate("drop=after; on=submit; times=1")
    for _ in range(2):
        (outcome,) = call(client.map, requests(collage, 1), ledger=ledger)
        assert isinstance(outcome.error, SubmissionUncertain)
        assert outcome.error.endpoint_id == Collage.endpoint_id
    assert emulator.journal.count("submit") == 1
    ledger.unlink()
    (outcome,) = call(client.map, requests(collage, 1), ledger=ledger)
    assert isinstance(outcome.error, ModelError)


@pytest.mark.parametrize("faults", ["drop=before; rate=0.05, rate-limit=0; rate=0.05"])
def test_a_batch_comes_through_faults(
    client: Fal, collage: Collage, emulator: Emulator, faults: str
) -> None:
    emulator.emulate(faults)
    outcomes = list(client.map(requests(collage, 60), concurrency=16))
    assert len(outcomes) == 60
    assert emulator.journal.count("submit", status=200) <= 60
