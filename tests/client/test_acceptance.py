"""What proves that a submission was not accepted; everything else is uncertain, and sent once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from fal_endpoints import (
    AuthenticationError,
    ClientTimeoutError,
    ConfigurationError,
    ConnectionFailed,
    Fal,
    FalError,
    InfrastructureError,
    ModelError,
    NotFoundError,
    RateLimitError,
    SubmissionUncertain,
)

from .collage import Collage
from .conftest import Call
from .given import client_of
from .scripted import Answer, scripted_collage
from .tuned import IMPATIENT

BY_FAL = {"X-Fal-Request-Id": "gateway-1"}

REFUSED_BY_ANYONE: dict[int, type[FalError]] = {
    401: AuthenticationError,
    403: AuthenticationError,
    404: NotFoundError,
    405: FalError,
    413: FalError,
    415: FalError,
    422: ModelError,
}
UNCERTAIN_FROM_A_PROXY = (
    *(300, 301, 302, 303, 304, 307, 308),
    *(400, 402, 406, 408, 409, 410, 421, 423, 425, 451, 499),
    *(500, 501, 502, 503, 504, 505, 507, 511, 520, 522, 524, 530, 599),
)


@pytest.mark.parametrize("status", sorted(REFUSED_BY_ANYONE))
@pytest.mark.parametrize("headers", [{}, BY_FAL], ids=["proxy", "fal"])
def test_a_mistake_of_the_request_is_refused_whoever_says_so(
    call: Call, status: int, headers: dict[str, str]
) -> None:
    with (
        scripted_collage(lambda asked: Answer(status, b"", headers)) as (collage, server),
        pytest.raises(REFUSED_BY_ANYONE[status]) as error,
    ):
        call(collage(layers=[]).submit)
    assert not isinstance(error.value, SubmissionUncertain)
    assert server.count("POST") == 1


@pytest.mark.parametrize("status", UNCERTAIN_FROM_A_PROXY)
@pytest.mark.parametrize("headers", [{}, {"Retry-After": "0"}], ids=["bare", "retry-after"])
def test_what_a_proxy_reports_is_uncertain(status: int, headers: dict[str, str]) -> None:
    located = {**headers, "Location": "/queue/elsewhere"}
    with scripted_collage(lambda asked: Answer(status, b"<html>", located)) as (collage, server):
        with pytest.raises(SubmissionUncertain, match=f"{status} "):
            collage(layers=[]).submit()
        with pytest.raises(SubmissionUncertain):
            asyncio.run(collage(layers=[]).submit_async())
        with pytest.raises(SubmissionUncertain):
            collage(layers=[]).run()
    assert server.count("POST") == 3
    assert server.count("GET") == 0


@pytest.mark.parametrize("header", ["X-Fal-Request-Id", "X-Fal-Error-Type", "x-fal-needs-retry"])
@pytest.mark.parametrize("status", [400, 408, 499, 500, 502, 503, 504])
def test_an_error_of_fal_itself_is_refused(call: Call, status: int, header: str) -> None:
    headers = {header: "internal_error", "Retry-After": "0"}
    with (
        scripted_collage(lambda asked: Answer(status, b"", headers)) as (collage, server),
        pytest.raises(FalError) as error,
    ):
        call(collage(layers=[]).submit)
    assert not isinstance(error.value, SubmissionUncertain)
    assert status < 500 or isinstance(error.value, InfrastructureError)
    assert server.count("POST") == 1


@pytest.mark.parametrize("headers", [{}, BY_FAL], ids=["proxy", "fal"])
def test_only_a_rate_limit_is_sent_again(call: Call, headers: dict[str, str]) -> None:
    answers = iter([Answer(429, b"", headers), Answer(429, b"", headers)])

    def answer(asked: object) -> Answer:
        return next(answers, Answer(200, {"request_id": "r1"}))

    with scripted_collage(answer) as (collage, server):
        assert call(collage(layers=[]).submit).request_id == "r1"
    assert server.count("POST") == 3


def test_a_rate_limit_that_lasts_is_reported() -> None:
    answer = Answer(429, b"", {"Retry-After": "0"})
    with (
        scripted_collage(lambda asked: answer, IMPATIENT) as (collage, server),
        pytest.raises(RateLimitError),
    ):
        collage(layers=[]).submit()
    assert server.count("POST") == 5


@pytest.mark.parametrize("answer", [Answer(200), Answer(200, b"<html>sign in"), Answer(204)])
def test_a_success_that_names_no_job_is_uncertain(call: Call, answer: Answer) -> None:
    with (
        scripted_collage(lambda asked: answer) as (collage, server),
        pytest.raises(SubmissionUncertain),
    ):
        call(collage(layers=[]).submit)
    assert server.count("POST") == 1


class Given(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport of the caller's own."""

    def collage(self) -> Collage:
        return Collage(
            Fal(
                "key",
                base_url="http://127.0.0.1:1",
                http_client=httpx.Client(transport=self),
                async_http_client=httpx.AsyncClient(transport=self),
            )
        )


class Failing(Given):
    """Fails the first time, before or after it has read what it was to write."""

    def __init__(self, error: Exception, *, reads: bool) -> None:
        self.error, self.reads, self.attempts = error, reads, 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.reads:
            request.read()
        return self.answer()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.reads:
            await request.aread()
        return self.answer()

    def answer(self) -> httpx.Response:
        self.attempts += 1
        if self.attempts == 1:
            raise self.error
        return httpx.Response(200, stream=httpx.ByteStream(b'{"request_id": "r1"}'))


class Hasty(Given):
    """Answers without having read what it was to write."""

    def __init__(self, *answers: httpx.Response) -> None:
        self.answers = iter(answers)
        self.requests: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return next(self.answers)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self.handle_request(request)


WRITTEN_OR_NOT: list[Exception] = [
    httpx.ConnectError("refused"),
    httpx.ConnectTimeout("too late"),
    httpx.PoolTimeout("too late"),
    httpx.ReadTimeout("too late"),
    httpx.WriteError("broken pipe"),
    httpx.RemoteProtocolError("server disconnected"),
    httpx.ProxyError("407 Proxy Authentication Required"),
    ConnectionResetError("reset by peer"),
]


@pytest.mark.parametrize("error", WRITTEN_OR_NOT, ids=lambda error: type(error).__name__)
def test_what_was_written_is_never_written_again(call: Call, error: Exception) -> None:
    """Whatever the name of the exception: the body was handed over."""
    transport = Failing(error, reads=True)
    with pytest.raises(SubmissionUncertain):
        call(transport.collage()(layers=[]).submit)
    assert transport.attempts == 1


@pytest.mark.parametrize("error", WRITTEN_OR_NOT, ids=lambda error: type(error).__name__)
def test_what_was_not_written_is_sent_again(call: Call, error: Exception) -> None:
    transport = Failing(error, reads=False)
    assert call(transport.collage()(layers=[]).submit).request_id == "r1"
    assert transport.attempts == 2


@pytest.mark.parametrize("reads", [True, False])
def test_a_violation_of_the_protocol_is_judged_by_what_was_written(call: Call, reads: bool) -> None:
    """HTTP/2 calls a peer's violation in its answer a local one."""
    transport = Failing(httpx.LocalProtocolError("data before headers"), reads=reads)
    with pytest.raises(SubmissionUncertain if reads else ConnectionFailed):
        call(transport.collage()(layers=[]).submit)
    assert transport.attempts == 1


@pytest.mark.parametrize("reads", [True, False])
def test_a_transport_that_fails_in_its_own_way_ends_in_an_error_of_ours(
    call: Call, reads: bool
) -> None:
    transport = Failing(ArithmeticError("?"), reads=reads)
    with pytest.raises(SubmissionUncertain if reads else ConnectionFailed, match="ArithmeticError"):
        call(transport.collage()(layers=[]).submit)
    assert transport.attempts == 1


@pytest.mark.parametrize("reads", [True, False])
def test_an_error_of_ours_is_judged_by_what_was_written(call: Call, reads: bool) -> None:
    """A transport may raise what it got from another client of fal."""
    transport = Failing(ConfigurationError("no key"), reads=reads)
    with pytest.raises(SubmissionUncertain if reads else ConfigurationError, match="no key"):
        call(transport.collage()(layers=[]).submit)
    assert transport.attempts == 1


def test_what_was_answered_before_it_was_written_is_not_written_later(call: Call) -> None:
    transport = Hasty(httpx.Response(429), httpx.Response(200, json={"request_id": "r1"}))
    assert call(transport.collage()(layers=[]).submit).request_id == "r1"
    for request in transport.requests:
        assert isinstance(request.stream, httpx.SyncByteStream)
        with pytest.raises(RuntimeError, match="not sent"):
            next(iter(request.stream))


def test_a_submission_that_nobody_waits_for_is_not_written_later() -> None:
    """A connection that opens after `client_timeout` finds that it may not write any more."""
    is_left, is_over = threading.Event(), threading.Event()
    written: list[bytes] = []

    class Slow(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            is_left.wait(10)
            try:
                written.append(request.read())
            finally:
                is_over.set()
            return httpx.Response(200, json={})

    with httpx.Client(transport=Slow()) as http:
        collage = Collage(Fal("key", base_url="http://127.0.0.1:1", http_client=http))
        with pytest.raises(ClientTimeoutError):
            collage(layers=[]).run(client_timeout=0.1)
        is_left.set()
        assert is_over.wait(10)
    assert written == []


@pytest.mark.parametrize("status", [600, 999, 1200])
def test_a_status_that_http_does_not_have_is_uncertain(call: Call, status: int) -> None:
    """As HTTP/2 can bring one, where it is a header like others."""

    def answer(request: httpx.Request) -> httpx.Response:
        request.read()
        return httpx.Response(status)

    with pytest.raises(SubmissionUncertain, match=f"HTTP {status}"):
        call(Collage(client_of(answer))(layers=[]).submit)


def test_a_message_holds_no_more_than_a_line_of_what_came_back(call: Call) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        request.read()
        if b"break" in request.content:
            raise httpx.RemoteProtocolError("illegal header\n" + "x" * 100_000)
        return httpx.Response(502, extensions={"reason_phrase": b"Bad\x1b[2J" + b"x" * 100_000})

    collage = Collage(client_of(answer))
    for extra in ({"do": "break"}, {}):
        with pytest.raises(SubmissionUncertain) as error:
            call(collage(layers=[], extra=extra).submit)
        assert str(error.value).isprintable()
        assert len(str(error.value)) < 800


class Breaking(httpx.SyncByteStream, httpx.AsyncByteStream):
    """The body of an answer that breaks off."""

    def __iter__(self) -> Iterator[bytes]:
        raise httpx.ReadError("connection reset")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self:
            yield part


def test_an_answer_that_breaks_off_is_one_even_if_nobody_read_the_request(call: Call) -> None:
    transport = Hasty(httpx.Response(200, stream=Breaking()))
    with pytest.raises(SubmissionUncertain):
        call(transport.collage()(layers=[]).submit)
    assert [request.method for request in transport.requests] == ["POST"]
