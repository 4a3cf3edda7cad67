"""How requests get out: addresses, the key, and pools of HTTP connections."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Generator, Iterable
from functools import cache, lru_cache
from ipaddress import IPv4Address, ip_address
from math import inf
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn
from weakref import WeakKeyDictionary, finalize

import httpx

from .errors import ConfigurationError
from .forks import renew_in_children
from .io import Call, Unacceptable
from .pools import open_async_client, open_client
from .text import short

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

DEFAULT_TIMEOUT = 120.0  # seconds for one network operation
_CONNECT_TIMEOUT = 10.0


class Addresses(NamedTuple):
    """Where fal's services are, without a trailing slash."""

    queue: str
    run: str
    rest: str
    allow_http: bool = False
    """Whether hosts beyond loopback may be reached without encryption."""

    @classmethod
    def configured(
        cls,
        base: str | None = None,
        queue: str | None = None,
        run: str | None = None,
        rest: str | None = None,
        allow_http: bool | None = None,
    ) -> Addresses:
        """Return the addresses that arguments, then the environment, then fal's defaults give.

        Within each, a single host's setting goes before the base. `FAL_RUN_HOST` and
        `FAL_QUEUE_RUN_HOST` mean what they mean to fal-client.
        """
        if allow_http is None:
            allow_http = os.getenv("FAL_ALLOW_HTTP", "").lower() in ("1", "true", "yes", "on")
        if base is None:
            run_host, queue_host = os.getenv("FAL_RUN_HOST"), os.getenv("FAL_QUEUE_RUN_HOST")
            queue_host = queue_host or (run_host and f"queue.{run_host}")
            run = run or (run_host and f"https://{run_host}")
            queue = queue or (queue_host and f"https://{queue_host}")
            base = os.getenv("FAL_BASE_URL")
        base = base and base.rstrip("/")
        addresses = (
            (queue or (f"{base}/queue" if base else "https://queue.fal.run")).rstrip("/"),
            (run or (f"{base}/run" if base else "https://fal.run")).rstrip("/"),
            (rest or (f"{base}/rest" if base else "https://rest.fal.ai")).rstrip("/"),
        )
        configured = cls(*addresses, allow_http)
        for address in addresses:
            if "@" in address.partition("://")[2].partition("/")[0]:
                # Not shown here, and else shown in logs and errors.
                raise ConfigurationError(
                    "an address of fal holds a user name or password, which the key takes the "
                    "place of: remove it from base_url or FAL_BASE_URL"
                )
            if not configured.accepts(address):
                raise ConfigurationError(_rejection(address))
        return configured

    @property
    def server(self) -> str:
        """The name of the queue's host; loopback is one host, whatever the port."""
        host = _origin(self.queue)[1]
        return "localhost" if is_loopback(host) else host

    def accepts(self, url: str) -> bool:
        """Return whether a request may go to a URL: https, or http where that is allowed."""
        scheme, host, _ = _origin(url)
        if scheme == "http":
            return bool(host) and (self.allow_http or is_loopback(host))
        return scheme == "https" and bool(host)


def _rejection(address: str) -> str:
    if _origin(address)[0] == "http":
        return (
            f"{short(address)} is not encrypted: use https://, or allow http:// beyond loopback "
            "with allow_http=True or FAL_ALLOW_HTTP=1"
        )
    return (
        f"{short(address)} must start with https:// (http:// is allowed on loopback only): "
        "check base_url and FAL_BASE_URL"
    )


class Key(httpx.Auth):
    """The API key, added to a request at the last moment and shown nowhere.

    No function holds the text in a local variable while it raises: an error report may show those.
    """

    def __init__(self, key: str) -> None:
        self._value = key.strip()

    @classmethod
    def from_environment(cls) -> Key:
        """Return the key that the environment gives."""
        key = cls(os.getenv("FAL_KEY") or _key_of_two_parts())
        if not key._value:
            raise ConfigurationError(
                "no API key: set FAL_KEY (or FAL_KEY_ID and FAL_KEY_SECRET), or pass key=…; "
                "https://fal.ai/dashboard/keys makes one"
            )
        key.check()
        return key

    def check(self) -> None:
        """Raise ConfigurationError if the key cannot be one."""
        # httpx would refuse such a header too, but with a message that shows it.
        if not re.fullmatch(r"[!-~]+", self._value):
            raise ConfigurationError("the API key is empty, or has characters that no key has")

    def __repr__(self) -> str:
        return "Key(…)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key cannot be pickled or copied")

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Put the key into the request (called by httpx)."""
        request.headers["Authorization"] = f"Key {self._value}"
        yield request


def _key_of_two_parts() -> str:
    pair = os.getenv("FAL_KEY_ID"), os.getenv("FAL_KEY_SECRET")
    return f"{pair[0]}:{pair[1]}" if all(pair) else ""


class _AsyncPool(NamedTuple):
    client: httpx.AsyncClient
    owner: AsyncGenerator[httpx.AsyncClient, None]
    """Closes the client when it is closed."""
    close: finalize[..., Any]
    """Closes it when the connection goes."""


class Connection:
    """The addresses, the key, and pools of connections: for threads, and for each event loop.

    A pool reaches loopback, or all other hosts, where the environment may ask for a proxy. It
    belongs to one process: a child that is forked off opens its own.
    """

    def __init__(
        self,
        addresses: Addresses,
        *,
        key: Key | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        http_client: httpx.Client | None = None,
        async_http_client: httpx.AsyncClient | None = None,
    ) -> None:
        self.addresses = addresses
        self.lost_streams = 0
        """How many streams of states in a row did not come through."""
        self.usual: dict[str, float] = {}
        """The seconds that a job of an endpoint takes, as far as earlier ones showed."""
        self._key = key
        self._timeout = timeout
        self._given, self._given_async = http_client, async_http_client
        self._lock = threading.Lock()
        self._pools: dict[bool, tuple[httpx.Client, Callable[[], object]]] = {}
        self._async_pools: WeakKeyDictionary[AbstractEventLoop, dict[bool, _AsyncPool]] = (
            WeakKeyDictionary()
        )
        renew_in_children(self)

    def renew(self) -> None:
        """Start without connections, in a child process."""
        # Kept, because whatever closes them might wait for a lock, or speak to the parent's peer.
        _inherited.append((self._pools, self._async_pools))
        self._lock = threading.Lock()
        self._pools, self._async_pools = {}, WeakKeyDictionary()

    def client(self, url: httpx.URL) -> httpx.Client:
        """Return the HTTP client for blocking calls to a URL, opened at first use."""
        with self._lock:
            if self._given is not None:
                return self._given
            is_direct = is_loopback(url.host)
            if is_direct not in self._pools:
                pool = open_client(is_direct=is_direct)
                # When this connection goes, or the process ends, whichever is first.
                close = finalize(self, _close_here, pool, os.getpid())
                self._pools[is_direct] = pool, close
            return self._pools[is_direct][0]

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
                for ended in [one for one in self._async_pools if one.is_closed()]:
                    for pool in self._async_pools.pop(ended).values():
                        pool.close.detach()
                self._async_pools[loop] = {}
            pools, is_direct = self._async_pools[loop], is_loopback(url.host)
            if is_direct not in pools:
                owner = open_async_client(is_direct=is_direct)
                try:
                    owner.__anext__().send(None)
                except StopIteration as first:  # which is how it gives what it yields
                    close = finalize(self, _close_on_loop, loop, owner, os.getpid())
                    close.atexit = False
                    pools[is_direct] = _AsyncPool(first.value, owner, close)
            return pools[is_direct].client

    def close(self) -> None:
        """Close the connections of blocking calls; a given HTTP client is its owner's to close."""
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

    def request(
        self,
        client: Callable[[httpx.URL], httpx.Client | httpx.AsyncClient],
        call: Call,
        body: bytes | Iterable[bytes] | AsyncIterable[bytes],
    ) -> httpx.Request:
        """Return `call`, with its body opened, as a request of the client for its URL."""
        limits = (
            inf if call.patient else self._timeout,
            inf if call.timeout is None else call.timeout,
            max(call.end - time.monotonic(), 0.001),
        )
        seconds = None if min(limits) == inf else min(limits)
        headers = {
            "User-Agent": "fal-endpoints (python)",
            # What is read as it comes should not wait in a compressor.
            "Accept-Encoding": "identity" if call.streamed else "gzip",
            **call.headers,
        }
        try:
            url = httpx.URL(call.url)
            return client(url).build_request(
                call.method,
                url,
                headers=headers,
                content=body,
                timeout=httpx.Timeout(seconds, connect=min(*limits, _CONNECT_TIMEOUT)),
            )
        except (httpx.InvalidURL, UnicodeError) as error:
            raise httpx.LocalProtocolError(f"it cannot be sent: {error}") from error

    def key_for(self, call: Call) -> Key | None:
        """Return the key if `call` is to carry it, which goes to none but our own addresses."""
        if not call.keyed:
            return None
        if not any(same_origin(call.url, address) for address in self.addresses[:3]):
            host = httpx.URL(call.url).host
            raise ConfigurationError(f"the key is not for {host}: not sent", call.about)
        if self._key is None:
            self._key = Key.from_environment()
        return self._key


_inherited: list[object] = []
"""The pools of the process that this one was forked off, which are not to be closed here."""


def _close_here(pool: httpx.Client, process: int) -> None:
    """Close a pool, unless this is a child of the process that opened it."""
    if os.getpid() == process:
        pool.close()


def _close_on_loop(
    loop: AbstractEventLoop, owner: AsyncGenerator[httpx.AsyncClient, None], process: int
) -> None:
    """Close a pool on its loop, if that is still there, and is this process's."""
    if os.getpid() == process and not loop.is_closed():
        loop.call_soon_threadsafe(lambda: loop.create_task(owner.aclose()))


def default_connection() -> Connection:
    """Return this process's connection to the addresses that its environment names."""
    return _connection_to(Addresses.configured())


@cache
def _connection_to(addresses: Addresses) -> Connection:
    return Connection(addresses)


def same_origin(one: str, other: str) -> bool:
    """Return whether two addresses have the same scheme, host and port."""
    # Most are below one another, which shows at once; to take a URL apart takes long.
    return one.startswith(f"{other}/") or _origin(one) == _origin(other)


def is_url(address: str) -> bool:
    """Return whether a request can be sent to an address."""
    return bool(_origin(address)[1])


@lru_cache
def is_loopback(host: str) -> bool:
    """Return whether a host, as a URL names it, is this machine's own loopback."""
    host = host.lower().rstrip(".")
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost"
    mapped = None if isinstance(address, IPv4Address) else address.ipv4_mapped
    return (mapped or address).is_loopback


_MOST_REDIRECTS = 10


def check_redirect(response: httpx.Response, following: httpx.Request, followed: int) -> None:
    """Raise Unacceptable if an answer's redirect, after so many, is not to be followed."""
    was_encrypted = response.request.url.scheme == "https"
    if following.url.scheme not in (("https",) if was_encrypted else ("http", "https")):
        raise Unacceptable(f"a redirect to {following.url.scheme}:// is not followed")
    if followed == _MOST_REDIRECTS:
        raise Unacceptable(f"the request was redirected more than {_MOST_REDIRECTS} times")


def _origin(address: str) -> tuple[str, str, int | None]:
    try:
        url = httpx.URL(address)
        return url.scheme, url.host, url.port or {"https": 443, "http": 80}.get(url.scheme)
    except (httpx.InvalidURL, ValueError):  # ValueError: characters that cannot be encoded
        return "", "", None
