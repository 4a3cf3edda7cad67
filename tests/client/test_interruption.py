"""Who stops waiting leaves nothing running, unless it is meant to run on."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial

import httpx
import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import ClientTimeoutError, Request, Status, SubmissionUncertain
from fal_endpoints._runtime.tuning import Tuning

from .collage import Collage, Output
from .conftest import Call
from .tuned import tuned_client
from .waiting import until

RUNNING = {"X-Emulate": "running=60"}


@pytest.fixture
def request_(collage: Collage) -> Request[Output]:
    return collage(layers=[])


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Hold back what comes of each POST until this event is set."""
    release = threading.Event()
    send = httpx.HTTPTransport.handle_request
    send_async = httpx.AsyncHTTPTransport.handle_async_request

    def handle(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        try:
            return send(self, request)
        finally:
            if request.method == "POST":
                release.wait(30)

    async def handle_async(
        self: httpx.AsyncHTTPTransport, request: httpx.Request
    ) -> httpx.Response:
        try:
            return await send_async(self, request)
        finally:
            if request.method == "POST":
                await asyncio.to_thread(release.wait, 30)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", handle)
    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", handle_async)
    return release


@pytest.fixture
def ctrl_c_when(emulator: Emulator) -> Iterator[Callable[..., None]]:
    """Interrupt this process once the emulator has been asked for an operation."""
    threads: list[threading.Thread] = []

    def press(operation: str, held: threading.Event | None) -> None:
        until(lambda: emulator.journal.count(operation) > 0)
        os.kill(os.getpid(), signal.SIGINT)
        if held is not None:
            held.set()

    def start(operation: str, held: threading.Event | None = None) -> None:
        threads.append(threading.Thread(target=press, args=(operation, held)))
        threads[-1].start()

    yield start
    for thread in threads:
        thread.join()


def test_the_timeout_cancels_the_job(
    request_: Request[Output], call: Call, emulator: Emulator
) -> None:
    with pytest.raises(ClientTimeoutError) as error:
        call(request_.subscribe, headers=RUNNING, client_timeout=1.2)
    assert isinstance(error.value, TimeoutError)
    assert f"request {error.value.request_id}" in str(error.value)
    assert emulator.queue.unfinished() == []
    (submitted,) = emulator.journal.select("submit")
    assert submitted.headers["x-fal-request-start-timeout"] == "1.2"


def test_the_timeout_can_leave_the_job_running(
    request_: Request[Output], call: Call, emulator: Emulator
) -> None:
    with pytest.raises(ClientTimeoutError):
        call(request_.subscribe, headers=RUNNING, client_timeout=1, cancel_on_interrupt=False)
    assert len(emulator.queue.unfinished()) == 1


def test_waiting_on_a_handle_leaves_the_job_running(
    request_: Request[Output], call: Call, emulator: Emulator
) -> None:
    handle = call(request_.submit, headers=RUNNING)
    with pytest.raises(ClientTimeoutError):
        call(handle.result, client_timeout=0.3)
    assert len(emulator.queue.unfinished()) == 1


@pytest.mark.parametrize("operation", ["status", "result", "submit"])
def test_the_timeout_holds_for_an_answer_that_drips_in(
    request_: Request[Output], call: Call, emulator: Emulator, operation: str
) -> None:
    """Each piece comes well within the timeout; the whole answer would take many times as long."""
    start = time.monotonic()
    length = 1.2 if operation == "submit" else 30
    job = "running=0" if operation == "result" else "running=60"
    headers = {"X-Emulate": f"{job}, slow={length}; on={operation}"}
    with pytest.raises(ClientTimeoutError) as error:
        call(request_.subscribe, headers=headers, client_timeout=1)
    assert error.value.request_id
    assert time.monotonic() - start < 20
    assert emulator.queue.unfinished() == []
    assert emulator.journal.count("cancel") == 1


def test_a_submission_whose_answer_drips_in_for_ever_is_uncertain(
    call: Call, emulator: Emulator
) -> None:
    client = tuned_client(Tuning(overtime=0.3), base_url=emulator.base_url)
    request_ = Collage(client)(layers=[])
    with pytest.raises(SubmissionUncertain):
        call(request_.subscribe, headers={"X-Emulate": "slow=5; on=submit"}, client_timeout=0.6)
    until(lambda: emulator.journal.count("submit") > 0)
    assert emulator.journal.count("submit") == 1


def test_ctrl_c_is_not_lost_with_the_answer_to_a_submission(
    request_: Request[Output], ctrl_c_when: Callable[..., None], held: threading.Event
) -> None:
    ctrl_c_when("submit", held)
    with pytest.raises(KeyboardInterrupt) as error:
        request_.submit(headers={"X-Emulate": "drop=after; on=submit"})
    assert isinstance(error.value.__context__, SubmissionUncertain)


def test_a_cancellation_is_not_lost_with_the_answer_to_a_submission(
    request_: Request[Output], emulator: Emulator, held: threading.Event
) -> None:
    async def start_and_cancel() -> None:
        faults = "drop=after; on=submit"
        task = asyncio.create_task(request_.submit_async(headers={"X-Emulate": faults}))
        await asyncio.to_thread(until, lambda: emulator.journal.count("submit") > 0)
        task.cancel()
        held.set()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(start_and_cancel())


@pytest.mark.parametrize("watched_by", ["events", "status"])
def test_ctrl_c_cancels_the_job(
    request_: Request[Output],
    emulator: Emulator,
    ctrl_c_when: Callable[..., None],
    watched_by: str,
) -> None:
    ctrl_c_when(watched_by)
    fault = ", refuse; on=events" if watched_by == "status" else ""
    with pytest.raises(KeyboardInterrupt):
        request_.subscribe(headers={"X-Emulate": f"running=60{fault}"})
    assert emulator.journal.count("cancel") == 1
    assert emulator.queue.unfinished() == []


@pytest.mark.parametrize("method", ["submit", "subscribe"])
def test_ctrl_c_during_the_submission_cancels_the_job(
    request_: Request[Output],
    emulator: Emulator,
    ctrl_c_when: Callable[..., None],
    held: threading.Event,
    method: str,
) -> None:
    ctrl_c_when("submit", held)
    with pytest.raises(KeyboardInterrupt):
        getattr(request_, method)(headers=RUNNING)
    assert emulator.journal.count("submit") == 1
    assert emulator.queue.unfinished() == []


def test_ctrl_c_does_not_wait_long_for_the_answer_to_a_submission(
    emulator: Emulator, ctrl_c_when: Callable[..., None]
) -> None:
    client = tuned_client(Tuning(grace=0.2), base_url=emulator.base_url)
    start, handler = time.monotonic(), signal.getsignal(signal.SIGINT)
    ctrl_c_when("submit")
    with pytest.raises(KeyboardInterrupt):
        Collage(client)(layers=[]).submit(headers={"X-Emulate": "delay=30; on=submit"})
    assert time.monotonic() - start < 20
    assert signal.getsignal(signal.SIGINT) is handler


def test_a_second_ctrl_c_does_not_wait_for_the_answer_to_a_submission(
    request_: Request[Output], emulator: Emulator
) -> None:
    def press_twice() -> None:
        until(lambda: emulator.journal.count("submit") > 0)
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.2)
        os.kill(os.getpid(), signal.SIGINT)

    start, thread = time.monotonic(), threading.Thread(target=press_twice)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        request_.submit(headers={"X-Emulate": "delay=30; on=submit"})
    assert time.monotonic() - start < 20
    thread.join()


def test_ctrl_c_on_an_event_loop_cancels_the_job(
    request_: Request[Output], emulator: Emulator, ctrl_c_when: Callable[..., None]
) -> None:
    ctrl_c_when("events")
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(request_.subscribe_async(headers=RUNNING))
    assert emulator.queue.unfinished() == []


@pytest.mark.parametrize("operation", ["submit", "events"])
def test_cancelling_the_task_cancels_the_job(
    request_: Request[Output], emulator: Emulator, held: threading.Event, operation: str
) -> None:
    if operation == "events":
        held.set()

    async def start_and_cancel() -> None:
        task = asyncio.create_task(request_.subscribe_async(headers=RUNNING))
        await asyncio.to_thread(until, lambda: emulator.journal.count(operation) > 0)
        task.cancel()
        held.set()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(start_and_cancel())
    assert emulator.journal.count("submit") == 1
    assert emulator.queue.unfinished() == []


def test_a_task_that_is_cancelled_twice_still_cancels_the_job(
    request_: Request[Output], emulator: Emulator
) -> None:
    """As a timeout does, and the task group around it."""
    headers = {"X-Emulate": "running=60, delay=0.3; on=cancel"}

    def has_had(operation: str) -> bool:
        return emulator.journal.count(operation) > 0

    async def start_and_cancel() -> None:
        task = asyncio.create_task(request_.subscribe_async(headers=headers))
        for operation in ("events", "cancel"):
            await asyncio.to_thread(until, partial(has_had, operation))
            task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(start_and_cancel())
    assert emulator.queue.unfinished() == []


def test_a_job_that_runs_on_is_reported(
    request_: Request[Output], emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    headers = {"X-Emulate": "running=60, delay=60; on=cancel"}

    async def start_and_cancel() -> None:
        task = asyncio.create_task(request_.subscribe_async(headers=headers))
        await asyncio.to_thread(until, lambda: emulator.journal.count("events") > 0)
        task.cancel()
        await asyncio.to_thread(until, lambda: emulator.journal.count("cancel") > 0)
        for _ in range(2):
            task.cancel()
            await asyncio.sleep(0.05)
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(start_and_cancel())
    (job,) = emulator.queue.unfinished()
    assert f"request {job.request_id}: not cancelled; it may still be running" in caplog.text


def test_a_timeout_of_the_event_loop_cancels_the_job(
    request_: Request[Output], emulator: Emulator
) -> None:
    async def wait() -> None:
        await asyncio.wait_for(request_.subscribe_async(headers=RUNNING), timeout=1)

    with pytest.raises((asyncio.TimeoutError, TimeoutError)):
        asyncio.run(wait())
    assert emulator.queue.unfinished() == []


def test_a_callback_that_fails_cancels_the_job(
    request_: Request[Output], call: Call, emulator: Emulator
) -> None:
    def fail(update: Status) -> None:
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        call(request_.subscribe, headers=RUNNING, on_queue_update=fail)
    assert emulator.queue.unfinished() == []


def test_a_cancellation_that_fails_does_not_hide_why(
    request_: Request[Output], call: Call, emulator: Emulator
) -> None:
    headers = {"X-Emulate": "running=60, refuse=internal_error; on=cancel"}
    with pytest.raises(ClientTimeoutError):
        call(request_.subscribe, headers=headers, client_timeout=1)
    assert emulator.journal.count("cancel") == 1


def test_nothing_is_asked_after_the_interruption(
    request_: Request[Output], call: Call, emulator: Emulator
) -> None:
    threads = threading.active_count()
    with pytest.raises(ClientTimeoutError):
        call(request_.subscribe, headers=RUNNING, client_timeout=1)
    asked = len(emulator.journal)
    time.sleep(0.5)
    assert len(emulator.journal) == asked
    assert threading.active_count() < threads + 10


@pytest.mark.parametrize("method", ["submit_async", "subscribe_async", "run_async"])
def test_an_interruption_that_cannot_wait_for_the_answer_is_reported(
    request_: Request[Output], emulator: Emulator, caplog: pytest.LogCaptureFixture, method: str
) -> None:
    """A task that is cancelled twice during a submission knows no job that it could cancel."""
    headers = {"X-Emulate": "delay=60; on=submit, delay=60; on=run"}

    async def start_and_cancel() -> None:
        task = asyncio.create_task(getattr(request_, method)(headers=headers))
        await asyncio.to_thread(until, lambda: len(emulator.journal) > 0)
        for _ in range(2):
            task.cancel()
            await asyncio.sleep(0.05)
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(start_and_cancel())
    assert "acme/collage/v1/layers: interrupted before it was answered" in caplog.text
