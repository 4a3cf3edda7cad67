"""Sending a request until the server responds, and deciding whether to send it again."""

from __future__ import annotations

import random
import time
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Protocol

import httpx
from typing_extensions import assert_never

from ..errors import ConnectionFailed, FalError, Subject, SubmissionUncertain
from ..log import logger
from ..retries import Retries
from ..text import line
from ..transport.io import (
    Deadline,
    HttpRequest,
    HttpResponse,
    Io,
    Policy,
    Unacceptable,
    Verdict,
)
from ..transport.permit import Permit
from ..transport.urls import is_loopback, origin
from .addresses import on_other_host
from .responses import checked
from .subjects import with_response

_NOT_AGAIN = "it may have been accepted, so it was not sent again"

# Failures after which another attempt may succeed, and the exceptions among them: a header that
# cannot be written fails each time.
_PASSING = (httpx.TransportError, httpx.DecodingError, OSError)
_LASTING = (httpx.LocalProtocolError, httpx.UnsupportedProtocol, Unacceptable)

_UNREACHED = (httpx.ConnectError, httpx.ConnectTimeout)  # no server was reached


class SubmissionRecorder(Protocol):
    """Learns how far a request that is sent once has come."""

    def sending(self) -> None:
        """Record that the request is about to be written, so that the server may act on it."""
        ...

    def not_accepted(self) -> None:
        """Record that the server certainly did not act on the request."""
        ...


class _NoRecorder:
    """Records nothing."""

    def sending(self) -> None:
        """Do nothing."""

    def not_accepted(self) -> None:
        """Do nothing."""


NO_RECORDER = _NoRecorder()


async def deliver(
    io: Io,
    request: HttpRequest,
    policy: Policy,
    deadline: Deadline,
    recorder: SubmissionRecorder = NO_RECORDER,
) -> HttpResponse:
    """Send a request, again where that is safe, and return the response.

    Args:
        io: Sends the request.
        request: The request.
        policy: How it is sent, and when it is sent again.
        deadline: When the caller stops waiting.
        recorder: Learns how far the request has come, if it is sent once.

    Raises:
        ClientTimeoutError: The deadline passed.
        ConnectionFailed: Each attempt ended without a response.
        SubmissionUncertain: The request is sent only once, and the server may or may not have acted
            on it.
    """
    subject, attempt, retries = request.subject, 0, io.tuning.retries
    attempts = min(policy.attempts, retries.attempts)
    while True:
        attempt += 1
        is_last = attempt >= attempts
        deadline.remaining(subject)
        started = time.monotonic()
        outcome = await _attempt(io, request, policy, deadline, recorder)
        if isinstance(outcome, Exception):
            failed = _failed(request, outcome, attempt)
            if is_last or not _may_pass(outcome) or not _is_allowed(retries, failed):
                raise failed from outcome
            message, pause = _description(outcome), pause_after(retries, attempt)
            if io.tuning.backup_hosts and isinstance(outcome, _UNREACHED):
                request = request._replace(url=on_other_host(request.url))
        else:
            is_turned_away = _is_turned_away(outcome, policy, subject, recorder)
            asked = _retry_after(outcome) if is_turned_away else 0.0
            is_final = not is_turned_away or is_last or asked > retries.longest_pause
            if is_final or _is_vetoed(retries, outcome, subject):
                logger.debug("%s: %s", request, outcome)
                return outcome
            message, pause = str(outcome), max(pause_after(retries, attempt), asked)
        took = time.monotonic() - started
        logger.info("%s: %s after %.1f s; again in %.1f s", request, message, took, pause)
        await io.sleep(min(pause, deadline.remaining(subject)))


async def ask(io: Io, request: HttpRequest, policy: Policy, deadline: Deadline) -> HttpResponse:
    """Return the successful response to a request. Raises APIError for any other."""
    return checked(await deliver(io, request, policy, deadline), request.subject)


async def _attempt(
    io: Io,
    request: HttpRequest,
    policy: Policy,
    deadline: Deadline,
    recorder: SubmissionRecorder,
) -> HttpResponse | Exception:
    """Send a request; return the response, or the error after which it is safe to send it again.

    Raises:
        ClientTimeoutError: The deadline passed.
        SubmissionUncertain: The request is sent only once, was written, and got no response.
        FalError: The client itself stopped it, for instance because a file cannot be read.
    """
    subject = request.subject
    permit = Permit(recorder.sending) if policy.once else None
    end = deadline.end + (io.tuning.overtime if policy.once and policy.shielded else 0.0)
    try:
        return await io.send(request, policy, end, permit)
    except Exception as error:
        is_written = permit is not None and permit.withdraw()
        if isinstance(error, FalError) and not is_written:
            raise
        if not policy.shielded:
            deadline.remaining(subject)  # raises if that is why there is no response
        if is_written:
            message = f"no response ({_description(error)}); {_NOT_AGAIN}"
            raise SubmissionUncertain(message, subject) from error
        return error
    except BaseException:
        if permit is not None and permit.withdraw():
            logger.warning(
                "%s: interrupted before it was answered; it may still be running", subject
            )
        raise
    finally:
        if permit is not None:
            permit.withdraw()


def _is_turned_away(
    response: HttpResponse, policy: Policy, subject: Subject, recorder: SubmissionRecorder
) -> bool:
    """Return whether it is safe, and may help, to send a request again after a response.

    Raises:
        SubmissionUncertain: The server may have acted on a request that is sent only once.
    """
    verdict = policy.judge(response)
    match verdict:
        case Verdict.ACCEPTED:
            return False
        case Verdict.REJECTED | Verdict.TURNED_AWAY:
            recorder.not_accepted()
            return verdict is Verdict.TURNED_AWAY
        case Verdict.UNCERTAIN:
            message = f"HTTP {response}, but not from fal itself; {_NOT_AGAIN}"
            raise SubmissionUncertain(message, with_response(subject, response))
        case _:
            assert_never(verdict)


def _failed(request: HttpRequest, error: Exception, attempt: int) -> ConnectionFailed:
    """Return the error of a request whose last attempt ended without a response."""
    times = f" {attempt} times" if attempt > 1 else ""
    message = f"{request} failed{times} ({_description(error)}){_hint(error, request)}"
    failed = ConnectionFailed(message, request.subject)
    failed.__cause__ = error  # for `should_retry`
    return failed


def _description(error: Exception) -> str:
    return line(f"{type(error).__name__} {error}".strip())


def _may_pass(error: Exception) -> bool:
    """Return whether another attempt may succeed after an error."""
    return isinstance(error, _PASSING) and not isinstance(error, _LASTING)


def pause_after(retries: Retries, attempt: int) -> float:
    """Return the seconds to wait after an attempt; the first is number 1."""
    if callable(retries.pause):
        pause = retries.pause(attempt)
    else:
        pause = retries.pause * 2.0 ** min(attempt - 1, 64) * random.uniform(0.5, 1.5)
    return min(max(0.0, pause), retries.longest_pause)


def _hint(error: Exception, request: HttpRequest) -> str:
    """Return the next step if the server cannot be reached."""
    if not isinstance(error, httpx.ConnectError):
        return ""
    if not is_loopback(origin(request.url)[1]):
        return "; check the network connection and the proxy settings"
    if "WRONG_VERSION_NUMBER" in str(error):
        return "; the server does not use TLS: use http://"
    return "; is `fal-codegen emulate` running?"


def _is_allowed(retries: Retries, error: FalError) -> bool:
    """Return whether the caller allows another attempt after an error."""
    return retries.should_retry is None or retries.should_retry(error)


def _is_vetoed(retries: Retries, response: HttpResponse, subject: Subject) -> bool:
    """Return whether the caller forbids another attempt after a response."""
    if retries.should_retry is None:
        return False
    try:
        checked(response, subject)
    except FalError as error:
        return not _is_allowed(retries, error)
    return False  # a result that is not there yet


def _retry_after(response: HttpResponse) -> float:
    """Return the seconds of the header `Retry-After` (RFC 9110, 10.2.3), or 0 without one."""
    value = response.headers.get("retry-after", "")
    with suppress(ValueError):
        seconds = float(value)
        return seconds if seconds >= 0 else 0.0  # 0 for NaN too
    with suppress(ValueError, OverflowError, TypeError, IndexError):
        return parsedate_to_datetime(value).timestamp() - time.time()
    return 0.0
