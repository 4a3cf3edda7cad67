"""Submit, wait, fetch, cancel, as a caller sees them."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import (
    APIError,
    Completed,
    Fal,
    InProgress,
    LogEntry,
    NotFoundError,
    Queued,
    Request,
    Status,
    UnknownStatus,
    ValidationError,
)

from .collage import Collage, Output
from .conftest import Call
from .scripted import Answer, Asked, scripted_collage

NO_STREAM = "refuse; on=events"
URL = "https://example.test/a.png"


@pytest.fixture
def request_(collage: Collage) -> Request[Output]:
    return collage(layers=[{"image_url": URL}])


def emulate(directives: str) -> dict[str, str]:
    return {"X-Emulate": directives}


def test_subscribe_returns_the_typed_result(request_: Request[Output], call: Call) -> None:
    output = call(request_.subscribe)
    assert isinstance(output, Output)
    assert output.width == 640
    assert output.image.url.startswith("http://127.0.0.1:")


def test_a_quick_job_costs_three_requests(
    request_: Request[Output], call: Call, emulator: Emulator
) -> None:
    call(request_.subscribe)
    assert [entry.operation for entry in emulator.journal] == ["submit", "events", "result"]


def test_one_connection_serves_job_after_job(
    request_: Request[Output], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[object] = []
    connect = socket.create_connection

    def counting(*args: Any, **options: Any) -> socket.socket:
        opened.append(args)
        return connect(*args, **options)

    monkeypatch.setattr(socket, "create_connection", counting)
    for _ in range(3):
        request_.subscribe()
    assert len(opened) == 1


def test_the_body_is_the_payload(request_: Request[Output], call: Call, emulator: Emulator) -> None:
    call(request_.submit)
    (submitted,) = emulator.journal.select("submit")
    assert submitted.json == request_.payload
    assert submitted.headers["content-type"] == "application/json"
    assert submitted.headers["authorization"] == "Key key-id:key-secret"


def test_options_reach_the_server(
    request_: Request[Output], call: Call, emulator: Emulator
) -> None:
    call(
        request_.submit,
        webhook_url="https://example.test/hook?a=1&b=2",
        priority="low",
        hint="warm",
        start_timeout=30,
        headers={"X-Extra": "1"},
    )
    (submitted,) = emulator.journal.select("submit")
    assert submitted.query == "fal_webhook=https%3A%2F%2Fexample.test%2Fhook%3Fa%3D1%26b%3D2"
    sent = submitted.headers
    assert sent["x-fal-queue-priority"] == "low"
    assert sent["x-fal-runner-hint"] == "warm"
    assert sent["x-fal-request-start-timeout"] == sent["x-fal-request-timeout"] == "30"
    assert sent["x-extra"] == "1"


def test_a_misspelt_option_is_refused(request_: Request[Output], emulator: Emulator) -> None:
    misspelt: Any = {"on_queue_updates": print}
    with pytest.raises(TypeError, match="on_queue_updates"):
        request_.subscribe(**misspelt)
    assert len(emulator.journal) == 0


def test_submit_returns_a_handle_that_can_be_made_again(
    collage: Collage, request_: Request[Output], call: Call
) -> None:
    handle = call(request_.submit)
    again = collage.handle(handle.request_id)
    assert call(again.result).width == 640
    assert isinstance(call(again.status), Completed)


@pytest.mark.parametrize("fault", ["ahead=0", NO_STREAM, "truncate; on=events; times=1"])
def test_events_give_each_state_and_each_log_line_once(
    request_: Request[Output], call: Call, fault: str
) -> None:
    directives = f"queued=0.05, running=0.6, logs=5, {fault}"
    handle = call(request_.submit, headers=emulate(directives))
    events: list[Status] = call(handle.events, with_logs=True)
    assert isinstance(events[-1], Completed)
    lines: list[LogEntry] = []
    for event in events:
        if isinstance(event, (InProgress, Completed)):
            lines += event.logs
    assert [line.message for line in lines] == [f"step {n}/5" for n in range(1, 6)]
    assert {line.level for line in lines} == {"INFO"}


def test_a_stream_that_is_not_there_is_asked_for_once_per_job(
    request_: Request[Output], call: Call, emulator: Emulator
) -> None:
    for _ in range(4):
        call(request_.subscribe, headers=emulate(NO_STREAM))
    assert emulator.journal.count("events") == 4


def test_a_job_that_is_not_there_says_nothing_of_streams(
    collage: Collage, request_: Request[Output], call: Call, emulator: Emulator
) -> None:
    for _ in range(3):
        with pytest.raises(NotFoundError):
            call(collage.handle("never-submitted").result)
    call(request_.subscribe)
    assert [entry.operation for entry in emulator.journal][-2:] == ["events", "result"]


def test_callbacks_are_told_of_the_request_and_its_states(
    request_: Request[Output], call: Call
) -> None:
    ids: list[str] = []
    updates: list[Status] = []
    call(
        request_.subscribe,
        headers=emulate("queued=0.2, ahead=2, running=0.2"),
        on_enqueue=ids.append,
        on_queue_update=updates.append,
        with_logs=True,
    )
    assert len(ids) == 1
    assert isinstance(updates[0], Queued)
    assert isinstance(updates[-1], Completed)
    assert updates[-1].metrics["inference_time"] == pytest.approx(0.2)


def test_callbacks_may_be_coroutines_on_an_event_loop(request_: Request[Output]) -> None:
    updates: list[Status] = []

    async def note(update: Status) -> None:
        await asyncio.sleep(0)
        updates.append(update)

    asyncio.run(request_.subscribe_async(on_queue_update=note))
    assert isinstance(updates[-1], Completed)


def test_a_state_that_is_not_known_is_not_the_end(request_: Request[Output], call: Call) -> None:
    updates: list[Status] = []
    call(
        request_.subscribe,
        headers=emulate(f"unknown-status=PAUSED; on=status; times=1, {NO_STREAM}"),
        on_queue_update=updates.append,
    )
    assert updates[0] == UnknownStatus("PAUSED")
    assert isinstance(updates[-1], Completed)


FAILURES: list[dict[str, Any]] = [
    {"status": "FAILED"},
    {"status": "CANCELLED"},
    {"status": "Error"},
    {"status": "GAVE_UP", "error": "the runner is gone", "error_type": "runner_disconnected"},
]


@pytest.mark.parametrize("status", FAILURES, ids=lambda status: status["status"])
def test_a_failure_in_a_state_that_fal_does_not_document_is_the_end(
    call: Call, status: dict[str, Any]
) -> None:
    def answer(asked: Asked) -> Answer:
        if asked.method == "POST":
            return Answer(200, {"request_id": "r1"})
        return Answer(404) if "/stream" in asked.path else Answer(200, status)

    with scripted_collage(answer) as (collage, server), pytest.raises(APIError) as error:
        call(collage(layers=[]).subscribe)
    assert error.value.request_id == "r1"
    assert status.get("error", status["status"]) in str(error.value)
    assert error.value.error_type == status.get("error_type")
    assert error.value.body["status"] == status["status"]
    assert sum("/status?" in asked.path for asked in server.asked) == 1


def test_cancel_takes_an_answer_that_only_has_a_detail(call: Call) -> None:
    answer = Answer(400, {"detail": "Request is already completed"})
    with scripted_collage(lambda asked: answer) as (collage, _):
        assert call(collage.handle("r1").cancel) is False


def test_fields_and_values_that_the_server_adds_are_kept(
    request_: Request[Output], call: Call
) -> None:
    output = call(request_.subscribe, headers=emulate("unknown-field=sharpness"))
    assert "sharpness" in output.model_extra


def test_cancel_says_whether_there_was_something_to_cancel(
    request_: Request[Output], call: Call, emulator: Emulator
) -> None:
    running = call(request_.submit, headers=emulate("running=60"))
    assert call(running.cancel) is True
    assert emulator.queue.unfinished() == []
    over = call(request_.submit)
    call(over.result)
    assert call(over.cancel) is False


def test_a_request_that_the_server_does_not_know(collage: Collage, call: Call) -> None:
    handle = collage.handle("never-submitted")
    for method in (handle.status, handle.result, handle.cancel):
        with pytest.raises(NotFoundError) as error:
            call(method)
        assert error.value.request_id == "never-submitted"


def test_one_client_serves_several_event_loops(client: Fal, collage: Collage) -> None:
    request = collage(layers=[])

    async def several() -> list[Output]:
        try:
            return await asyncio.gather(*(request.subscribe_async() for _ in range(3)))
        finally:
            await client.aclose()

    assert len(asyncio.run(several())) == 3
    assert len(asyncio.run(several())) == 3


def test_a_client_is_a_context_manager_on_an_event_loop(emulator: Emulator) -> None:
    async def width() -> int:
        async with Fal("key", base_url=emulator.base_url) as client:
            return (await Collage(client)(layers=[]).subscribe_async()).width

    assert asyncio.run(width()) == 640


@pytest.mark.parametrize(
    "request_id", ["..", ".", "", " ", "a\nb", "a/../b", "\ud800", "x" * 257, None]
)
def test_what_cannot_be_an_id_leads_to_no_address(collage: Collage, request_id: Any) -> None:
    with pytest.raises(ValidationError, match="request_id: is not an id of a request"):
        collage.handle(request_id)


def test_an_error_of_the_status_address_does_not_end_the_wait(call: Call) -> None:
    """Nor when fal sent it itself: the job runs on, and would be paid for twice."""
    looks = 0

    def answer(asked: Asked) -> Answer:
        nonlocal looks
        if asked.method == "POST":
            return Answer(body={"request_id": "r1"})
        if asked.path.endswith("/status?logs=0"):
            looks += 1
            failure = {"detail": "try later", "error_type": "internal_error"}
            ok = Answer(body={"status": "COMPLETED"})
            return Answer(500, failure, {"X-Fal-Request-Id": "g"}) if looks == 1 else ok
        if "/stream" in asked.path:
            return Answer(404)
        return Answer(body={"image": {"url": "https://x.test/1.png"}, "width": 1})

    with scripted_collage(answer) as (collage, server):
        assert call(collage(layers=[]).subscribe).width == 1
        assert server.count("POST") == 1
