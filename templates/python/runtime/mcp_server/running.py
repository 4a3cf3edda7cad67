"""Running work that needs time to clean up after a cancellation."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import anyio

T = TypeVar("T")


class Stopped(Exception):
    """The server stops, so the work was cancelled."""


class RunningWork:
    """The work that is running, each in a task of its own.

    The SDK cancels a handler at each of its awaits, so it would also cancel the cancellation of a
    job. It does not know these tasks.
    """

    def __init__(self) -> None:
        self._tasks = set[asyncio.Task[Any]]()
        self._is_stopped = False

    async def result(self, work: Coroutine[Any, Any, T]) -> T:
        """Return the result of work. If the caller is cancelled, wait until the work has ended.

        Raises:
            Stopped: `stop` cancelled the work.
        """
        task = asyncio.create_task(work)
        self._tasks.add(task)
        if self._is_stopped:
            task.cancel()
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            task.cancel()
            with anyio.CancelScope(shield=True):
                await asyncio.wait([task])
            if not task.cancelled():
                task.exception()  # or asyncio would report that nobody looked at it
            raise
        finally:
            self._tasks.discard(task)
        if task.cancelled():
            raise Stopped
        return task.result()

    async def stop(self) -> None:
        """Cancel all work, and wait until it has ended."""
        self._is_stopped = True
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
