"""The base classes of generated endpoints, and of the namespaces that lead to them."""

from __future__ import annotations

import json
import sys
from functools import cache
from typing import Any, ClassVar, Generic, TypeVar, get_args, get_origin

import pydantic

from .client import Client
from .errors import Subject, ValidationError
from .files import replace_files
from .job import known_job
from .models import UNSET, InputModel, OutputModel
from .operation import Operation, Output
from .problems import Problem, problems_of
from .request import Handle, Request
from .text import line
from .webhooks import Webhook, parse_webhook

Input = TypeVar("Input", bound=InputModel)


class Namespace:
    """A part of an endpoint id: its attributes are the endpoints and namespaces below it."""

    def __init__(self, client: Client) -> None:
        self._client = client


class Endpoint(Generic[Input, Output]):
    """One endpoint. Calling it checks the arguments and returns a `Request`; nothing is sent."""

    endpoint_id: ClassVar[str]
    _input: ClassVar[type[InputModel]]
    _output: ClassVar[Any]

    def __init__(self, client: Client) -> None:
        self._client = client

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for base in cls.__dict__.get("__orig_bases__", ()):
            if get_origin(base) is Endpoint:
                cls._input, cls._output = get_args(base)
        # Finish the models that refer to later ones now, while Python's import lock keeps other
        # threads out. pydantic would finish them at first use, which is not thread-safe.
        for model in list(getattr(sys.modules.get(cls.__module__), "__dict__", {}).values()):
            if isinstance(model, type) and issubclass(model, (InputModel, OutputModel)):
                model.model_rebuild(raise_errors=False)

    def bind(self, /, **arguments: object) -> Request[Output]:
        """Return the request with `arguments`, by their Python names, without those that are UNSET.

        Raises:
            ValidationError: they are not what the endpoint takes.
        """
        given = {name: value for name, value in arguments.items() if value is not UNSET}
        try:
            model = self._input.model_validate(given)
        except pydantic.ValidationError as error:
            problems = problems_of(error, self._input)
            raise ValidationError(problems, Subject(self.endpoint_id)) from None
        try:
            dumped = model.model_dump(by_alias=True, exclude_unset=True)
            # Copy, because the caller's own values in a free-form field may change.
            payload: dict[str, Any] = replace_files(dumped, lambda file: file)
        except (ValueError, RecursionError) as error:  # for instance a list in itself
            problem = Problem("", f"cannot be written as JSON: {line(str(error))}", "json")
            raise ValidationError([problem], Subject(self.endpoint_id)) from error
        return Request(self._operation(), payload)

    def handle(self, request_id: str) -> Handle[Output]:
        """Return the handle of a request that was submitted before. Nothing is sent."""
        return Handle(known_job(self._operation(), request_id))

    def parse_webhook(self, body: bytes | str) -> Webhook[Output]:
        """Return the typed content of a webhook; `client.verify_webhook` says if it is genuine.

        Raises:
            ValueError: the body is no JSON.
            UnexpectedResponse: the output, in its `payload`, is not of the promised type.
        """
        return parse_webhook(self._operation(), json.loads(body))

    def _operation(self) -> Operation[Output]:
        return Operation(
            self.endpoint_id, self._input, self._output_adapter, self._client.connection
        )

    @classmethod
    @cache
    def _output_adapter(cls) -> pydantic.TypeAdapter[Any]:
        # At first use, because it takes longer than everything else that an import does.
        return pydantic.TypeAdapter(cls._output)
