"""What this client raises, and how an answer of the server becomes an exception."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import pydantic

from .problems import Problem, listing

T = TypeVar("T")

# fal's documented infrastructure errors, after some of which the same request may succeed.
RETRYABLE = frozenset(
    "request_timeout startup_timeout runner_scheduling_failure runner_connection_timeout "
    "runner_disconnected runner_connection_refused runner_connection_error "
    "runner_incomplete_response runner_server_error internal_error".split()
)
FINAL = frozenset(("client_disconnected", "client_cancelled", "bad_request"))


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
        return self.error_type in RETRYABLE or (is_passing and self.error_type not in FINAL)


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
