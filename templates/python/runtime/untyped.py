"""Endpoints that the package does not declare: mappings in, dictionaries out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel
from pydantic_core import PydanticCustomError

from .endpoint import Endpoint
from .errors import Subject, ValidationError
from .file import File, file_input
from .images import is_picture
from .local_file import LocalFile, source_problem
from .models import UNSET, InputModel
from .problems import Problem, problem_at
from .protocol.bound_endpoint import BoundEndpoint
from .protocol.endpoint_id import is_workflow
from .protocol.workflow import UntypedWorkflow
from .request import Request

if TYPE_CHECKING:
    from .client import Client


class UntypedEndpoint(Endpoint[InputModel, dict[str, Any]]):
    """An endpoint that this package does not declare, as `client.endpoint(id)` returns it.

    Arguments have their names on the wire, and are not validated. Paths (`pathlib.Path`), bytes,
    binary file objects, Pillow images, numpy arrays, `LocalFile` and a result's `File` may be
    anywhere among them, and are sent as in any other request. A string is never a path. An output
    is a dictionary.

    `stream` of a workflow yields events: see `WorkflowEvent`.

    Example:
        ```python
        from pathlib import Path
        from fal_endpoints import Fal, File

        portrait = Fal().endpoint("acme/portrait")
        output = portrait(prompt="A sailor", photos=[Path("cat.png")]).subscribe()
        print(File(**output["image"]).url)
        ```
    """

    def __init__(self, client: Client, endpoint_id: str) -> None:
        super().__init__(client)
        self.endpoint_id = endpoint_id

    def __call__(self, /, **arguments: Any) -> Request[dict[str, Any]]:
        """Return a request with arguments by their names on the wire. Nothing is sent.

        Raises:
            ValidationError: An argument is a file that cannot be sent.
        """
        return self.bind(**arguments)

    def _request(self, arguments: Mapping[str, object]) -> Request[dict[str, Any]]:
        given = {name: value for name, value in arguments.items() if value is not UNSET}
        problems: list[Problem] = []
        try:
            payload = {name: _sendable(value, (name,), problems) for name, value in given.items()}
        except RecursionError as error:  # for instance a list that contains itself
            problems.append(Problem("", f"cannot be written as JSON: {error}", "json"))
            raise ValidationError(problems, Subject(self.endpoint_id)) from error
        if problems:
            raise ValidationError(problems, Subject(self.endpoint_id))
        return Request(self._bound_endpoint(), payload)

    def _bound_endpoint(self) -> BoundEndpoint[dict[str, Any]]:
        bound = super()._bound_endpoint()
        if is_workflow(self.endpoint_id):
            return UntypedWorkflow(
                bound.endpoint_id, bound.input_type, bound.output, bound.connection
            )
        return bound


def _sendable(value: object, place: tuple[str | int, ...], problems: list[Problem]) -> object:
    """Return a copy of a value with the files in it as in a typed request.

    Args:
        value: The value.
        place: The keys and indices that lead to it.
        problems: Gets a problem for each file that cannot be sent.
    """
    match value:
        case None | str() | bool() | int() | float():
            return value
        case bytearray():
            return LocalFile(bytes(value))
        case memoryview():
            return LocalFile(value.tobytes())
        case _ if _is_file(value):
            try:
                return file_input(value)
            except PydanticCustomError as error:
                problems.append(problem_at(place, str(error), "file_input", value, Any))
                return None
        case BaseModel():
            return _sendable(value.model_dump(by_alias=True, exclude_unset=True), place, problems)
        case Mapping():
            items = cast("Mapping[str, object]", value).items()
            return {key: _sendable(item, (*place, key), problems) for key, item in items}
        case Iterable():  # a generator too, so that the request can be sent more than once
            each = enumerate(cast("Iterable[object]", value))
            return [_sendable(item, (*place, index), problems) for index, item in each]
        case _:
            return value  # is written as JSON when the request is sent, or rejected then


def _is_file(value: object) -> bool:
    """Return whether the caller means a file, even one that cannot be sent."""
    return (
        isinstance(value, (File, LocalFile))
        or source_problem(value) is None
        or is_picture(value)
        or hasattr(value, "read")
    )
