"""Running flows by blocking: they never wait for an event loop, so each runs in one step."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Generator, Iterable
from concurrent.futures import Future
from math import inf
from typing import Any, TypeVar

from ..errors import FalError
from .blocking_sender import BlockingSender
from .io import AT_ONCE, HttpRequest, HttpResponse, Io, Policy
from .permit import Permit
from .pools import Pools

T = TypeVar("T")


def execute(pools: Pools, flow: Callable[[Io], Coroutine[Any, Any, T]]) -> T:
    """Return the result of a flow. The traceback of an error leaves out the frames of the flow."""
    try:
        with BlockingIo(pools) as io:
            return step(flow(io))
    except FalError as error:
        raise error.with_traceback(None) from error.__cause__


def iterate(
    pools: Pools, flow: Callable[[Io], AsyncGenerator[T, None]]
) -> Generator[T, None, None]:
    """Yield what a flow yields. Closing the iterator ends the flow."""
    with BlockingIo(pools) as io:
        items = flow(io)
        try:
            while True:
                try:
                    yield step(items.__anext__())
                except StopAsyncIteration:
                    return
                except FalError as error:
                    raise error.with_traceback(None) from error.__cause__
        finally:
            step(items.aclose())


def step(flow: Awaitable[T]) -> T:
    """Run a coroutine that never suspends to its end."""
    try:
        flow.__await__().__next__()
    except StopIteration as end:
        result: T = end.value
        return result
    raise AssertionError("a blocking flow waited for an event loop")


class BlockingIo:
    """Blocks the calling thread."""

    is_blocking = True

    def __init__(self, pools: Pools) -> None:
        self.tuning = pools.tuning
        self._pools = pools
        self._sender = BlockingSender(pools)

    def __enter__(self) -> BlockingIo:
        return self

    def __exit__(self, *_: object) -> None:
        self._sender.close()

    async def send(
        self, request: HttpRequest, policy: Policy, end: float = inf, permit: Permit | None = None
    ) -> HttpResponse:
        """Send a request."""
        return self._sender.send(request, policy, end, permit)

    async def read(self, response: HttpResponse, end: float = inf) -> bytes:
        """Return the next bytes of a streamed response."""
        return self._sender.read(response, end)

    async def finish(self, response: HttpResponse, end: float = inf) -> None:
        """Close a streamed response that may end at any moment."""
        self._sender.finish(response, end)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        self._sender.raise_held_back()
        if seconds > 0:  # even a wait of 0 lets the system run others first
            time.sleep(seconds)

    async def notify(self, function: Callable[[Any], object], argument: object) -> None:
        """Call the caller's function."""
        self._sender.raise_held_back()
        function(argument)

    async def offload(self, function: Callable[[], T]) -> T:
        """Call a function that waits for the disk."""
        self._sender.raise_held_back()
        return function()

    async def wait(self, future: Future[T]) -> T:
        """Return the result of another flow's future."""
        self._sender.raise_held_back()
        return future.result()

    async def gather(self, flows: Iterable[Callable[[Io], Coroutine[Any, Any, T]]]) -> list[T]:
        """Run flows at the same time; a single flow in the calling thread."""
        self._sender.raise_held_back()
        flows = list(flows)
        if len(flows) == 1:
            return [await flows[0](self)]
        from .background import each

        return list(each(self._pools, flows, AT_ONCE))
