"""The details of a response: what an output cost, and how long it took."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator

import httpx
import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import Fal, Outcome, Request
from fal_endpoints._runtime.protocol import job

from .collage import Collage, Output
from .conftest import Call
from .fake_fal import FakeFal, collage_of, details_of, emulate
from .given import Pieces, client_of
from .tuned import IMPATIENT


def test_an_output_comes_with_what_it_cost_and_how_long_it_took(
    request_: Request[Output], call: Call, emulator: Emulator
) -> None:
    outcome: Outcome[Output] = call(
        request_.outcome, headers=emulate("billable-units=2.5, running=0.25")
    )
    assert outcome.error is None
    assert outcome.output.width == outcome.result().width == 640
    assert (outcome.index, outcome.request) == (0, request_)
    (ended,) = emulator.queue
    details = outcome.response
    assert (details.request_id, details.status_code) == (ended.request_id, 200)
    assert details.billable_units == 2.5
    assert details.inference_time == pytest.approx(0.25)
    assert emulator.journal.count("submit") == 1


def test_the_details_are_short_and_read_only(request_: Request[Output], client: Fal) -> None:
    details = details_of(request_.outcome())
    assert repr(details).startswith("ResponseDetails(request_id='")
    assert "headers" not in repr(details)
    assert len(repr(details)) < 250
    with pytest.raises(AttributeError):
        details.billable_units = 0.0  # type: ignore[misc]
    with pytest.raises(TypeError):
        details.headers["x-fal-billable-units"] = "0"  # type: ignore[index]
    assert details.headers["X-Fal-Billable-Units"] == details.headers["x-fal-billable-units"]
    assert "x-nothing" not in details.headers
    for again in (pickle.loads(pickle.dumps(details)), pickle.loads(pickle.dumps([details]))[0]):
        assert again == details
        assert hash(again) == hash(details)


def test_the_headers_have_no_cookie_and_no_key() -> None:
    echoed = {"Set-Cookie": "a=secret", "Authorization": "Key secret", "X-Other": "shown"}
    for status in (200, 422):
        details = details_of(collage_of(FakeFal(status, headers=echoed))(layers=[]).outcome())
        assert b"secret" not in pickle.dumps(details)
        assert details.headers["x-other"] == "shown"


@pytest.mark.parametrize("status", [200, 422])
def test_a_header_that_repeats_the_key_does_not_show_it(call: Call, status: int) -> None:
    secret = "0123456789abcdef"
    echoed = {"X-Request-Headers": f"authorization=Key id:{secret}", "X-Fal-Secret": secret}
    client = client_of(FakeFal(status, headers=echoed), f"id:{secret}", IMPATIENT)
    outcome = call(Collage(client)(layers=[]).outcome)
    assert secret.encode() not in pickle.dumps((outcome.response, outcome.error))
    headers = details_of(outcome).headers
    assert headers["x-request-headers"] == "authorization=Key …"
    assert headers["x-fal-secret"] == "…"


@pytest.mark.parametrize(
    ("header", "units"),
    [
        *(("1", 1.0), ("0", 0.0), ("0.0125", 0.0125), ("1e-05", 1e-05), (" 3 ", 3.0)),
        *((text, None) for text in ("", "nan", "inf", "-1", "1_0", "1, 1", "１", "1e999", "free")),
    ],
)
def test_units_that_are_not_a_number_are_unknown(header: str, units: float | None) -> None:
    headers = httpx.Headers([(b"x-fal-billable-units", header.encode())])
    details = details_of(collage_of(FakeFal(headers=headers))(layers=[]).outcome())
    assert details.billable_units == units


def test_units_that_are_not_reported_are_unknown() -> None:
    details = details_of(collage_of(FakeFal(headers={}))(layers=[]).outcome())
    assert details.billable_units is None
    assert details.inference_time is None


@pytest.mark.parametrize(
    ("metric", "seconds"),
    [(3, 3.0), (0.5, 0.5), ("3", None), (True, None), (-1, None), ([], None), (None, None)],
)
def test_an_inference_time_that_is_not_a_number_of_seconds_is_unknown(
    metric: object, seconds: float | None
) -> None:
    completed = {"status": "COMPLETED", "metrics": {"inference_time": metric}}
    details = details_of(collage_of(FakeFal(completed=completed))(layers=[]).outcome())
    assert details.inference_time == seconds


# The time in the queue ----------------------------------------------------------------------------


class Clock:
    """Answers with states, each at its time, on a clock of its own."""

    def start(self, *states: tuple[float, str]) -> None:
        self.now = 1000.0
        self._states = iter(states)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/status"):
            self.now, state = next(self._states)
            return httpx.Response(200, json={"status": state})
        return FakeFal()(request)

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(job, "time", clock)
    return clock


QUEUED, RUNNING, DONE = "IN_QUEUE", "IN_PROGRESS", "COMPLETED"


@pytest.mark.parametrize(
    ("states", "seconds"),
    [
        ([(1001, QUEUED), (1007.5, RUNNING), (1020, RUNNING), (1030, DONE)], 7.5),
        ([(1002, RUNNING), (1030, DONE)], 2.0),
        ([(1001, QUEUED), (1002, "PAUSED"), (1007.5, RUNNING), (1030, DONE)], 7.5),
        ([(1001, RUNNING), (1002, QUEUED), (1009, RUNNING), (1030, DONE)], 1.0),
        ([(1001, QUEUED), (1030, DONE)], None),
        ([(1030, DONE)], None),
    ],
)
def test_the_queue_time_ends_where_the_job_was_first_seen_to_run(
    clock: Clock, states: list[tuple[float, str]], seconds: float | None
) -> None:
    clock.start(*states)
    collage = Collage(client_of(clock, tuning=IMPATIENT))
    assert details_of(collage(layers=[]).outcome()).queue_time == seconds


def test_a_stream_of_states_shows_the_start_too(clock: Clock) -> None:
    def event(time: float, state: str) -> Iterator[bytes | Callable[[], object]]:
        yield lambda: setattr(clock, "now", time)
        yield f'data: {{"status": "{state}"}}\n\n'.encode()

    def answer(request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("/stream"):
            return FakeFal()(request)
        states = [(1001, QUEUED), (1007.5, RUNNING), (1030, DONE)]
        events = Pieces(*(part for state in states for part in event(*state)))
        return httpx.Response(200, headers={"Content-Type": "text/event-stream"}, stream=events)

    clock.start()
    assert details_of(Collage(client_of(answer))(layers=[]).outcome()).queue_time == 7.5


@pytest.mark.parametrize(
    ("states", "seconds"),
    [
        ([(1001, QUEUED), (1007.5, RUNNING), (1030, DONE)], 7.5),
        ([(1001, RUNNING), (1002, QUEUED), (1009, RUNNING), (1030, DONE)], None),
    ],
)
def test_a_handle_knows_the_queue_time_if_it_submitted_and_saw_the_start(
    clock: Clock, states: list[tuple[float, str]], seconds: float | None
) -> None:
    for is_submitter in (True, False):
        clock.start(*states)
        collage = Collage(client_of(clock, tuning=IMPATIENT))
        handle = collage(layers=[]).submit()
        if not is_submitter:
            handle = collage.handle(handle.request_id)
        expected = seconds if is_submitter else None
        assert details_of(handle.outcome()).queue_time == expected
