"""Serve an application on a socket: from a thread, or in the foreground."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import shlex
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from fal_codegen.emulator.limits import Limits
from fal_codegen.emulator.network.hosts import EVERY_ADDRESS, LOOPBACK
from fal_codegen.emulator.network.https_proxy import HttpsProxy
from fal_codegen.errors import UsageError

__all__ = ["LocalServer"]

_START_TIMEOUT = 10.0
"""Seconds within which the server has to start."""


class LocalServer:
    """An application on a socket.

    Args:
        app: The application.
        host: Address to listen on.
        port: Port to listen on; 0 for a free one.
        largest_message: Bytes of a WebSocket message.
        closing: Called in the server's event loop when it stops.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        host: str = LOOPBACK,
        port: int = 0,
        largest_message: int = Limits.body,
        closing: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._app = app
        self._address = (host, port)
        self._largest_message = largest_message
        self._closing = closing

    def run(self, introduction: Callable[[str], str], *, https_proxy: bool = False) -> None:
        """Serve until interrupted; print an introduction, and each request.

        Args:
            introduction: Returns what to print first, for the origin of the server.
            https_proxy: Whether programs reach it at fal's own addresses too; see `HttpsProxy`.

        Raises:
            UsageError: The address is not available.
        """
        listener = _listen(*self._address)
        proxy = HttpsProxy() if https_proxy else None
        with proxy or contextlib.nullcontext():
            print(introduction(_base_url(self._address[0], listener)), flush=True)
            if proxy is not None:
                print(_how_to_use_proxy(proxy), flush=True)
            logging.getLogger("uvicorn.access").addHandler(logging.StreamHandler())
            config = self._config(log_level="info", access_log=True)
            # uvicorn raises the signal that stopped it again.
            with contextlib.suppress(KeyboardInterrupt):
                _Server(config, self._closing, proxy).run([listener])

    def start(self) -> str:
        """Serve from a thread; return the origin. Raises UsageError as `run` does."""
        listener = _listen(*self._address)
        self._server = _Server(self._config(log_level="error"), self._closing)
        self._thread = threading.Thread(
            target=self._server.run, args=([listener],), name="fal-emulator", daemon=True
        )
        self._thread.start()
        if not self._server.ready.wait(_START_TIMEOUT):
            raise RuntimeError(f"the emulator did not start within {_START_TIMEOUT:.0f} s")
        return _base_url(self._address[0], listener)

    @contextlib.contextmanager
    def behind(self, proxy: HttpsProxy) -> Iterator[None]:
        """Serve from the thread what arrives at a proxy too, while the `with` block runs."""
        loop = self._server.loop
        ending = asyncio.Event()
        serving = asyncio.run_coroutine_threadsafe(self._server.serve_until(ending, proxy), loop)
        try:
            yield
        finally:
            loop.call_soon_threadsafe(ending.set)
            serving.result()

    def stop(self) -> None:
        """Stop the thread, without waiting for connections."""
        self._server.should_exit = self._server.force_exit = True
        self._thread.join()

    def _config(self, *, log_level: str, access_log: bool = False) -> uvicorn.Config:
        return uvicorn.Config(
            self._app,
            http=_Connection,
            ws="websockets-sansio",
            ws_max_size=self._largest_message,
            loop="asyncio",
            lifespan="off",
            log_config=None,
            log_level=log_level,
            access_log=access_log,
        )


class _Server(uvicorn.Server):
    """A server that connections reach through its socket, and through a proxy.

    Attributes:
        ready: Set when it serves.
        loop: Its event loop, once it is ready.
    """

    loop: asyncio.AbstractEventLoop

    def __init__(
        self,
        config: uvicorn.Config,
        closing: Callable[[], Awaitable[None]] | None,
        proxy: HttpsProxy | None = None,
    ) -> None:
        super().__init__(config)
        self.ready = threading.Event()
        self._closing = closing
        self._proxy = proxy

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.loop = asyncio.get_running_loop()
        if self._proxy is not None:
            self._behind = asyncio.create_task(self._serve_behind(self._proxy))
        self.ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        if self._closing is not None:
            await self._closing()

    async def serve_until(self, ending: asyncio.Event, proxy: HttpsProxy) -> None:
        """Serve what arrives at a proxy, until an event is set."""
        serving = asyncio.create_task(self._serve_behind(proxy))
        await ending.wait()
        serving.cancel()
        await asyncio.wait([serving])

    async def _serve_behind(self, proxy: HttpsProxy) -> None:
        """Serve what arrives at a proxy, until cancelled."""

        def connection() -> asyncio.Protocol:
            return _Connection(self.config, self.server_state, self.lifespan.state)

        await proxy.serve(connection)


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
    name = EVERY_ADDRESS.get(host, host)
    authority = f"[{name}]" if ":" in name else name
    return f"http://{authority}:{listener.getsockname()[1]}"
