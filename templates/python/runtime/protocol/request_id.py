"""Ids of requests, which become parts of URLs."""

from __future__ import annotations

from typing import TypeGuard

from ..errors import Subject, ValidationError
from ..problems import Problem

_LONGEST_ID = 256


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
