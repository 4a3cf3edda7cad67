"""One call and its answer: what is sent again, and what never is."""

from __future__ import annotations

import logging
import random
import time
from contextlib import suppress
from email.utils import parsedate_to_datetime
from functools import partial

import httpx

from ..errors import ConnectionFailed, FalError, SubmissionUncertain
from ..protocol.acceptance import Acceptance, acceptance_of, is_from_fal
from ..protocol.answers import api_error, understood
from ..text import line
from .io import Call, Deadline, Io, Unacceptable
from .permit import Permit

logger = logging.getLogger(__name__.partition("._runtime")[0])

ATTEMPTS = 5
_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 60.0  # an answer that asks for more is left to the caller to wait out

_LAST_WORD = 5.0  # seconds past the deadline for the answer that says which job to cancel

_NOT_AGAIN = "it may have been accepted, so it was not sent again"

# What may pass when a request is sent again; a header that cannot be written stays one.
_PASSING = (httpx.TransportError, httpx.DecodingError, OSError)
_LASTING = (httpx.LocalProtocolError, httpx.UnsupportedProtocol, Unacceptable)


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
        permit = Permit(partial(call.note, True))
        try:
            end = deadline.end + (_LAST_WORD if call.once and call.shielded else 0.0)
            response = await io.send(call._replace(end=end, before_writing=permit.use))
        except Exception as error:
            outcome = line(f"{type(error).__name__} {error}".strip())
            is_written = permit.withdraw()  # only what is sent once uses its permit
            if isinstance(error, FalError) and not is_written:
                raise
            if not call.shielded:
                deadline.remaining(call.about)  # raises if that is why there is no answer
            if is_written:
                raise SubmissionUncertain(
                    f"no answer ({outcome}); {_NOT_AGAIN}", call.about
                ) from error
            may_pass = isinstance(error, _PASSING) and not isinstance(error, _LASTING)
            if attempt == attempts or not may_pass:
                times = f" {attempt} times" if attempt > 1 else ""
                raise ConnectionFailed(
                    f"{_shown(call)} failed{times} ({outcome})", call.about
                ) from error
        except BaseException:
            if permit.withdraw():
                logger.warning("%s: interrupted before it was answered; it may run on", call.about)
            raise
        else:
            outcome = line(f"{response.status_code} {response.reason_phrase}")
            pause = max(pause, _retry_after(response))
            if call.once:
                may_pass = _was_turned_away(call, response, outcome)
            else:
                may_pass = _may_pass(call, response)
            if not may_pass or attempt == attempts or pause > _LONGEST_PAUSE:
                logger.debug("%s: %s", _shown(call), outcome)
                return response
        finally:
            permit.withdraw()
        took = time.monotonic() - started
        logger.info("%s: %s after %.1f s; again in %.1f s", _shown(call), outcome, took, pause)
        await io.sleep(min(pause, deadline.remaining(call.about)))


async def ask(io: Io, call: Call, deadline: Deadline) -> httpx.Response:
    """Return the server's answer to `call`, which is a success. Raises APIError if it is not."""
    response = await exchange(io, call, deadline)
    if not response.is_success:
        raise understood(partial(api_error, about=call.about), response, call.about)
    return response


def _was_turned_away(call: Call, response: httpx.Response, outcome: str) -> bool:
    """Return whether a submission may be sent again. Raises SubmissionUncertain if that is open."""
    match acceptance_of(response.status_code, response.headers):
        case Acceptance.ACCEPTED:
            return False
        case Acceptance.UNCERTAIN:
            raise SubmissionUncertain(
                f"HTTP {outcome}, but not from fal itself; {_NOT_AGAIN}", call.about
            )
        case Acceptance.REFUSED:
            call.note(False)
            return False
        case Acceptance.TURNED_AWAY:
            call.note(False)
            return True


def _may_pass(call: Call, response: httpx.Response) -> bool:
    """Return whether what does no harm twice may soon be answered otherwise.

    520 to 527 are Cloudflare's own.
    """
    status = response.status_code
    if status in (408, 429) or (status == 503 and "retry-after" in response.headers):
        return True
    if call.about_a_job:
        return status >= 500
    return status >= 502 and not is_from_fal(response.headers)


def _retry_after(response: httpx.Response) -> float:
    """Return the seconds that the answer asks to wait for (RFC 9110, 10.2.3), else 0."""
    value = response.headers.get("retry-after", "")
    with suppress(ValueError):
        seconds = float(value)
        return seconds if seconds >= 0 else 0.0  # also for what is not a number
    with suppress(ValueError, OverflowError, TypeError, IndexError):
        return parsedate_to_datetime(value).timestamp() - time.time()
    return 0.0


def _shown(call: Call) -> str:
    """Return the call for a log line: a signed upload address keeps its query to itself."""
    return f"{call.method} {call.url.partition('?')[0]}"
