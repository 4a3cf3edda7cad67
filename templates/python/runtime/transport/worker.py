"""A thread that carries out blocking functions for a caller who may leave before they end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue
from weakref import finalize


class Worker:
    """A daemon thread that runs functions in turn, and ends when the worker is dropped."""

    def __init__(self) -> None:
        functions = SimpleQueue[Callable[[], object] | None]()
        threading.Thread(target=_work, args=(functions,), daemon=True).start()
        self._functions = functions
        finalize(self, functions.put, None)

    def start(self, function: Callable[[], object]) -> None:
        """Run a function after those that were started before."""
        self._functions.put(function)


def _work(functions: SimpleQueue[Callable[[], object] | None]) -> None:
    while (function := functions.get()) is not None:
        function()
        del function  # or the last one would live as long as the thread waits
