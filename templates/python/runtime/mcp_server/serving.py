"""Serving tools: over standard input and output, or over HTTP."""

from __future__ import annotations

import hmac
import os
import secrets
import signal
import socket
import sys
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from functools import partial
from typing import Any

import anyio
import uvicorn
from mcp.server.stdio import stdio_server
from starlette.types import ASGIApp, Receive, Scope, Send

from ..client import Client
from ..errors import ConfigurationError
from .server import ToolServer
from .settings import Address, Settings

TOKEN = "FAL_MCP_TOKEN"
"""The variable with the token that HTTP clients send."""

PATH = "/mcp"


def serve(client: Client, settings: Settings) -> int:
    """Serve tools until the agent's client leaves or a signal arrives; return the exit code.

    Raises:
        ConfigurationError: A setting cannot be used.
        OSError: The address cannot be used.
    """
    server = ToolServer(client, settings)
    if settings.http is None:
        return anyio.run(_serve_stdio, server)
    token = os.environ.get(TOKEN) or secrets.token_urlsafe(32)
    if not token.isascii() or not token.isprintable() or " " in token:
        raise ConfigurationError(f"{TOKEN} should be printable ASCII without spaces")
    with listening(settings.http) as listener:
        host, port = listener.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        print(f"serving http://{shown}:{port}{PATH}", file=sys.stderr)
        if not os.environ.get(TOKEN):
            print(f"token: {token}", file=sys.stderr)
        return anyio.run(serve_http, server, listener, settings.http.host, token)


async def _serve_stdio(server: ToolServer) -> int:
    protocol = server.protocol()
    options = protocol.create_initialization_options()
    async with server.client, stdio_server() as (incoming, outgoing):
        code = await _until_stopped(partial(protocol.run, incoming, outgoing, options), server)
        if code:
            # A thread of the SDK still reads standard input, and Python would wait for it.
            os._exit(code)
    return code


def listening(address: Address) -> socket.socket:
    """Return a socket that listens at an address. Raises OSError if that is impossible."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        return socket.create_server((address.host, address.port), family=family)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OSError(f"cannot listen at {address.host}, port {address.port}: {reason}") from error


async def serve_http(server: ToolServer, listener: socket.socket, host: str, token: str) -> int:
    """Serve streamable HTTP on a socket, for clients that send the token."""
    app = server.protocol().streamable_http_app(streamable_http_path=PATH, host=host)
    config = uvicorn.Config(
        TokenRequired(app, token),
        ws="none",
        log_level="critical",
        timeout_graceful_shutdown=_GRACE,
    )
    http = _HttpServer(config)

    def end() -> None:
        http.should_exit = True

    async with server.client:
        return await _until_stopped(partial(http.serve, [listener]), server, end)


class _HttpServer(uvicorn.Server):
    """Leaves signals to `_until_stopped`."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        if sys.platform == "win32":
            with super().capture_signals():
                yield
        else:
            yield


async def _until_stopped(
    run: Callable[[], Coroutine[Any, Any, None]],
    server: ToolServer,
    end: Callable[[], None] | None = None,
) -> int:
    """Serve until all clients have left or a signal arrives, and return the exit code.

    Args:
        run: Serves.
        server: Cancels the jobs of running calls after a signal.
        end: Makes `run` return; it is cancelled if this is left out.
    """
    if sys.platform == "win32":  # where an event loop receives no signals
        await run()
        return 0
    code = 0
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with anyio.create_task_group() as group:

            async def run_to_its_end() -> None:
                await run()
                group.cancel_scope.cancel()

            group.start_soon(run_to_its_end)
            async for number in signals:
                code = 128 + number  # the convention of shells
                await server.stop()
                (end or group.cancel_scope.cancel)()
                break
    return code


_GRACE = 2  # seconds in which responses reach clients that still listen


class TokenRequired:
    """Passes on the requests that have the token, and answers others with 401."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] == "lifespan" or self._is_authorized(scope):
            await self._app(scope, receive, send)
            return
        headers = [(b"www-authenticate", b"Bearer"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 401, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    def _is_authorized(self, scope: Scope) -> bool:
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        return len(given) == 1 and hmac.compare_digest(given[0], self._expected)
