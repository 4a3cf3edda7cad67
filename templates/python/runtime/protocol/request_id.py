"""Ids of requests, which become parts of URLs."""

from __future__ import annotations

import time
from typing import TypeGuard

from ..errors import Subject, ValidationError
from ..problems import Problem

_LONGEST_ID = 256

_SHORTEST_LIFETIME = 360  # seconds that fal keeps a large result
_LARGEST_SKEW = 60  # seconds by which the clocks of fal and of this machine may differ


def is_request_id(value: object) -> TypeGuard[str]:
    """Return whether `value` can be the id of a request."""
    return (
        isinstance(value, str)
        and len(value) <= _LONGEST_ID
        and value.strip(" .") != ""  # dots alone would lead to another URL
        and value.isprintable()
        and "/" not in value
    )


def check_request_id(value: object, subject: Subject) -> None:
    """Raise ValidationError if `value` cannot be the id of a request."""
    if not is_request_id(value):
        message = "is not an id of a request"
        problem = Problem("request_id", message, "request_id", value, has_input=True)
        raise ValidationError([problem], subject)


def may_have_expired(request_id: str, accepted_at: float | None = None) -> bool:
    """Return whether fal may have deleted the result of a request, as far as is known.

    Args:
        request_id: The id, which may show the time of the submission.
        accepted_at: The time of the submission for other ids, in seconds since the epoch.
    """
    made_at = _made_at(request_id)
    since = accepted_at if made_at is None else made_at
    return since is None or time.time() - since > _SHORTEST_LIFETIME - _LARGEST_SKEW


def _made_at(request_id: str) -> float | None:
    """Return when fal made an id, in seconds since the epoch, if it shows that.

    fal's ids are UUIDs of version 7, which start with the milliseconds since the epoch.
    """
    import uuid  # seldom needed

    try:
        request = uuid.UUID(request_id)
    except ValueError:
        return None
    return (request.int >> 80) / 1000 if request.version == 7 else None
