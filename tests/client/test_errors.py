"""Failures arrive as typed exceptions that say what to do."""

from __future__ import annotations

import socket
import time
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import (
    APIError,
    AuthenticationError,
    BalanceError,
    ConnectionFailed,
    Fal,
    FalError,
    InfrastructureError,
    ModelError,
    NotFoundError,
    RateLimitError,
    Request,
    Retries,
    SubmissionUncertain,
    UnexpectedResponse,
)
from fal_endpoints._runtime.tuning import Tuning

from .collage import Collage, Output
from .conftest import Call
from .given import client_of
from .scripted import Answer, Asked, scripted_collage

URL = "https://example.test/a.png"


@pytest.fixture
def request_(collage: Collage) -> Request[Output]:
    return collage(layers=[])


@pytest.fixture
def unused_port() -> Iterator[int]:
    """Return a port that is bound and refuses connections."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


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


def test_a_failure_of_the_model_is_a_model_error(request_: Request[Output], call: Call) -> None:
    with pytest.raises(ModelError) as error:
        call(request_.subscribe, headers={"X-Emulate": "model-error=content_policy_violation"})
    assert error.value.errors[0].type == "content_policy_violation"
    assert str(error.value).splitlines()[1].endswith(" [content_policy_violation]")


@pytest.mark.parametrize(
    ("error_type", "status", "retryable"),
    [
        ("runner_disconnected", 503, True),
        ("request_timeout", 504, True),
        ("internal_error", 500, True),
        ("bad_request", 400, False),
    ],
)
def test_a_failure_of_fal_is_an_infrastructure_error(
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


KEPT = "its result has expired: a result can be fetched for 1 hour, or for 6 minutes if it is 10 KB"


def id_of_age(seconds: float) -> str:
    """Return a request id as fal made it some seconds ago."""
    return str(uuid.UUID(int=int((time.time() - seconds) * 1000) << 80 | 7 << 76 | 2 << 62))


@pytest.mark.parametrize(
    ("made", "body", "may_have_expired"),
    [
        (3600, {"status": "NOT_FOUND"}, True),
        (400, {"status": "NOT_FOUND"}, True),
        ("8b9bd9e4-7d1b-4a8f-a7b9-5a0a3a4c6a41", {"status": "NOT_FOUND"}, True),  # tells no time
        ("id-1", {"status": "NOT_FOUND"}, True),
        (10, {"status": "NOT_FOUND"}, False),
        (3600, {"detail": "Path /layers not found"}, False),
    ],
)
def test_an_unknown_request_may_have_expired(
    call: Call, made: int | str, body: dict[str, str], may_have_expired: bool
) -> None:
    with scripted_collage(lambda asked: Answer(404, body)) as (collage, _):
        handle = collage.handle(made if isinstance(made, str) else id_of_age(made))
        for method in (handle.status, handle.result):
            with pytest.raises(NotFoundError) as error:
                call(method)
            assert (KEPT in str(error.value)) is may_have_expired


def test_a_rejected_submission_says_nothing_about_results(call: Call) -> None:
    answer = Answer(404, {"status": "NOT_FOUND"})
    with (
        scripted_collage(lambda asked: answer) as (collage, _),
        pytest.raises(NotFoundError) as error,
    ):
        call(collage(layers=[]).submit)
    assert KEPT not in str(error.value)


def test_nothing_listens_on_loopback(call: Call, unused_port: int) -> None:
    for host in ("127.0.0.1", "localhost"):
        client = Fal("key", base_url=f"http://{host}:{unused_port}", retries=Retries(attempts=1))
        with pytest.raises(ConnectionFailed, match="is `fal-codegen emulate` running"):
            call(Collage(client)(layers=[]).subscribe)


def test_a_server_elsewhere_that_cannot_be_reached_is_no_emulator(call: Call) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    handle = Collage(client_of(refuse, tuning=Tuning(retries=Retries(1)))).handle("id-1")
    with pytest.raises(ConnectionFailed) as error:
        call(handle.status)
    assert "emulate" not in str(error.value)
    assert str(error.value).endswith("; check the network connection and the proxy settings")


def test_a_server_on_loopback_without_tls(call: Call, emulator: Emulator) -> None:
    address = emulator.base_url.replace("http://", "https://")
    client = Fal("key", base_url=address, retries=Retries(attempts=1))
    with pytest.raises(ConnectionFailed, match="the server does not use TLS: use http://"):
        call(Collage(client)(layers=[]).subscribe)


def test_a_cancelled_job_is_a_failure(request_: Request[Output], call: Call) -> None:
    handle = call(request_.submit, headers={"X-Emulate": "running=60"})
    call(handle.cancel)
    with pytest.raises(APIError) as error:
        call(handle.result)
    assert error.value.error_type == "client_cancelled"
    assert str(error.value).endswith("(the job was cancelled)")
    assert not error.value.retryable


def test_a_failure_that_only_the_status_tells(call: Call) -> None:
    script = queue_that(Answer(200, {"half": 1}), error="no luck", error_type="odd")
    with (
        scripted_collage(script) as (collage, _),
        pytest.raises(ModelError, match="no luck: odd") as error,
    ):
        call(collage(layers=[]).subscribe)
    assert error.value.body == {"half": 1}


def test_a_wrong_key_is_an_authentication_error(emulator: Emulator, call: Call) -> None:
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


def refused(call: Call, answer: Answer) -> APIError:
    """Return the error of a submission that is answered so."""
    with (
        scripted_collage(lambda asked: answer) as (collage, _),
        pytest.raises(APIError) as error,
    ):
        call(collage(layers=[]).submit)
    return error.value


NEEDS, OLDER = "x-fal-needs-retry", "X-Fal-Retryable"
OWN = {"X-Fal-Request-Timeout-Type": "user"}
FAL = {"x-fal-request-id": "id-1"}
TIMEOUT = {"detail": "late", "error_type": "request_timeout"}


@pytest.mark.parametrize(
    ("status", "body", "headers", "retryable"),
    [
        (422, {"detail": "odd"}, {}, False),
        (422, {"detail": "odd"}, {NEEDS: "true"}, True),
        (422, {"detail": "odd"}, {NEEDS: "1"}, True),
        (500, {"detail": "oh", "error_type": "internal_error"}, {}, True),
        (500, {"detail": "oh", "error_type": "internal_error"}, {NEEDS: "false"}, False),
        (500, {"detail": "oh", "error_type": "internal_error"}, {NEEDS: " 0 "}, False),
        (500, {"detail": "oh", "error_type": "internal_error"}, {OLDER: "FALSE"}, False),
        (500, {"detail": "oh"}, {OLDER: "true"}, True),
        (500, {"detail": "oh"}, {NEEDS: "true", OLDER: "false"}, True),
        (500, {"detail": "oh"}, {NEEDS: "false", OLDER: "true"}, False),
        (500, {"detail": "oh"}, {NEEDS: "maybe", OLDER: "true"}, True),
        (500, {"detail": "oh"}, {NEEDS: "maybe"}, False),
        (504, TIMEOUT, {}, True),
        (504, TIMEOUT, OWN, False),
        (504, TIMEOUT, {**OWN, NEEDS: "true"}, False),
        (504, TIMEOUT, {"X-Fal-Request-Timeout-Type": "server"}, True),
    ],
)
def test_what_may_succeed_later_is_what_fal_says(
    call: Call, status: int, body: object, headers: dict[str, str], retryable: bool
) -> None:
    assert refused(call, Answer(status, body, {**FAL, **headers})).retryable is retryable


def test_what_fal_says_counts_for_a_job_that_only_its_status_calls_failed(call: Call) -> None:
    script = queue_that(
        Answer(200, {}, {NEEDS: "true"}), error="no luck", error_type="runner_is_odd"
    )
    with (
        scripted_collage(script) as (collage, _),
        pytest.raises(APIError, match="no luck: runner_is_odd") as error,
    ):
        call(collage(layers=[]).subscribe)
    assert error.value.error_type == "runner_is_odd"
    assert error.value.retryable


@pytest.mark.parametrize(
    ("status", "detail"),
    [
        (
            403,
            "User is locked. Reason: Exhausted balance. "
            "Top up your balance at fal.ai/dashboard/billing.",
        ),
        (402, "Payment required"),
    ],
)
def test_an_exhausted_balance_is_not_a_wrong_key(call: Call, status: int, detail: str) -> None:
    error = refused(call, Answer(status, {"detail": detail}, FAL))
    assert isinstance(error, BalanceError)
    assert not isinstance(error, AuthenticationError)
    assert not error.retryable
    assert detail in str(error)
    assert "the balance is exhausted; top it up at https://fal.ai/dashboard/billing" in str(error)
    assert "FAL_KEY" not in str(error)
    assert len(str(error).splitlines()) == 1


@pytest.mark.parametrize(
    ("status", "detail"),
    [
        (
            401,
            "Cannot access application 'acme/collage'. "
            "Authentication is required to access this application.",
        ),
        (401, "invalid key credentials"),
        (401, "Invalid Key Authorization header format. Expected '<key_id>:<key_secret>'."),
        (403, "User is locked. Reason: Terms of service."),
    ],
)
def test_a_key_that_does_not_do_says_where_keys_are(call: Call, status: int, detail: str) -> None:
    error = refused(call, Answer(status, {"detail": detail}))
    assert isinstance(error, AuthenticationError)
    assert detail in str(error)
    assert "https://fal.ai/dashboard/keys" in str(error)


def test_an_error_names_the_request_that_its_headers_name(call: Call) -> None:
    limit = {"x-fal-request-id": "id-7", "retry-after": "3600"}
    error = refused(call, Answer(429, {"detail": "later"}, limit))
    assert isinstance(error, RateLimitError)
    assert error.request_id == "id-7"
    assert "request id-7" in str(error)


def test_a_submission_without_an_id_has_that_of_its_headers(call: Call) -> None:
    answer = Answer(200, {"request_id": ["odd"]}, {"x-fal-request-id": "id-7"})
    with (
        scripted_collage(lambda asked: answer) as (collage, _),
        pytest.raises(SubmissionUncertain, match="has no request id") as error,
    ):
        call(collage(layers=[]).submit)
    assert error.value.request_id == "id-7"


@pytest.mark.parametrize("header", ["x" * 5000, "a\tb", "."])
def test_a_header_that_is_no_id_is_not_one(call: Call, header: str) -> None:
    answer = Answer(500, {"detail": "oh"}, {"x-fal-request-id": header})
    error = refused(call, answer)
    assert error.request_id is None
    assert len(str(error)) < 200


def complaints(call: Call, *items: object) -> ModelError:
    """Return the error of a result that is answered with these complaints."""
    with (
        scripted_collage(queue_that(Answer(422, {"detail": items}))) as (collage, _),
        pytest.raises(ModelError) as error,
    ):
        call(collage(layers=[]).subscribe)
    return error.value


def test_what_is_known_of_a_violation_is_kept(call: Call) -> None:
    error = complaints(
        call,
        {
            "loc": ["body", "aspect-ratio"],
            "msg": "The content could not be processed",
            "type": "content_policy_violation",
            "url": "https://docs.fal.ai/errors#content_policy_violation",
            "ctx": {"categories": ["violence"], "extra_info": {"a": 1}},
        },
        {"loc": ["body", "extra"], "msg": "no", "type": "odd", "categories": ["hate"]},
    )
    assert error.errors[0].ctx == {"categories": ["violence"], "extra_info": {"a": 1}}
    assert error.errors[0].field == "aspect"
    assert error.errors[0].loc == ("aspect-ratio",)
    assert error.errors[1].ctx == {"categories": ["hate"]}


def test_what_the_server_did_not_get_is_not_said_to_be_none(call: Call) -> None:
    error = complaints(
        call,
        {"loc": ["body", "layers", 0, "z-index"], "msg": "is odd", "type": "int_type"},
        {"loc": ["body", "aspect-ratio"], "msg": "is odd", "type": "int_type", "input": None},
    )
    first, second = str(error).splitlines()[1:]
    assert first == "  layers[0].z_index: is odd"
    assert second == "  aspect: is odd (got None)"
    assert error.errors[0].loc == ("layers", 0, "z-index")


def test_what_the_server_repeats_is_cut(call: Call) -> None:
    prompt = "a secret plan " * 100_000
    error = complaints(
        call,
        {
            "loc": ["body", "aspect-ratio"],
            "msg": f"cannot be used: {prompt}",
            "type": "string_pattern_mismatch",
            "input": prompt,
        },
        {"loc": [prompt], "msg": "a\nb\x1b[31m", "type": prompt, "input": {"prompt": prompt}},
    )
    assert len(str(error)) < 1500
    assert str(error).count("a secret plan") < 60
    assert "\x1b" not in str(error)
    assert len(str(error).splitlines()) == 3
    assert error.errors[0].input == prompt
    plain = refused(call, Answer(400, {"detail": prompt, "error_type": prompt}, FAL))
    assert len(str(plain)) < 1500


def test_a_short_prompt_is_not_repeated(call: Call) -> None:
    error = complaints(
        call,
        {
            "loc": ["body", "aspect-ratio"],
            "msg": "The content could not be processed",
            "type": "content_policy_violation",
            "input": "my plan",
        },
    )
    assert "my plan" not in str(error)


def test_many_complaints_are_counted(call: Call) -> None:
    error = complaints(call, *({"loc": ["a", n], "msg": "no"} for n in range(500)))
    assert len(error.errors) == 500
    assert str(error).splitlines()[-1] == "  … and 490 more"
