"""How a request ended: with an output, an error, or a mistake of the caller."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

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

from .collage import Collage, Output
from .conftest import Call
from .fake_fal import REFUSAL, FakeFal, collage_of, emulate


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


# Mistakes of the caller ---------------------------------------------------------------------------


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


# Errors without an outcome ------------------------------------------------------------------------


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
