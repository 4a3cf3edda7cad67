"""Running flows on the running event loop.

`asyncio` is imported inside functions, because blocking callers should not wait for its import.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterable, Iterator
from concurrent.futures import Future
from contextlib import AsyncExitStack, aclosing, suppress
from math import inf
from typing import Any, NamedTuple, TypeVar

import httpx

from ..errors import FalError
from .bodies import async_pieces, http_response
from .io import (
    AT_ONCE,
    MOMENT,
    CallbackFailed,
    HttpRequest,
    HttpResponse,
    Io,
    OnSent,
    Policy,
    too_late,
)
from .outgoing import outgoing_request
from .permit import Permit
from .pools import Pools
from .redaction import Redaction
from .redirects import check_redirect

T = TypeVar("T")


async def execute(pools: Pools, flow: Callable[[Io], Coroutine[Any, Any, T]]) -> T:
    """Return the result of a flow. The traceback of an error leaves out the frames of the flow."""
    try:
        async with EventLoopIo(pools) as io:
            return await flow(io)
    except FalError as error:
        raise error.with_traceback(None) from error.__cause__


async def iterate(
    pools: Pools, flow: Callable[[Io], AsyncGenerator[T, None]]
) -> AsyncGenerator[T, None]:
    """Yield what a flow yields. Closing the iterator ends the flow."""
    try:
        async with EventLoopIo(pools) as io, aclosing(flow(io)) as items:
            async for item in items:
                yield item
    except FalError as error:
        raise error.with_traceback(None) from error.__cause__


async def open_response(
    pools: Pools, request: HttpRequest, policy: Policy, body: bytes | AsyncIterator[bytes]
) -> httpx.Response:
    """Send a request once, with a body that may still arrive, and return the unread response.

    Redirects are not followed. The caller closes the response.
    """
    client_for, tuning = pools.async_client, pools.tuning
    http, outgoing = outgoing_request(client_for, request, body, policy, tuning)
    with Redaction():
        return await http.send(outgoing, auth=request.auth, follow_redirects=False, stream=True)


class _Stream(NamedTuple):
    """A response whose body is still to be read."""

    response: httpx.Response
    pieces: AsyncIterator[bytes]


class EventLoopIo:
    """Waits on the running event loop."""

    is_blocking = False

    def __init__(self, pools: Pools) -> None:
        self.tuning = pools.tuning
        self._pools = pools
        self._held_back: BaseException | None = None
        self._streams: dict[HttpResponse, _Stream] = {}

    async def __aenter__(self) -> EventLoopIo:
        return self

    async def __aexit__(self, *_: object) -> None:
        async with AsyncExitStack() as streams:
            for stream in self._streams.values():
                streams.push_async_callback(stream.response.aclose)
        self._raise_held_back()

    async def send(
        self, request: HttpRequest, policy: Policy, end: float = inf, permit: Permit | None = None
    ) -> HttpResponse:
        """Send a request."""
        import asyncio

        self._raise_held_back()
        receive = self._receive(request, policy, end, permit)
        if end == inf and not policy.shielded:
            return await receive
        answer = asyncio.ensure_future(receive)
        try:
            left = None if end == inf else end - time.monotonic()
            await asyncio.wait([answer], timeout=left)  # cancelled, it leaves `answer` alone
        except BaseException as interruption:
            if policy.shielded:
                await asyncio.wait([answer], timeout=self.tuning.grace)
            if not (policy.shielded and answer.done()):
                raise
            self._held_back = interruption
        finally:
            answer.cancel()  # unless it is done
        return answer.result() if answer.done() else too_late()

    async def read(self, response: HttpResponse, end: float = inf) -> bytes:
        """Return the next bytes of a streamed response."""
        import asyncio

        self._raise_held_back()

        async def piece() -> bytes:
            return await anext(self._streams[response].pieces, b"")

        if end == inf:
            return await piece()
        try:
            return await asyncio.wait_for(piece(), end - time.monotonic())
        except asyncio.TimeoutError:
            too_late()

    async def finish(self, response: HttpResponse, end: float = inf) -> None:
        """Close a streamed response that may end at any moment."""
        import asyncio

        stream = self._streams.pop(response)

        async def rest() -> None:
            await anext(stream.pieces, b"")

        with suppress(Exception):  # the caller has all it needs
            async with aclosing(stream.response):
                await asyncio.wait_for(rest(), min(MOMENT, end - time.monotonic()))

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        import asyncio

        self._raise_held_back()
        await asyncio.sleep(seconds)

    async def notify(self, function: Callable[[Any], object], argument: object) -> None:
        """Call the caller's function, and await its result if it is awaitable."""
        self._raise_held_back()
        outcome = function(argument)
        if inspect.isawaitable(outcome):
            await outcome

    async def offload(self, function: Callable[[], T]) -> T:
        """Call a function that waits for the disk, in a thread."""
        import asyncio

        self._raise_held_back()
        thread = asyncio.ensure_future(asyncio.to_thread(function))
        try:
            return await asyncio.shield(thread)
        finally:
            await asyncio.wait([thread])  # a cancelled caller must not close what it writes to

    async def wait(self, future: Future[T]) -> T:
        """Return the result of another flow's future."""
        import asyncio

        self._raise_held_back()
        return await asyncio.shield(asyncio.wrap_future(future))

    async def gather(self, flows: Iterable[Callable[[Io], Coroutine[Any, Any, T]]]) -> list[T]:
        """Run flows at the same time."""
        self._raise_held_back()
        results = each(self._pools, in_turn(flows), AT_ONCE, type(self))
        async with aclosing(results):
            return [result async for result in results]

    def _raise_held_back(self) -> None:
        """Raise the interruption that waited for a response, if there was one."""
        if self._held_back is not None:
            interruption, self._held_back = self._held_back, None
            raise interruption

    def _client(self, url: httpx.URL) -> httpx.AsyncClient:
        return self._pools.async_client(url)

    async def _receive(
        self, request: HttpRequest, policy: Policy, end: float, permit: Permit | None
    ) -> HttpResponse:
        with Redaction():
            response = await self._respond(request, policy, end, permit)
        if policy.streamed and response.is_success:
            streamed = http_response(response)
            self._streams[streamed] = _Stream(response, async_pieces(response))
            return streamed
        async with aclosing(response):
            limit = self.tuning.longest_response
            body = [piece async for piece in async_pieces(response, limit)]
        return http_response(response, body)

    async def _respond(
        self, request: HttpRequest, policy: Policy, end: float, permit: Permit | None
    ) -> httpx.Response:
        """Send a request, and follow redirects of a GET."""
        body, client_for, tuning = request.body, self._client, self.tuning
        content = body if isinstance(body, bytes) else self._chunks(body, request.on_sent)
        http, outgoing = outgoing_request(client_for, request, content, policy, tuning, end, permit)
        auth = request.auth
        response = await http.send(outgoing, auth=auth, follow_redirects=False, stream=True)
        if permit is not None:  # a server that responds may have acted, even without the body
            permit.use()
        followed = 0
        while request.method == "GET" and (following := response.next_request) is not None:
            await response.aclose()
            check_redirect(response, following, followed)
            http = client_for(following.url)
            response = await http.send(following, auth=None, follow_redirects=False, stream=True)
            followed += 1
        return response

    async def _chunks(
        self, body: Callable[[], Iterator[bytes]], on_sent: OnSent | None
    ) -> AsyncIterator[bytes]:
        import asyncio

        chunks, sent = body(), 0
        while chunk := await asyncio.to_thread(next, chunks, b""):
            yield chunk
            sent += len(chunk)
            if on_sent is not None:
                try:
                    await self.notify(on_sent, sent)
                except Exception as error:
                    raise CallbackFailed(error) from None


async def each(
    pools: Pools,
    flows: AsyncIterator[Callable[[Io], Coroutine[Any, Any, T]]],
    at_once: int,
    io_type: type[EventLoopIo] = EventLoopIo,
) -> AsyncGenerator[T, None]:
    """Yield the results of flows as they end; at most `at_once` run at a time.

    The iterable is consumed as flows end. If it raises, its error is raised after the results of
    running flows. Closing the iterator cancels running flows.
    """
    import asyncio

    running = set[asyncio.Future[T]]()
    taking: asyncio.Future[Callable[[Io], Coroutine[Any, Any, T]] | None] | None = None
    failure: Exception | None = None
    is_exhausted = False

    async def ran(flow: Callable[[Io], Coroutine[Any, Any, T]]) -> T:
        async with io_type(pools) as io:
            return await flow(io)

    def unfinished() -> list[asyncio.Future[Any]]:
        return [*running, *([] if taking is None else [taking])]

    try:
        while True:
            if taking is None and not is_exhausted and len(running) < at_once:
                taking = asyncio.ensure_future(anext(flows, None))
            if not unfinished():
                break
            await asyncio.wait(unfinished(), return_when="FIRST_COMPLETED")
            if taking is not None and taking.done():
                try:
                    flow = taking.result()
                except Exception as error:
                    flow, failure = None, error
                taking, is_exhausted = None, flow is None
                if flow is not None:
                    running.add(asyncio.ensure_future(ran(flow)))
            for task in [task for task in running if task.done()]:
                running.remove(task)
                yield task.result()
    finally:
        for task in unfinished():
            task.cancel()
        await asyncio.gather(*unfinished(), return_exceptions=True)
    if failure is not None:
        raise failure


async def in_turn(items: Iterable[T]) -> AsyncIterator[T]:
    """Yield the items of an iterable."""
    for item in items:
        yield item
