"""Messages of a realtime connection: inputs and outputs in MessagePack, fal's own in JSON.

This module is imported at first use: it needs the package `msgpack`, which an extra installs.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TypeAlias

from pydantic_core import to_jsonable_python

from ..errors import APIError, Subject, ValidationError
from ..json_values import json_object
from ..problems import Problem
from ..text import line, short
from .responses import failure

_msgpack: Any = import_module("msgpack")  # which has no types


@dataclass(frozen=True)
class Output:
    """The output of an input."""

    payload: object


@dataclass(frozen=True)
class Failure:
    """An error of the model or of fal."""

    error: APIError


@dataclass(frozen=True)
class Unauthorized:
    """The token is not accepted, or no longer."""

    error: APIError


@dataclass(frozen=True)
class Notice:
    """News that no caller waits for: timings, or that the connection is about to end."""


Message: TypeAlias = Output | Failure | Unauthorized | Notice


def encode(payload: dict[str, Any], subject: Subject) -> bytes:
    """Return an input as a message. Bytes in it stay bytes.

    Raises:
        ValidationError: It has a value that MessagePack cannot represent.
    """
    try:
        message: bytes = _msgpack.packb(payload, default=to_jsonable_python)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        problem = Problem("", f"cannot be written as MessagePack: {line(str(error))}", "msgpack")
        raise ValidationError([problem], subject) from error
    return message


def parse(message: str | bytes, subject: Subject) -> Message:
    """Return the meaning of a message. Raises an exception of its decoder if it is malformed."""
    payload = json.loads(message) if isinstance(message, str) else _msgpack.unpackb(message)
    content = json_object(payload)
    if content.get("type") == "x-fal-message":
        return Notice()
    is_error = content.get("type") == "x-fal-error" or content.get("status") == "error"
    if not (is_error and isinstance(content.get("error"), str)):
        return Output(payload)
    name = content["error"]
    if name == "TIMEOUT":  # fal has had no input for a while; it closes the connection
        return Notice()
    if name.lower() == "unauthorized":
        return Unauthorized(_api_error(content, subject, status_code=401))
    return Failure(_api_error(content, subject))


def _api_error(content: dict[str, Any], subject: Subject, status_code: int = 200) -> APIError:
    """Return the exception for a message like `{"error": "INTERNAL_ERROR", "reason": "…"}`."""
    reason, heading = content.get("reason"), "the server reports an error"
    if reason is not None and not isinstance(reason, (str, list)):
        heading = f"{heading} ({short(reason)})"
    return failure(
        heading,
        {**content, "detail": reason},
        subject,
        status_code=status_code,
        error_type=content["error"].lower(),
    )
