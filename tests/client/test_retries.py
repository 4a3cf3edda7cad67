"""`Retries`: how often a client sends a request again, and what the caller can forbid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import (
    ClientTimeoutError,
    ConfigurationError,
    ConnectionFailed,
    Fal,
    FalError,
    InfrastructureError,
    RateLimitError,
    Retries,
    SubmissionUncertain,
)

from .collage import Collage
from .conftest import Call
from .given import CONTENT

LIMITED = {"X-Emulate": "rate-limit=0; on=submit"}
AT_ONCE = Retries(pause=0)


def recorder(errors: list[FalError], *, answer: bool) -> Callable[[FalError], bool]:
    """Return a `should_retry` that appends each error to a list, and always answers the same."""

    def should_retry(error: FalError) -> bool:
        errors.append(error)
        return answer

    return should_retry


@dataclass(frozen=True)
class Sent:
    """A client of the emulator, and the count of what it sent."""

    emulator: Emulator

    def collage(self, retries: Retries) -> Collage:
        return Collage(Fal("key", base_url=self.emulator.base_url, retries=retries))

    def count(self, operation: str = "submit") -> int:
        return self.emulator.journal.count(operation)


@pytest.fixture
def sent(emulator: Emulator) -> Sent:
    return Sent(emulator)


@pytest.mark.parametrize("attempts", [1, 2, 7])
def test_attempts_limit_what_is_sent_again(sent: Sent, call: Call, attempts: int) -> None:
    collage = sent.collage(Retries(attempts=attempts, pause=0))
    with pytest.raises(RateLimitError):
        call(collage(layers=[]).submit, headers=LIMITED)
    assert sent.count() == attempts


def test_the_default_is_five_attempts(sent: Sent, call: Call) -> None:
    with pytest.raises(RateLimitError):
        call(sent.collage(AT_ONCE)(layers=[]).submit, headers=LIMITED)
    assert sent.count() == 5


@pytest.mark.parametrize("fault", ["drop=after", "proxy-error=502", "truncate"])
def test_no_retries_repeat_what_may_have_been_accepted(sent: Sent, call: Call, fault: str) -> None:
    asked: list[FalError] = []
    retries = Retries(attempts=50, pause=0, should_retry=recorder(asked, answer=True))
    request = sent.collage(retries)(layers=[])
    for method in (request.submit, request.run):
        with pytest.raises(SubmissionUncertain):
            call(method, headers={"X-Emulate": fault})
    assert (sent.count("submit"), sent.count("run")) == (1, 1)
    assert asked == []


def test_the_caller_forbids_another_attempt_after_a_response(sent: Sent, call: Call) -> None:
    asked: list[FalError] = []

    def should_retry(error: FalError) -> bool:
        asked.append(error)
        return len(asked) < 2

    collage = sent.collage(Retries(pause=0, should_retry=should_retry))
    with pytest.raises(RateLimitError) as error:
        call(collage(layers=[]).submit, headers=LIMITED)
    assert sent.count() == 2
    assert [type(each) for each in asked] == [RateLimitError, RateLimitError]
    assert str(asked[-1]) == str(error.value)


def test_the_caller_is_asked_about_lost_connections(call: Call) -> None:
    asked: list[FalError] = []
    attempts: list[None] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        attempts.append(None)
        raise httpx.ConnectError("refused")

    transport = httpx.MockTransport(refuse)
    client = Fal(
        "key",
        retries=Retries(pause=0, should_retry=recorder(asked, answer=False)),
        http_client=httpx.Client(transport=transport),
        async_http_client=httpx.AsyncClient(transport=transport),
    )
    with pytest.raises(ConnectionFailed):
        call(Collage(client).handle("1").status)
    assert len(attempts) == 1
    (error,) = asked
    assert isinstance(error, ConnectionFailed)
    assert isinstance(error.__cause__, httpx.ConnectError)


def test_the_caller_is_not_asked_about_final_errors_and_results_to_come(
    sent: Sent, call: Call
) -> None:
    asked: list[FalError] = []
    retries = Retries(pause=0, should_retry=recorder(asked, answer=False))
    request = sent.collage(retries)(layers=[])
    with pytest.raises(InfrastructureError):
        call(request.run, headers={"X-Emulate": "infrastructure-error=request_timeout"})
    assert call(request.subscribe, headers={"X-Emulate": "running=0.2"}).width == 640
    assert asked == []


def test_pauses_come_from_the_function(sent: Sent, call: Call) -> None:
    numbers: list[int] = []

    def pause(attempt: int) -> float:
        numbers.append(attempt)
        return -5.0  # no pause

    with pytest.raises(RateLimitError):
        call(sent.collage(Retries(attempts=4, pause=pause))(layers=[]).submit, headers=LIMITED)
    assert numbers == [1, 2, 3]
    assert sent.count() == 4


def test_a_longer_pause_than_the_longest_is_not_waited_for(call: Call) -> None:
    attempts: list[None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        attempts.append(None)
        return httpx.Response(429, headers={"Retry-After": "30"}, json={"detail": "busy"})

    transport = httpx.MockTransport(answer)
    client = Fal(
        "key",
        retries=Retries(longest_pause=10),
        http_client=httpx.Client(transport=transport),
        async_http_client=httpx.AsyncClient(transport=transport),
    )
    with pytest.raises(RateLimitError):
        call(Collage(client)(layers=[]).submit)
    assert len(attempts) == 1


def test_pauses_end_at_the_timeout_of_the_caller(sent: Sent, call: Call) -> None:
    request = sent.collage(Retries(pause=lambda attempt: 60))(layers=[])
    with pytest.raises(ClientTimeoutError):
        call(request.submit, headers=LIMITED, client_timeout=0.3)
    assert sent.count() == 1


def test_an_exception_of_a_function_reaches_the_caller(sent: Sent, call: Call) -> None:
    def fail(_: object) -> bool:
        raise KeyError("mine")

    functions: list[dict[str, Any]] = [{"pause": fail}, {"should_retry": fail}]
    for function in functions:
        with pytest.raises(KeyError, match="mine"):
            call(sent.collage(Retries(**function))(layers=[]).submit, headers=LIMITED)


def test_uploads_follow_the_retries(sent: Sent, call: Call, emulator: Emulator) -> None:
    emulator.emulate("proxy-error=502; on=upload")
    with pytest.raises(FalError):
        call(Fal("key", base_url=emulator.base_url, retries=Retries(1)).upload, CONTENT)
    assert sent.count("upload") == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"attempts": 0}, "attempts of Retries should be an integer of at least 1"),
        ({"attempts": True}, "attempts of Retries should be an integer of at least 1"),
        ({"pause": -1}, "pause of Retries should be a number of seconds, or a function"),
        ({"pause": float("nan")}, "pause of Retries should be a number of seconds, or a function"),
        ({"longest_pause": float("inf")}, "longest_pause of Retries should be a number of sec"),
        ({"should_retry": 5}, "should_retry of Retries should be a function"),
    ],
)
def test_invalid_retries_are_an_error(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        Retries(**options)


def test_a_number_is_not_retries() -> None:
    number: Any = 3
    with pytest.raises(ConfigurationError, match="retries should be an instance of Retries"):
        Fal("key", retries=number)
