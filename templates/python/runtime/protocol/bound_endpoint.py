"""An endpoint bound to a connection: what the protocol knows of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

import pydantic
from pydantic_core import to_jsonable_python

from ..errors import Subject, UnexpectedResponse, ValidationError
from ..handling_options import HandlingOptions
from ..json_values import decoded
from ..problems import Problem, problem_list, problems_of
from ..text import line
from .connection import Connection, default_connection
from .responses import interpreted

# Covariant, so that a list of requests of several endpoints has a type.
OutputT = TypeVar("OutputT", covariant=True)

_ENCODER = json.JSONEncoder(
    default=to_jsonable_python, ensure_ascii=False, allow_nan=False, separators=(",", ":")
)


@dataclass(frozen=True)
class BoundEndpoint(Generic[OutputT]):
    """An endpoint with its types, and the connection that carries its requests."""

    endpoint_id: str
    input_type: type[pydantic.BaseModel]
    output: Callable[[], pydantic.TypeAdapter[OutputT]]
    connection: Connection

    def __copy__(self) -> BoundEndpoint[OutputT]:
        return self

    def __deepcopy__(self, memo: object) -> BoundEndpoint[OutputT]:
        return self  # the connection belongs to this process, and its key is never copied

    def __reduce__(self) -> tuple[object, ...]:
        cls, defaults = type(self), self.connection.defaults
        # The defaults travel along: a worker must not send what its caller keeps private.
        return _in_this_process, (self.endpoint_id, self.input_type, self.output, cls, defaults)

    @property
    def queue_url(self) -> str:
        """The URL for submissions."""
        return f"{self.connection.addresses.queue}/{self.endpoint_id}"

    def subject(self, request_id: str | None = None) -> Subject:
        """Return the subject of messages and errors."""
        return Subject(self.endpoint_id, request_id, self.input_type)

    def encode(self, payload: dict[str, Any]) -> bytes:
        """Return `payload` as the body of a submission."""
        try:
            return _ENCODER.encode(payload).encode()
        except (TypeError, ValueError, RecursionError) as error:  # a value in a free-form field
            problem = Problem("", f"cannot be written as JSON: {line(str(error))}", "json")
            raise ValidationError([problem], self.subject()) from error

    def parse(self, payload: object, subject: Subject) -> OutputT:
        """Return `payload` as the endpoint's output."""
        return interpreted(partial(self._parsed, subject=subject), payload, subject)

    def event(self, data: str, subject: Subject) -> OutputT | Any:
        """Return an event of a stream: as the output, or as JSON if it is not a complete one."""
        payload = decoded(data)
        return payload if payload is data else self.parsed_or_json(payload, subject)

    def parsed_or_json(self, payload: Any, subject: Subject) -> OutputT | Any:
        """Return `payload` as the endpoint's output, or as it is if it is not a complete one."""
        try:
            return self.parse(payload, subject)
        except UnexpectedResponse:
            return payload

    def _parsed(self, payload: object, subject: Subject) -> OutputT:
        try:
            return self.output().validate_python(payload, context=self.connection)
        except pydantic.ValidationError as error:
            heading = "the result (kept in .payload) does not have the promised shape"
            message = problem_list(heading, problems_of(error))
            raise UnexpectedResponse(message, payload, subject) from error


def _in_this_process(
    endpoint_id: str,
    input_type: type[pydantic.BaseModel],
    output: Callable[[], pydantic.TypeAdapter[OutputT]],
    cls: type[BoundEndpoint[OutputT]] = BoundEndpoint,
    defaults: HandlingOptions | None = None,
) -> BoundEndpoint[OutputT]:
    """Return an endpoint with the default connection of this process."""
    return cls(endpoint_id, input_type, output, default_connection(defaults))
