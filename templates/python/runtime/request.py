"""A request, which is a value: an endpoint with validated arguments."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, Generic

from typing_extensions import Unpack

from .handle import Handle
from .json_values import frozen
from .local_file import replace_files
from .options import (
    RunOptions,
    SubmitOptions,
    SubscribeOptions,
    check_callbacks,
    check_options,
)
from .protocol import direct_calls, submission
from .protocol.bound_endpoint import BoundEndpoint, OutputT
from .protocol.job import Result
from .protocol.option_headers import headers_of, url_with, with_defaults
from .protocol.outcome import Outcome, outcome_of
from .text import short
from .transport.io import Io

if TYPE_CHECKING:
    from .costs import Cost


class Request(Generic[OutputT]):
    """An endpoint with validated arguments. Send it as often as you like.

    Local files among the arguments are uploaded each time. Every method that sends has an
    `_async` twin with the same options.

    Requests of one endpoint with the same arguments are equal. A request can be pickled, unless an
    open file is among its arguments. The process that unpickles it takes the key and the addresses
    from its own environment.

    Example:
        ```python
        from pathlib import Path
        from fal_endpoints import Fal

        client = Fal()
        endpoint = client.fal_ai.pika.v2_2.image_to_video
        request = endpoint(image_url=Path("cat.png"), prompt="The cat waves")
        output = request.subscribe()
        ```
    """

    def __init__(self, endpoint: BoundEndpoint[OutputT], arguments: dict[str, Any]) -> None:
        self.endpoint = endpoint
        self.arguments = arguments
        """The arguments by their names on the wire, with local files as `LocalFile`."""

    if not TYPE_CHECKING:  # or type checkers would accept any name

        def __getattr__(self, name: str) -> object:
            from .missing_attributes import missing_attribute

            return missing_attribute(self, name, "the result comes from request.subscribe()")

    def __repr__(self) -> str:
        arguments = [f", {name}={short(value)}" for name, value in self.payload.items()]
        return f"Request({self.endpoint.endpoint_id!r}{''.join(arguments)})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Request) and self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self._identity())

    def _identity(self) -> object:
        return self.endpoint.endpoint_id, frozen(self.arguments)

    @property
    def payload(self) -> dict[str, Any]:
        """The arguments by their names on the wire, with local files as you passed them."""
        payload: dict[str, Any] = replace_files(self.arguments, lambda file: file.source)
        return payload

    def curl(self) -> str:
        """Return a shell command that submits the same request, with the key from `$FAL_KEY`.

        The command sends the options of the client, such as `store_io`, as headers.

        Raises:
            ValidationError: An argument cannot be written as JSON.

        Example:
            ```python
            print(request.curl())
            ```
        """
        from .curl import curl_command

        self.endpoint.encode(replace_files(self.arguments, lambda file: None))  # or raises
        options = with_defaults({}, self.endpoint.connection.defaults)
        url = url_with(self.endpoint.queue_url, options)
        return curl_command(url, headers_of(options), self.arguments)

    def estimate(self) -> Cost | None:
        """Return what past calls of the endpoint cost on average; `None` if that is not known.

        This is fal's own estimate, for your account. It does not depend on the arguments, so a
        longer video may cost more. `client.prices` returns what a unit costs.

        Raises:
            ConfigurationError: The key is missing.
            ConnectionFailed: The server could not be reached, or does not respond.
            AuthenticationError, RateLimitError: The server rejected the request.
            UnexpectedResponse: The response, kept in `payload`, has no estimate.

        Example:
            ```python
            print(request.estimate() or "unknown")
            ```
        """
        return self.endpoint.connection.execute(self._estimate())

    async def estimate_async(self) -> Cost | None:
        """The asynchronous twin of `estimate`."""
        return await self.endpoint.connection.execute_async(self._estimate())

    def submit(self, **options: Unpack[SubmitOptions]) -> Handle[OutputT]:
        """Put the request into the queue, and return without waiting for its result.

        Args:
            options: See `SubmitOptions`.

        Raises:
            ConfigurationError: An option is invalid, or the key is missing.
            ValidationError: A local file cannot be read or violates a limit of the endpoint, or an
                argument cannot be written as JSON.
            ConnectionFailed: The server could not be reached, or does not respond.
            SubmissionUncertain: No response of fal arrived, so the job may or may not be queued.
            AuthenticationError, BalanceError, NotFoundError, RateLimitError: The server rejected
                the request.
            ModelError: The model rejected the input.
            InfrastructureError: fal failed; `retryable` shows whether to try again.
            ClientTimeoutError: `client_timeout` passed first.

        Example:
            ```python
            handle = request.submit(priority="low")
            print(handle.request_id)
            ```
        """
        check_callbacks("submit", options)
        return self.endpoint.connection.execute(self._submission(options))

    async def submit_async(self, **options: Unpack[SubmitOptions]) -> Handle[OutputT]:
        """The asynchronous twin of `submit`."""
        return await self.endpoint.connection.execute_async(self._submission(options))

    def subscribe(self, **options: Unpack[SubscribeOptions]) -> OutputT:
        """Put the request into the queue, wait for its result, and return it.

        Args:
            options: See `SubscribeOptions`.

        Raises:
            ConfigurationError: An option is invalid, or the key is missing.
            ValidationError: A local file cannot be read or violates a limit of the endpoint, or an
                argument cannot be written as JSON.
            ConnectionFailed: The server could not be reached, or does not respond.
            SubmissionUncertain: No response of fal arrived, so the job may or may not be queued.
            AuthenticationError, BalanceError, NotFoundError, RateLimitError: The server rejected
                the request.
            ModelError: The model rejected the input, or failed.
            InfrastructureError: fal failed; `retryable` shows whether to try again.
            ClientTimeoutError: `client_timeout` passed first.
            UnexpectedResponse: The result, kept in `payload`, does not have the promised type.

        Example:
            ```python
            output = request.subscribe(on_queue_update=print, client_timeout=600)
            print(output.video.url)
            ```
        """
        check_callbacks("subscribe", options)
        return self.endpoint.connection.execute(self._subscription(options)).value

    async def subscribe_async(self, **options: Unpack[SubscribeOptions]) -> OutputT:
        """The asynchronous twin of `subscribe`."""
        return (await self.endpoint.connection.execute_async(self._subscription(options))).value

    def outcome(self, **options: Unpack[SubscribeOptions]) -> Outcome[OutputT]:
        """Subscribe to the request, and return how it ended: with an output or an error.

        The outcome holds what `subscribe` returns or raises, and the details of the response: what
        the request cost, and how long it took. Errors of fal and of the network are outcomes, and
        so is `client_timeout`. Only mistakes in your program raise.

        Args:
            options: See `SubscribeOptions`.

        Raises:
            ConfigurationError: An option is invalid, or the key is missing.
            ValidationError: A local file cannot be read or violates a limit of the endpoint, or an
                argument cannot be written as JSON.

        Example:
            ```python
            outcome = request.outcome(client_timeout=600)
            if outcome.error is None:
                print(outcome.output.video.url, outcome.response.billable_units)
            else:
                print(outcome.error)
            ```
        """
        check_callbacks("outcome", options)
        return self.endpoint.connection.execute(self._outcome(options))

    async def outcome_async(self, **options: Unpack[SubscribeOptions]) -> Outcome[OutputT]:
        """The asynchronous twin of `outcome`."""
        return await self.endpoint.connection.execute_async(self._outcome(options))

    def run(self, **options: Unpack[RunOptions]) -> OutputT:
        """Call the endpoint on one connection, without the queue, and return its result.

        This is faster for a model that takes a second. If the connection breaks, the result is
        lost.

        Args:
            options: See `RunOptions`.

        Raises:
            ConfigurationError: An option is invalid, or the key is missing.
            ValidationError: A local file cannot be read or violates a limit of the endpoint, or an
                argument cannot be written as JSON.
            ConnectionFailed: The server could not be reached, or does not respond.
            SubmissionUncertain: No response of fal arrived, so the model may or may not have run.
            AuthenticationError, BalanceError, NotFoundError, RateLimitError: The server rejected
                the request.
            ModelError: The model rejected the input, or failed.
            InfrastructureError: fal failed; `retryable` shows whether to try again.
            ClientTimeoutError: `client_timeout` passed first.
            UnexpectedResponse: The result, kept in `payload`, does not have the promised type.

        Example:
            ```python
            output = request.run(client_timeout=60)
            ```
        """
        check_callbacks("run", options)
        return self.endpoint.connection.execute(self._call(options))

    async def run_async(self, **options: Unpack[RunOptions]) -> OutputT:
        """The asynchronous twin of `run`."""
        return await self.endpoint.connection.execute_async(self._call(options))

    def stream(self, **options: Unpack[RunOptions]) -> Iterator[OutputT | dict[str, Any]]:
        """Call an endpoint that streams, and yield its outputs as they arrive.

        Each item is the output so far. It is a dictionary if it does not have the promised type.

        Args:
            options: See `RunOptions`.

        Raises:
            ConfigurationError: An option is invalid, or the key is missing.
            ValidationError: A local file cannot be read or violates a limit of the endpoint, or an
                argument cannot be written as JSON.
            ConnectionFailed: The server could not be reached, or the connection broke.
            SubmissionUncertain: No response of fal arrived, so the model may or may not have run.
            NotFoundError: The endpoint does not stream.
            AuthenticationError, BalanceError, RateLimitError: The server rejected the request.
            ModelError: The model rejected the input, or failed.
            InfrastructureError: fal failed; `retryable` shows whether to try again.
            ClientTimeoutError: `client_timeout` passed first.
            UnexpectedResponse: An event is too long.

        Example:
            ```python
            for output in request.stream():
                print(output)
            ```
        """
        check_callbacks("stream", options)
        return self.endpoint.connection.iterate(self._stream(options))

    def stream_async(
        self, **options: Unpack[RunOptions]
    ) -> AsyncIterator[OutputT | dict[str, Any]]:
        """The asynchronous twin of `stream`."""
        return self.endpoint.connection.iterate_async(self._stream(options))

    def _estimate(self) -> Callable[[Io], Coroutine[Any, Any, Cost | None]]:
        from .protocol.prices import average_cost

        endpoint_id, connection = self.endpoint.endpoint_id, self.endpoint.connection
        subject = self.endpoint.subject()
        return lambda io: average_cost(io, endpoint_id, connection, subject)

    def _call(self, options: RunOptions) -> Callable[[Io], Coroutine[Any, Any, OutputT]]:
        check_options(self.run, options, RunOptions)
        return lambda io: direct_calls.run(io, self.endpoint, self.arguments, **options)

    def _stream(
        self, options: RunOptions
    ) -> Callable[[Io], AsyncGenerator[OutputT | dict[str, Any], None]]:
        check_options(self.stream, options, RunOptions)
        return lambda io: direct_calls.stream(io, self.endpoint, self.arguments, **options)

    def _submission(
        self, options: SubmitOptions
    ) -> Callable[[Io], Coroutine[Any, Any, Handle[OutputT]]]:
        check_options(self.submit, options, SubmitOptions)

        async def submit(io: Io) -> Handle[OutputT]:
            return Handle(await submission.enqueue(io, self.endpoint, self.arguments, **options))

        return submit

    def _subscription(
        self, options: SubscribeOptions
    ) -> Callable[[Io], Coroutine[Any, Any, Result[OutputT]]]:
        check_options(self.subscribe, options, SubscribeOptions)
        return lambda io: submission.subscribe(io, self.endpoint, self.arguments, **options)

    def _outcome(
        self, options: SubscribeOptions
    ) -> Callable[[Io], Coroutine[Any, Any, Outcome[OutputT]]]:
        check_options(self.outcome, options, SubscribeOptions)
        subscribe = partial(submission.subscribe, endpoint=self.endpoint, payload=self.arguments)
        return lambda io: outcome_of(subscribe(io, **options), self)
