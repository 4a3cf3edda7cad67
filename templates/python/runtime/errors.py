"""What this client raises, and how an answer of the server becomes an exception."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeGuard, TypeVar

import httpx
import pydantic

from .json_values import json_object
from .problems import Problem, listing, reported_problems
from .text import line, short

T = TypeVar("T")
P = TypeVar("P")

# fal's documented infrastructure errors, after some of which the same request may succeed.
_RETRYABLE = frozenset(
    "request_timeout startup_timeout runner_scheduling_failure runner_connection_timeout "
    "runner_disconnected runner_connection_refused runner_connection_error "
    "runner_incomplete_response runner_server_error internal_error".split()
)
_FINAL = frozenset(("client_disconnected", "client_cancelled", "bad_request"))

_LONGEST_ID = 256


class Subject(NamedTuple):
    """What an exchange with the server, and an error in it, is about."""

    endpoint_id: str | None = None
    request_id: str | None = None
    model: type[pydantic.BaseModel] | None = None
    """The endpoint's input, whose Python names replace the wire's in what a model complains of."""

    def __str__(self) -> str:
        request = f"request {self.request_id}" if self.request_id else None
        return ", ".join(part for part in (self.endpoint_id, request) if part)


NOTHING = Subject()


class FalError(Exception):
    """Base of everything that this client raises on purpose."""

    def __init__(self, message: str, about: Subject = NOTHING) -> None:
        prefix = str(about)
        text = f"{prefix}: {message}" if prefix else message
        # Half a surrogate pair, which JSON can bring, could be neither printed nor logged.
        super().__init__(text.encode(errors="backslashreplace").decode())
        self.endpoint_id = about.endpoint_id
        self.request_id = about.request_id
        """The queue's id for the request, where there is one: `endpoint.handle(id)` takes it."""

    def __reduce__(self) -> tuple[object, ...]:
        # Exceptions are otherwise copied and unpickled by calling the class with the message.
        return _rebuilt, (type(self), self.args), vars(self)


def _rebuilt(cls: type[FalError], args: tuple[object, ...]) -> FalError:
    error = cls.__new__(cls)
    error.args = args
    return error


class ConfigurationError(FalError, ValueError):
    """The client lacks a key, or was given an address or a ledger that it must not use."""


class ValidationError(FalError, ValueError):
    """The arguments are wrong. Nothing was sent."""

    def __init__(self, problems: Sequence[Problem], about: Subject) -> None:
        super().__init__(listing("the input is not valid", problems), about)
        self.errors = list(problems)


class ConnectionFailed(FalError, ConnectionError):
    """The server could not be reached, or its answer did not arrive, however often it was tried."""


class SubmissionUncertain(FalError):
    """A request was sent, and whether the server accepted it is not known.

    It was not sent again, because that could run, and bill, the same job twice.
    """


class ClientTimeoutError(FalError, TimeoutError):
    """The caller's `client_timeout` passed."""


class UnexpectedResponse(FalError):
    """The server's answer does not have the promised shape.

    `payload` is that answer, so that a result that was paid for is not lost.
    """

    def __init__(self, message: str, payload: Any, about: Subject) -> None:
        super().__init__(message, about)
        self.payload = payload


class APIError(FalError):
    """The server answered with an error."""

    def __init__(
        self,
        message: str,
        about: Subject,
        *,
        status_code: int,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        error_type: str | None = None,
    ) -> None:
        super().__init__(message, about)
        self.status_code = status_code
        self.body = body
        """The answer: decoded JSON, or text."""
        self.headers = headers or {}
        self.error_type = error_type
        """fal's name for what happened, such as `runner_disconnected`."""

    @property
    def retryable(self) -> bool:
        """Whether the same request may well succeed if it is made again, as far as fal says."""
        if self.headers.get("x-fal-request-timeout-type", "").strip().lower() == "user":
            return False  # the caller's own `start_timeout`
        for header in ("x-fal-needs-retry", "x-fal-retryable"):  # the second is the older one
            flag = self.headers.get(header, "").strip().lower()
            if flag in ("true", "1", "false", "0"):
                return flag in ("true", "1")
        is_passing = self.status_code in (429, 502, 503, 504)
        return self.error_type in _RETRYABLE or (is_passing and self.error_type not in _FINAL)


class ModelError(APIError):
    """The model refused the input or failed on it; `errors` says which field, where it does."""

    errors: Sequence[Problem] = ()


class InfrastructureError(APIError):
    """fal, rather than the model, failed; see `error_type` and `retryable`."""


class AuthenticationError(APIError):
    """The key is missing or wrong, or may not do this."""


class BalanceError(APIError):
    """The account's balance is exhausted. The key is right; nothing was accepted."""


class NotFoundError(APIError):
    """There is no such endpoint or request.

    Results are kept for 1 hour, or for 6 minutes if they are 10 KB or larger.
    """


class RateLimitError(APIError):
    """A limit on concurrency or queue length was hit; nothing was accepted."""


_BY_STATUS: dict[int, type[APIError]] = {
    200: ModelError,  # the failure is in the job's status
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


def understood(interpret: Callable[[P], T], answer: P, about: Subject) -> T:
    """Return what an answer means.

    Whatever the server says becomes a value or a FalError here, also where nobody thought of it.

    Raises:
        UnexpectedResponse: it has no such meaning; the answer is its `payload`.
    """
    try:
        return interpret(answer)
    except FalError:
        raise
    except Exception as error:
        payload = body_of(answer) if isinstance(answer, httpx.Response) else answer
        message = f"the answer (kept in .payload) cannot be interpreted: {short(error)}"
        raise UnexpectedResponse(message, payload, about) from error


def api_error(response: httpx.Response, about: Subject) -> APIError:
    """Return the exception for an answer that is not a success."""
    status_code = response.status_code
    heading = f"HTTP {status_code} {response.reason_phrase}".rstrip()
    about, body = answered(about, response), body_of(response)
    return failure(heading, body, about, status_code=status_code, headers=response.headers)


def failure(
    heading: str,
    body: Any,
    about: Subject,
    *,
    status_code: int = 200,
    headers: Mapping[str, str] | None = None,
    error_type: str | None = None,
) -> APIError:
    """Return the exception for a failure, with what `body` says of it."""
    headers, content = headers or {}, json_object(body)
    detail = content.get("detail")
    kinds = (error_type, content.get("error_type"), headers.get("x-fal-error-type"))
    kind = next((name for name in kinds if isinstance(name, str) and name), None)
    problems = reported_problems(detail, about.model)
    cls = _BY_STATUS.get(status_code, APIError)
    if problems:
        cls = ModelError
    elif status_code == 403 and isinstance(detail, str) and "balance" in detail.lower():
        cls = BalanceError
    elif kind in _RETRYABLE | _FINAL or status_code >= 500:
        cls = InfrastructureError
    parts = [line(part) for part in (heading, kind, detail) if isinstance(part, str) and part]
    next_step = f" ({_NEXT_STEPS[cls]})" if cls in _NEXT_STEPS else ""
    error = cls(
        listing(line(heading), problems) if problems else f"{': '.join(parts)}{next_step}",
        about,
        status_code=status_code,
        body=body,
        headers=headers,
        error_type=kind,
    )
    if isinstance(error, ModelError):
        error.errors = problems
    return error


def body_of(response: httpx.Response) -> Any:
    """Return the body decoded from JSON, or as text if it is none."""
    try:
        return response.json()
    except (ValueError, RecursionError):
        # Not `response.text`: the server names the encoding, and Python has strange ones.
        return response.content.decode(errors="replace")


def answered(about: Subject, response: httpx.Response) -> Subject:
    """Return the subject with the id that an answer's headers give the request."""
    request_id = response.headers.get("x-fal-request-id")
    is_news = about.request_id is None and is_request_id(request_id)
    return about._replace(request_id=request_id) if is_news else about


def is_request_id(value: object) -> TypeGuard[str]:
    """Return whether `value` can be the id of a request: it becomes a part of an address."""
    return (
        isinstance(value, str)
        and len(value) <= _LONGEST_ID
        and value.strip(" .") != ""  # dots alone would lead to another address
        and value.isprintable()
    )


def check_request_id(value: object, about: Subject) -> None:
    """Raise ValidationError if `value` cannot be the id of a request."""
    if not is_request_id(value):
        message = "is not an id of a request"
        problem = Problem("request_id", message, "request_id", value, has_input=True)
        raise ValidationError([problem], about)
