"""Serving tools: over standard input and output, or over HTTP."""

from __future__ import annotations

import hmac
import os
import secrets
import socket
import sys
from typing import Any

import anyio
import uvicorn
from mcp.server import Server
from mcp.server.stdio import stdio_server
from starlette.types import ASGIApp, Receive, Scope, Send

from ..client import Client
from ..errors import ConfigurationError
from .server import ToolServer
from .settings import Address, Settings

TOKEN = "FAL_MCP_TOKEN"
"""The variable with the token that HTTP clients send."""

PATH = "/mcp"


def serve(client: Client, settings: Settings) -> None:
    """Serve tools until the agent's client leaves, or until the process is interrupted.

    Raises:
        ConfigurationError: A setting cannot be used.
        OSError: The address cannot be used.
    """
    server = ToolServer(client, settings).protocol()
    if settings.http is None:
        anyio.run(_serve_stdio, server, client)
        return
    token = os.environ.get(TOKEN) or secrets.token_urlsafe(32)
    if not token.isascii() or not token.isprintable() or " " in token:
        raise ConfigurationError(f"{TOKEN} should be printable ASCII without spaces")
    with listening(settings.http) as listener:
        host, port = listener.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        print(f"serving http://{shown}:{port}{PATH}", file=sys.stderr)
        if not os.environ.get(TOKEN):
            print(f"token: {token}", file=sys.stderr)
        anyio.run(serve_http, server, client, listener, settings.http.host, token)


async def _serve_stdio(server: Server[Any], client: Client) -> None:
    async with client, stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())


def listening(address: Address) -> socket.socket:
    """Return a socket that listens at an address. Raises OSError if that is impossible."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        return socket.create_server((address.host, address.port), family=family)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OSError(f"cannot listen at {address.host}, port {address.port}: {reason}") from error


async def serve_http(
    server: Server[Any], client: Client, listener: socket.socket, host: str, token: str
) -> None:
    """Serve streamable HTTP on a socket, for clients that send the token."""
    app = TokenRequired(server.streamable_http_app(streamable_http_path=PATH, host=host), token)
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=_GRACE)
    async with client:
        await uvicorn.Server(config).serve([listener])


_GRACE = 10  # seconds in which calls cancel their jobs


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
