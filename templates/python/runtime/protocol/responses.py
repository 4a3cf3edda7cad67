"""How a response of the server becomes a value or an exception."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NoReturn, TypeVar

from ..errors import (
    FINAL,
    RETRYABLE,
    APIError,
    AuthenticationError,
    BalanceError,
    FalError,
    InfrastructureError,
    ModelError,
    NotFoundError,
    RateLimitError,
    Subject,
    UnexpectedResponse,
)
from ..json_values import json_object
from ..problems import problem_list, reported_problems
from ..text import line, short
from ..transport.io import HttpResponse
from .request_id import may_have_expired
from .subjects import with_response

P = TypeVar("P")
T = TypeVar("T")


_BY_STATUS: dict[int, type[APIError]] = {
    200: ModelError,  # the job's status reports the failure
    400: ModelError,
    401: AuthenticationError,
    402: BalanceError,
    403: AuthenticationError,
    404: NotFoundError,
    422: ModelError,
    429: RateLimitError,
}

_NEXT_STEPS: dict[type[APIError], str] = {
    AuthenticationError: "check FAL_KEY or `key`; https://fal.ai/dashboard/keys lists your keys",
    BalanceError: "the balance is exhausted; top it up at https://fal.ai/dashboard/billing",
}

_EXPIRED = (
    "fal does not know the request, or its result has expired: a result can be fetched for 1 hour, "
    "or for 6 minutes if it is 10 KB or larger and payload storage is off; the key must be of the "
    "account that submitted it"
)
_UNKNOWN = (
    "fal does not know the request, or has lost its result: check that the key is of the account "
    "that submitted it"
)
_CANCELLED = "the job was cancelled"


def checked(response: HttpResponse, subject: Subject) -> HttpResponse:
    """Return a response if it is a success. Raises APIError if it is not."""
    if not response.is_success:
        fail(response, with_response(subject, response))
    return response


def fail(response: HttpResponse, subject: Subject) -> NoReturn:
    """Raise the error of a response that is not a success; the subject has its details."""
    raise interpreted(partial(api_error, subject=subject), response, subject)


def interpreted(interpret: Callable[[P], T], content: P, subject: Subject) -> T:
    """Return the result of `interpret` for a response.

    Every response of the server, even an unforeseen one, becomes a value or a FalError here.

    Raises:
        UnexpectedResponse: It cannot be interpreted; `payload` holds the response.
    """
    try:
        return interpret(content)
    except FalError:
        raise
    except Exception as error:
        payload = body_of(content) if isinstance(content, HttpResponse) else content
        message = f"the response (kept in .payload) cannot be interpreted: {short(error)}"
        raise UnexpectedResponse(message, payload, subject) from error


def api_error(
    response: HttpResponse,
    subject: Subject,
    prefix: str = "",
    next_steps: Mapping[type[APIError], str] = _NEXT_STEPS,
) -> APIError:
    """Return the exception for a response that is not a success; the subject has its details."""
    status_code = response.status_code
    heading = f"{prefix}HTTP {status_code} {response.reason_phrase}".rstrip()
    body = body_of(response)
    return failure(
        heading,
        body,
        subject,
        status_code=status_code,
        headers=response.headers,
        next_steps=next_steps,
    )


def failure(
    heading: str,
    body: Any,
    subject: Subject,
    *,
    status_code: int = 200,
    headers: Mapping[str, str] | None = None,
    error_type: str | None = None,
    next_steps: Mapping[type[APIError], str] = _NEXT_STEPS,
) -> APIError:
    """Return the exception for a failure that `body` describes."""
    headers, content = headers or {}, json_object(body)
    of_platform = json_object(content.get("error"))  # the platform API has a form of its own
    detail = content.get("detail", of_platform.get("message"))
    kinds = (
        error_type,
        content.get("error_type"),
        headers.get("x-fal-error-type"),
        of_platform.get("type"),
    )
    kind = next((name for name in kinds if isinstance(name, str) and name), None)
    problems = reported_problems(detail, subject.model)
    cls = _BY_STATUS.get(status_code, APIError)
    if problems:
        cls = ModelError
    elif status_code == 403 and isinstance(detail, str) and "balance" in detail.lower():
        cls = BalanceError
    elif kind in RETRYABLE | FINAL or status_code >= 500:
        cls = InfrastructureError
    parts = [line(part) for part in (heading, kind, detail) if isinstance(part, str) and part]
    if problems:
        message = problem_list(line(heading), problems, are_reported=True)
    else:
        explanation = _fate(kind, content, subject) or next_steps.get(cls)
        message = f"{': '.join(parts)}{f' ({explanation})' if explanation else ''}"
    error = cls(
        message,
        subject,
        status_code=status_code,
        body=body,
        headers=headers,
        error_type=kind,
    )
    if isinstance(error, ModelError):
        error.errors = problems
    return error


def _fate(kind: str | None, content: Mapping[str, Any], subject: Subject) -> str | None:
    """Return what has become of the job, if it was cancelled or fal does not know it."""
    if kind == "client_cancelled":
        return _CANCELLED
    if content.get("status") == "NOT_FOUND" and subject.request_id is not None:
        return _EXPIRED if may_have_expired(subject.request_id) else _UNKNOWN
    return None


def body_of(response: HttpResponse) -> Any:
    """Return the body decoded from JSON, or as a string if it is not JSON."""
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        # Not `response.text`: the server names the encoding, and Python has odd ones.
        return response.content.decode(errors="replace")
