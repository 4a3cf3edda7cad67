"""Whether a server accepted a submission: the one table that decides what may be sent again."""

from __future__ import annotations

from collections.abc import Container, Mapping
from enum import Enum
from typing import NamedTuple


class Acceptance(Enum):
    """What is certain about a submission, from its answer or from the lack of one."""

    ACCEPTED = "accepted"
    """The answer names the job, or carries its result."""
    REFUSED = "refused"
    """Certainly not accepted; the answer says why."""
    TURNED_AWAY = "turned away"
    """Certainly not accepted, and may be sent again."""
    UNCERTAIN = "uncertain"
    """There may be a job, so it must not be sent again."""


# Headers of which fal's own answers carry at least one (recorded); a proxy's answers have none.
_FAL_HEADERS = frozenset(
    "x-fal-request-id x-fal-error-type x-fal-needs-retry x-fal-retryable x-fal-served-from "
    "x-fal-billable-units x-fal-request-timeout-type".split()
)


class Rule(NamedTuple):
    """A line of the table."""

    statuses: Container[int]
    only_from_fal: bool
    """Whether the answer has to be fal's own, or may be that of a proxy as well."""
    acceptance: Acceptance


RULES = (
    Rule(range(200, 300), False, Acceptance.ACCEPTED),
    # RFC 6585, section 4: too many requests, so this one was not looked at.
    Rule((429,), False, Acceptance.TURNED_AWAY),
    # RFC 9110, section 15.5: a mistake in the request, found before anything is done.
    Rule((401, 403, 404, 405, 413, 415, 422), False, Acceptance.REFUSED),
    # A proxy reports its own failures too, after it has passed the request on; fal knows.
    Rule(range(400, 600), True, Acceptance.REFUSED),
)
"""What an answer proves, first match first.

Everything else is uncertain: 408, 425, 499, redirects, and every 5xx without fal's
headers, whether it has `Retry-After` or not.
"""


def is_from_fal(headers: Mapping[str, str]) -> bool:
    """Return whether an answer is fal's own, rather than that of a proxy in front of it."""
    return not _FAL_HEADERS.isdisjoint(name.lower() for name in headers)


def acceptance_of(status_code: int, headers: Mapping[str, str]) -> Acceptance:
    """Return what an answer to a submission proves."""
    from_fal = is_from_fal(headers)
    proofs = (
        rule.acceptance
        for rule in RULES
        if status_code in rule.statuses and (from_fal or not rule.only_from_fal)
    )
    return next(proofs, Acceptance.UNCERTAIN)
