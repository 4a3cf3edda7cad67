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
from concurrent.futures import (
    FIRST_COMPLETED,
    Future,
    InvalidStateError,
    ThreadPoolExecutor,
    wait,
)
from contextlib import AsyncExitStack, ExitStack, closing, suppress
from contextvars import copy_context
from functools import partial
from itertools import islice
from math import inf
from types import FrameType
from typing import Any, NoReturn, TypeVar

import httpx

from .commands import Call, Command, Emit, Flow, Notify, Read, Send, Sleep, Together
from .connection import Connection

T = TypeVar("T")

_GRACE = 5.0
"""Seconds that an interruption waits for the answer to a submission; a second Ctrl-C does not."""

_AT_ONCE = 8  # flows of a `Together` that run at the same time


class _State:
    _result: Any = None
    _held_back: BaseException | None = None

    def _next(self, resume: Callable[[], Command]) -> Command | None:
        """Return the flow's next command, or note its result."""
        try:
            return resume()
        except StopIteration as end:
            self._result = end.value
            return None

    def _raise_held_back(self) -> None:
        """Raise the interruption that had to wait for an answer, if there was one."""
        if self._held_back is not None:
            interruption, self._held_back = self._held_back, None
            raise interruption


class Driver(_State):
    """Carries out a flow by blocking the calling thread."""

    def __init__(self, connection: Connection, stop: threading.Event | None = None) -> None:
        self._connection = connection
        self._stop = stop or threading.Event()
        self._stopped = False
        self._open = ExitStack()
        self._streams: dict[httpx.Response, Iterator[bytes]] = {}

    def run(self, flow: Flow[T]) -> T:
        """Return the flow's result."""
        for _ in self.iterate(flow):
            pass
        result: T = self._result
        return result

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

    def iterate(self, flow: Flow[Any]) -> Generator[Any, None, None]:
        """Yield what the flow emits. Closing the iterator ends the flow."""
        resume: Callable[[], Command] = partial(next, flow)
        try:
            with self._open:
                while (command := self._next(resume)) is not None:
                    try:
                        if isinstance(command, Emit):
                            outcome = yield command.item
                        else:
                            outcome = self._execute(command)
                    except BaseException as error:
                        resume = partial(flow.throw, error)
                    else:
                        resume = partial(flow.send, outcome)
        finally:
            self._raise_held_back()

    def _execute(self, command: Send | Read | Sleep | Notify | Together) -> object:
        self._raise_held_back()
        if self._stop.is_set() and not self._stopped:
            self._stopped = True  # once, so that the flow can cancel what it started
            raise _Stopped
        match command:
            case Send(call):
                response = self._send_shielded(call) if call.shielded else self._send(call)
                if call.streamed:
                    self._open.callback(response.close)
                    self._streams[response] = response.iter_bytes()
                return response
            case Read(response):
                return next(self._streams[response], b"")
            case Sleep(seconds):
                # Once stopped, what is left is to cancel; its attempts keep their distance.
                return (time.sleep if self._stopped else self._stop.wait)(seconds)
            case Notify(function, argument):
                return function(argument)
            case Together(flows):
                return list(self.each(flows, _AT_ONCE))

    def _send(self, call: Call) -> httpx.Response:
        if call.end == inf:
            return self._exchange(call)
        # In a thread that can be left: nothing else ends the reading of headers that drip in.
        answer = Future[httpx.Response]()

        def exchange() -> None:
            try:
                response = self._exchange(call)
            except BaseException as error:
                with suppress(InvalidStateError):
                    answer.set_exception(error)
                return
            try:
                answer.set_result(response)
            except InvalidStateError:  # nobody waits for it any more
                response.close()

        threading.Thread(target=copy_context().run, args=(exchange,), daemon=True).start()
        try:
            wait([answer], _left(call))
        finally:
            answer.cancel()  # unless it is there
        return _too_late() if answer.cancelled() else answer.result()

    def _send_shielded(self, call: Call) -> httpx.Response:
        # Not in a thread, which would go on submitting after its caller has left.
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

    def _exchange(self, call: Call) -> httpx.Response:
        http = self._connection.client()
        content = call.body if isinstance(call.body, bytes) else self._chunks(call.body, call.end)
        request = self._connection.request(http, call, content)
        key = self._connection.key_for(call)
        call.note(True)
        response = http.send(request, auth=key, follow_redirects=call.method == "GET", stream=True)
        if call.streamed and response.is_success:
            return response
        body = bytearray()
        with closing(response):
            for piece in response.iter_raw():
                _check(call.end)
                body += piece
        return httpx.Response(
            response.status_code,
            headers=response.headers,
            content=bytes(body),
            extensions=response.extensions,
        )

    def _chunks(self, body: Callable[[], Iterator[bytes]], end: float) -> Iterator[bytes]:
        for chunk in body():
            if self._stop.is_set():
                raise _Stopped
            _check(end)
            yield chunk


def _left(call: Call) -> float | None:
    return None if call.end == inf else call.end - time.monotonic()


def _check(end: float) -> None:
    if time.monotonic() >= end:
        _too_late()


def _too_late() -> NoReturn:
    raise httpx.ReadTimeout("no whole answer in time")


def _press_ctrl_c() -> None:
    if sys.platform == "win32":
        signal.raise_signal(signal.SIGINT)
    else:  # to the thread itself, whose waiting for an answer this ends
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


class _Stopped(Exception):
    """Ends a flow whose result nobody waits for any more."""


class AsyncDriver(_State):
    """Carries out a flow on the running event loop."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._open = AsyncExitStack()
        self._streams: dict[httpx.Response, AsyncIterator[bytes]] = {}

    async def run(self, flow: Flow[T]) -> T:
        """Return the flow's result."""
        async for _ in self.iterate(flow):
            pass
        result: T = self._result
        return result

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

    async def iterate(self, flow: Flow[Any]) -> AsyncGenerator[Any, None]:
        """Yield what the flow emits. Closing the iterator ends the flow."""
        resume: Callable[[], Command] = partial(next, flow)
        try:
            async with self._open:
                while (command := self._next(resume)) is not None:
                    try:
                        if isinstance(command, Emit):
                            outcome = yield command.item
                        else:
                            outcome = await self._execute(command)
                    except BaseException as error:
                        resume = partial(flow.throw, error)
                    else:
                        resume = partial(flow.send, outcome)
        finally:
            self._raise_held_back()

    async def _execute(self, command: Send | Read | Sleep | Notify | Together) -> object:
        import asyncio

        self._raise_held_back()
        match command:
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
        import asyncio

        if call.end == inf and not call.shielded:
            return await self._exchange(call)
        answer = asyncio.ensure_future(self._exchange(call))
        try:
            await asyncio.wait([answer], timeout=_left(call))  # cancelled, it leaves `answer` alone
        except BaseException as interruption:
            if call.shielded:
                await asyncio.wait([answer], timeout=_GRACE)
            if not (call.shielded and answer.done()):
                raise
            self._held_back = interruption
        finally:
            answer.cancel()  # unless it is done
        return answer.result() if answer.done() else _too_late()

    async def _exchange(self, call: Call) -> httpx.Response:
        http = self._connection.async_client()
        content = call.body if isinstance(call.body, bytes) else _chunks(call.body)
        request = self._connection.request(http, call, content)
        key = self._connection.key_for(call)
        call.note(True)
        is_get = call.method == "GET"
        response = await http.send(request, auth=key, follow_redirects=is_get, stream=call.streamed)
        if call.streamed:
            self._open.push_async_callback(response.aclose)
            self._streams[response] = response.aiter_bytes()
            if not response.is_success:
                await response.aread()
        return response


async def _chunks(body: Callable[[], Iterator[bytes]]) -> AsyncIterator[bytes]:
    import asyncio

    chunks = body()
    while chunk := await asyncio.to_thread(next, chunks, b""):
        yield chunk
