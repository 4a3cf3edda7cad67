"""Looking values up once for many flows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Coroutine, Hashable
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

from ..transport.io import Io

T = TypeVar("T")


class Lookups(Generic[T]):
    """Values by their keys. The first flow looks a value up, and the others wait for it.

    A failure is kept too: a lookup was already repeated where that is worthwhile.
    """

    def __init__(self) -> None:
        self._futures: dict[Hashable, Future[T]] = {}
        self._lock = threading.Lock()

    async def get(
        self, io: Io, key: Hashable, look_up: Callable[[Io], Coroutine[Any, Any, T]]
    ) -> T:
        """Return the value of a key."""
        own = Future[T]()
        with self._lock:
            future = self._futures.setdefault(key, own)
        if future is not own:
            return await io.wait(future)
        try:
            own.set_result(await look_up(io))
        except Exception as error:
            own.set_exception(error)
            raise
        except BaseException:  # an interruption, which ends the whole batch
            own.cancel()
            raise
        return own.result()

    def known(self, key: Hashable) -> T | None:
        """Return the value of a key; `None` if it was not looked up successfully."""
        future = self._futures.get(key)
        is_known = future is not None and future.done() and not future.cancelled()
        return future.result() if future and is_known and not future.exception() else None
