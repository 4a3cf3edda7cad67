"""One call and its answer: what is sent again, and what never is."""

from __future__ import annotations

import logging
import random
import time
from contextlib import suppress
from email.utils import parsedate_to_datetime

import httpx

from .errors import ConnectionFailed, SubmissionUncertain, api_error
from .io import Call, Deadline, Io, Unacceptable

logger = logging.getLogger(__name__.partition("._runtime")[0])

ATTEMPTS = 5
_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 60.0  # an answer that asks for more is left to the caller to wait out

_LAST_WORD = 5.0  # seconds past the deadline for the answer that says which job to cancel

# With these no request was written to a connection, so the server cannot have acted on it.
_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.LocalProtocolError,
)


async def exchange(
    io: Io, call: Call, deadline: Deadline, attempts: int = ATTEMPTS
) -> httpx.Response:
    """Return the server's answer to `call`, sending it again where that does no harm.

    Raises:
        ClientTimeoutError: `deadline` passed.
        ConnectionFailed: no attempt brought an answer.
        SubmissionUncertain: `call` is to be sent once, and what became of it is not known.
    """
    attempt = 0
    while True:
        attempt += 1
        pause = _FIRST_PAUSE * 2 ** (attempt - 1) * random.uniform(0.5, 1.5)
        deadline.remaining(call.about)
        started = time.monotonic()
        try:
            end = deadline.end + (_LAST_WORD if call.shielded else 0.0)
            response = await io.send(call._replace(end=end))
        except httpx.RequestError as error:
            outcome = f"{type(error).__name__} {error}".strip()
            if not call.shielded:
                deadline.remaining(call.about)  # raises if that is why there is no answer
            if call.once and not isinstance(error, _NOT_SENT):
                raise SubmissionUncertain(
                    f"no answer ({outcome}); the request may have been accepted", call.about
                ) from error
            call.note(False)
            is_final = isinstance(error, (httpx.LocalProtocolError, Unacceptable))
            if attempt == attempts or is_final:
                times = f" {attempt} times" if attempt > 1 else ""
                raise ConnectionFailed(
                    f"{_shown(call)} failed{times} ({outcome})", call.about
                ) from error
        else:
            outcome = f"{response.status_code} {response.reason_phrase}"
            pause = max(pause, _retry_after(response))
            if call.once and _is_from_proxy(response) and not _says_not_now(response):
                raise SubmissionUncertain(
                    f"a proxy gave up ({outcome}); the request may have been accepted", call.about
                )
            if not response.is_success:
                call.note(False)
            if not _may_pass(response, call) or attempt == attempts or pause > _LONGEST_PAUSE:
                logger.debug("%s: %s", _shown(call), outcome)
                return response
        took = time.monotonic() - started
        logger.info("%s: %s after %.1f s; again in %.1f s", _shown(call), outcome, took, pause)
        await io.sleep(min(pause, deadline.remaining(call.about)))


async def ask(io: Io, call: Call, deadline: Deadline) -> httpx.Response:
    """Return the server's answer to `call`, which is a success. Raises APIError if it is not."""
    response = await exchange(io, call, deadline)
    if not response.is_success:
        raise api_error(response, call.about)
    return response


def _may_pass(response: httpx.Response, call: Call) -> bool:
    """Whether the same call may soon be answered otherwise, and can be sent again until then."""
    return _says_not_now(response) or (
        not call.once and (response.status_code == 408 or _is_from_proxy(response))
    )


def _says_not_now(response: httpx.Response) -> bool:
    """Whether the answer says that the call was turned away: RFC 6585, 4 and RFC 9110, 15.6.4."""
    return response.status_code == 429 or (
        response.status_code == 503 and "retry-after" in response.headers
    )


def _is_from_proxy(response: httpx.Response) -> bool:
    """Whether a proxy before fal answered: fal's own answers name the request or the error."""
    named = "x-fal-request-id" in response.headers or "x-fal-error-type" in response.headers
    return response.status_code >= 502 and not named  # 520 to 527 are Cloudflare's


def _retry_after(response: httpx.Response) -> float:
    """Return the seconds that the answer asks to wait for (RFC 9110, 10.2.3), else 0."""
    value = response.headers.get("retry-after", "")
    with suppress(ValueError):
        seconds = float(value)
        return seconds if seconds >= 0 else 0.0  # also for what is not a number
    with suppress(ValueError, OverflowError):
        return parsedate_to_datetime(value).timestamp() - time.time()
    return 0.0


def _shown(call: Call) -> str:
    """Return the call for a log line: a signed upload address keeps its query to itself."""
    return f"{call.method} {call.url.partition('?')[0]}"
