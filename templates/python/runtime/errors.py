"""What this client raises, and how an answer of the server becomes an exception."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import httpx
import pydantic
from pydantic_core import ErrorDetails

from .json_values import json_array, json_object

# fal's documented infrastructure errors, after some of which the same request may succeed.
_RETRYABLE = frozenset(
    "request_timeout startup_timeout runner_scheduling_failure runner_connection_timeout "
    "runner_disconnected runner_connection_refused runner_connection_error "
    "runner_incomplete_response runner_server_error internal_error".split()
)
_FINAL = frozenset(("client_disconnected", "client_cancelled", "bad_request"))

_repr = reprlib.Repr()
_repr.maxstring = _repr.maxother = 80
short = _repr.repr
"""`repr`, cut to fit on a line."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with one value."""

    field: str
    """Where, in the names that Python code uses: `prompt`, `loras[0].path`."""
    message: str
    type: str
    """What kind of mistake, in pydantic's terms: `missing`, `string_type`."""
    input: Any = None
    """The value that is wrong."""

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message


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
        super().__init__(f"{prefix}: {message}" if prefix else message)
        self.endpoint_id = about.endpoint_id
        self.request_id = about.request_id
        """The queue's id for the request, where there is one: `endpoint.handle(id)` takes it."""


class ConfigurationError(FalError, ValueError):
    """The client lacks a key, or was given an address or a ledger that it must not use."""


class ValidationError(FalError, ValueError):
    """The arguments are wrong. Nothing was sent."""

    def __init__(self, problems: Sequence[Problem], about: Subject) -> None:
        super().__init__(_listing("the input is not valid", problems), about)
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
        """Whether the same request may well succeed if it is made again."""
        said = self.headers.get("x-fal-retryable", "").lower()
        if said in ("true", "1", "false", "0"):
            return said in ("true", "1")
        is_passing = self.status_code in (429, 502, 503, 504)
        return self.error_type in _RETRYABLE or (is_passing and self.error_type not in _FINAL)


class ModelError(APIError):
    """The model refused the input or failed on it; `errors` says which field, where it does."""

    errors: Sequence[Problem] = ()


class InfrastructureError(APIError):
    """fal, rather than the model, failed; see `error_type` and `retryable`."""


class AuthenticationError(APIError):
    """The key is wrong, or may not do this."""


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
    403: AuthenticationError,
    404: NotFoundError,
    422: ModelError,
    429: RateLimitError,
}


def problems_of(
    error: pydantic.ValidationError, model: type[pydantic.BaseModel] | None = None
) -> list[Problem]:
    """Return what pydantic found, in `model`'s own names for its fields."""
    return [
        Problem(field_path(item["loc"], model), _message(item, model), item["type"], item["input"])
        for item in error.errors(include_url=False)
    ]


def _message(item: ErrorDetails, model: type[pydantic.BaseModel] | None) -> str:
    if item["type"] != "extra_forbidden" or model is None:
        return item["msg"]
    *place, name = map(str, item["loc"])
    return f"there is no such argument{did_you_mean(name, () if place else model.model_fields)}"


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Return a question after the names that `name` may be meant to be, if there are any."""
    import difflib  # seldom needed

    close = " or ".join(difflib.get_close_matches(name, sorted(names), n=2))
    return f"; did you mean {close}?" if close else ""


def api_error(response: httpx.Response, about: Subject) -> APIError:
    """Return the exception for an answer that is not a success."""
    status_code = response.status_code
    heading = f"HTTP {status_code} {response.reason_phrase}".rstrip()
    body = body_of(response)
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
    headers = headers or {}
    detail = json_object(body).get("detail")
    kind = error_type or json_object(body).get("error_type") or headers.get("x-fal-error-type")
    problems = [_problem(item, about) for item in map(json_object, json_array(detail))]
    said = [part for part in (heading, kind, detail) if part and isinstance(part, str)]
    cls = _BY_STATUS.get(status_code, APIError)
    if problems:
        cls = ModelError
    elif kind in _RETRYABLE | _FINAL or status_code >= 500:
        cls = InfrastructureError
    error = cls(
        _listing(heading, problems) if problems else ": ".join(said),
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


def _problem(item: dict[str, Any], about: Subject) -> Problem:
    location = json_array(item.get("loc"))
    if location[:1] == ["body"]:  # FastAPI, which answers for the models, says what it speaks of
        location = location[1:]
    field, message, kind = field_path(location, about.model), item.get("msg"), item.get("type")
    return Problem(field, str(message or ""), str(kind or ""), item.get("input"))


def _listing(heading: str, problems: Sequence[Problem]) -> str:
    lines = [heading]
    for problem in problems:
        # What a missing field or the whole input holds is everything around it: no help.
        bare = problem.type == "missing" or not problem.field
        lines.append(f"  {problem}" + ("" if bare else f" (got {short(problem.input)})"))
    return "\n".join(lines)


def field_path(location: Sequence[object], model: type[pydantic.BaseModel] | None = None) -> str:
    """Return where `location` points, as Python writes it and in `model`'s own names."""
    names = {field.alias: name for name, field in model.model_fields.items()} if model else {}
    path = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            path = f"{path}.{part}" if path else names.get(str(part), str(part))
    return path
