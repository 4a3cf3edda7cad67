"""Pools of HTTP connections: one for threads, and one for each event loop."""

from __future__ import annotations

import os
import threading
from collections.abc import AsyncGenerator, Callable
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary, finalize

import httpx

from ..forks import leave_open, renew_in_children
from ..tuning import DEFAULTS, Tuning
from .http_clients import open_async_client, open_client
from .urls import is_loopback

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

    from .workers import Workers


class _AsyncPool(NamedTuple):
    client: httpx.AsyncClient
    owner: AsyncGenerator[httpx.AsyncClient, None]
    """Closes the client when it is closed."""
    close: finalize[..., Any]
    """Closes the client when the pools are garbage-collected."""


class Pools:
    """The HTTP clients that carry requests: one for threads, and one for each event loop.

    One pool reaches loopback directly; another reaches all other hosts, by the proxies that the
    environment names. A pool belongs to one process: a forked child opens its own.

    Args:
        tuning: The waits and sizes of all flows that use these pools.
        http_client: Carries the blocking requests instead of a pool. Its owner closes it.
        async_http_client: The same for event loops.
    """

    def __init__(
        self,
        tuning: Tuning = DEFAULTS,
        http_client: httpx.Client | None = None,
        async_http_client: httpx.AsyncClient | None = None,
    ) -> None:
        self.tuning = tuning
        self._given, self._given_async = http_client, async_http_client
        self._lock = threading.Lock()
        self._pools: dict[bool, tuple[httpx.Client, Callable[[], object]]] = {}
        self._async_pools: WeakKeyDictionary[AbstractEventLoop, dict[bool, _AsyncPool]] = (
            WeakKeyDictionary()
        )
        self._workers: Workers | None = None
        renew_in_children(self)

    def renew(self) -> None:
        """Drop the connections in a child process."""
        leave_open((self._pools, self._async_pools))
        self._lock = threading.Lock()
        self._pools, self._async_pools = {}, WeakKeyDictionary()

    def client(self, url: httpx.URL) -> httpx.Client:
        """Return the HTTP client for blocking calls to a URL, opened at first use."""
        with self._lock:
            if self._given is not None:
                return self._given
            is_direct = is_loopback(url.host)
            # A pool is closed at exit, but functions that run after that may call this client.
            if is_direct not in self._pools or self._pools[is_direct][0].is_closed:
                pool = open_client(is_direct=is_direct)
                # When these pools are garbage-collected or the process ends, whichever is first.
                close = finalize(self, _close_here, pool, os.getpid())
                self._pools[is_direct] = pool, close
            return self._pools[is_direct][0]

    @property
    def workers(self) -> Workers:
        """Threads for blocking calls, which are kept for the next one."""
        if self._workers is None:
            from .workers import Workers  # here, because only a call needs them

            self._workers = Workers()
        return self._workers

    @property
    def has_given_client(self) -> bool:
        """Return whether the caller's own HTTP client carries the blocking calls."""
        return self._given is not None

    def async_client(self, url: httpx.URL) -> httpx.AsyncClient:
        """Return the HTTP client for calls to a URL on the running event loop."""
        return self.loop_client(url) if self._given_async is None else self._given_async

    def loop_client(self, url: httpx.URL) -> httpx.AsyncClient:
        """Return the running event loop's own HTTP client, opened at first use there."""
        from asyncio import get_running_loop  # here, because blocking callers never need asyncio

        loop = get_running_loop()
        with self._lock:
            if loop not in self._async_pools:
                # A pool refers to its loop, so the mapping alone would keep both for ever.
                for ended in [other for other in self._async_pools if other.is_closed()]:
                    for pool in self._async_pools.pop(ended).values():
                        pool.close.detach()
                self._async_pools[loop] = {}
            pools, is_direct = self._async_pools[loop], is_loopback(url.host)
            if is_direct not in pools:
                owner = open_async_client(is_direct=is_direct)
                try:
                    owner.__anext__().send(None)
                except StopIteration as first:  # carries the value that the generator yields
                    close = finalize(self, _close_on_loop, loop, owner, os.getpid())
                    close.atexit = False
                    pools[is_direct] = _AsyncPool(first.value, owner, close)
            return pools[is_direct].client

    def close(self) -> None:
        """Close the connections of blocking calls, but not a given HTTP client."""
        if self._workers is not None:
            self._workers.close()
        with self._lock:
            pools, self._pools = self._pools, {}
        for _, close in pools.values():
            close()

    async def aclose(self) -> None:
        """Close the connections of the running event loop, and those of blocking calls."""
        from asyncio import get_running_loop

        self.close()
        with self._lock:
            pools = self._async_pools.pop(get_running_loop(), {})
        for pool in pools.values():
            pool.close.detach()
            await pool.owner.aclose()


def _close_here(pool: httpx.Client, process: int) -> None:
    """Close a pool, unless this is a child of the process that opened it."""
    if os.getpid() == process:
        pool.close()


def _close_on_loop(
    loop: AbstractEventLoop, owner: AsyncGenerator[httpx.AsyncClient, None], process: int
) -> None:
    """Close a pool on its loop, if the loop is open and belongs to this process."""
    if os.getpid() == process and not loop.is_closed():
        loop.call_soon_threadsafe(lambda: loop.create_task(owner.aclose()))
