"""WebSocket connections on the running event loop.

This module is imported at first use: it needs the package `websockets`, which an extra installs.
"""

from __future__ import annotations

import asyncio
import time

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import (
    ConnectionClosed,
    InvalidProxy,
    InvalidStatus,
    InvalidURI,
    WebSocketException,
)
from websockets.protocol import State

from ..errors import ConfigurationError
from ..log import logger
from ..text import line
from .event_loop import EventLoopIo
from .http_clients import tls_context
from .io import LONGEST_WAIT, HttpRequest, Policy, Unacceptable
from .permit import Permit
from .pools import Pools
from .urls import is_loopback
from .user_agent import user_agent

_CLOSING = 1.0  # seconds that closing a connection waits for the server
_NORMAL_CLOSURE = 1000  # RFC 6455, section 7.4.1

_logger = logger.getChild("websocket")
_logger.setLevel("INFO")  # below it, the package logs URLs, which hold tokens, and whole messages


class Closed(Exception):
    """The connection is closed."""

    def __init__(self, reason: str, is_normal: bool) -> None:
        super().__init__(reason)
        self.is_normal = is_normal
        """Whether the server stated that it had nothing left to do."""


class WebSocket:
    """An open WebSocket."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    @property
    def is_open(self) -> bool:
        """Whether a message can be sent; if not, `send` writes nothing."""
        return self._connection.state is State.OPEN

    async def send(self, message: bytes) -> None:
        """Send a message. Raises Closed, after which it may or may not have been written."""
        try:
            await self._connection.send(message)
        except ConnectionClosed as error:
            raise _closed(error) from error

    async def receive(self) -> str | bytes:
        """Return the next message. Raises Closed after the last one."""
        try:
            return await self._connection.recv()
        except ConnectionClosed as error:
            raise _closed(error) from error

    async def close(self) -> None:
        """Close the connection; a silent server delays this by a second."""
        await self._connection.close()


class HandshakeIo(EventLoopIo):
    """Opens a WebSocket where another `Io` sends a request.

    A handshake is an HTTP request. So it can be delivered like one: with attempts, pauses and
    verdicts. A response with the status 101 means that `websocket` is open.
    """

    def __init__(self, pools: Pools) -> None:
        super().__init__(pools)
        self.websocket: WebSocket | None = None

    async def _respond(
        self, request: HttpRequest, policy: Policy, end: float, permit: Permit | None
    ) -> httpx.Response:
        url = httpx.URL(request.url)
        seconds = min(self.tuning.timeout, end - time.monotonic())
        try:
            connection = await _Connect(
                str(_authorized(request).url),
                ssl=tls_context() if url.scheme == "wss" else None,
                proxy=None if is_loopback(url.host) else True,
                additional_headers=dict(request.headers),
                user_agent_header=user_agent(),
                compression=None,  # media are compressed already
                open_timeout=seconds if seconds < LONGEST_WAIT else None,
                close_timeout=_CLOSING,
                max_size=self.tuning.longest_event,
                max_queue=self.tuning.most_messages,
                logger=_logger,
            )
        except InvalidStatus as refusal:
            refused = refusal.response
            headers = list(refused.headers.raw_items())
            body = bytes(refused.body or b"")
            return httpx.Response(
                refused.status_code, headers=headers, content=body, request=_authorized(request)
            )
        except (InvalidProxy, ImportError) as error:
            raise ConfigurationError(
                f"the proxy setting of the environment cannot be used ({line(str(error))}): "
                "correct it, or unset it",
                request.subject,
            ) from error
        except InvalidURI:  # its message shows the whole URL
            raise Unacceptable("its URL is not one of a WebSocket") from None
        except WebSocketException as error:
            raise httpx.RemoteProtocolError(line(str(error))) from error
        except asyncio.TimeoutError as error:
            raise httpx.ConnectTimeout("no response to the handshake in time") from error
        self.websocket = WebSocket(connection)
        response = connection.response
        headers = [] if response is None else list(response.headers.raw_items())
        return httpx.Response(101, headers=headers, request=_authorized(request))


class _Connect(connect):
    """Opens a connection, and follows no redirects: inputs go to the host that the caller chose."""

    def process_redirect(self, exc: Exception) -> Exception:
        """Return the error that a response without a connection is."""
        return exc


def _authorized(request: HttpRequest) -> httpx.Request:
    """Return a request with the credentials in its URL; no variable of the caller shows them."""
    outgoing = httpx.Request(request.method, request.url)
    if request.auth is not None:
        next(request.auth.sync_auth_flow(outgoing))
    return outgoing


def _closed(error: ConnectionClosed) -> Closed:
    is_normal = error.rcvd is not None and error.rcvd.code == _NORMAL_CLOSURE
    return Closed(line(str(error)), is_normal)
