"""A request, which is a value, and the handle of a submitted request."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterator
from functools import partial
from typing import Any, Generic

from typing_extensions import Unpack

from .costs import Cost
from .curl import curl_command
from .json_values import frozen
from .local_file import replace_files
from .options import (
    RunOptions,
    SubmitOptions,
    SubscribeOptions,
    check_callbacks,
    check_options,
    check_values,
)
from .protocol import run as direct
from .protocol import submission
from .protocol.bound_endpoint import BoundEndpoint, OutputT
from .protocol.job import Job, Result, Watch, known_job
from .protocol.option_headers import headers_of, url_with, with_defaults
from .protocol.outcome import Outcome, outcome_of
from .protocol.private_data import DeletedFile, delete_payloads
from .protocol.status import Status
from .text import short
from .transport.io import Deadline, Io


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

        It has the options of the client.

        Raises:
            ValidationError: An argument cannot be written as JSON.

        Example:
            ```python
            print(request.curl())
            ```
        """
        self.endpoint.encode(replace_files(self.arguments, lambda file: None))  # or raises
        options = with_defaults({}, self.endpoint.connection.defaults)
        url = url_with(self.endpoint.queue_url, options)
        return curl_command(url, headers_of(options), self.arguments)

    def estimate(self) -> Cost | None:
        """Return what past calls of the endpoint cost on average; `None` if that is not known.

        This is fal's own estimate, for your account. It does not depend on the arguments, so a
        longer video may cost more than it. `client.prices` returns what a unit costs.

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

        Each item is the output so far, or a dictionary if it is not a complete output.

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
        from .protocol.prices import average_cost  # most programs do not need it

        endpoint_id, connection = self.endpoint.endpoint_id, self.endpoint.connection
        subject = self.endpoint.subject()
        return lambda io: average_cost(io, endpoint_id, connection, subject)

    def _call(self, options: RunOptions) -> Callable[[Io], Coroutine[Any, Any, OutputT]]:
        check_options("run", options, RunOptions)
        return lambda io: direct.run(io, self.endpoint, self.arguments, **options)

    def _stream(
        self, options: RunOptions
    ) -> Callable[[Io], AsyncGenerator[OutputT | dict[str, Any], None]]:
        check_options("stream", options, RunOptions)
        return lambda io: direct.stream(io, self.endpoint, self.arguments, **options)

    def _submission(
        self, options: SubmitOptions
    ) -> Callable[[Io], Coroutine[Any, Any, Handle[OutputT]]]:
        check_options("submit", options, SubmitOptions)

        async def submit(io: Io) -> Handle[OutputT]:
            return Handle(await submission.enqueue(io, self.endpoint, self.arguments, **options))

        return submit

    def _subscription(
        self, options: SubscribeOptions
    ) -> Callable[[Io], Coroutine[Any, Any, Result[OutputT]]]:
        check_options("subscribe", options, SubscribeOptions)
        return lambda io: submission.subscribe(io, self.endpoint, self.arguments, **options)

    def _outcome(
        self, options: SubscribeOptions
    ) -> Callable[[Io], Coroutine[Any, Any, Outcome[OutputT]]]:
        check_options("outcome", options, SubscribeOptions)
        subscribe = partial(submission.subscribe, endpoint=self.endpoint, payload=self.arguments)
        return lambda io: outcome_of(subscribe(io, **options), self)


class Handle(Generic[OutputT]):
    """A submitted request: read its status, fetch its result, or cancel it.

    `endpoint.handle(request_id)` returns the same handle again, also in another process. A handle
    can be pickled too; the process that unpickles it takes the key and the addresses from its own
    environment. Handles of one request are equal. Every method that sends has an `_async` twin.

    Example:
        ```python
        from fal_endpoints import Fal

        client = Fal()
        endpoint = client.fal_ai.pika.v2_2.image_to_video
        handle = endpoint(image_url="https://example.com/a.png", prompt="It waves").submit()
        output = handle.result()
        ```
    """

    def __init__(self, job: Job[OutputT]) -> None:
        self._job = job
        self._connection = job.endpoint.connection

    def __repr__(self) -> str:
        return f"Handle({self._job.endpoint.endpoint_id!r}, {self.request_id!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Handle) and self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self._identity())

    def _identity(self) -> object:
        return self._job.endpoint.endpoint_id, self.request_id

    def __copy__(self) -> Handle[OutputT]:
        return self

    def __deepcopy__(self, memo: object) -> Handle[OutputT]:
        return self

    def __reduce__(self) -> tuple[object, ...]:
        return _handle, (self._job.endpoint, self.request_id)

    @property
    def request_id(self) -> str:
        """The id of the request in the queue."""
        return self._job.request_id

    @property
    def endpoint_id(self) -> str:
        """The id of the endpoint. Store it with the request id to get the handle again.

        `client.endpoint(endpoint_id).handle(request_id)` returns an equal handle.
        """
        return self._job.endpoint.endpoint_id

    def status(self, *, with_logs: bool = False) -> Status:
        """Return the present state, with all log lines so far if `with_logs`.

        Raises:
            ConfigurationError: The key is missing.
            ConnectionFailed: The server could not be reached, or does not respond.
            AuthenticationError: The key is invalid.
            NotFoundError: The server does not know the request.
            UnexpectedResponse: The response, kept in `payload`, is not a status.

        Example:
            ```python
            print(handle.status(with_logs=True))
            ```
        """
        return self._connection.execute(self._look(with_logs))

    async def status_async(self, *, with_logs: bool = False) -> Status:
        """The asynchronous twin of `status`."""
        return await self._connection.execute_async(self._look(with_logs))

    def events(self, *, with_logs: bool = False) -> Iterator[Status]:
        """Yield each new state, with each log line once; the last state is `Completed`.

        It raises the same errors as `status`.

        Example:
            ```python
            for status in handle.events(with_logs=True):
                print(status)
            ```
        """
        return self._connection.iterate(self._states(with_logs))

    def events_async(self, *, with_logs: bool = False) -> AsyncIterator[Status]:
        """The asynchronous twin of `events`."""
        return self._connection.iterate_async(self._states(with_logs))

    def result(self, *, client_timeout: float | None = None) -> OutputT:
        """Wait for the result and return it.

        Args:
            client_timeout: Seconds to wait; unlimited if left out. After a timeout or an
                interruption the job keeps running, and you can cancel it or wait again.

        Raises:
            ConfigurationError: `client_timeout` is invalid, or the key is missing.
            ConnectionFailed: The server could not be reached, or does not respond.
            AuthenticationError: The key is invalid.
            NotFoundError: The server does not know the request, or its result has expired.
            ModelError: The model rejected the input, or failed.
            InfrastructureError: fal failed; `retryable` shows whether to try again.
            ClientTimeoutError: `client_timeout` passed first.
            UnexpectedResponse: The result, kept in `payload`, does not have the promised type.

        Example:
            ```python
            output = handle.result(client_timeout=600)
            ```
        """
        return self._connection.execute(self._result(client_timeout)).value

    async def result_async(self, *, client_timeout: float | None = None) -> OutputT:
        """The asynchronous twin of `result`."""
        return (await self._connection.execute_async(self._result(client_timeout))).value

    def outcome(self, *, client_timeout: float | None = None) -> Outcome[OutputT]:
        """Wait for the job, and return how it ended: with an output or an error.

        The outcome holds what `result` returns or raises, and the details of the response. Errors
        of fal and of the network are outcomes, and so is `client_timeout`. Only mistakes in your
        program raise.

        Args:
            client_timeout: Seconds to wait; unlimited if left out. After a timeout or an
                interruption the job keeps running, and you can cancel it or wait again.

        Raises:
            ConfigurationError: `client_timeout` is invalid, or the key is missing.

        Example:
            ```python
            outcome = handle.outcome(client_timeout=600)
            print(outcome.output or outcome.error, outcome.response)
            ```
        """
        return self._connection.execute(self._outcome(client_timeout))

    async def outcome_async(self, *, client_timeout: float | None = None) -> Outcome[OutputT]:
        """The asynchronous twin of `outcome`."""
        return await self._connection.execute_async(self._outcome(client_timeout))

    def cancel(self) -> bool:
        """Ask the server to cancel the request, and return whether it does.

        The server does not cancel a job that is over, and may not cancel one that is running.

        Raises:
            ConfigurationError: The key is missing.
            ConnectionFailed: The server could not be reached, or does not respond.
            AuthenticationError: The key is invalid.
            NotFoundError: The server does not know the request.

        Example:
            ```python
            if not handle.cancel():
                print("too late")
            ```
        """
        return self._connection.execute(self._job.cancel)

    async def cancel_async(self) -> bool:
        """The asynchronous twin of `cancel`."""
        return await self._connection.execute_async(self._job.cancel)

    def delete_payloads(self) -> list[DeletedFile]:
        """Delete the input and the output that fal stores, and the output's files.

        Return these files; one that fal did not delete has an `error`. Files of the input are not
        deleted, because other requests may use them. This cannot be undone, and needs an admin key.

        Raises:
            ConfigurationError: The key is missing.
            ConnectionFailed: The server could not be reached, or does not respond.
            AuthenticationError: The key is invalid, or not an admin key.
            NotFoundError: The server does not know the request.
            UnexpectedResponse: The response, kept in `payload`, does not list the files.

        Example:
            ```python
            for file in handle.delete_payloads():
                print(file.url, file.error or "deleted")
            ```
        """
        return self._connection.execute(self._deletion())

    async def delete_payloads_async(self) -> list[DeletedFile]:
        """The asynchronous twin of `delete_payloads`."""
        return await self._connection.execute_async(self._deletion())

    def _deletion(self) -> Callable[[Io], Coroutine[Any, Any, list[DeletedFile]]]:
        job, connection = self._job, self._connection
        return lambda io: delete_payloads(io, job.request_id, connection, job.subject)

    def _look(self, with_logs: bool) -> Callable[[Io], Coroutine[Any, Any, Status]]:
        check_values(with_logs=with_logs)
        return partial(self._job.status, with_logs=with_logs)

    def _states(self, with_logs: bool) -> Callable[[Io], AsyncGenerator[Status, None]]:
        check_values(with_logs=with_logs)
        return partial(self._job.states, watch=Watch(with_logs=with_logs))

    def _result(
        self, client_timeout: float | None
    ) -> Callable[[Io], Coroutine[Any, Any, Result[OutputT]]]:
        check_options("result", {"client_timeout": client_timeout}, RunOptions)
        return partial(self._job.result, watch=Watch(Deadline(client_timeout)))

    def _outcome(
        self, client_timeout: float | None
    ) -> Callable[[Io], Coroutine[Any, Any, Outcome[OutputT]]]:
        result = self._result(client_timeout)
        return lambda io: outcome_of(result(io), None)


def _handle(endpoint: BoundEndpoint[OutputT], request_id: str) -> Handle[OutputT]:
    return Handle(known_job(endpoint, request_id))
