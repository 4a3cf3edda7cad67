"""`client_timeout` of `submit`, `map` and `stream`. `test_interruption` has that of `subscribe`."""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import ClientTimeoutError, Request, SubmissionUncertain
from fal_endpoints._runtime.tuning import Tuning

from .collage import Collage, Output
from .conftest import Call
from .given import client_of
from .ledgers import mapped
from .tuned import tuned_client
from .waiting import until

RUNNING = {"X-Emulate": "running=60"}


@pytest.fixture
def request_(collage: Collage) -> Request[Output]:
    return collage(layers=[])


def test_a_job_that_is_accepted_too_late_is_cancelled(
    request_: Request[Output], call: Call, emulator: Emulator
) -> None:
    headers = {"X-Emulate": "running=60, slow=1.2; on=submit"}
    with pytest.raises(ClientTimeoutError) as error:
        call(request_.submit, headers=headers, client_timeout=0.5)
    assert error.value.request_id
    assert emulator.queue.unfinished() == []
    (submitted,) = emulator.journal.select("submit")
    assert "x-fal-request-start-timeout" not in submitted.headers


def test_a_submission_that_is_never_answered_is_uncertain(call: Call, emulator: Emulator) -> None:
    client = tuned_client(Tuning(overtime=0.3), base_url=emulator.base_url)
    headers = {"X-Emulate": "slow=5; on=submit"}
    with pytest.raises(SubmissionUncertain):
        call(Collage(client)(layers=[]).submit, headers=headers, client_timeout=0.5)
    until(lambda: emulator.journal.count("submit") > 0)
    assert emulator.journal.count("submit") == 1


def test_submit_in_time_returns_a_handle_whose_job_runs_on(
    request_: Request[Output], call: Call, emulator: Emulator
) -> None:
    handle = call(request_.submit, headers=RUNNING, client_timeout=30)
    assert [job.request_id for job in emulator.queue.unfinished()] == [handle.request_id]


def test_each_job_of_a_batch_has_its_own_timeout(
    collage: Collage, call: Call, emulator: Emulator
) -> None:
    rows = [{"layers": [], "extra": {"number": number}} for number in range(2)]
    outcomes = call(collage.map, rows, concurrency=1, headers=RUNNING, client_timeout=1.1)
    assert [type(outcome.error) for outcome in outcomes] == [ClientTimeoutError] * 2
    assert len({outcome.error.request_id for outcome in outcomes}) == 2
    assert emulator.queue.unfinished() == []
    submitted = emulator.journal.select("submit")
    assert {each.headers["x-fal-request-start-timeout"] for each in submitted} == {"1.1"}


def test_with_a_ledger_the_next_run_waits_for_the_same_job(
    collage: Collage, call: Call, emulator: Emulator, ledger: Path
) -> None:
    running = {"X-Emulate": "running=2"}
    first = mapped(call, collage, ledger, headers=running, client_timeout=1)
    assert isinstance(first.error, ClientTimeoutError)
    assert emulator.journal.count("cancel") == 0
    (submitted,) = emulator.journal.select("submit")
    assert "x-fal-request-start-timeout" not in submitted.headers
    second = mapped(call, collage, ledger, headers=running, client_timeout=60)
    assert second.result().width == 640
    assert emulator.journal.count("submit") == 1


class Silent(httpx.SyncByteStream, httpx.AsyncByteStream):
    """One event, and then nothing until the test is over."""

    EVENT = b'data: {"image": {"url": "https://x.test/1"}, "width": 7}\n\n'

    def __init__(self) -> None:
        self.is_over = threading.Event()
        self.is_closed = threading.Event()

    def __iter__(self) -> Iterator[bytes]:
        yield self.EVENT
        self.is_over.wait(30)
        yield self.EVENT

    async def __aiter__(self) -> AsyncIterator[bytes]:
        import asyncio

        yield self.EVENT
        await asyncio.sleep(30)

    def close(self) -> None:
        self.is_closed.set()

    async def aclose(self) -> None:
        self.is_closed.set()


def test_a_stream_that_falls_silent_ends_at_the_timeout(call: Call) -> None:
    body = Silent()
    request = Collage(client_of(lambda _: httpx.Response(200, stream=body)))(layers=[])
    start = time.monotonic()
    with pytest.raises(ClientTimeoutError, match=r"not completed within 0\.5 seconds"):
        call(request.stream, client_timeout=0.5)
    assert time.monotonic() - start < 20
    body.is_over.set()
    until(body.is_closed.is_set)


def test_events_that_keep_coming_do_not_extend_the_timeout(
    request_: Request[Output], call: Call
) -> None:
    with pytest.raises(ClientTimeoutError):
        call(request_.stream, headers={"X-Emulate": "logs=100, running=60"}, client_timeout=1)


def test_a_stream_ends_before_its_timeout(request_: Request[Output], call: Call) -> None:
    outputs: Any = call(request_.stream, headers={"X-Emulate": "logs=3"}, client_timeout=60)
    assert [output.width for output in outputs] == [640, 640, 640]


def test_a_stream_with_a_timeout_may_be_left_early(request_: Request[Output]) -> None:
    headers = {"X-Emulate": "logs=100, running=60"}
    stream: Any = request_.stream(headers=headers, client_timeout=60)
    assert next(stream).width == 640
    stream.close()
