"""The base classes of generated endpoints and of their namespaces."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncGenerator, AsyncIterable, Generator, Iterable, Mapping
from functools import cache, partial
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Generic,
    NamedTuple,
    TypeVar,
    cast,
    get_args,
    get_origin,
)

import pydantic
from typing_extensions import Unpack

from .deprecation import warn_deprecated
from .errors import Subject, ValidationError
from .handle import Handle
from .local_file import replace_files
from .missing_attributes import missing_attribute
from .models import UNSET, InputModel, OutputModel
from .options import JobOptions, check_options
from .problems import Problem, problems_of
from .protocol.bound_endpoint import BoundEndpoint, OutputT
from .protocol.endpoint_id import is_workflow
from .protocol.job import known_job
from .request import Request
from .text import line
from .type_hints import model_of

# Methods import what they alone need, so that it costs nothing until they are called.
if TYPE_CHECKING:
    from decimal import Decimal

    from .client import Client
    from .protocol.budget import Budget
    from .protocol.ledger_entry import Retry
    from .protocol.outcome import Outcome
    from .protocol.webhooks import Webhook
    from .realtime import AsyncRealtimeSession, RealtimeSession

Input = TypeVar("Input", bound=InputModel)


class Namespace:
    """The endpoints and namespaces below a part of an endpoint id, as attributes."""

    def __init__(self, client: Client) -> None:
        self._client = client

    if not TYPE_CHECKING:  # or type checkers would accept any name
        __getattr__ = missing_attribute


class EndpointTypes(NamedTuple):
    """The types of an endpoint, from which forms and schemas are made."""

    input: type[InputModel]
    """The model of the input."""
    output: Any
    """The type of the output: a model, for most endpoints."""
    deprecation: str
    """The warning of an endpoint that fal has deprecated; empty for others."""


class Endpoint(Generic[Input, OutputT]):
    """One endpoint. Calling it validates the arguments and returns a `Request`; nothing is sent.

    Example:
        ```python
        from fal_endpoints import Fal, ValidationError

        client = Fal()
        endpoint = client.fal_ai.pika.v2_2.image_to_video
        try:
            endpoint(image_url="cat.png", prompt="It waves")
        except ValidationError as error:
            print(error)  # a string is a URL: pass pathlib.Path("cat.png") to upload a file
        ```
    """

    endpoint_id: str
    _deprecation: ClassVar[str] = ""
    """The warning of an endpoint that fal has deprecated."""
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
        for value in list(getattr(sys.modules.get(cls.__module__), "__dict__", {}).values()):
            model = model_of(value)
            if model is not None and issubclass(model, (InputModel, OutputModel)):
                model.model_rebuild(raise_errors=False)

    if not TYPE_CHECKING:  # or type checkers would accept any name

        def __getattr__(self, name: str) -> object:
            if not name.startswith("_") and hasattr(Request, name):
                call = f"call the endpoint first: endpoint(...).{name}"
                return missing_attribute(self, name, call)
            return missing_attribute(self, name)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.endpoint_id!r})"

    @property
    def types(self) -> EndpointTypes:
        """The types of the input and the output.

        Example:
            ```python
            print(endpoint.types.input.model_fields)
            ```
        """
        return EndpointTypes(self._input, self._output, self._deprecation)

    def __call__(self, /, *args: Any, **arguments: Any) -> Request[OutputT]:
        """Return a request; each endpoint has its own arguments, which `bind` accepts too."""
        return self.bind(*args, **arguments)

    def bind(self, /, **arguments: object) -> Request[OutputT]:
        """Return a request with arguments by their Python names. UNSET leaves an argument out.

        Raises:
            ValidationError: An argument is invalid.

        Example:
            ```python
            from fal_endpoints import UNSET

            arguments = {"image_url": "https://example.com/a.png", "prompt": "It waves"}
            request = endpoint.bind(**arguments, seed=UNSET)
            ```
        """
        self._warn()
        return self._request(arguments)

    def _request(self, arguments: Mapping[str, object]) -> Request[OutputT]:
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
        except (ValueError, RecursionError) as error:  # for instance a list that contains itself
            problem = Problem("", f"cannot be written as JSON: {line(str(error))}", "json")
            raise ValidationError([problem], Subject(self.endpoint_id)) from error
        return Request(self._bound_endpoint(), payload)

    def map(
        self,
        rows: Iterable[Mapping[str, Any]],
        *,
        concurrency: int = 16,
        ledger: str | os.PathLike[str] | None = None,
        retry: Retry = "retryable",
        client_timeout: float | None = None,
        max_cost: Budget | Decimal | float | None = None,
        **options: Unpack[JobOptions],
    ) -> Generator[Outcome[OutputT], None, None]:
        """Subscribe to a request for each row, and yield the outcome of each as it ends.

        This is `client.map` for rows of one endpoint. An invalid row has an outcome too: its
        `error` is the `ValidationError`, and its `request` is `None`.

        Args:
            rows: Mappings of arguments, by their Python names.
            concurrency: See `client.map`.
            ledger: See `client.map`.
            retry: See `client.map`.
            client_timeout: See `client.map`.
            max_cost: See `client.map`.
            options: See `JobOptions`.

        Raises:
            ConfigurationError: An argument is invalid, or the file is not a ledger.

        Example:
            ```python
            rows = [
                {"image_url": "https://example.com/a.png", "prompt": "It waves"},
                {"image_url": "https://example.com/b.png", "prompt": "It jumps"},
            ]
            for outcome in endpoint.map(rows, concurrency=4):
                print(outcome.index, outcome.output or outcome.error)
            ```
        """
        check_options(self.map, options, JobOptions)
        from .protocol.batch import Batch
        from .protocol.budget import budget_of

        self._warn()
        batch = Batch(
            self._client.connection,
            self._request_of,
            concurrency,
            ledger,
            retry,
            client_timeout,
            budget_of(max_cost),
            options,
        )
        return batch.outcomes(rows)

    def map_async(
        self,
        rows: Iterable[Mapping[str, Any]] | AsyncIterable[Mapping[str, Any]],
        *,
        concurrency: int = 16,
        ledger: str | os.PathLike[str] | None = None,
        retry: Retry = "retryable",
        client_timeout: float | None = None,
        max_cost: Budget | Decimal | float | None = None,
        **options: Unpack[JobOptions],
    ) -> AsyncGenerator[Outcome[OutputT], None]:
        """The asynchronous twin of `map`; the rows may be an asynchronous iterable too."""
        check_options(self.map, options, JobOptions)
        from .protocol.batch import Batch
        from .protocol.budget import budget_of

        self._warn()
        batch = Batch(
            self._client.connection,
            self._request_of,
            concurrency,
            ledger,
            retry,
            client_timeout,
            budget_of(max_cost),
            options,
        )
        return batch.outcomes_async(rows)

    def handle(self, request_id: str) -> Handle[OutputT]:
        """Return the handle of a request that was submitted before. Nothing is sent.

        Raises:
            ValidationError: `request_id` cannot be the id of a request.

        Example:
            ```python
            handle = endpoint.handle("019f0d2c-6d2f-7b1a-9a44-0c3f2b6f2b7e")
            ```
        """
        return Handle(known_job(self._bound_endpoint(), request_id))

    def parse_webhook(self, body: bytes | str) -> Webhook[OutputT]:
        """Return the typed content of a webhook. Verify it first with `client.verify_webhook`.

        Raises:
            UnexpectedResponse: The body, kept in `payload`, is not a webhook of fal, or the output
                does not have the promised type.

        Example:
            ```python
            body = b'{"request_id": "1", "status": "ERROR", "error": "no runner"}'
            webhook = endpoint.parse_webhook(body)
            print(webhook.request_id, webhook.output or webhook.error)
            ```
        """
        from .protocol.webhooks import parse_webhook

        return parse_webhook(self._bound_endpoint(), body)

    def connect(
        self, *, max_buffering: int | None = None, idempotent: bool = False
    ) -> RealtimeSession[OutputT]:
        """Return a realtime session, over a WebSocket, for use in a `with` block.

        This needs the packages `websockets` and `msgpack`, which the extra `realtime` installs, and
        an endpoint that serves realtime connections. The block opens the first connection. If
        it cannot, it raises one of the errors of `RealtimeSession.send`.

        Args:
            max_buffering: The most inputs (1 to 60) that wait for the model. fal drops the oldest
                beyond them, so that outputs follow the newest inputs. The app's own limit if
                left out.
            idempotent: Whether an input may be processed, and billed, twice. If True, the session
                sends an input again if the connection ends before its output arrives. If False,
                `receive` raises `SubmissionUncertain` instead.

        Raises:
            ConfigurationError: An argument is invalid, or a package is missing.

        Example:
            ```python
            prompts = ["It waves", "It jumps"]
            with endpoint.connect() as session:
                for prompt in prompts:
                    session.send(endpoint(image_url="https://example.com/a.png", prompt=prompt))
                    print(session.receive())
            ```
        """
        from .realtime import RealtimeSession

        return RealtimeSession(self._bound_endpoint(), max_buffering, idempotent)

    def connect_async(
        self, *, max_buffering: int | None = None, idempotent: bool = False
    ) -> AsyncRealtimeSession[OutputT]:
        """The asynchronous twin of `connect`, for use in an `async with` block."""
        from .realtime import AsyncRealtimeSession

        return AsyncRealtimeSession(self._bound_endpoint(), max_buffering, idempotent)

    def _request_of(self, row: object) -> Request[OutputT]:
        if not isinstance(row, Mapping):
            problem = Problem(
                "row", "should be a mapping of arguments", "mapping_type", row, has_input=True
            )
            raise ValidationError([problem], Subject(self.endpoint_id))
        arguments = cast("Mapping[object, object]", row).items()
        return self._request({str(name): value for name, value in arguments})

    def _warn(self) -> None:
        if self._deprecation:
            warn_deprecated(self._deprecation)

    def _bound_endpoint(self) -> BoundEndpoint[OutputT]:
        endpoint: type = type(self)  # mypy does not find the hash of a `type[Self]`
        output = partial(self._output_adapter, endpoint)
        parts = (self.endpoint_id, self._input, output, self._client.connection)
        if is_workflow(self.endpoint_id):
            from .protocol.workflow import TypedWorkflow

            return TypedWorkflow(*parts)
        return BoundEndpoint(*parts)

    @staticmethod  # cloudpickle, which Ray and Spark use, cannot pickle a cached class method
    @cache
    def _output_adapter(endpoint: type[Endpoint[Any, Any]]) -> pydantic.TypeAdapter[Any]:
        # At first use, because building it takes longer than the rest of the import.
        return pydantic.TypeAdapter(endpoint._output)
