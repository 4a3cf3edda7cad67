"""Whatever a server answers, a call ends in a result or a FalError that knows its request."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fal_endpoints import Completed, Fal, FalError, UnexpectedResponse, WebhookError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from property_tests import examples

from .collage import Collage
from .conftest import Call
from .odd import ANSWERS, JSON
from .scripted import Answer, Asked, scripted, scripted_collage
from .tuned import IMPATIENT, tuned_client

RESULT = {"image": {"url": "https://example.test/1.png"}, "width": 1}

OPERATIONS: dict[str, Callable[[Asked], bool]] = {
    "submit": lambda asked: asked.method == "POST" and asked.path.startswith("/queue"),
    "run": lambda asked: asked.method == "POST" and asked.path.startswith("/run"),
    "cancel": lambda asked: asked.method == "PUT",
    "stream": lambda asked: "/status/stream" in asked.path,
    "status": lambda asked: "/status?" in asked.path,
    "result": lambda asked: asked.method == "GET" and asked.path.endswith("/requests/id-1"),
    "storage": lambda asked: asked.path.startswith("/rest"),
}


class Script:
    """Answers as a queue does whose jobs are over, but for what is to be odd."""

    def __init__(self) -> None:
        self.odd: dict[str, Answer] = {}
        self.times = 0

    def __call__(self, asked: Asked) -> Answer:
        operation = next((name for name, fits in OPERATIONS.items() if fits(asked)), "")
        if operation in self.odd and self.times:
            self.times -= 1
            return self.odd[operation]
        if operation == "stream":
            return Answer(404)
        if operation == "status":
            return Answer(200, {"status": "COMPLETED"})
        return Answer(200, {"request_id": "id-1"} if asked.method == "POST" else RESULT)


@pytest.fixture(scope="module")
def script() -> Script:
    return Script()


@pytest.fixture(scope="module")
def odd_collage(script: Script) -> Iterator[Collage]:
    with scripted(script) as server:
        yield Collage(tuned_client(IMPATIENT, base_url=server.base_url))


many = settings(
    max_examples=examples(15),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def outcome(method: Callable[..., Any], call: Call, **options: Any) -> object:
    """Return what a call comes to, its error included."""
    try:
        return call(method, **options)
    except FalError as error:
        message = str(error)
        assert message.encode()
        assert len(message) < 8000
        assert "\x1b" not in message
        assert str(pickle.loads(pickle.dumps(error))) == message
        getattr(error, "retryable", None)
        return error


@many
@given(odd=ANSWERS, operation=st.sampled_from(["stream", "status", "result"]), times=st.just(2))
def test_odd_answers_about_a_job_end_in_a_result_or_its_error(
    script: Script, odd_collage: Collage, call: Call, odd: Answer, operation: str, times: int
) -> None:
    handle = odd_collage.handle("id-1")
    for method in (handle.result, handle.status, handle.events):
        script.odd, script.times = {operation: odd}, times
        ended = outcome(method, call)
        assert not isinstance(ended, FalError) or ended.request_id == "id-1"


@many
@given(odd=ANSWERS)
def test_an_odd_answer_to_a_cancellation_ends_in_a_bool_or_an_error(
    script: Script, odd_collage: Collage, call: Call, odd: Answer
) -> None:
    script.odd, script.times = {"cancel": odd}, 1
    ended = outcome(odd_collage.handle("id-1").cancel, call)
    assert isinstance(ended, bool) or (isinstance(ended, FalError) and ended.request_id == "id-1")


@many
@given(odd=ANSWERS)
def test_an_odd_answer_to_a_submission_ends_in_a_result_or_an_error(
    script: Script, odd_collage: Collage, call: Call, odd: Answer
) -> None:
    request = odd_collage(layers=[])
    for method in (request.submit, request.subscribe):
        script.odd, script.times = {"submit": odd}, 1
        outcome(method, call)


@many
@given(odd=ANSWERS, name=st.sampled_from(["run", "stream"]))
def test_an_odd_answer_to_a_direct_call_ends_in_a_result_or_an_error(
    script: Script, odd_collage: Collage, call: Call, odd: Answer, name: str
) -> None:
    script.odd, script.times = {"run": odd}, 1
    outcome(getattr(odd_collage(layers=[]), name), call)


@many
@given(odd=ANSWERS)
def test_an_odd_answer_of_the_storage_ends_in_a_result_or_an_error(
    script: Script, odd_collage: Collage, call: Call, odd: Answer
) -> None:
    script.odd, script.times = {"storage": odd}, 1
    outcome(odd_collage(layers=[{"image_url": b"1" * 40_000}]).submit, call)


@many
@given(odds=st.lists(ANSWERS, min_size=4, max_size=4))
def test_a_batch_outlives_odd_answers(
    script: Script, odd_collage: Collage, odds: list[Answer]
) -> None:
    script.odd = dict(zip(["submit", "status", "result", "stream"], odds, strict=True))
    script.times = 4
    requests = [odd_collage(layers=[]) for _ in range(4)]
    ended = list(odd_collage._client.map(requests, concurrency=2))
    assert {one.index for one in ended} == set(range(4))


@many
@given(body=JSON, name=st.sampled_from(["payload", "error", "request_id", "status"]))
def test_an_odd_webhook_is_an_error_of_ours(odd_collage: Collage, body: Any, name: str) -> None:
    whole = {"request_id": "id-1", "status": "OK", "payload": RESULT, "error": None}
    for content in (body, {**whole, name: body}, {**whole, "status": "ERROR", name: body}):
        try:
            odd_collage.parse_webhook(json.dumps(content))
        except FalError as error:
            assert str(error).encode()


def test_an_odd_timestamp_of_a_webhook_is_an_error_of_ours(client: Fal) -> None:
    with pytest.raises(WebhookError):
        client.verify_webhook({"X-Fal-Webhook-Timestamp": "²"}, b"")


@pytest.mark.parametrize(
    "body",
    [
        {"detail": "x", "error_type": ["x"]},
        {"detail": [{"loc": {"a": 1}, "msg": ["b"], "type": {"c": 2}, "ctx": 3}]},
        {"detail": [{"loc": [["body"], None, 1.5, True], "ctx": {"a": [1]}, "msg": 1}]},
        {"detail": "\ud800", "error_type": "\ud800"},
        {"detail": {"a": 1}},
    ],
)
def test_an_odd_failure_keeps_its_body(call: Call, body: Any) -> None:
    def answer(asked: Asked) -> Answer:
        if asked.method == "POST":
            return Answer(200, {"request_id": "id-1"})
        if "/status" in asked.path:
            return Answer(200, {"status": "COMPLETED"})
        return Answer(422, body)

    with (
        scripted_collage(answer, IMPATIENT) as (collage, _),
        pytest.raises(FalError, match="id-1") as error,
    ):
        call(collage(layers=[]).subscribe)
    assert vars(error.value)["body"] == body


def test_an_error_nobody_foresaw_is_one_of_ours(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: object, value: object, **options: object) -> object:
        raise KeyError("unforeseen")

    monkeypatch.setattr("pydantic.TypeAdapter.validate_python", fail)
    with (
        scripted_collage(Script(), IMPATIENT) as (collage, _),
        pytest.raises(UnexpectedResponse, match=r"KeyError\('unforeseen'\)") as error,
    ):
        call(collage(layers=[]).subscribe)
    assert error.value.payload == RESULT
    assert error.value.request_id == "id-1"


def test_an_error_of_a_callback_stays_the_callers(call: Call) -> None:
    def fail(status: object) -> None:
        assert isinstance(status, Completed)
        raise KeyError("the caller's own")

    with (
        scripted_collage(Script(), IMPATIENT) as (collage, _),
        pytest.raises(KeyError, match="own"),
    ):
        call(collage(layers=[]).subscribe, on_queue_update=fail)


def test_an_event_of_another_request_is_ignored(call: Call) -> None:
    mine = {"status": "COMPLETED", "request_id": "id-1"}
    other = {**mine, "request_id": "id-2", "error": "no"}
    events = "".join(f"data: {json.dumps(event)}\n\n" for event in (other, mine))

    def answer(asked: Asked) -> Answer:
        if "/stream" in asked.path:
            return Answer(200, events.encode(), {"Content-Type": "text/event-stream"})
        return Answer(body=RESULT)

    with scripted_collage(answer) as (collage, server):
        assert call(collage.handle("id-1").result).width == 1
        assert len(server.asked) == 2


@pytest.mark.parametrize("times", [2, 99])
def test_a_result_that_is_not_there_yet_is_asked_for_again(call: Call, times: int) -> None:
    results = [Answer(202, {"status": "IN_PROGRESS"})] * times + [Answer(body=RESULT)]

    def answer(asked: Asked) -> Answer:
        if "/status" in asked.path:
            return Answer(404) if "/stream" in asked.path else Answer(body={"status": "COMPLETED"})
        return results.pop(0)

    with scripted_collage(answer, IMPATIENT) as (collage, server):
        handle = collage.handle("id-1")
        if times == 2:
            assert call(handle.result).width == 1
        else:
            with pytest.raises(UnexpectedResponse, match="does not have its result yet") as error:
                call(handle.result)
            assert error.value.request_id == "id-1"
            assert len(server.asked) < 10
