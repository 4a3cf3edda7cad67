"""Threads that carry out blocking functions for callers who may leave before they end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError, TimeoutError
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from queue import SimpleQueue
from typing import TypeVar
from weakref import finalize

from ..forks import renew_in_children
from .io import too_late

T = TypeVar("T")

_MOST_IDLE = 8


class NoWorker(Exception):
    """No thread can be started: the program is ending, or the system's limit is reached."""


class Workers:
    """Daemon threads, which are kept for the next caller: starting one takes longer than a call."""

    def __init__(self) -> None:
        self._idle: list[_Worker] = []
        renew_in_children(self)

    def renew(self) -> None:
        """Forget the threads in a child process, which does not have them."""
        self.close()

    def close(self) -> None:
        """End the threads that are idle."""
        self._idle = []

    def call(self, function: Callable[[], T], end: float, discard: Callable[[T], object]) -> T:
        """Return what a function returns before `end`, on the monotonic clock.

        The function runs on in its thread if it is late. Then `discard` gets what it returns.

        Raises:
            httpx.ReadTimeout: It did not end in time.
            NoWorker: The function was not called.
        """
        answer = Future[T]()

        def run() -> None:
            try:
                returned = function()
            except BaseException as error:
                with suppress(InvalidStateError):
                    answer.set_exception(error)
                return
            try:
                answer.set_result(returned)
            except InvalidStateError:  # the caller has left
                with suppress(Exception):  # nobody is left to report it to
                    discard(returned)

        idle = self._idle
        worker = _taken(idle)
        worker.start(partial(copy_context().run, run))
        try:
            with suppress(TimeoutError):
                answer.exception(end - time.monotonic())
        finally:
            # A worker that is still busy ends after this function, and so does one whose `idle` was
            # replaced: the client was closed.
            if not answer.cancel() and len(idle) < _MOST_IDLE:
                idle.append(worker)
        return too_late() if answer.cancelled() else answer.result()


def _taken(idle: list[_Worker]) -> _Worker:
    with suppress(IndexError):  # another thread may take the last one
        return idle.pop()
    return _Worker()


class _Worker:
    """A thread that runs functions in turn, and ends when the worker is dropped."""

    def __init__(self) -> None:
        functions = SimpleQueue[Callable[[], object] | None]()
        try:
            threading.Thread(target=_work, args=(functions,), daemon=True).start()
        except RuntimeError as error:
            raise NoWorker from error
        self._functions = functions
        # Not at exit, because functions that run after that may call this client.
        finalize(self, functions.put, None).atexit = False

    def start(self, function: Callable[[], object]) -> None:
        """Run a function after those that were started before."""
        self._functions.put(function)


def _work(functions: SimpleQueue[Callable[[], object] | None]) -> None:
    while (function := functions.get()) is not None:
        function()
        del function  # or the last one would live as long as the thread waits
