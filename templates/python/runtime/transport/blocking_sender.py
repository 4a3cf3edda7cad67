"""Sending requests by blocking the calling thread.

`blocking` sends the requests of its flows like this, and `background` those of a given HTTP client.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from functools import partial
from math import inf
from types import FrameType
from typing import NamedTuple, TypeVar

import httpx

from ..errors import FalError
from ..forks import leave_open
from .bodies import http_response, pieces
from .io import MOMENT, CallbackFailed, HttpRequest, HttpResponse, OnSent, Policy, too_late
from .outgoing import outgoing_request
from .permit import Permit
from .pools import Pools
from .redaction import Redaction
from .redirects import check_redirect
from .workers import NoWorker

T = TypeVar("T")


class _Stream(NamedTuple):
    """A response whose body is still to be read."""

    response: httpx.Response
    pieces: Iterator[bytes]

    def read(self) -> bytes:
        """Return the next bytes."""
        return next(self.pieces, b"")

    def read_or_close(self) -> bytes:
        """Return the next bytes. Closes the response if they cannot be read."""
        try:
            return self.read()
        except BaseException:
            self.close()
            raise

    def finish(self) -> None:
        """Read the end, so that the connection can be used again, and close the response."""
        response = self.response
        with suppress(Exception), closing(response):  # the caller has all it needs
            if response.is_closed:  # then the connection may carry another request already
                return
            assert isinstance(response.stream, httpx.SyncByteStream)
            # A timeout holds for a whole iteration, so a shorter one takes another iteration.
            response.request.extensions["timeout"]["read"] = MOMENT
            next(iter(response.stream), b"")

    def close(self) -> None:
        """Close the response."""
        self.response.close()


class _Received(NamedTuple):
    """A response, with its stream if the body is still to be read."""

    response: HttpResponse
    stream: _Stream | None

    def discard(self) -> None:
        """Close the response."""
        if self.stream is not None:
            self.stream.close()


class BlockingSender:
    """Sends the requests of a flow, and reads their responses."""

    def __init__(self, pools: Pools) -> None:
        self._tuning = pools.tuning
        self._pools = pools
        self._held_back: BaseException | None = None
        self._workers = pools.workers
        self._streams: dict[HttpResponse, _Stream] = {}
        self._process = os.getpid()

    def close(self) -> None:
        """Close the responses that were not read to their end, and raise what was held back."""
        if sys.is_finalizing():  # nothing can be imported, and connections end by themselves
            return
        if os.getpid() != self._process:
            leave_open(self._streams)
            self._streams = {}
        with ExitStack() as streams:
            for stream in self._streams.values():
                streams.callback(stream.close)
        self.raise_held_back()

    def send(
        self, request: HttpRequest, policy: Policy, end: float = inf, permit: Permit | None = None
    ) -> HttpResponse:
        """Send a request."""
        self.raise_held_back()
        receive = partial(self._receive, request, policy, end, permit)
        send = partial(self._until, end, receive, _Received.discard)
        response, stream = self._shielded(send) if policy.shielded else send()
        if stream is not None:
            self._streams[response] = stream
        return response

    def read(self, response: HttpResponse, end: float = inf) -> bytes:
        """Return the next bytes of a streamed response. Raises FalError in a forked process."""
        self.raise_held_back()
        if os.getpid() != self._process:
            raise FalError(
                "a forked process cannot read a response that its parent reads: request it again"
            )
        stream = self._streams[response]
        if end == inf:
            return stream.read()
        del self._streams[response]  # while a worker reads, only the worker may close the stream
        piece = self._until(end, stream.read_or_close, lambda _: stream.close())
        self._streams[response] = stream
        return piece

    def finish(self, response: HttpResponse, end: float = inf) -> None:
        """Close a streamed response that may end at any moment."""
        if os.getpid() != self._process:
            return
        stream = self._streams.pop(response)
        late = inf if end == inf else time.monotonic() + MOMENT
        with suppress(httpx.ReadTimeout):  # the server holds the stream open
            self._until(late, stream.finish, lambda _: None)

    def raise_held_back(self) -> None:
        """Raise the interruption that waited for a response, if there was one."""
        if self._held_back is not None:
            interruption, self._held_back = self._held_back, None
            raise interruption

    def _until(self, end: float, function: Callable[[], T], discard: Callable[[T], object]) -> T:
        """Return what a function returns before `end`; discard what it returns later."""
        if end == inf:
            return function()
        try:  # in a worker, because nothing else stops reading headers that arrive slowly
            return self._workers.call(function, end, discard)
        except NoWorker:  # then only the timeouts of its network operations limit it
            return function()

    def _shielded(self, send: Callable[[], T]) -> T:
        # Not in a thread, which would keep submitting after its caller has left.
        handler = signal.getsignal(signal.SIGINT)
        if threading.current_thread() is not threading.main_thread() or not callable(handler):
            return send()  # Ctrl-C interrupts the main thread only
        came: list[FrameType | None] = []
        timers: list[threading.Timer] = []

        def hold_back(number: int, frame: FrameType | None) -> None:
            if came:
                handler(number, frame)
            else:
                came.append(frame)
                timers.append(threading.Timer(self._tuning.grace, _press_ctrl_c))
                timers[0].start()

        signal.signal(signal.SIGINT, hold_back)
        try:
            return send()
        finally:
            signal.signal(signal.SIGINT, handler)
            for timer in timers:
                timer.cancel()
            try:
                for frame in came:
                    handler(signal.SIGINT, frame)
            except BaseException as interruption:
                self._held_back = interruption

    def _receive(
        self, request: HttpRequest, policy: Policy, end: float, permit: Permit | None
    ) -> _Received:
        with Redaction():
            response = self._respond(request, policy, end, permit)
        if policy.streamed and response.is_success:
            return _Received(http_response(response), _Stream(response, pieces(response)))
        body: list[bytes] = []
        with closing(response):
            for piece in pieces(response, self._tuning.longest_response):
                _check(end)
                body.append(piece)
        return _Received(http_response(response, body), None)

    def _respond(
        self, request: HttpRequest, policy: Policy, end: float, permit: Permit | None
    ) -> httpx.Response:
        """Send a request, and follow redirects of a GET."""
        body, client_for, tuning = request.body, self._pools.client, self._tuning
        content = body if isinstance(body, bytes) else _chunks(body, request.on_sent, end)
        http, outgoing = outgoing_request(client_for, request, content, policy, tuning, end, permit)
        response = http.send(outgoing, auth=request.auth, follow_redirects=False, stream=True)
        if permit is not None:  # a server that responds may have acted, even without the body
            permit.use()
        followed = 0
        while request.method == "GET" and (following := response.next_request) is not None:
            response.close()
            check_redirect(response, following, followed)
            http = client_for(following.url)
            response = http.send(following, auth=None, follow_redirects=False, stream=True)
            followed += 1
        return response


def _chunks(
    body: Callable[[], Iterator[bytes]], on_sent: OnSent | None, end: float
) -> Iterator[bytes]:
    sent = 0
    for chunk in body():
        _check(end)
        yield chunk
        sent += len(chunk)
        if on_sent is not None:
            try:
                on_sent(sent)
            except Exception as error:
                raise CallbackFailed(error) from None


def _check(end: float) -> None:
    if time.monotonic() >= end:
        too_late()


def _press_ctrl_c() -> None:
    if sys.platform == "win32":
        signal.raise_signal(signal.SIGINT)
    else:  # to the main thread itself, to interrupt its wait
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
