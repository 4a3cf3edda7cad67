"""Flows by blocking: nothing in them ever waits for an event loop, so each runs in one step."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Coroutine,
    Generator,
    Iterable,
    Iterator,
)
from concurrent.futures import Future, InvalidStateError, wait
from contextlib import ExitStack, closing, suppress
from contextvars import copy_context
from math import inf
from types import FrameType
from typing import Any, NoReturn, TypeVar

import httpx

from .bodies import LONGEST_ANSWER, pieces, with_body
from .io import Call, Io
from .pools import Pools
from .redaction import Sending
from .urls import check_redirect

T = TypeVar("T")

GRACE = 5.0
"""Seconds that an interruption waits for the answer to a submission; a second Ctrl-C does not."""

MOMENT = 0.1
"""Seconds in which the end of a stream follows the last of its events, if it follows at all."""

AT_ONCE = 8  # flows that run together


def run(pools: Pools, flow: Callable[[Io], Coroutine[Any, Any, T]]) -> T:
    """Return the result of a flow."""
    return BlockingIo(pools).run(flow)


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
        self._pools = pools
        self._held_back: BaseException | None = None
        self._streams: dict[httpx.Response, Iterator[bytes]] = {}

    def __enter__(self) -> BlockingIo:
        return self

    def __exit__(self, *_: object) -> None:
        with ExitStack() as responses:
            for response in self._streams:
                responses.callback(response.close)
        self._raise_held_back()

    def run(self, flow: Callable[[Io], Coroutine[Any, Any, T]]) -> T:
        """Return the result of a flow."""
        with self:
            return step(flow(self))

    async def send(self, call: Call) -> httpx.Response:
        """Send a call."""
        self._raise_held_back()
        response = self._send_shielded(call) if call.shielded else self._send(call)
        if call.streamed:
            self._streams[response] = pieces(response)
        return response

    async def read(self, response: httpx.Response) -> bytes:
        """Read on in a streamed response."""
        self._raise_held_back()
        return next(self._streams[response], b"")

    async def finish(self, response: httpx.Response) -> None:
        """Leave a streamed response whose end may come any moment."""
        stream = self._streams.pop(response)

        def rest() -> None:
            with closing(response), suppress(httpx.HTTPError):
                next(stream, b"")

        # In a thread that can be left: a server may hold the stream open for long.
        thread = threading.Thread(target=rest, daemon=True)
        thread.start()
        thread.join(MOMENT)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        self._raise_held_back()
        time.sleep(seconds)

    async def notify(self, function: Callable[[Any], object], argument: object) -> None:
        """Call the caller's function."""
        self._raise_held_back()
        function(argument)

    async def offload(self, function: Callable[[], T]) -> T:
        """Call a function that waits for the disk."""
        self._raise_held_back()
        return function()

    async def wait(self, future: Future[T]) -> T:
        """Wait for what another flow is at."""
        self._raise_held_back()
        return future.result()

    async def gather(self, flows: Iterable[Callable[[Io], Coroutine[Any, Any, T]]]) -> list[T]:
        """Run flows at the same time; a single one in the calling thread."""
        self._raise_held_back()
        flows = list(flows)
        if len(flows) == 1:
            return [await flows[0](self)]
        from .background import each

        return list(each(self._pools, flows, AT_ONCE))

    def _raise_held_back(self) -> None:
        """Raise the interruption that had to wait for an answer, if there was one."""
        if self._held_back is not None:
            interruption, self._held_back = self._held_back, None
            raise interruption

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
            wait([answer], call.end - time.monotonic())
        finally:
            answer.cancel()  # unless it is there
        return too_late() if answer.cancelled() else answer.result()

    def _send_shielded(self, call: Call) -> httpx.Response:
        # Not in a thread, which would go on submitting after its caller has left.
        handler = signal.getsignal(signal.SIGINT)
        if threading.current_thread() is not threading.main_thread() or not callable(handler):
            return self._send(call)  # Ctrl-C interrupts the main thread only
        came: list[FrameType | None] = []
        grace = threading.Timer(GRACE, _press_ctrl_c)

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
        with Sending():
            response = self._answer(call)
        if call.streamed and response.is_success:
            return response
        body: list[bytes] = []
        with closing(response):
            for piece in pieces(response, LONGEST_ANSWER):
                _check(call.end)
                body.append(piece)
        return with_body(response, body)

    def _answer(self, call: Call) -> httpx.Response:
        """Send a call, and follow where it is redirected if it only asks for something."""
        content = call.body if isinstance(call.body, bytes) else self._chunks(call.body, call.end)
        if call.once:
            content = _once_allowed(call, content)
        request = self._pools.request(self._pools.client, call, content)
        http = self._pools.client(request.url)
        response = http.send(request, auth=call.auth, follow_redirects=False, stream=True)
        if call.once:  # who answers has acted, even if a transport never asked for the body
            call.before_writing()
        followed = 0
        while call.method == "GET" and (following := response.next_request) is not None:
            response.close()
            check_redirect(response, following, followed)
            http = self._pools.client(following.url)
            response = http.send(following, auth=None, follow_redirects=False, stream=True)
            followed += 1
        return response

    def _chunks(self, body: Callable[[], Iterator[bytes]], end: float) -> Iterator[bytes]:
        for chunk in body():
            _check(end)
            yield chunk


def _once_allowed(call: Call, content: bytes | Iterator[bytes]) -> Iterator[bytes]:
    """Yield the body of a call when the transport asks for it."""
    call.before_writing()
    yield from [content] if isinstance(content, bytes) else content


def _check(end: float) -> None:
    if time.monotonic() >= end:
        too_late()


def too_late() -> NoReturn:
    """Raise what httpx would, if it had a limit for whole answers."""
    raise httpx.ReadTimeout("no whole answer in time")


def _press_ctrl_c() -> None:
    if sys.platform == "win32":
        signal.raise_signal(signal.SIGINT)
    else:  # to the thread itself, whose waiting for an answer this ends
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
