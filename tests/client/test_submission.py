"""A request is never submitted twice; everything else is tried again."""

from __future__ import annotations

import time
from contextvars import ContextVar
from email.utils import formatdate

import httpx
import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import (
    ConfigurationError,
    ConnectionFailed,
    Fal,
    InfrastructureError,
    RateLimitError,
    Request,
    SubmissionUncertain,
)

from .collage import Collage, Output
from .conftest import KEY, Call
from .scripted import Answer, Asked, scripted_collage
from .tuned import IMPATIENT
from .waiting import until


@pytest.fixture
def request_(collage: Collage) -> Request[Output]:
    return collage(layers=[])


@pytest.mark.parametrize("fault", ["drop=after", "drop=before", "truncate"])
def test_a_submission_whose_answer_is_lost_is_not_repeated(
    request_: Request[Output], call: Call, emulator: Emulator, fault: str
) -> None:
    with pytest.raises(SubmissionUncertain, match="acme/collage/v1/layers"):
        call(request_.submit, headers={"X-Emulate": f"{fault}; on=submit"})
    assert emulator.journal.count("submit") == 1


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_submission_that_a_proxy_lost_is_not_repeated(
    request_: Request[Output], call: Call, emulator: Emulator, status: int
) -> None:
    with pytest.raises(SubmissionUncertain):
        call(request_.submit, headers={"X-Emulate": f"proxy-error={status}; on=submit"})
    assert emulator.journal.count("submit") == 1


@pytest.mark.parametrize("status", [520, 524])
def test_a_submission_that_the_edge_of_a_network_lost_is_not_repeated(
    call: Call, status: int
) -> None:
    with (
        scripted_collage(lambda asked: Answer(status, b"error page")) as (collage, server),
        pytest.raises(SubmissionUncertain),
    ):
        call(collage(layers=[]).submit)
    assert server.count("POST") == 1


def test_a_header_that_cannot_be_sent_is_rejected(collage: Collage, emulator: Emulator) -> None:
    with pytest.raises(ConfigurationError, match="printable ASCII"):
        collage(layers=[]).submit(headers={"X-Note": "two\nlines"})
    assert emulator.journal.count("submit") == 0


def test_a_submission_that_times_out_is_not_repeated(emulator: Emulator, call: Call) -> None:
    impatient = Collage(Fal(KEY, base_url=emulator.base_url, timeout=0.3))
    with pytest.raises(SubmissionUncertain):
        call(impatient(layers=[]).submit, headers={"X-Emulate": "delay=2; on=submit"})
    until(lambda: emulator.journal.count("submit") > 0)
    assert emulator.journal.count("submit") == 1


def test_a_submission_that_is_not_named_is_not_repeated(call: Call) -> None:
    with (
        scripted_collage(lambda asked: Answer(200, {"status": "IN_QUEUE"})) as (collage, server),
        pytest.raises(SubmissionUncertain),
    ):
        call(collage(layers=[]).submit)
    assert server.count("POST") == 1


def test_a_submission_that_was_turned_away_is_repeated(
    request_: Request[Output], call: Call, emulator: Emulator
) -> None:
    headers = {"X-Emulate": "rate-limit=0; times=2; on=submit"}
    assert call(request_.subscribe, headers=headers).width == 640
    assert [entry.status for entry in emulator.journal.select("submit")] == [429, 429, 200]


def test_the_wait_that_a_busy_server_asks_for_is_kept(call: Call) -> None:
    """Whether in seconds or as a date."""
    arrivals: list[float] = []
    later = [
        Answer(429, b"", {"Retry-After": "1"}),
        Answer(429, b"", {"Retry-After": formatdate(time.time() + 2, usegmt=True)}),
    ]

    def answer(asked: Asked) -> Answer:
        arrivals.append(time.monotonic())
        return later[len(arrivals) - 1] if len(arrivals) <= 2 else Answer(200, {"request_id": "1"})

    with scripted_collage(answer) as (collage, _):
        call(collage(layers=[]).submit)
    assert len(arrivals) == 3
    assert arrivals[1] - arrivals[0] >= 1


def test_a_server_that_stays_busy_is_an_error(
    request_: Request[Output], call: Call, emulator: Emulator
) -> None:
    with pytest.raises(RateLimitError) as error:
        call(request_.submit, headers={"X-Emulate": "rate-limit=3600; on=submit"})
    assert error.value.retryable
    assert emulator.journal.count("submit") == 1  # an hour is not waited out


def test_a_submission_that_the_server_refuses_is_not_repeated(
    request_: Request[Output], call: Call, emulator: Emulator
) -> None:
    with pytest.raises(InfrastructureError) as error:
        call(request_.submit, headers={"X-Emulate": "refuse=internal_error; on=submit"})
    assert error.value.error_type == "internal_error"
    assert emulator.journal.count("submit") == 1


def test_a_submission_that_found_no_connection_is_repeated(emulator: Emulator) -> None:
    attempts: list[str] = []

    class Unreliable(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            attempts.append(request.method)
            if len(attempts) <= 2:
                raise httpx.ConnectError("no route", request=request)
            return super().handle_request(request)

    with httpx.Client(transport=Unreliable()) as http:
        client = Fal(KEY, base_url=emulator.base_url, http_client=http)
        assert Collage(client)(layers=[]).subscribe().width == 640
    assert attempts == ["POST", "POST", "POST", "GET", "GET"]
    assert emulator.journal.count("submit") == 1


def test_what_a_caller_sets_in_its_context_reaches_the_transport(emulator: Emulator) -> None:
    trace, seen = ContextVar("trace", default=""), list[str]()

    class Traced(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            seen.append(trace.get())
            return super().handle_request(request)

    with httpx.Client(transport=Traced()) as http:
        trace.set("t1")
        client = Fal(KEY, base_url=emulator.base_url, http_client=http)
        Collage(client)(layers=[]).subscribe(client_timeout=9)
    assert seen == ["t1"] * len(seen) != []


def test_a_server_that_is_not_there(call: Call) -> None:
    with scripted_collage(lambda asked: Answer(), IMPATIENT) as (collage, _):
        pass
    with pytest.raises(ConnectionFailed, match="failed 5 times"):
        call(collage(layers=[]).submit)


@pytest.mark.parametrize(
    "fault", ["drop=before", "truncate", "proxy-error=502", "proxy-error=503", "rate-limit=0"]
)
def test_what_can_be_asked_again_is(
    request_: Request[Output], call: Call, emulator: Emulator, fault: str
) -> None:
    once = [f"{fault}; on={operation}; times=1" for operation in ("status", "result")]
    headers = {"X-Emulate": ", ".join(["refuse; on=events", *once])}
    assert call(request_.subscribe, headers=headers).width == 640
    assert emulator.journal.count("status") == 2
    assert emulator.journal.count("result") == 2
    assert emulator.journal.count("submit") == 1
