"""Realtime sessions with an endpoint, over a WebSocket."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from typing_extensions import Self

from .errors import ConfigurationError, FalError
from .options import check_values
from .protocol.bound_endpoint import BoundEndpoint, OutputT
from .request import Request
from .transport.io import Io

if TYPE_CHECKING:  # at first use, because they import asyncio and packages of an extra
    from .protocol.realtime_conversation import Conversation
    from .transport.background import Loop

T = TypeVar("T")


class RealtimeSession(Generic[OutputT]):
    """A realtime session, open inside a `with` block: inputs go out, and outputs come in.

    fal closes a connection that has had no input for a while. The next input opens a new one. One
    thread may send while another receives.

    Example:
        ```python
        from fal_endpoints import Fal

        endpoint = Fal().fal_ai.pika.v2_2.image_to_video
        with endpoint.connect() as session:
            session.send(endpoint(image_url="https://example.com/a.png", prompt="It waves"))
            output = session.receive()
        ```
    """

    def __init__(
        self, endpoint: BoundEndpoint[OutputT], max_buffering: int | None, idempotent: bool
    ) -> None:
        self._start = _conversation_with(endpoint, max_buffering, idempotent)
        self._endpoint = endpoint
        self._current: tuple[Conversation[OutputT], Loop] | None = None
        self._process = os.getpid()

    def __enter__(self) -> Self:
        conversation = self._start()
        from .transport.background import Loop

        if self._current is not None:
            raise _misused("is open already", self._endpoint)
        loop = Loop(self._endpoint.connection.pools)
        self._current, self._process = (conversation, loop), os.getpid()
        try:
            self._run(loop, conversation.open)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._current is None or os.getpid() != self._process:
            return
        (conversation, loop), self._current = self._current, None
        try:
            self._run(loop, lambda _: conversation.close())
        finally:
            loop.close()

    def send(self, request: Request[OutputT]) -> None:
        """Send an input, without waiting for its output.

        Local files of up to 10 MiB are sent as part of the message. Larger ones are uploaded first.

        Args:
            request: The request that calling the endpoint returns.

        Raises:
            ConfigurationError: The session is not open, or the request is for another endpoint.
            ValidationError: A local file cannot be read, or an argument cannot be represented.
            ConnectionFailed: The server could not be reached. The input was not sent.
            SubmissionUncertain: The connection broke while the input was sent.
            AuthenticationError, BalanceError, NotFoundError, RateLimitError, InfrastructureError:
                The server rejected a new connection. The input was not sent.

        Example:
            ```python
            with endpoint.connect() as session:
                session.send(endpoint(image_url="https://example.com/a.png", prompt="It jumps"))
            ```
        """
        conversation, loop = self._conversation()
        arguments = _arguments(request, self._endpoint)
        self._run(loop, partial(conversation.send, arguments=arguments))

    def receive(self, *, client_timeout: float | None = None) -> OutputT:
        """Wait for the next output and return it.

        If the server has ended the connection and no output is missing, this waits until another
        thread sends an input.

        Args:
            client_timeout: Seconds to wait; unlimited if left out. After a timeout, you can call
                `receive` again.

        Raises:
            ConfigurationError: The session is not open, or `client_timeout` is invalid.
            ConnectionFailed: The connection broke. The next input opens a new one.
            SubmissionUncertain: The connection ended before the output of an input, which may have
                been processed. The next input opens a new connection.
            ModelError: The model rejected an input, or failed.
            InfrastructureError: fal failed; `retryable` shows whether to try again.
            AuthenticationError: fal did not accept the token that the session requested with your
                key.
            ClientTimeoutError: `client_timeout` passed first.
            UnexpectedResponse: The output, kept in `payload`, does not have the promised type.

        Example:
            ```python
            with endpoint.connect(max_buffering=2) as session:
                session.send(endpoint(image_url="https://example.com/a.png", prompt="It jumps"))
                output = session.receive(client_timeout=60)
            ```
        """
        if client_timeout is not None:
            check_values(client_timeout=client_timeout)
        conversation, loop = self._conversation()
        return self._run(loop, partial(conversation.receive, client_timeout=client_timeout))

    def __iter__(self) -> Iterator[OutputT]:
        """Yield outputs until the server ends the connection, or the session is closed.

        It raises the same errors as `receive`.
        """
        conversation, loop = self._conversation()
        from .protocol.realtime_conversation import Ended

        while not conversation.is_over():
            try:
                output = self._run(loop, conversation.next)
            except ConfigurationError:
                if conversation.is_over():  # another thread has closed the session meanwhile
                    return
                raise
            if output is Ended.ENDED:
                return
            yield output

    def _conversation(self) -> tuple[Conversation[OutputT], Loop]:
        if self._current is None:
            raise _misused(
                "is not open: use it as `with endpoint.connect() as session`", self._endpoint
            )
        if os.getpid() != self._process:
            raise _misused("belongs to the process that opened it", self._endpoint)
        return self._current

    def _run(self, loop: Loop, flow: Callable[[Io], Coroutine[Any, Any, T]]) -> T:
        from .transport.background import Left

        try:
            return loop.run(flow)
        except FalError as error:
            raise error.with_traceback(None) from error.__cause__
        except Left:  # another thread has closed the session
            raise _misused("is closed", self._endpoint) from None


class AsyncRealtimeSession(Generic[OutputT]):
    """The asynchronous twin of `RealtimeSession`, open inside an `async with` block.

    One task may send while another receives.

    Example:
        ```python
        import asyncio
        from fal_endpoints import Fal

        async def main() -> None:
            endpoint = Fal().fal_ai.pika.v2_2.image_to_video
            async with endpoint.connect_async() as session:
                await session.send(endpoint(image_url="https://example.com/a.png", prompt="Hi"))
                print(await session.receive(client_timeout=60))

        asyncio.run(main())
        ```
    """

    def __init__(
        self, endpoint: BoundEndpoint[OutputT], max_buffering: int | None, idempotent: bool
    ) -> None:
        self._start = _conversation_with(endpoint, max_buffering, idempotent)
        self._endpoint = endpoint
        self._current: Conversation[OutputT] | None = None

    async def __aenter__(self) -> Self:
        conversation = self._start()
        if self._current is not None:
            raise _misused("is open already", self._endpoint)
        self._current = conversation
        try:
            await self._run(conversation.open)
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._current is not None:
            conversation, self._current = self._current, None
            await conversation.close()

    async def send(self, request: Request[OutputT]) -> None:
        """Send an input, without waiting for its output; see `RealtimeSession.send`."""
        conversation = self._conversation()
        arguments = _arguments(request, self._endpoint)
        await self._run(partial(conversation.send, arguments=arguments))

    async def receive(self, *, client_timeout: float | None = None) -> OutputT:
        """Wait for the next output and return it; see `RealtimeSession.receive`."""
        if client_timeout is not None:
            check_values(client_timeout=client_timeout)
        receive = self._conversation().receive
        return await self._run(partial(receive, client_timeout=client_timeout))

    async def __aiter__(self) -> AsyncIterator[OutputT]:
        """Yield outputs until the server ends the connection, or the session is closed."""
        conversation = self._conversation()
        from .protocol.realtime_conversation import Ended

        while not conversation.is_over():
            output = await self._run(conversation.next)
            if output is Ended.ENDED:
                return
            yield output

    def _conversation(self) -> Conversation[OutputT]:
        if self._current is None:
            raise _misused(
                "is not open: use it as `async with endpoint.connect_async() as session`",
                self._endpoint,
            )
        return self._current

    async def _run(self, flow: Callable[[Io], Coroutine[Any, Any, T]]) -> T:
        return await self._endpoint.connection.execute_async(flow)


def _conversation_with(
    endpoint: BoundEndpoint[OutputT], max_buffering: int | None, idempotent: bool
) -> Callable[[], Conversation[OutputT]]:
    """Return a function that starts a conversation. Raises ConfigurationError."""
    if max_buffering is not None:
        check_values(max_buffering=max_buffering)
    check_values(idempotent=idempotent)
    try:
        from .protocol.realtime_conversation import Conversation
    except ImportError as error:
        raise ConfigurationError(
            "realtime sessions need the packages websockets and msgpack, which the extra "
            "`realtime` installs: pip install 'websockets>=15' msgpack"
        ) from error
    return partial(Conversation, endpoint, max_buffering, idempotent)


def _arguments(request: Request[Any], endpoint: BoundEndpoint[Any]) -> dict[str, Any]:
    if request.endpoint.endpoint_id != endpoint.endpoint_id:
        other = request.endpoint.endpoint_id
        raise _misused(f"does not accept requests of another endpoint ({other})", endpoint)
    return request.arguments


def _misused(how: str, endpoint: BoundEndpoint[Any]) -> ConfigurationError:
    return ConfigurationError(f"the session {how}", endpoint.subject())
