"""Many flows of a blocking caller, on one event loop in its own thread.

A thread for each flow would cost more, and could not be stopped while it waits. This module is
imported at first use, because it imports asyncio.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from collections.abc import Callable, Coroutine, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from math import inf
from queue import Empty, SimpleQueue
from typing import Any, ParamSpec, TypeVar
from weakref import WeakSet

import httpx

from ..errors import FalError
from .blocking_sender import BlockingSender
from .event_loop import EventLoopIo
from .io import HttpRequest, HttpResponse, Io, Policy
from .permit import Permit
from .pools import Pools

T = TypeVar("T")
P = ParamSpec("P")

LEAVE = 2.0
"""Seconds to wait for each cancelled flow to end."""

_WAKE = 0.5  # seconds; on Windows, Ctrl-C does not interrupt an unlimited wait


def each(
    pools: Pools, flows: Iterable[Callable[[Io], Coroutine[Any, Any, T]]], at_once: int
) -> Generator[T, None, None]:
    """Yield the results of flows as they end; at most `at_once` run at a time.

    The iterable is consumed in the caller's thread, as flows end. If it raises, its error is raised
    after the results of running flows. Closing the iterator cancels running flows.
    """
    waiting, failure = iter(flows), None
    running, is_exhausted = 0, False
    results = SimpleQueue[Future[T]]()
    with closing(Loop(pools)) as loop:
        while True:
            loop.require_own_process()
            while running < at_once and not is_exhausted:
                try:
                    flow = next(waiting)
                except StopIteration:
                    is_exhausted = True
                except Exception as error:
                    is_exhausted, failure = True, error
                else:
                    loop.start(flow).add_done_callback(results.put)
                    running += 1
            if not running:
                break
            result = _next(results).result()
            running -= 1
            yield result
    if failure is not None:
        raise failure


def _next(results: SimpleQueue[T]) -> T:
    while True:
        try:
            return results.get(timeout=_WAKE)
        except Empty:
            continue


class Left(Exception):
    """An event loop was left before a flow had ended."""


class Loop:
    """An event loop in a thread, until it is closed or the program ends."""

    def __init__(self, pools: Pools) -> None:
        self._io = _ThreadedIo if pools.has_given_client else _PooledIo
        self._pools = pools
        self._process = os.getpid()
        self._is_left = False
        self._flows = set[Future[Any]]()
        self._running = 0
        self._loop = asyncio.new_event_loop()
        self._loop.set_default_executor(_DaemonThreads())
        self._thread = threading.Thread(
            target=_serve, args=(self._loop,), name=__package__, daemon=True
        )
        self._thread.start()
        _open.add(self)

    def require_own_process(self) -> None:
        """Raise FalError in a forked process, which does not have the thread."""
        if os.getpid() != self._process:
            raise FalError("a forked process cannot continue the map of its parent: call map there")

    def start(self, flow: Callable[[Io], Coroutine[Any, Any, T]]) -> Future[T]:
        """Run a flow, with the context variables of the caller."""
        running = self._run(flow)
        try:
            future = asyncio.run_coroutine_threadsafe(running, self._loop)
        except RuntimeError:  # the loop is closed
            running.close()
            raise
        self._flows.add(future)
        future.add_done_callback(self._flows.discard)
        return future

    def run(self, flow: Callable[[Io], Coroutine[Any, Any, T]]) -> T:
        """Return the result of a flow. An interruption of the calling thread cancels it.

        Raises:
            Left: The loop was left before the flow had ended.
        """
        try:
            future = self.start(flow)
        except RuntimeError as error:  # the loop is closed
            raise Left from error
        try:
            while not wait([future], _WAKE).done:
                if not (self._thread.is_alive() or future.done()):
                    raise Left
        except BaseException:
            future.cancel()
            raise
        if future.cancelled():
            raise Left
        return future.result()

    def close(self) -> None:
        """Cancel running flows, and wait until they end, but not for a silent server."""
        if self.leave():
            self.join()

    def leave(self) -> bool:
        """Cancel running flows, once; return whether this was the first time."""
        # The thread does not exist in a forked process.
        is_first = not self._is_left and os.getpid() == self._process
        self._is_left = True
        if is_first:
            for future in tuple(self._flows):
                future.cancel()
            self._loop.call_soon_threadsafe(self._loop.stop)
        return is_first

    def join(self) -> None:
        """Wait for the thread as long as flows end."""
        if self._thread is threading.current_thread():  # garbage is collected in any thread
            return
        before = None
        while self._thread.is_alive() and self._running != before:
            before = self._running
            self._thread.join(LEAVE)

    async def _run(self, flow: Callable[[Io], Coroutine[Any, Any, T]]) -> T:
        self._running += 1
        try:
            async with self._io(self._pools) as io:
                return await flow(io)
        finally:
            self._running -= 1


_open = WeakSet[Loop]()


@atexit.register
def _leave_all() -> None:
    """Cancel the flows of iterators that are still open at exit."""
    for loop in [loop for loop in _open if loop.leave()]:
        loop.join()


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    """Run a loop until it is stopped and its cancelled tasks have ended."""

    async def leave() -> None:
        while tasks := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.gather(*tasks, return_exceptions=True)
        await loop.shutdown_asyncgens()

    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        loop.run_until_complete(leave())
    finally:
        asyncio.set_event_loop(None)
        loop.close()


class _DaemonThreads(ThreadPoolExecutor):
    """Runs each function in a daemon thread, which never keeps a program alive."""

    def submit(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run a function."""
        future = Future[T]()

        def run() -> None:
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(function(*args, **kwargs))
                except BaseException as error:
                    future.set_exception(error)

        threading.Thread(target=run, daemon=True).start()
        return future


class _PooledIo(EventLoopIo):
    """Sends on the loop's own connections: the `async_http_client` belongs to another loop."""

    def _client(self, url: httpx.URL) -> httpx.AsyncClient:
        return self._pools.loop_client(url)


class _ThreadedIo(EventLoopIo):
    """Sends with the given `http_client`, in a thread for each request.

    Such a request cannot be interrupted: it ends by itself.
    """

    def __init__(self, pools: Pools) -> None:
        super().__init__(pools)
        self._sender = BlockingSender(pools)

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self._sender.close)
        await super().__aexit__(*_)

    async def read(self, response: HttpResponse, end: float = inf) -> bytes:
        """Return the next bytes of a streamed response."""
        return await asyncio.to_thread(self._sender.read, response, end)

    async def finish(self, response: HttpResponse, end: float = inf) -> None:
        """Close a streamed response that may end at any moment."""
        await asyncio.to_thread(self._sender.finish, response, end)

    async def _receive(
        self, request: HttpRequest, policy: Policy, end: float, permit: Permit | None
    ) -> HttpResponse:
        return await asyncio.to_thread(self._sender.send, request, policy, end, permit)
