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


def may_have_expired(request_id: str) -> bool:
    """Return whether fal may have deleted the result of a request, as far as its id shows.

    fal's ids are UUIDs of version 7, which start with the milliseconds since the epoch.
    """
    import uuid  # seldom needed

    try:
        request = uuid.UUID(request_id)
    except ValueError:
        return True
    age = time.time() - (request.int >> 80) / 1000
    return request.version != 7 or age > _SHORTEST_LIFETIME - _LARGEST_SKEW
