"""The base classes of generated endpoints, and of the namespaces that lead to them."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncGenerator, AsyncIterable, Generator, Iterable, Mapping
from functools import cache
from typing import Any, ClassVar, Generic, TypeVar, cast, get_args, get_origin

import pydantic
from typing_extensions import Unpack

from .client import Client
from .errors import Subject, ValidationError
from .local_file import replace_files
from .models import UNSET, InputModel, OutputModel
from .options import JobOptions
from .problems import Problem, problems_of
from .protocol.batch import Batch, Retry
from .protocol.job import known_job
from .protocol.operation import Operation, Output
from .protocol.outcome import Outcome
from .protocol.webhooks import Webhook, parse_webhook
from .request import Handle, Request
from .text import line

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

    def map(
        self,
        rows: Iterable[Mapping[str, Any]],
        *,
        concurrency: int = 16,
        ledger: str | os.PathLike[str] | None = None,
        retry: Retry = "retryable",
        **options: Unpack[JobOptions],
    ) -> Generator[Outcome[Output], None, None]:
        """Subscribe to a request for each row, and yield how each ended as it ends.

        `Client.map` for rows of one endpoint. A row that is not valid has an outcome too: its
        `error` is the `ValidationError`, and its `request` is `None`.

        Args:
            rows: Mappings of arguments, by their Python names.
            concurrency: See `Client.map`, as for all that follow.
            ledger: The path of the ledger.
            retry: Which requests that failed in an earlier run of the ledger are sent again.
            options: See `Request.submit`.

        Raises:
            ConfigurationError: an argument cannot be used, or the file is not a ledger.
        """
        batch: Batch[Mapping[str, Any], Output] = Batch(
            self._client.connection,
            self._request_of,
            concurrency=concurrency,
            ledger=ledger,
            retry=retry,
            options=options,
        )
        return batch.outcomes(rows)

    def map_async(
        self,
        rows: Iterable[Mapping[str, Any]] | AsyncIterable[Mapping[str, Any]],
        *,
        concurrency: int = 16,
        ledger: str | os.PathLike[str] | None = None,
        retry: Retry = "retryable",
        **options: Unpack[JobOptions],
    ) -> AsyncGenerator[Outcome[Output], None]:
        """Do what `map` does; the rows may be an asynchronous iterable too."""
        batch: Batch[Mapping[str, Any], Output] = Batch(
            self._client.connection,
            self._request_of,
            concurrency=concurrency,
            ledger=ledger,
            retry=retry,
            options=options,
        )
        return batch.outcomes_async(rows)

    def handle(self, request_id: str) -> Handle[Output]:
        """Return the handle of a request that was submitted before. Nothing is sent.

        Raises:
            ValidationError: `request_id` cannot be the id of a request.
        """
        return Handle(known_job(self._operation(), request_id))

    def parse_webhook(self, body: bytes | str) -> Webhook[Output]:
        """Return the typed content of a webhook; `client.verify_webhook` says if it is genuine.

        Raises:
            ValueError: the body is no JSON.
            UnexpectedResponse: it is no webhook of fal, or the output is not of the promised type;
                `payload` has it.
        """
        return parse_webhook(self._operation(), body)

    def _request_of(self, row: object) -> Request[Output]:
        if not isinstance(row, Mapping):
            problem = Problem(
                "row", "should be a mapping of arguments", "mapping_type", row, has_input=True
            )
            raise ValidationError([problem], Subject(self.endpoint_id))
        arguments = cast("Mapping[object, object]", row).items()
        return self.bind(**{str(name): value for name, value in arguments})

    def _operation(self) -> Operation[Output]:
        return Operation(
            self.endpoint_id, self._input, self._output_adapter, self._client.connection
        )

    @classmethod
    @cache
    def _output_adapter(cls) -> pydantic.TypeAdapter[Any]:
        # At first use, because it takes longer than everything else that an import does.
        return pydantic.TypeAdapter(cls._output)
