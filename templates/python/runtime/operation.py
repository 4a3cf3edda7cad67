"""What the protocol needs to know of an endpoint."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import pydantic
from pydantic_core import to_jsonable_python

from .connection import Connection
from .errors import Problem, Subject, UnexpectedResponse, ValidationError, problems_of
from .models import InputModel

Output = TypeVar("Output")


@dataclass(frozen=True)
class Operation(Generic[Output]):
    """An endpoint, its types, and the connection that calls to it take."""

    endpoint_id: str
    input_type: type[InputModel]
    output: Callable[[], pydantic.TypeAdapter[Output]]
    connection: Connection

    @property
    def queue_url(self) -> str:
        """The address that takes submissions."""
        return f"{self.connection.addresses.queue}/{self.endpoint_id}"

    def about(self, request_id: str | None = None) -> Subject:
        """Return the subject of calls and errors."""
        return Subject(self.endpoint_id, request_id, self.input_type)

    def encode(self, payload: dict[str, Any]) -> bytes:
        """Return the body that submits `payload`."""
        dump = json.JSONEncoder(
            default=to_jsonable_python, ensure_ascii=False, allow_nan=False, separators=(",", ":")
        ).encode
        try:
            return dump(payload).encode()
        except (TypeError, ValueError) as error:  # a value in a free-form field
            problem = Problem("", f"cannot be written as JSON: {error}", "json")
            raise ValidationError([problem], self.about()) from error

    def parse(self, payload: object, about: Subject) -> Output:
        """Return `payload` as the endpoint's output."""
        try:
            return self.output().validate_python(payload, context=self.connection)
        except pydantic.ValidationError as error:
            found = "\n".join(f"  {problem}" for problem in problems_of(error))
            message = f"the result (kept in .payload) does not have the promised shape\n{found}"
            raise UnexpectedResponse(message, payload, about) from error
