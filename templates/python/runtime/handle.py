"""The handle of a submitted request."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, Generic

from .options import check_values
from .protocol.bound_endpoint import BoundEndpoint, OutputT
from .protocol.job import Job, Result, Watch, known_job
from .protocol.outcome import Outcome, outcome_of
from .protocol.status import Status
from .transport.io import Deadline, Io

if TYPE_CHECKING:
    from .protocol.private_data import DeletedFile


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
        from .protocol.private_data import delete_payloads

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
        if client_timeout is not None:
            check_values(client_timeout=client_timeout)
        return partial(self._job.result, watch=Watch(Deadline(client_timeout)))

    def _outcome(
        self, client_timeout: float | None
    ) -> Callable[[Io], Coroutine[Any, Any, Outcome[OutputT]]]:
        result = self._result(client_timeout)
        return lambda io: outcome_of(result(io), None)


def _handle(endpoint: BoundEndpoint[OutputT], request_id: str) -> Handle[OutputT]:
    return Handle(known_job(endpoint, request_id))
