"""A request, which is a value, and the handle of one that was submitted."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterator
from functools import partial
from typing import Any, Generic

from typing_extensions import Unpack

from .curl import curl_command
from .json_values import frozen
from .local_file import replace_files
from .options import JobOptions, RunOptions, SubmitOptions, SubscribeOptions, check_options
from .protocol import run as direct
from .protocol import submission
from .protocol.job import Job, Watch, known_job
from .protocol.operation import Operation, Output
from .protocol.status import Status
from .text import short
from .transport.io import Deadline, Io


class Request(Generic[Output]):
    """An endpoint and its arguments: validated, not sent, and to be sent as often as wanted.

    Local files among the arguments are uploaded each time. Every method that sends has an
    `_async` twin with the same options.

    Requests of one endpoint with the same arguments are equal. A request can be pickled, unless an
    open file is among its arguments; in the process that unpickles it, the environment gives the
    key and the addresses, whatever the client here was told.
    """

    def __init__(self, operation: Operation[Output], arguments: dict[str, Any]) -> None:
        self.operation = operation
        self.arguments = arguments
        """What is sent, by its names on the wire, with local files as `LocalFile`."""

    def __repr__(self) -> str:
        arguments = [f", {name}={short(value)}" for name, value in self.payload.items()]
        return f"Request({self.operation.endpoint_id!r}{''.join(arguments)})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Request) and self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self._identity())

    def _identity(self) -> object:
        return self.operation.endpoint_id, frozen(self.arguments)

    @property
    def payload(self) -> dict[str, Any]:
        """What would be sent, by its names on the wire, with local files as they were given."""
        payload: dict[str, Any] = replace_files(self.arguments, lambda file: file.source)
        return payload

    def curl(self) -> str:
        """Return a shell command that submits the same request, with the key from `$FAL_KEY`."""
        return curl_command(self.operation.queue_url, self.arguments)

    def submit(self, **options: Unpack[SubmitOptions]) -> Handle[Output]:
        """Put the request into the queue, and return without waiting for its result.

        The options are those of `SubmitOptions`.

        Raises:
            SubmissionUncertain: no answer came, so the job may or may not be in the queue.
        """
        return self.operation.connection.run(self._submission(options))

    async def submit_async(self, **options: Unpack[SubmitOptions]) -> Handle[Output]:
        """Do what `submit` does."""
        return await self.operation.connection.run_async(self._submission(options))

    def subscribe(self, **options: Unpack[SubscribeOptions]) -> Output:
        """Put the request into the queue, wait for its result, and return that.

        The options are those of `SubscribeOptions`.

        Raises:
            ModelError: the model refused the input, or failed.
            InfrastructureError: fal failed; its `retryable` says whether to try again.
            ClientTimeoutError: `client_timeout` passed first.
            SubmissionUncertain: no answer came, so the job may or may not be in the queue.
            UnexpectedResponse: the result, in its `payload`, is not of the promised type.
        """
        return self.operation.connection.run(self._subscription(options))

    async def subscribe_async(self, **options: Unpack[SubscribeOptions]) -> Output:
        """Do what `subscribe` does."""
        return await self.operation.connection.run_async(self._subscription(options))

    def run(self, **options: Unpack[RunOptions]) -> Output:
        """Call the endpoint on one connection, without the queue, and return its result.

        Quicker for what takes a second; a connection that breaks loses the result. The options
        are those of `RunOptions`.

        Raises:
            ModelError: the model refused the input, or failed.
            InfrastructureError: fal failed; its `retryable` says whether to try again.
            ClientTimeoutError: `client_timeout` passed first.
            SubmissionUncertain: no answer came, so the model may or may not have run.
            UnexpectedResponse: the result, in its `payload`, is not of the promised type.
        """
        return self.operation.connection.run(self._call(options))

    async def run_async(self, **options: Unpack[RunOptions]) -> Output:
        """Do what `run` does."""
        return await self.operation.connection.run_async(self._call(options))

    def stream(self, **options: Unpack[JobOptions]) -> Iterator[Output | dict[str, Any]]:
        """Call an endpoint that streams, and yield what it makes as it makes it.

        Each item is the output so far; what is no whole output is a dictionary. The options are
        those of `JobOptions`.

        Raises:
            NotFoundError: the endpoint does not stream.
            ConnectionFailed: the stream broke off.
        """
        return self.operation.connection.iterate(self._stream(options))

    def stream_async(self, **options: Unpack[JobOptions]) -> AsyncIterator[Output | dict[str, Any]]:
        """Do what `stream` does."""
        return self.operation.connection.iterate_async(self._stream(options))

    def _call(self, options: RunOptions) -> Callable[[Io], Coroutine[Any, Any, Output]]:
        check_options("run", options, RunOptions)
        return lambda io: direct.run(io, self.operation, self.arguments, **options)

    def _stream(
        self, options: JobOptions
    ) -> Callable[[Io], AsyncGenerator[Output | dict[str, Any], None]]:
        check_options("stream", options, JobOptions)
        return lambda io: direct.stream(io, self.operation, self.arguments, **options)

    def _submission(
        self, options: SubmitOptions
    ) -> Callable[[Io], Coroutine[Any, Any, Handle[Output]]]:
        check_options("submit", options, SubmitOptions)

        async def submit(io: Io) -> Handle[Output]:
            return Handle(await submission.enqueue(io, self.operation, self.arguments, **options))

        return submit

    def _subscription(
        self, options: SubscribeOptions
    ) -> Callable[[Io], Coroutine[Any, Any, Output]]:
        check_options("subscribe", options, SubscribeOptions)
        return lambda io: submission.subscribe(io, self.operation, self.arguments, **options)


class Handle(Generic[Output]):
    """A request that was submitted: ask after it, fetch its result, cancel it.

    `endpoint.handle(request_id)` makes the same handle again, also in another process; a handle
    can be pickled for that, too, and takes the key and the addresses from the environment there.
    Handles of one request are equal. Every method that sends has an `_async` twin.
    """

    def __init__(self, job: Job[Output]) -> None:
        self._job = job
        self._connection = job.operation.connection

    def __repr__(self) -> str:
        return f"Handle({self._job.operation.endpoint_id!r}, {self.request_id!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Handle) and self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self._identity())

    def _identity(self) -> object:
        return self._job.operation.endpoint_id, self.request_id

    def __copy__(self) -> Handle[Output]:
        return self

    def __deepcopy__(self, memo: object) -> Handle[Output]:
        return self

    def __reduce__(self) -> tuple[object, ...]:
        return _handle, (self._job.operation, self.request_id)

    @property
    def request_id(self) -> str:
        """The queue's id for the request."""
        return self._job.request_id

    def status(self, *, with_logs: bool = False) -> Status:
        """Return the present state, with all log lines so far if `with_logs`.

        Raises:
            NotFoundError: the server knows no such request.
        """
        return self._connection.run(partial(self._job.look, with_logs=with_logs))

    async def status_async(self, *, with_logs: bool = False) -> Status:
        """Do what `status` does."""
        return await self._connection.run_async(partial(self._job.look, with_logs=with_logs))

    def events(self, *, with_logs: bool = False) -> Iterator[Status]:
        """Yield each new state, the last of them `Completed`, and each log line once."""
        watch = Watch(with_logs=with_logs)
        return self._connection.iterate(partial(self._job.states, watch=watch))

    def events_async(self, *, with_logs: bool = False) -> AsyncIterator[Status]:
        """Do what `events` does."""
        watch = Watch(with_logs=with_logs)
        return self._connection.iterate_async(partial(self._job.states, watch=watch))

    def result(self, *, client_timeout: float | None = None) -> Output:
        """Wait for the result and return it.

        Args:
            client_timeout: seconds to wait. The job runs on after them, as it does when the wait
                is interrupted: this handle can cancel it, or wait again.

        Raises:
            ModelError: the model refused the input, or failed.
            InfrastructureError: fal failed; its `retryable` says whether to try again.
            ClientTimeoutError: `client_timeout` passed first.
            UnexpectedResponse: the result, in its `payload`, is not of the promised type.
        """
        watch = Watch(Deadline(client_timeout))
        return self._connection.run(partial(self._job.result, watch=watch))

    async def result_async(self, *, client_timeout: float | None = None) -> Output:
        """Do what `result` does."""
        watch = Watch(Deadline(client_timeout))
        return await self._connection.run_async(partial(self._job.result, watch=watch))

    def cancel(self) -> bool:
        """Ask the server to cancel the request, and return `False` if it does not.

        It does not cancel what is already over, and not every job that is running.

        Raises:
            NotFoundError: the server knows no such request.
        """
        return self._connection.run(self._job.cancel)

    async def cancel_async(self) -> bool:
        """Do what `cancel` does."""
        return await self._connection.run_async(self._job.cancel)


def _handle(operation: Operation[Output], request_id: str) -> Handle[Output]:
    return Handle(known_job(operation, request_id))
