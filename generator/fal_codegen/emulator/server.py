"""The emulator on a socket: in a thread for tests, or in the foreground for a terminal."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import shlex
import socket
import threading
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from fal_codegen.document.price import UnitPrice
from fal_codegen.emulator.access import Access
from fal_codegen.emulator.app import create_app
from fal_codegen.emulator.document_files import OpenApiDocument
from fal_codegen.emulator.emulation import Emulation
from fal_codegen.emulator.folders import sweep
from fal_codegen.emulator.https_proxy import HttpsProxy
from fal_codegen.emulator.jobs import Queue
from fal_codegen.emulator.journal import Journal
from fal_codegen.emulator.limits import Limits
from fal_codegen.emulator.request_handling import FAULTS_HEADER
from fal_codegen.errors import UsageError
from fal_codegen.text.escaping import line

__all__ = ["Emulator", "LocalServer", "how_to_use", "serve", "serve_app"]

_LOOPBACK = "127.0.0.1"

_EVERY_ADDRESS = {"": _LOOPBACK, "0.0.0.0": _LOOPBACK, "::": "::1"}
"""Hosts that stand for every address of a machine, with the one to call on the machine itself."""

_START_TIMEOUT = 10.0
"""Seconds within which the server has to start."""


class Emulator:
    """A local fal, serving from a thread while the `with` block runs.

    Attributes:
        base_url: Its origin; fal's hosts are path prefixes of it (`/queue`, `/run`, `/rest`,
        `/api/v1`, `/files`).
        emulation: Its state.
    """

    base_url: str
    emulation: Emulation

    def __init__(
        self,
        documents: Iterable[OpenApiDocument],
        *,
        faults: str = "",
        key: str | None = None,
        listing: Mapping[str, Mapping[str, Any]] | None = None,
        prices: Mapping[str, UnitPrice] | None = None,
        host: str = _LOOPBACK,
        port: int = 0,
        package: str = "fal_endpoints",
        allow_hosts: Iterable[str] = (),
        allow_origins: Iterable[str] = (),
        limits: Limits | None = None,
        replay: Callable[[ASGIApp], ASGIApp] | None = None,
    ) -> None:
        """Create an emulator for these documents.

        Args:
            documents: See `Emulation`, as for `faults`, `key`, `listing` and `package`.
            faults: Directives for every request.
            key: The only accepted key.
            listing: Metadata of endpoints for the catalogue.
            prices: The prices of endpoints, by id; others cost 0.01 US dollars per image.
            host: Address to listen on; anything but loopback lets others in.
            port: Port to listen on; 0 for a free one.
            package: Import name of the Python client in the playground's examples.
            allow_hosts: Names of hosts that may be called, besides `host` and this machine's.
            allow_origins: Origins of web pages, besides its own, that may call it.
            limits: How much is kept.
            replay: Answers some requests from recordings; see `cassette.replaying`.

        Raises:
            DocumentError: A document does not describe a fal endpoint, or two describe the same.
            UsageError: The faults, a host or an origin is invalid.
        """
        self.emulation = Emulation(
            documents,
            faults=faults,
            key=key,
            listing=listing,
            prices=prices,
            package=package,
            limits=limits,
        )
        self._address = (host, port)
        self._access = Access.of(host, allow_hosts, allow_origins)
        self._replay = replay

    @property
    def journal(self) -> Journal:
        """Every request so far."""
        return self.emulation.journal

    @property
    def queue(self) -> Queue:
        """Every job so far."""
        return self.emulation.queue

    def emulate(self, directives: str) -> None:
        """Apply directives from now on, as `faults` describes them. Raises UsageError."""
        self.emulation.faults.add(directives)

    @contextlib.contextmanager
    def https_proxy(self) -> Iterator[HttpsProxy]:
        """Let programs reach this emulator at fal's own addresses, while the `with` block runs.

        They do if they run with the variables in `environment` of the proxy.
        """
        with HttpsProxy() as proxy, self._server.behind(proxy):
            yield proxy

    def reset(self) -> None:
        """Return to the initial state: no jobs, no files, an empty journal, the initial faults."""
        self.emulation.reset()

    def __enter__(self) -> Emulator:
        sweep()
        app = create_app(self.emulation, self._access, self._replay)
        host, port = self._address
        largest = self.emulation.limits.body
        self._server = LocalServer(app, host=host, port=port, largest_message=largest)
        self.base_url = self._server.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.stop()
        self.emulation.files.clear()


class LocalServer:
    """An application on a socket, served from a thread.

    Args:
        app: The application.
        host: Address to listen on.
        port: Port to listen on; 0 for a free one.
        largest_message: Bytes of a WebSocket message.
        closing: Called in the thread's event loop when the server stops.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        host: str = _LOOPBACK,
        port: int = 0,
        largest_message: int = Limits.body,
        closing: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._address = (host, port)
        self._server = _ThreadServer(_config(app, largest_message), closing)

    def start(self) -> str:
        """Start to serve; return the origin. Raises UsageError if the address is not available."""
        listener = _listen(*self._address)
        self._thread = threading.Thread(
            target=self._server.run, args=([listener],), name="fal-emulator", daemon=True
        )
        self._thread.start()
        if not self._server.ready.wait(_START_TIMEOUT):
            raise RuntimeError(f"the emulator did not start within {_START_TIMEOUT:.0f} s")
        return _base_url(self._address[0], listener)

    @contextlib.contextmanager
    def behind(self, proxy: HttpsProxy) -> Iterator[None]:
        """Serve what arrives at a proxy too, while the `with` block runs."""
        loop = self._server.loop
        ending = asyncio.Event()
        serving = asyncio.run_coroutine_threadsafe(self._server.serve_until(ending, proxy), loop)
        try:
            yield
        finally:
            loop.call_soon_threadsafe(ending.set)
            serving.result()

    def stop(self) -> None:
        """Stop without waiting for connections."""
        self._server.stop()
        self._thread.join()


class _Server(uvicorn.Server):
    """A server that connections reach through its socket, and through a proxy."""

    def __init__(self, config: uvicorn.Config, proxy: HttpsProxy | None = None) -> None:
        super().__init__(config)
        self._proxy = proxy

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._proxy is not None:
            self._behind = asyncio.create_task(self.serve_behind(self._proxy))

    async def serve_behind(self, proxy: HttpsProxy) -> None:
        """Serve what arrives at a proxy, until cancelled."""

        def connection() -> asyncio.Protocol:
            return _Connection(self.config, self.server_state, self.lifespan.state)

        await proxy.serve(connection)


class _ThreadServer(_Server):
    """A server that signals when it is ready, and stops without waiting for its connections.

    Attributes:
        ready: Set when it serves.
        loop: Its event loop, once it is ready.
    """

    loop: asyncio.AbstractEventLoop

    def __init__(
        self, config: uvicorn.Config, closing: Callable[[], Awaitable[None]] | None
    ) -> None:
        super().__init__(config)
        self.ready = threading.Event()
        self._closing = closing

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.loop = asyncio.get_running_loop()
        self.ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        if self._closing is not None:
            await self._closing()

    async def serve_until(self, ending: asyncio.Event, proxy: HttpsProxy) -> None:
        """Serve what arrives at a proxy, until an event is set."""
        serving = asyncio.create_task(self.serve_behind(proxy))
        await ending.wait()
        serving.cancel()
        await asyncio.wait([serving])

    def stop(self) -> None:
        """Stop the server, from any thread."""
        self.should_exit = self.force_exit = True


class _Connection(H11Protocol):
    """A connection that the application can close, to emulate faults.

    It uses h11, not the faster httptools, because uvicorn always installs h11.
    """

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        super().connection_made(transport)
        # asyncio does this only on sockets that name their protocol. Without it, each answer waits
        # 40 ms for the client's delayed acknowledgement.
        connection: socket.socket = transport.get_extra_info("socket")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.app_state = {**self.app_state, "close_connection": transport.close}


def serve(
    documents: Iterable[OpenApiDocument],
    *,
    host: str = "127.0.0.1",
    port: int = 8321,
    faults: str = "",
    key: str | None = None,
    listing: Mapping[str, Mapping[str, Any]] | None = None,
    prices: Mapping[str, UnitPrice] | None = None,
    package: str = "fal_endpoints",
    allow_hosts: Iterable[str] = (),
    allow_origins: Iterable[str] = (),
    replay: Callable[[ASGIApp], ASGIApp] | None = None,
    https_proxy: bool = False,
    meanwhile: Callable[[Emulation], AbstractContextManager[None]] | None = None,
) -> None:
    """Serve these documents until interrupted; print how to connect a client, and each request.

    Args:
        documents: Parsed OpenAPI documents, one per endpoint.
        host: Address to listen on; anything but loopback lets others in.
        port: Port to listen on; 0 for a free one.
        faults: Directives for every request, as `faults` describes them.
        key: The only accepted key; by default, any key is accepted.
        listing: Metadata of endpoints for the catalogue, by id.
        prices: The prices of endpoints, by id; others cost 0.01 US dollars per image.
        package: Import name of the Python client in the playground's examples.
        allow_hosts: Names of hosts that may be called, besides `host` and those of this machine.
        allow_origins: Origins of web pages, besides its own, that may call it.
        replay: Answers some requests from recordings; see `cassette.replaying`.
        https_proxy: Whether programs reach it at fal's own addresses too; see `HttpsProxy`.
        meanwhile: Returns a context to be in while the emulation is served.

    Raises:
        DocumentError: A document does not describe a fal endpoint, or two describe the same.
        UsageError: `faults`, a host or an origin is invalid, or the address is not available.
    """
    emulation = Emulation(
        documents,
        faults=faults,
        key=key,
        listing=listing,
        prices=prices,
        package=package,
    )
    access = Access.of(host, allow_hosts, allow_origins)
    sweep()
    try:
        with contextlib.nullcontext() if meanwhile is None else meanwhile(emulation):
            serve_app(
                create_app(emulation, access, replay),
                host=host,
                port=port,
                introduction=lambda base_url: how_to_use(
                    base_url, list(emulation.catalogue.endpoints)
                ),
                largest_message=emulation.limits.body,
                https_proxy=https_proxy,
            )
    finally:
        emulation.files.clear()


def serve_app(
    app: ASGIApp,
    *,
    host: str,
    port: int,
    introduction: Callable[[str], str],
    largest_message: int = Limits.body,
    https_proxy: bool = False,
) -> None:
    """Serve an application until interrupted; print an introduction, and each request.

    Args:
        app: The application.
        host: Address to listen on.
        port: Port to listen on; 0 for a free one.
        introduction: Returns what to print first, for the origin of the server.
        largest_message: Bytes of a WebSocket message.
        https_proxy: Whether programs reach it at fal's own addresses too; see `HttpsProxy`.

    Raises:
        UsageError: The address is not available.
    """
    listener = _listen(host, port)
    proxy = HttpsProxy() if https_proxy else None
    with proxy or contextlib.nullcontext():
        print(introduction(_base_url(host, listener)), flush=True)
        if proxy is not None:
            print(_how_to_use_proxy(proxy), flush=True)
        _run(listener, app, largest_message, proxy)


def _run(
    listener: socket.socket, app: ASGIApp, largest_message: int, proxy: HttpsProxy | None
) -> None:
    requests_log = logging.getLogger("uvicorn.access")
    requests_log.addHandler(logging.StreamHandler())
    config = _config(app, largest_message, log_level="info", access_log=True)
    with contextlib.suppress(KeyboardInterrupt):  # uvicorn raises the signal that stopped it again
        _Server(config, proxy).run([listener])


def how_to_use(base_url: str, endpoint_ids: Sequence[str]) -> str:
    """Return a few lines on how to connect a client to an emulator."""
    example = line(endpoint_ids[0]) if endpoint_ids else "ENDPOINT_ID"
    count = "1 endpoint" if len(endpoint_ids) == 1 else f"{len(endpoint_ids)} endpoints"
    return f"""\
fal is emulated at {base_url} ({count}). Any key will do, such as FAL_KEY=any.

  a browser       {base_url}/playground/
  fal_endpoints   Fal(base_url="{base_url}"), or FAL_BASE_URL={base_url}
  @fal-ai/client  fal.config({{ credentials: "any",
                               proxyUrl: {{ url: "{base_url}/", when: "always" }} }})
  fal-client      fal_client.client.QUEUE_URL_FORMAT = "{base_url}/queue/"
                  fal_client.client.RUN_URL_FORMAT = "{base_url}/run/"
                  fal_client.client.REALTIME_URL_FORMAT = "{base_url.replace("http", "ws", 1)}/run/"
                  fal_client.client.REST_URL = "{base_url}/rest"
                  fal_client.client.CDN_URL = "{base_url}"
  fal-codegen     fal-codegen search --catalogue {base_url}/api/v1/models
  curl            curl -H "Authorization: Key any" {base_url}/queue/{example} -d @input.json

Ask for faults with a header, for example "{FAULTS_HEADER}: running=5, logs=20"."""


def _how_to_use_proxy(proxy: HttpsProxy) -> str:
    """Return the variables that lead a program to a proxy, as lines for a POSIX shell."""
    exports = (f"  export {name}={shlex.quote(value)}" for name, value in proxy.environment.items())
    return "\n".join(("\nOther programs reach it at fal's own addresses, with:\n", *exports, ""))


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens on an address. Raises UsageError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    hint = "choose an address of this machine, such as --host 127.0.0.1"
    try:
        return socket.create_server((host, port), family=family)
    except UnicodeError:
        reason = "this is not the name of a host"
    except OSError as error:
        # `create_server` adds the address, which is in the message already.
        reason = str(error.strerror).partition(" (while ")[0]
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            hint = "choose another port; --port 0 selects a free one"
    raise UsageError(f"cannot listen on {host} port {port}: {reason}", hint=hint)


def _base_url(host: str, listener: socket.socket) -> str:
    """Return the origin of a server that listens on this socket, for clients on this machine."""
    name = _EVERY_ADDRESS.get(host, host)
    authority = f"[{name}]" if ":" in name else name
    return f"http://{authority}:{listener.getsockname()[1]}"


def _config(
    app: ASGIApp, largest_message: int, *, log_level: str = "error", access_log: bool = False
) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=_Connection,
        ws="websockets-sansio",
        ws_max_size=largest_message,
        loop="asyncio",
        lifespan="off",
        log_config=None,
        log_level=log_level,
        access_log=access_log,
    )
