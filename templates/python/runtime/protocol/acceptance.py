"""What fal's responses prove, and so what may be sent again."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import NamedTuple

from ..json_values import json_object
from ..transport.io import HttpResponse, Verdict
from .responses import body_of

# Each response of fal carries at least one of these headers (recorded); a proxy's carries none.
_FAL_HEADERS = frozenset(
    "x-fal-request-id x-fal-error-type x-fal-needs-retry x-fal-retryable x-fal-served-from "
    "x-fal-billable-units x-fal-request-timeout-type".split()
)


class _ResponseRule(NamedTuple):
    """A line of the table."""

    statuses: Container[int]
    only_from_fal: bool
    """Whether a proxy's response does not match."""
    verdict: Verdict


_SUBMISSION_RULES = (
    _ResponseRule(range(200, 300), False, Verdict.ACCEPTED),
    # RFC 6585, section 4: too many requests, so the server did not process this one.
    _ResponseRule((429,), False, Verdict.TURNED_AWAY),
    # RFC 9110, section 15.5: a mistake in the request, found before anything is done.
    _ResponseRule((401, 403, 404, 405, 413, 415, 422), False, Verdict.REJECTED),
    # A proxy reports its own failures too, after it has passed the request on; fal knows.
    _ResponseRule(range(400, 600), True, Verdict.REJECTED),
)
"""What a response to a submission proves, first match first.

Every other response is uncertain: 408, 425, 499, a redirect, or a 5xx without fal's headers, with
or without `Retry-After`.
"""


def is_from_fal(headers: Mapping[str, str]) -> bool:
    """Return whether a response is fal's own, rather than that of a proxy in front of it."""
    return not _FAL_HEADERS.isdisjoint(name.lower() for name in headers)


def judge_submission(response: HttpResponse) -> Verdict:
    """Return what a response to a submission proves."""
    verdicts = (
        rule.verdict
        for rule in _SUBMISSION_RULES
        if response.status_code in rule.statuses
        and (not rule.only_from_fal or is_from_fal(response.headers))
    )
    return next(verdicts, Verdict.UNCERTAIN)


def judge_read(response: HttpResponse) -> Verdict:
    """Return what a response proves about a request that is safe to repeat."""
    # 520 to 527 are Cloudflare's own.
    is_of_proxy = response.status_code >= 502 and not is_from_fal(response.headers)
    return Verdict.TURNED_AWAY if is_of_proxy else _judge(response)


def judge_handshake(response: HttpResponse) -> Verdict:
    """Return what a response to the handshake of a WebSocket proves."""
    return Verdict.ACCEPTED if response.status_code == 101 else judge_read(response)


def judge_result(response: HttpResponse) -> Verdict:
    """Return what a response to a request for a result proves."""
    return Verdict.TURNED_AWAY if is_pending(response) else judge_read(response)


def is_pending(response: HttpResponse) -> bool:
    """Return whether a response has the status of a job that is not over, in place of a result."""
    if response.status_code != 202:
        return False
    status = json_object(body_of(response)).get("status")
    return status in ("IN_QUEUE", "IN_PROGRESS")


def judge_status(response: HttpResponse) -> Verdict:
    """Return what a response to a status request proves. A 5xx never means that the job failed."""
    return Verdict.TURNED_AWAY if response.status_code >= 500 else _judge(response)


def _judge(response: HttpResponse) -> Verdict:
    status = response.status_code
    if status in (408, 429) or (status == 503 and "retry-after" in response.headers):
        return Verdict.TURNED_AWAY
    return Verdict.ACCEPTED if response.is_success else Verdict.REJECTED
