"""`map` feeds many requests to the queue, and accounts for every one."""

from __future__ import annotations

import asyncio
import contextvars
import io
import itertools
import json
import logging
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import (
    APIError,
    ConfigurationError,
    Failed,
    Fal,
    FalError,
    Ledger,
    ModelError,
    Outcome,
    Request,
    SubmissionUncertain,
    Succeeded,
    ValidationError,
)

from .collage import Collage, Output
from .conftest import Call
from .waiting import until


def requests(collage: Collage, count: int) -> Iterator[Request[Output]]:
    """Yield requests that differ; each third one is refused by the model."""
    for number in range(count):
        yield collage(
            layers=[], extra={"number": number}, aspect="1:1" if number % 3 else "refused"
        )


def ids(ledger: Path) -> set[str]:
    """Return the ids that a ledger holds."""
    entries = [json.loads(line) for line in ledger.read_text().splitlines()]
    return {entry["request_id"] for entry in entries if entry.get("request_id")}


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
    assert len(ids(ledger)) == submitted
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
    assert len(ids(ledger)) == 3


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


ONE_OF_A_BATCH = """\
import sys
from fal_endpoints import Fal
client = Fal("key", base_url=sys.argv[1])
request = client.fal_ai.pika.v2_2.image_to_video(image_url="https://x.test/a.png", prompt="a cat")
print(*client.map([request], ledger=sys.argv[2]))
"""


@pytest.fixture
def killed_while(
    emulator: Emulator, tmp_path: Path, client: Fal
) -> Iterator[tuple[Request[object], Path]]:
    """Kill a process between its submission and the answer; give its request and its ledger."""
    ledger = tmp_path / "batch.jsonl"
    emulator.emulate("slow=60; on=submit; times=1")  # accepted, but the answer drips in
    command = [sys.executable, "-c", ONE_OF_A_BATCH, emulator.base_url, str(ledger)]
    paths = {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, env={**os.environ, **paths}) as process:
        until(lambda: emulator.journal.count("submit", status=200) == 1)
        process.send_signal(signal.SIGKILL)
    request = client.fal_ai.pika.v2_2.image_to_video(
        image_url="https://x.test/a.png", prompt="a cat"
    )
    yield request, ledger


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_process_that_is_killed_while_it_submits_leads_to_no_second_job(
    killed_while: tuple[Request[object], Path], client: Fal, call: Call, emulator: Emulator
) -> None:
    request, ledger = killed_while
    for _ in range(2):
        (outcome,) = call(client.map, [request], ledger=ledger)
        assert isinstance(outcome.error, SubmissionUncertain)
    assert emulator.journal.count("submit") == 1
    with Ledger(ledger) as opened:
        (uncertain,) = opened.uncertain()
        opened.send_again(uncertain.id)
    (outcome,) = call(client.map, [request], ledger=ledger)
    assert outcome.error is None
    assert emulator.journal.count("submit") == 2


@pytest.mark.parametrize("cut_line", [1, 2, 3])
def test_a_line_that_was_cut_off_is_no_obstacle(
    client: Fal, collage: Collage, call: Call, emulator: Emulator, tmp_path: Path, cut_line: int
) -> None:
    """Without "sending" nothing was sent; without "accepted", its id is not known."""
    ledger, request = tmp_path / "batch.jsonl", collage(layers=[])
    call(client.map, [request], ledger=ledger)
    lines = ledger.read_bytes().splitlines(keepends=True)
    for length in (1, 10, len(lines[cut_line]) - 2):
        ledger.write_bytes(b"".join(lines[:cut_line]) + lines[cut_line][:length])
        before = emulator.journal.count("submit")
        for _ in range(2):
            (outcome,) = call(client.map, [request], ledger=ledger)
            assert isinstance(outcome.error, SubmissionUncertain) == (cut_line == 2)
        assert emulator.journal.count("submit") - before == (cut_line == 1)


def test_a_ledger_is_used_by_one_batch_at_a_time(
    client: Fal, collage: Collage, call: Call, emulator: Emulator, tmp_path: Path
) -> None:
    ledger = tmp_path / "batch.jsonl"
    first = client.map(requests(collage, 5), concurrency=1, ledger=ledger)
    next(first)
    with pytest.raises(ConfigurationError, match=r"another batch is using .*batch\.jsonl"):
        call(client.map, requests(collage, 5), ledger=ledger)
    first.close()
    assert len(call(client.map, requests(collage, 5), ledger=ledger)) == 5
    assert emulator.journal.count("submit") == 5


@pytest.mark.parametrize("fault", ["refuse=bad_request", "rate-limit=3600"])
def test_what_was_refused_is_submitted_again_after_a_restart(
    client: Fal, collage: Collage, call: Call, emulator: Emulator, tmp_path: Path, fault: str
) -> None:
    ledger, request = tmp_path / "batch.jsonl", collage(layers=[])
    emulator.emulate(f"{fault}; on=submit; times=1")
    (outcome,) = call(client.map, [request], ledger=ledger)
    assert isinstance(outcome.error, APIError)
    (outcome,) = call(client.map, [request], ledger=ledger)
    assert outcome.error is None


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


def test_a_row_that_is_not_valid_is_an_outcome(
    collage: Collage, call: Call, emulator: Emulator
) -> None:
    rows: list[Any] = [
        {"layers": []},
        {"layers": [], "aspcet": "1:1"},
        {},
        {"layers": "none"},
        {"layers": [], 5: 5},
        {"layers": [], "extra": {"no": object()}},
        ["layers"],
        None,
        {"layers": [], "aspect": "2:1"},
    ]
    outcomes = sorted(call(collage.map, rows), key=lambda outcome: outcome.index)
    assert [type(outcome) for outcome in outcomes] == [Succeeded, *[Failed] * 7, Succeeded]
    for outcome in outcomes[1:-1]:
        assert isinstance(outcome.error, ValidationError)
        assert outcome.error.endpoint_id == Collage.endpoint_id
    assert outcomes[1].request is None
    assert "did you mean aspect?" in str(outcomes[1].error)
    assert emulator.journal.count("submit") == 2


def test_one_batch_takes_requests_of_several_endpoints(
    client: Fal, collage: Collage, call: Call, tmp_path: Path
) -> None:
    pika = client.fal_ai.pika.v2_2.image_to_video
    requests = [collage(layers=[]), pika(image_url="https://x.test/a.png", prompt="a cat")]
    for _ in range(2):
        outcomes = call(client.map, requests, ledger=tmp_path / "batch.jsonl")
        outputs = {outcome.index: type(outcome.result()).__module__ for outcome in outcomes}
        assert outputs == {0: Output.__module__, 1: "fal_endpoints.fal_ai.pika.v2_2.image_to_video"}


def test_what_is_no_request_is_an_outcome(client: Fal, collage: Collage, call: Call) -> None:
    mixed: list[Any] = [{"layers": []}, collage(layers=[]), None]
    outcomes = sorted(call(client.map, mixed), key=lambda outcome: outcome.index)
    assert [outcome.error is None for outcome in outcomes] == [False, True, False]
    assert "`map` of an endpoint accepts mappings" in str(outcomes[0].error)


@pytest.mark.parametrize("concurrency", [1, 3, 16])
def test_requests_that_fail_to_come_end_the_batch_when_what_runs_is_over(
    client: Fal, collage: Collage, emulator: Emulator, call: Call, concurrency: int
) -> None:
    def failing() -> Iterator[Request[Output]]:
        yield from requests(collage, 3)
        raise LookupError("no more rows")

    outcomes: list[Outcome[Output]] = []

    def collected() -> None:
        for outcome in client.map(failing(), concurrency=concurrency):
            outcomes.append(outcome)

    async def collected_async() -> None:
        async for outcome in client.map_async(failing(), concurrency=concurrency):
            outcomes.append(outcome)

    for collect in (collected, lambda: asyncio.run(collected_async())):
        outcomes.clear()
        with pytest.raises(LookupError, match="no more rows"):
            collect()
        assert sorted(outcome.index for outcome in outcomes) == [0, 1, 2]
    assert emulator.queue.unfinished() == []


def test_map_async_takes_asynchronous_iterables(
    client: Fal, collage: Collage, emulator: Emulator, tmp_path: Path
) -> None:
    is_first_over = asyncio.Event()

    async def coming() -> AsyncIterator[Request[Output]]:
        yield collage(layers=[])
        await asyncio.wait_for(is_first_over.wait(), 10)  # an outcome comes before the next row
        yield collage(layers=[], aspect="2:1")

    async def run() -> list[Outcome[Output]]:
        outcomes: list[Outcome[Output]] = []
        async for outcome in client.map_async(coming(), ledger=tmp_path / "batch.jsonl"):
            outcomes.append(outcome)
            is_first_over.set()
        rows = ({"layers": list[Any]()} async for _ in coming())
        return outcomes + [outcome async for outcome in collage.map_async(rows)]

    assert [outcome.error for outcome in asyncio.run(run())] == [None] * 4
    assert emulator.journal.count("submit") == 4


@pytest.mark.parametrize("concurrency", [0, -1, True, 1.5, "8", None])
def test_a_concurrency_that_is_no_count_is_refused_by_the_call(
    client: Fal, collage: Collage, concurrency: Any
) -> None:
    for method in (client.map, client.map_async, collage.map, collage.map_async):
        with pytest.raises(ConfigurationError, match="concurrency should be an integer of at leas"):
            method([], concurrency=concurrency)


def test_arguments_that_map_does_not_have_are_refused_by_the_call(
    client: Fal, collage: Collage
) -> None:
    wrong: Any = {"retry": "always"}
    unknown: Any = {"client_timeout": 1}
    for method in (client.map, client.map_async, collage.map, collage.map_async):
        with pytest.raises(ConfigurationError, match="retry should be 'retryable' or 'failed'"):
            method([], **wrong)
        with pytest.raises(TypeError, match="has no option 'client_timeout'"):
            method([], **unknown)


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
    caplog.handler.addFilter(lambda record: users.append(user.get()) or True)
    user.set("somebody")
    with caplog.at_level(logging.INFO, "fal_endpoints"):
        assert list(client.map([collage(layers=[])]))
    assert set(users) == {"somebody"}


def test_rows_are_taken_in_the_thread_of_the_caller(client: Fal, collage: Collage) -> None:
    """Cursors of databases, for instance, belong to the thread that opened them."""
    import threading

    threads: set[int] = set()

    def rows() -> Iterator[Request[Output]]:
        for request in requests(collage, 5):
            threads.add(threading.get_ident())
            yield request

    assert len(list(client.map(rows(), concurrency=2))) == 5
    assert threads == {threading.get_ident()}


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
