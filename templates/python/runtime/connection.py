"""How requests get out: addresses, the key, and pools of HTTP connections."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterable, Generator, Iterable
from contextlib import suppress
from functools import cache
from ipaddress import ip_address
from math import inf
from ssl import SSLContext
from typing import TYPE_CHECKING, NamedTuple, NoReturn
from weakref import WeakKeyDictionary

import httpx

from .errors import ConfigurationError
from .io import Call

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

# A job that waits must never wait for another job's connection.
# An idle connection is given up before a server does so (many after 5 s): a submission on a
# connection that is just being closed ends as uncertain.
_LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=100, keepalive_expiry=4.0)

DEFAULT_TIMEOUT = 120.0  # seconds for one network operation
_CONNECT_TIMEOUT = 10.0


class Addresses(NamedTuple):
    """Where fal's services are, without a trailing slash."""

    queue: str
    run: str
    rest: str

    @classmethod
    def configured(
        cls, base: str | None, queue: str | None, run: str | None, rest: str | None
    ) -> Addresses:
        """Return the addresses that arguments, then the environment, then fal's defaults give.

        Within each, a single host's setting goes before the base. `FAL_RUN_HOST` and
        `FAL_QUEUE_RUN_HOST` mean what they mean to fal-client.
        """
        if base is None:
            run_host, queue_host = os.getenv("FAL_RUN_HOST"), os.getenv("FAL_QUEUE_RUN_HOST")
            queue_host = queue_host or (run_host and f"queue.{run_host}")
            run = run or (run_host and f"https://{run_host}")
            queue = queue or (queue_host and f"https://{queue_host}")
            base = os.getenv("FAL_BASE_URL")
        base = base and base.rstrip("/")
        addresses = (
            queue or (f"{base}/queue" if base else "https://queue.fal.run"),
            run or (f"{base}/run" if base else "https://fal.run"),
            rest or (f"{base}/rest" if base else "https://rest.fal.ai"),
        )
        for address in addresses:
            if not is_safe(address):
                raise ConfigurationError(
                    f"{address!r} is no address that starts with https:// (or, on loopback only, "
                    "with http://): see base_url and FAL_BASE_URL"
                )
        return cls(*(address.rstrip("/") for address in addresses))


NOWHERE = Addresses("", "", "")


class Key(httpx.Auth):
    """The API key, added to a request at the last moment and shown nowhere."""

    def __init__(self, key: str) -> None:
        self._value = key.strip()
        # httpx would refuse such a header too, but with a message that shows it.
        if not re.fullmatch(r"[!-~]+", self._value):
            raise ConfigurationError("the API key is empty, or has characters that no key has")

    @classmethod
    def from_environment(cls) -> Key:
        """Return the key that the environment gives."""
        pair = os.getenv("FAL_KEY_ID"), os.getenv("FAL_KEY_SECRET")
        key = os.getenv("FAL_KEY") or (f"{pair[0]}:{pair[1]}" if all(pair) else None)
        if not key:
            raise ConfigurationError(
                "no API key: set FAL_KEY (or FAL_KEY_ID and FAL_KEY_SECRET), or pass key=…; "
                "https://fal.ai/dashboard/keys makes one"
            )
        return cls(key)

    def __repr__(self) -> str:
        return "Key(…)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key cannot be pickled or copied")

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Put the key into the request (called by httpx)."""
        request.headers["Authorization"] = f"Key {self._value}"
        yield request


class Connection:
    """The addresses, the key, and one pool of connections for threads and one per event loop."""

    def __init__(
        self,
        addresses: Addresses = NOWHERE,
        *,
        key: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        http_client: httpx.Client | None = None,
        async_http_client: httpx.AsyncClient | None = None,
    ) -> None:
        self.addresses = addresses
        self.lost_streams = 0
        """How many streams of states in a row did not come through."""
        self.usual: dict[str, float] = {}
        """The seconds that a job of an endpoint takes, as far as earlier ones showed."""
        self._key = None if key is None else Key(key)
        self._timeout = timeout
        self._given, self._given_async = http_client, async_http_client
        self._pool: httpx.Client | None = None
        self._pools: WeakKeyDictionary[
            AbstractEventLoop, tuple[httpx.AsyncClient, AsyncGenerator[object, None]]
        ] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def client(self) -> httpx.Client:
        """Return the HTTP client for blocking calls, opened at first use."""
        with self._lock:
            if self._given is not None:
                return self._given
            if self._pool is None:
                self._pool = httpx.Client(limits=_LIMITS, verify=_tls())
            return self._pool

    @property
    def has_given_client(self) -> bool:
        """Return whether the caller's own HTTP client carries the blocking calls."""
        return self._given is not None

    def async_client(self) -> httpx.AsyncClient:
        """Return the HTTP client for the running event loop."""
        return self.loop_client() if self._given_async is None else self._given_async

    def loop_client(self) -> httpx.AsyncClient:
        """Return the running event loop's own HTTP client, opened at first use there."""
        from asyncio import get_running_loop  # here, because blocking callers never need asyncio

        loop = get_running_loop()
        with self._lock:
            if loop not in self._pools:
                # A pool refers to its loop, so the mapping alone would keep both for ever.
                for ended in [one for one in self._pools if one.is_closed()]:
                    del self._pools[ended]
                pool = _pool()
                try:
                    pool.__anext__().send(None)
                except StopIteration as first:  # which is how it gives what it yields
                    self._pools[loop] = first.value, pool
            return self._pools[loop][0]

    def close(self) -> None:
        """Close the connections of blocking calls; a given HTTP client is its owner's to close."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()

    async def aclose(self) -> None:
        """Close the connections of the running event loop, and those of blocking calls."""
        from asyncio import get_running_loop

        self.close()
        with self._lock:
            pool = self._pools.pop(get_running_loop(), None)
        if pool is not None:
            await pool[0].aclose()

    def request(
        self,
        http: httpx.Client | httpx.AsyncClient,
        call: Call,
        body: bytes | Iterable[bytes] | AsyncIterable[bytes],
    ) -> httpx.Request:
        """Return `call`, with its body opened, as a request of `http`."""
        limits = (
            inf if call.patient else self._timeout,
            inf if call.timeout is None else call.timeout,
            max(call.end - time.monotonic(), 0.001),
        )
        seconds = None if min(limits) == inf else min(limits)
        return http.build_request(
            call.method,
            call.url,
            headers={"User-Agent": "fal-endpoints (python)", **call.headers},
            content=body,
            timeout=httpx.Timeout(seconds, connect=min(*limits, _CONNECT_TIMEOUT)),
        )

    def key_for(self, call: Call) -> Key | None:
        """Return the key if `call` is to carry it, which goes to none but our own addresses."""
        if not call.keyed:
            return None
        if not any(same_origin(call.url, address) for address in self.addresses):
            host = httpx.URL(call.url).host
            raise ConfigurationError(f"the key is not for {host}: not sent", call.about)
        if self._key is None:
            self._key = Key.from_environment()
        return self._key


async def _pool() -> AsyncGenerator[httpx.AsyncClient, None]:
    # A generator, because `asyncio.run` ends those that are left over, which closes the pool.
    pool = httpx.AsyncClient(limits=_LIMITS, verify=_tls())
    try:
        yield pool
    finally:
        await pool.aclose()


@cache
def _tls() -> SSLContext:
    # Once, because reading the certificates takes longer than a request.
    return httpx.create_ssl_context()


def same_origin(one: str, other: str) -> bool:
    """Whether two addresses have the same scheme, host and port."""
    # Most are below one another, which shows at once; to take a URL apart takes long.
    return one.startswith(f"{other}/") or _origin(one) == _origin(other)


def is_safe(address: str) -> bool:
    """Whether an address is https, or http on this machine's own loopback."""
    scheme, host, _ = _origin(address)
    if scheme == "http":
        with suppress(ValueError):
            return ip_address(host).is_loopback
        return host == "localhost"
    return scheme == "https" and bool(host)


def _origin(address: str) -> tuple[str, str, int | None]:
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL:
        return "", "", None
    return url.scheme, url.host, url.port or {"https": 443, "http": 80}.get(url.scheme)
