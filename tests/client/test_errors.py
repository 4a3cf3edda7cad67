"""Failures arrive as typed exceptions that say what to do."""

from __future__ import annotations

from typing import Any

import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import (
    APIError,
    AuthenticationError,
    FalError,
    InfrastructureError,
    ModelError,
    NotFoundError,
    Request,
    UnexpectedResponse,
)

from .collage import Collage, Output
from .conftest import Call
from .scripted import Answer, Asked, scripted_collage

URL = "https://example.test/a.png"


@pytest.fixture
def request_(collage: Collage) -> Request[Output]:
    return collage(layers=[])


def queue_that(result: Answer, **status: Any) -> Any:
    """Return a script of a queue whose one job is over."""

    def answer(asked: Asked) -> Answer:
        if asked.method == "POST":
            return Answer(200, {"request_id": "id-1"})
        if "/status" in asked.path:
            return Answer(200, {"status": "COMPLETED", **status})
        return result

    return answer


def test_what_the_model_refuses_is_named_in_python(collage: Collage, call: Call) -> None:
    with pytest.raises(ModelError) as error:
        call(collage(layers=[{"image_url": URL}], aspect="wide").subscribe)
    (problem,) = error.value.errors
    assert problem.field == "aspect"  # which is `aspect-ratio` on the wire
    assert problem.input == "wide"
    assert error.value.status_code == 422
    assert error.value.request_id
    assert not error.value.retryable
    assert "  aspect: " in str(error.value)


def test_a_model_that_fails(request_: Request[Output], call: Call) -> None:
    with pytest.raises(ModelError) as error:
        call(request_.subscribe, headers={"X-Emulate": "model-error=content_policy_violation"})
    assert error.value.errors[0].type == "content_policy_violation"


@pytest.mark.parametrize(
    ("error_type", "status", "retryable"),
    [
        ("runner_disconnected", 503, True),
        ("request_timeout", 504, True),
        ("internal_error", 500, True),
        ("bad_request", 400, False),
    ],
)
def test_fal_fails(
    request_: Request[Output],
    call: Call,
    emulator: Emulator,
    error_type: str,
    status: int,
    retryable: bool,
) -> None:
    with pytest.raises(InfrastructureError) as error:
        call(request_.subscribe, headers={"X-Emulate": f"infrastructure-error={error_type}"})
    assert error.value.error_type == error_type
    assert error.value.status_code == status
    assert error.value.retryable is retryable
    assert emulator.journal.count("result") == 1  # what fal says of a job is not asked again


def test_a_cancelled_job_is_a_failure(request_: Request[Output], call: Call) -> None:
    handle = call(request_.submit, headers={"X-Emulate": "running=60"})
    call(handle.cancel)
    with pytest.raises(APIError) as error:
        call(handle.result)
    assert error.value.error_type == "client_cancelled"
    assert not error.value.retryable


def test_a_failure_that_only_the_status_tells(call: Call) -> None:
    script = queue_that(Answer(200, {"half": 1}), error="no luck", error_type="odd")
    with (
        scripted_collage(script) as (collage, _),
        pytest.raises(ModelError, match="no luck: odd") as error,
    ):
        call(collage(layers=[]).subscribe)
    assert error.value.body == {"half": 1}


def test_a_wrong_key(emulator: Emulator, call: Call) -> None:
    with (
        scripted_collage(lambda asked: Answer(401, {"detail": "No user found"})) as (
            collage,
            server,
        ),
        pytest.raises(AuthenticationError, match="No user found"),
    ):
        call(collage(layers=[]).submit)
    assert server.count("POST") == 1


def test_a_result_that_is_gone(request_: Request[Output], call: Call) -> None:
    with pytest.raises(NotFoundError):
        call(request_.subscribe, headers={"X-Emulate": "expired"})


@pytest.mark.parametrize("payload", [{"picture": "1"}, [1], None, "text"])
def test_a_result_of_another_shape_is_kept(call: Call, payload: Any) -> None:
    with (
        scripted_collage(queue_that(Answer(200, payload))) as (collage, _),
        pytest.raises(UnexpectedResponse) as error,
    ):
        call(collage(layers=[]).subscribe)
    assert error.value.payload == payload
    assert error.value.request_id == "id-1"


def test_a_result_that_is_not_json_is_kept(call: Call) -> None:
    with (
        scripted_collage(queue_that(Answer(200, b"<html>"))) as (collage, _),
        pytest.raises(UnexpectedResponse) as error,
    ):
        call(collage(layers=[]).subscribe)
    assert error.value.payload == "<html>"


@pytest.mark.parametrize("body", [[], {"status": 3}, b"<html>"])
def test_a_status_that_is_none(call: Call, body: Any) -> None:
    with (
        scripted_collage(lambda asked: Answer(200, body)) as (collage, _),
        pytest.raises(UnexpectedResponse),
    ):
        call(collage.handle("id-1").status)


@pytest.mark.parametrize("detail", [None, [], [3, {"loc": "x"}], {"a": 1}, "because"])
def test_whatever_an_error_says_it_is_one(call: Call, detail: Any) -> None:
    with (
        scripted_collage(queue_that(Answer(422, {"detail": detail}))) as (collage, _),
        pytest.raises(ModelError) as error,
    ):
        call(collage(layers=[]).subscribe)
    assert error.value.body == {"detail": detail}
    assert isinstance(error.value, FalError)
