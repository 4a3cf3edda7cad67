"""The exceptions of this client."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

if TYPE_CHECKING:
    import pydantic

    from .problems import Problem
    from .response_details import ResponseDetails

T = TypeVar("T")

# Where programs import the exceptions from. A traceback then shows that name.
_PUBLIC_MODULE = str(__package__).removesuffix("._runtime")

# fal's documented infrastructure errors, after some of which the same request may succeed.
RETRYABLE = frozenset(
    "request_timeout startup_timeout runner_scheduling_failure runner_connection_timeout "
    "runner_disconnected runner_connection_refused runner_connection_error "
    "runner_incomplete_response runner_server_error internal_error".split()
)
FINAL = frozenset(("client_disconnected", "client_cancelled", "bad_request"))


class Subject(NamedTuple):
    """The endpoint and request that a message or an error is about."""

    endpoint_id: str | None = None
    request_id: str | None = None
    model: type[pydantic.BaseModel] | None = None
    """The endpoint's input, whose Python names replace the names on the wire in messages."""
    response: ResponseDetails | None = None
    """The response that an error comes from."""

    def __str__(self) -> str:
        request = f"request {self.request_id}" if self.request_id else None
        return ", ".join(part for part in (self.endpoint_id, request) if part)


NOTHING = Subject()


class FalError(Exception):
    """The base class of this client's exceptions.

    Example:
        ```python
        from fal_endpoints import APIError, Fal, FalError, ModelError, ValidationError

        client = Fal()
        try:
            endpoint = client.fal_ai.pika.v2_2.image_to_video
            endpoint(image_url="https://example.com/a.png", prompt="It waves").subscribe()
        except (ValidationError, ModelError) as error:
            for problem in error.errors:
                print(problem.field, problem.message)
        except APIError as error:
            print(error.status_code, error.error_type, error.retryable)
        except FalError as error:
            print(error.request_id, error)
        ```
    """

    __module__ = _PUBLIC_MODULE

    def __init_subclass__(cls, **options: object) -> None:
        super().__init_subclass__(**options)
        if cls.__module__.startswith(f"{__package__}."):  # not a class of the caller's own
            cls.__module__ = _PUBLIC_MODULE

    def __init__(self, message: str, subject: Subject = NOTHING) -> None:
        prefix = str(subject)
        text = f"{prefix}: {message}" if prefix else message
        # JSON may contain half a surrogate pair, which cannot be printed or logged.
        super().__init__(text.encode(errors="backslashreplace").decode())
        self.endpoint_id = subject.endpoint_id
        """The id of the endpoint, if the error is about one."""
        self.request_id = subject.request_id
        """The id of the request in the queue, if it has one, for `endpoint.handle(id)`."""
        self._response = subject.response

    @property
    def response(self) -> ResponseDetails | None:
        """The details of the response that the error comes from; `None` without a response."""
        return self._response

    def __reduce__(self) -> tuple[object, ...]:
        # Exceptions are otherwise copied and unpickled by calling the class with the message.
        return _rebuilt, (type(self), self.args), vars(self)


def _rebuilt(cls: type[FalError], args: tuple[object, ...]) -> FalError:
    error = cls.__new__(cls)
    error.args = args
    return error


class ConfigurationError(FalError, ValueError):
    """The key is missing, or an address, option or ledger cannot be used."""


class ValidationError(FalError, ValueError):
    """The arguments are invalid. Nothing was sent."""

    def __init__(self, problems: Sequence[Problem], subject: Subject) -> None:
        from .problems import problem_list

        super().__init__(problem_list("the input is not valid", problems), subject)
        self.errors = list(problems)
        """A problem for each wrong value."""


class BudgetError(FalError):
    """A budget does not allow the request: see `Budget`. Nothing was sent."""


class ConnectionFailed(FalError, ConnectionError):
    """The server could not be reached, or did not answer, after several attempts."""


class SubmissionUncertain(FalError):
    """A request was sent, but it is not known whether the server accepted it.

    It was not sent again, because that could run, and bill, the same job twice.
    """


class ClientTimeoutError(FalError, TimeoutError):
    """The caller's `client_timeout` passed."""


class UnexpectedResponse(FalError):
    """The server's response does not have the promised shape.

    `payload` holds the response, so that a result that was paid for is not lost.
    """

    def __init__(self, message: str, payload: Any, subject: Subject) -> None:
        super().__init__(message, subject)
        self.payload = payload
        """The response."""


class APIError(FalError):
    """The server answered with an error."""

    def __init__(
        self,
        message: str,
        subject: Subject,
        *,
        status_code: int,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        error_type: str | None = None,
    ) -> None:
        if subject.response is None:
            from .response_details import ResponseDetails, ResponseHeaders

            details = ResponseDetails(subject.request_id, status_code, ResponseHeaders(headers))
            subject = subject._replace(response=details)
        super().__init__(message, subject)
        self.status_code = status_code
        """The HTTP status."""
        self.body = body
        """The response: decoded JSON, or a string."""
        self.headers = self.response.headers
        """The HTTP headers of the response, without cookies."""
        self.error_type = error_type
        """fal's name for the error, such as `runner_disconnected`."""

    @property
    def response(self) -> ResponseDetails:
        """The details of the response."""
        assert self._response is not None  # see the constructor
        return self._response

    @property
    def retryable(self) -> bool:
        """Whether fal says that the same request may succeed if it is sent again."""
        if self.headers.get("x-fal-request-timeout-type", "").strip().lower() == "user":
            return False  # the caller's own `start_timeout`
        for header in ("x-fal-needs-retry", "x-fal-retryable"):  # the second is the older one
            flag = self.headers.get(header, "").strip().lower()
            if flag in ("true", "1", "false", "0"):
                return flag in ("true", "1")
        is_passing = self.status_code in (429, 502, 503, 504)
        return self.error_type in RETRYABLE or (is_passing and self.error_type not in FINAL)


class ModelError(APIError):
    """The model rejected the input or failed; `errors` names the fields, if the model does."""

    errors: Sequence[Problem] = ()
    """A problem for each field that the model names."""


class InfrastructureError(APIError):
    """fal failed, or the job was cancelled; see `error_type` and `retryable`."""


class AuthenticationError(APIError):
    """The key is wrong, or not allowed to do this."""


class BalanceError(APIError):
    """The account's balance is exhausted. The key is valid; nothing was accepted."""


class NotFoundError(APIError):
    """The endpoint or request does not exist.

    A result can be fetched for 1 hour, or for 6 minutes if it is 10 KB or larger and payload
    storage is off (`store_io=False`).
    """


class RateLimitError(APIError):
    """A limit on concurrency or queue length was reached; nothing was accepted."""
