"""Carrying out flows: one driver blocks, the other runs on an event loop; otherwise they are alike.

`asyncio` is imported where a loop runs, because who blocks should not wait for its import.
"""

from __future__ import annotations

import inspect
import signal
import sys
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AsyncExitStack, ExitStack
from itertools import islice
from types import FrameType
from typing import Any, Generic, TypeVar

import httpx

from .commands import Call, Command, Emit, Flow, Notify, Read, Send, Sleep, Together
from .connection import Connection

T = TypeVar("T")

_GRACE = 5.0
"""Seconds that an interruption waits for the answer to a submission under way; a second Ctrl-C does
not."""

_AT_ONCE = 8
"""Flows of a `Together` that run at the same time."""


class Steps(Iterator[Command], Generic[T]):
    """A flow's commands, each one after the outcome of the one before; then its result."""

    result: T

    def __init__(self, flow: Flow[T]) -> None:
        self._flow = flow
        self._resume: Callable[[], Command] = lambda: next(flow)

    def __next__(self) -> Command:
        try:
            return self._resume()
        except StopIteration as end:
            self.result = end.value
            raise

    def succeed(self, outcome: object) -> None:
        """Let the flow go on with the outcome of its command."""
        self._resume = lambda: self._flow.send(outcome)

    def fail(self, error: BaseException) -> None:
        """Let the flow go on with the exception that its command ended in."""
        self._resume = lambda: self._flow.throw(error)


class Driver:
    """Carries out a flow by blocking the calling thread."""

    def __init__(self, connection: Connection, stop: threading.Event | None = None) -> None:
        self._connection = connection
        self._stop = stop or threading.Event()
        self._stopped = False
        self._held_back: BaseException | None = None
        self._open = ExitStack()
        self._streams: dict[httpx.Response, Iterator[bytes]] = {}

    def run(self, flow: Flow[T]) -> T:
        """Return the flow's result."""
        steps = Steps(flow)
        for _ in self._emitted(steps):
            pass
        return steps.result

    def iterate(self, flow: Flow[object]) -> Generator[Any, None, None]:
        """Yield what the flow emits. Closing the iterator ends the flow."""
        return self._emitted(Steps(flow))

    def each(self, flows: Iterable[Flow[T]], at_once: int) -> Generator[T, None, None]:
        """Yield the flows' results as they come; so many run at a time, each in a thread."""
        waiting, running = iter(flows), set[Future[T]]()
        stop = threading.Event()
        with ThreadPoolExecutor(at_once) as threads:
            try:
                while True:
                    for flow in islice(waiting, at_once - len(running)):
                        running.add(threads.submit(Driver(self._connection, stop).run, flow))
                    if not running:
                        return
                    for future in wait(running, return_when=FIRST_COMPLETED).done:
                        running.remove(future)
                        yield future.result()
            finally:
                stop.set()

    def _emitted(self, steps: Steps[Any]) -> Generator[Any, None, None]:
        with self._open:
            for command in steps:
                try:
                    if isinstance(command, Emit):
                        yield command.item
                        steps.succeed(None)
                    else:
                        steps.succeed(self._execute(command))
                except BaseException as error:
                    steps.fail(error)

    def _execute(self, command: Send | Read | Sleep | Notify | Together) -> object:
        if self._held_back is not None:
            interruption, self._held_back = self._held_back, None
            raise interruption
        if self._stop.is_set() and not self._stopped:
            self._stopped = True  # once, so that the flow can cancel what it started
            raise _Stopped
        match command:
            case Send(Call(shielded=True) as call):
                return self._send_shielded(call)
            case Send(call):
                return self._send(call)
            case Read(response):
                return next(self._streams[response], b"")
            case Sleep(seconds):
                # Once stopped, what is left is to cancel; its attempts keep their distance.
                pause = time.sleep if self._stopped else self._stop.wait
                return pause(seconds)
            case Notify(function, argument):
                return function(argument)
            case Together(flows):
                return list(self.each(flows, _AT_ONCE))

    def _send(self, call: Call) -> httpx.Response:
        http = self._connection.client()
        body = call.body if isinstance(call.body, bytes) else self._chunks(call.body)
        response = http.send(
            self._connection.request(http, call, body),
            auth=self._connection.key_for(call),
            follow_redirects=call.method == "GET",
            stream=call.streamed,
        )
        if call.streamed:
            self._open.callback(response.close)
            self._streams[response] = response.iter_bytes()
            if not response.is_success:
                response.read()
        return response

    def _send_shielded(self, call: Call) -> httpx.Response:
        handler = signal.getsignal(signal.SIGINT)
        if threading.current_thread() is not threading.main_thread() or not callable(handler):
            return self._send(call)  # Ctrl-C interrupts the main thread only
        came: list[FrameType | None] = []
        grace = threading.Timer(_GRACE, _press_ctrl_c)

        def hold_back(number: int, frame: FrameType | None) -> None:
            if came:
                handler(number, frame)
            else:
                came.append(frame)
                grace.start()

        signal.signal(signal.SIGINT, hold_back)
        try:
            return self._send(call)
        finally:
            signal.signal(signal.SIGINT, handler)
            grace.cancel()
            try:
                for frame in came:
                    handler(signal.SIGINT, frame)
            except BaseException as interruption:
                self._held_back = interruption

    def _chunks(self, body: Callable[[], Iterator[bytes]]) -> Iterator[bytes]:
        for chunk in body():
            if self._stop.is_set():
                raise _Stopped
            yield chunk


def _press_ctrl_c() -> None:
    if sys.platform == "win32":
        signal.raise_signal(signal.SIGINT)
    else:  # to the thread itself, whose waiting for an answer this ends
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


class _Stopped(Exception):
    """Ends a flow whose result nobody waits for any more."""


class AsyncDriver:
    """Carries out a flow on the running event loop."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._held_back: BaseException | None = None
        self._open = AsyncExitStack()
        self._streams: dict[httpx.Response, AsyncIterator[bytes]] = {}

    async def run(self, flow: Flow[T]) -> T:
        """Return the flow's result."""
        steps = Steps(flow)
        async for _ in self._emitted(steps):
            pass
        return steps.result

    def iterate(self, flow: Flow[object]) -> AsyncGenerator[Any, None]:
        """Yield what the flow emits. Closing the iterator ends the flow."""
        return self._emitted(Steps(flow))

    async def each(self, flows: Iterable[Flow[T]], at_once: int) -> AsyncGenerator[T, None]:
        """Yield the flows' results as they come; so many run at a time, each in a task."""
        import asyncio

        waiting, running = iter(flows), set[asyncio.Future[T]]()
        try:
            while True:
                for flow in islice(waiting, at_once - len(running)):
                    running.add(asyncio.ensure_future(AsyncDriver(self._connection).run(flow)))
                if not running:
                    return
                for task in (await asyncio.wait(running, return_when=FIRST_COMPLETED))[0]:
                    yield task.result()
                    running.remove(task)
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def _emitted(self, steps: Steps[Any]) -> AsyncGenerator[Any, None]:
        async with self._open:
            for command in steps:
                try:
                    if isinstance(command, Emit):
                        yield command.item
                        steps.succeed(None)
                    else:
                        steps.succeed(await self._execute(command))
                except BaseException as error:
                    steps.fail(error)

    async def _execute(self, command: Send | Read | Sleep | Notify | Together) -> object:
        import asyncio

        if self._held_back is not None:
            interruption, self._held_back = self._held_back, None
            raise interruption
        match command:
            case Send(Call(shielded=True) as call):
                return await self._send_shielded(call)
            case Send(call):
                return await self._send(call)
            case Read(response):
                return await anext(self._streams[response], b"")
            case Sleep(seconds):
                return await asyncio.sleep(seconds, None)
            case Notify(function, argument):
                outcome = function(argument)
                return await outcome if inspect.isawaitable(outcome) else outcome
            case Together(flows):
                return [result async for result in self.each(flows, _AT_ONCE)]

    async def _send(self, call: Call) -> httpx.Response:
        http = self._connection.async_client()
        body = call.body if isinstance(call.body, bytes) else self._chunks(call.body)
        response = await http.send(
            self._connection.request(http, call, body),
            auth=self._connection.key_for(call),
            follow_redirects=call.method == "GET",
            stream=call.streamed,
        )
        if call.streamed:
            self._open.push_async_callback(response.aclose)
            self._streams[response] = response.aiter_bytes()
            if not response.is_success:
                await response.aread()
        return response

    async def _send_shielded(self, call: Call) -> httpx.Response:
        import asyncio

        answer = asyncio.ensure_future(self._send(call))
        try:
            await asyncio.wait([answer])  # which, when cancelled, leaves `answer` alone
        except BaseException as interruption:
            await asyncio.wait([answer], timeout=_GRACE)
            if not answer.done():
                raise
            self._held_back = interruption
        finally:
            answer.cancel()  # unless it is done
        return answer.result()

    async def _chunks(self, body: Callable[[], Iterator[bytes]]) -> AsyncIterator[bytes]:
        import asyncio

        chunks = body()
        while chunk := await asyncio.to_thread(next, chunks, b""):
            yield chunk
