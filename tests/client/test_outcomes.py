"""How a request ended: with an output or an error, and with the details of the response."""

from __future__ import annotations

import asyncio
import json
import pickle
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import (
    APIError,
    AuthenticationError,
    ClientTimeoutError,
    ConfigurationError,
    ConnectionFailed,
    Fal,
    FalError,
    InfrastructureError,
    ModelError,
    NotFoundError,
    Outcome,
    Request,
    ResponseDetails,
    SubmissionUncertain,
    UnexpectedResponse,
    ValidationError,
)
from fal_endpoints._runtime.protocol import job

from .collage import Collage, Output
from .conftest import Call
from .given import Pieces, client_of
from .ledgers import mapped
from .tuned import IMPATIENT

RESULT = {"image": {"url": "https://x.test/1.png"}, "width": 1}
COSTS = {"x-fal-billable-units": "2.5", "x-fal-request-id": "id-1"}
REFUSAL = {"detail": [{"loc": ["body", "layers"], "msg": "no", "type": "content_policy_violation"}]}


@pytest.fixture
def request_(collage: Collage) -> Request[Output]:
    return collage(layers=[])


def emulate(directives: str) -> dict[str, str]:
    return {"X-Emulate": directives}


class FakeFal:
    """Answers as fal does, with this result; without a status, the connection breaks instead."""

    def __init__(
        self,
        status: int = 200,
        body: object = RESULT,
        headers: Mapping[str, str] = COSTS,
        completed: Mapping[str, object] | None = None,
    ) -> None:
        self.status, self.body, self.headers = status, body, headers
        self.completed = {"status": "COMPLETED"} if completed is None else completed

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(200, json={"request_id": "id-1"})
        if request.url.path.endswith("/stream"):
            return httpx.Response(404)
        if request.url.path.endswith("/status"):
            return httpx.Response(200, json=self.completed)
        if not self.status:
            raise httpx.ConnectError("broken")
        return httpx.Response(self.status, json=self.body, headers=self.headers)


def collage_of(fal: FakeFal) -> Collage:
    return Collage(client_of(fal, tuning=IMPATIENT))


def details_of(outcome: Outcome[Output]) -> ResponseDetails:
    assert outcome.response is not None
    return outcome.response


# The details of an output ------------------------------------------------------------------------


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


# Failures ----------------------------------------------------------------------------------------


def test_a_failure_of_the_model_is_an_outcome_that_costs_nothing(
    request_: Request[Output], call: Call
) -> None:
    outcome: Outcome[Output] = call(request_.outcome, headers=emulate("model-error, running=0.25"))
    assert isinstance(outcome.error, ModelError)
    assert outcome.output is None
    details = outcome.error.response
    assert outcome.response == details
    assert (details.request_id, details.status_code) == (outcome.error.request_id, 422)
    assert details.billable_units == 0.0
    assert details.inference_time == pytest.approx(0.25)
    assert details.headers == outcome.error.headers
    with pytest.raises(ModelError):
        outcome.result()


def test_what_a_failure_of_fal_costs_is_unknown(request_: Request[Output], call: Call) -> None:
    outcome = call(request_.outcome, headers=emulate("infrastructure-error"))
    assert isinstance(outcome.error, InfrastructureError)
    assert outcome.response.status_code == 500
    assert outcome.response.billable_units is None


def test_an_output_that_does_not_fit_its_type_was_paid_for(call: Call) -> None:
    outcome = call(collage_of(FakeFal(body={"paid": "for"}))(layers=[]).outcome)
    assert isinstance(outcome.error, UnexpectedResponse)
    assert outcome.error.payload == {"paid": "for"}
    assert outcome.response.billable_units == 2.5


@pytest.mark.parametrize(
    ("fal", "error", "status"),
    [
        (FakeFal(404, {"status": "NOT_FOUND"}), NotFoundError, 404),
        (FakeFal(202, {"status": "IN_PROGRESS"}), UnexpectedResponse, 202),
        (FakeFal(completed={"status": "COMPLETED", "error": "no runner"}), ModelError, 200),
        (FakeFal(completed={"status": "FAILED"}), ModelError, 200),
        (FakeFal(0), ConnectionFailed, None),
    ],
)
def test_every_end_of_a_job_is_an_outcome(
    call: Call, fal: FakeFal, error: type[FalError], status: int | None
) -> None:
    collage = collage_of(fal)
    for method in (collage(layers=[]).outcome, collage.handle("id-1").outcome):
        outcome = call(method)
        assert isinstance(outcome.error, error)
        assert outcome.error.request_id == "id-1"
        if status is None:
            assert outcome.response is None
        else:
            assert outcome.response.request_id == "id-1"
            assert outcome.response.status_code == status


def test_a_rejected_or_uncertain_submission_is_an_outcome(
    request_: Request[Output], call: Call, emulator: Emulator
) -> None:
    rejected = call(request_.outcome, headers=emulate("refuse=bad_request"))
    assert isinstance(rejected.error, APIError)
    assert rejected.response.status_code == 400
    assert rejected.response.headers["x-fal-error-type"] == "bad_request"
    lost = call(request_.outcome, headers=emulate("drop=after"))
    assert isinstance(lost.error, SubmissionUncertain)
    assert lost.response is None
    of_a_proxy = call(request_.outcome, headers=emulate("proxy-error=502"))
    assert isinstance(of_a_proxy.error, SubmissionUncertain)
    assert of_a_proxy.response.status_code == 502
    assert of_a_proxy.response.request_id is None
    assert emulator.journal.count("submit") == 3


def test_a_wrong_key_is_an_outcome(call: Call) -> None:
    with Emulator([], key="id:secret") as emulator, Fal("other", base_url=emulator.base_url) as fal:
        outcome = call(Collage(fal)(layers=[]).outcome)
        assert isinstance(outcome.error, AuthenticationError)
        assert outcome.response.status_code == 401


def test_the_timeout_of_the_caller_is_an_outcome_that_cancels(
    request_: Request[Output], call: Call, emulator: Emulator
) -> None:
    outcome = call(request_.outcome, headers=emulate("running=60"), client_timeout=1)
    assert isinstance(outcome.error, ClientTimeoutError)
    assert outcome.response is None
    assert emulator.queue.unfinished() == []
    handle = call(request_.submit, headers=emulate("running=60"))
    outcome = call(handle.outcome, client_timeout=0.1)
    assert isinstance(outcome.error, ClientTimeoutError)
    assert outcome.error.request_id == handle.request_id
    assert len(emulator.queue.unfinished()) == 1


def test_a_handle_does_not_know_its_request(request_: Request[Output], call: Call) -> None:
    handle = request_.submit()
    outcome = call(handle.outcome)
    assert outcome.result().width == 640
    assert outcome.request is None
    assert outcome.response.request_id == handle.request_id
    failed = call(request_.submit(headers=emulate("model-error")).outcome)
    assert isinstance(failed.error, ModelError)
    assert failed.request is None


# Mistakes of the caller --------------------------------------------------------------------------


def test_mistakes_of_the_caller_raise(
    collage: Collage,
    call: Call,
    emulator: Emulator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    request = collage(layers=[])
    with pytest.raises(ConfigurationError, match="client_timeout"):
        call(request.outcome, client_timeout="soon")
    with pytest.raises(TypeError, match=r"outcome\(\) has no option 'prioritty'"):
        call(request.outcome, prioritty="low")
    with pytest.raises(ConfigurationError, match="client_timeout"):
        call(request.submit().outcome, client_timeout="soon")
    with pytest.raises(ValidationError, match="cannot be read"):
        call(collage(layers=[{"image_url": tmp_path / "missing.png"}]).outcome)
    monkeypatch.delenv("FAL_KEY", raising=False)
    with Fal(base_url=emulator.base_url) as client, pytest.raises(ConfigurationError):
        call(Collage(client)(layers=[]).outcome)
    assert emulator.journal.count("submit") == 1


def test_an_exception_of_a_callback_raises_and_cancels(
    request_: Request[Output], call: Call, emulator: Emulator
) -> None:
    def fail(update: object) -> None:
        raise LookupError("of the caller")

    with pytest.raises(LookupError):
        call(request_.outcome, headers=emulate("running=60"), on_queue_update=fail)
    assert emulator.queue.unfinished() == []


def test_a_blocking_outcome_does_not_await_callbacks(request_: Request[Output]) -> None:
    async def note(update: object) -> None:
        await asyncio.sleep(0)

    with pytest.raises(ConfigurationError, match=r"outcome\(\) does not await.*outcome_async\(\)"):
        request_.outcome(on_queue_update=note)


# Errors without an outcome -----------------------------------------------------------------------


def test_errors_that_are_raised_have_the_response_too(
    request_: Request[Output], call: Call
) -> None:
    for method in (request_.subscribe, request_.run):
        with pytest.raises(ModelError) as error:
            call(method, headers=emulate("model-error"))
        assert error.value.response.status_code == 422
        assert error.value.response.billable_units == 0.0
        assert error.value.response.request_id == error.value.request_id is not None
    with pytest.raises(UnexpectedResponse) as unexpected:
        call(collage_of(FakeFal(body={"paid": "for"})).handle("id-1").result)
    assert unexpected.value.response is not None
    assert unexpected.value.response.billable_units == 2.5


def test_an_error_without_a_response_says_so(collage: Collage) -> None:
    with pytest.raises(ValidationError) as error:
        collage.handle("")
    assert error.value.response is None


def test_the_error_of_a_webhook_has_what_the_webhook_reports(collage: Collage) -> None:
    body = {"request_id": "id-1", "status": "ERROR", "error": "Invalid status code: 422"}
    error = collage.parse_webhook(json.dumps({**body, "payload": REFUSAL})).error
    assert error is not None
    assert error.response == ResponseDetails("id-1", 422, {})
    assert error.response.billable_units is None


# Batches and their ledgers -----------------------------------------------------------------------


def test_each_outcome_of_a_batch_has_its_details(
    client: Fal, collage: Collage, call: Call, emulator: Emulator
) -> None:
    emulator.emulate("billable-units=2.5")
    requests = [collage(layers=[]), collage(layers=[], aspect="refused")]
    good, bad = sorted(call(client.map, requests), key=lambda outcome: outcome.index)
    assert good.response.billable_units == 2.5
    assert bad.response.billable_units == 0.0
    ids = {ended.request_id for ended in emulator.queue}
    assert {good.response.request_id, bad.response.request_id} == ids


def test_an_invalid_row_has_no_details(collage: Collage, call: Call) -> None:
    (outcome,) = call(collage.map, [{"layers": 5}])
    assert isinstance(outcome.error, ValidationError)
    assert outcome.response is None


FREE = {**COSTS, "x-fal-billable-units": "0", "x-fal-needs-retry": "false"}
MEASURED = {"metrics": {"inference_time": 1.5}}
ENDS: dict[str, Callable[[], FakeFal]] = {
    "output": lambda: FakeFal(completed={"status": "COMPLETED", **MEASURED}),
    "error": lambda: FakeFal(422, REFUSAL, FREE),
    "no result": lambda: FakeFal(completed={"status": "FAILED", **MEASURED}),
    "other type": lambda: FakeFal(body={"paid": "for"}),
}


@pytest.mark.parametrize("end", ENDS)
def test_a_ledger_keeps_the_details(call: Call, ledger: Path, end: str) -> None:
    fal = ENDS[end]()
    fal.headers = {**fal.headers, "Set-Cookie": "secret", "Server": "fal"}
    collage = collage_of(fal)
    first = details_of(mapped(call, collage, ledger))
    fal.status = 0  # nothing can be fetched any more
    again = details_of(mapped(call, collage, ledger))
    assert again == ResponseDetails(
        "id-1",
        first.status_code,
        {name: value for name, value in first.headers.items() if name.startswith("x-fal-")},
        first.inference_time,
        first.queue_time,
    )
    assert again.billable_units == first.billable_units
    assert again.inference_time == (1.5 if "metrics" in fal.completed else None)
    assert "secret" not in ledger.read_text()


def without_details(line: dict[str, Any]) -> dict[str, Any]:
    """Return a line of a ledger as earlier versions wrote it."""
    line.pop("response", None)
    for name in ("inference_time", "queue_time"):
        line.get("error", {}).pop(name, None)
    return line


@pytest.mark.parametrize("end", ["output", "error"])
def test_a_ledger_of_an_earlier_version_is_read(call: Call, ledger: Path, end: str) -> None:
    collage = collage_of(ENDS[end]())
    first = mapped(call, collage, ledger)
    lines = [without_details(json.loads(line)) for line in ledger.read_text().splitlines()]
    ledger.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    again = mapped(call, collage, ledger)
    assert (again.output, str(again.error)) == (first.output, str(first.error))
    details = details_of(again)
    assert details.request_id == "id-1"
    assert details.inference_time is details.queue_time is None
    if end == "output":  # of which earlier versions kept nothing else
        assert (details.status_code, details.billable_units) == (None, None)
    else:
        assert (details.status_code, details.billable_units) == (422, 0.0)


@pytest.mark.parametrize(
    "damage",
    [
        {"response": None},
        {"response": {}},
        {"response": {"status_code": "200", "headers": {}}},
        {"response": {"status_code": 200, "headers": {"x-fal-billable-units": 1}}},
        {"response": {"status_code": 200, "headers": {}, "queue_time": -1}},
        {"response": {"status_code": 200, "headers": {}, "inference_time": "1"}},
    ],
)
def test_damaged_details_damage_their_line(
    call: Call, ledger: Path, damage: dict[str, object]
) -> None:
    collage = collage_of(ENDS["output"]())
    mapped(call, collage, ledger)
    lines = [json.loads(line) for line in ledger.read_text().splitlines()]
    lines[-1] |= damage
    ledger.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    with pytest.raises(ConfigurationError, match="its line 4 is damaged"):
        mapped(call, collage, ledger)
