"""An HTTP request that an ASGI server received: its body as it arrives, and the response to it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, MutableMapping
from typing import Any, TypeAlias

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Header: TypeAlias = tuple[bytes, bytes]
Send: TypeAlias = Callable[[Message], Awaitable[None]]


class Disconnected(Exception):
    """The caller left before its request was complete."""


class BodyTooLong(Exception):
    """The body of a request is longer than the limit."""


class IncomingBody:
    """The body of a request, and after it, the news that the caller has left.

    Args:
        receive: The ASGI server's function.
        limit: The most bytes that are accepted.
    """

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive, self._limit = receive, limit
        self._is_over = asyncio.Event()

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the body as it arrives.

        Raises:
            Disconnected: The caller left.
            BodyTooLong: It has more bytes than the limit.
        """
        size, has_more = 0, True
        while has_more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise Disconnected
            piece: bytes = message.get("body", b"")
            has_more = message.get("more_body", False)
            size += len(piece)
            if size > self._limit:
                raise BodyTooLong
            if piece:
                yield piece
        self._is_over.set()

    def ignore_rest(self) -> None:
        """Let `disconnection` discard whatever else arrives."""
        self._is_over.set()

    async def disconnection(self) -> None:
        """Return once the caller has left. Until the body is over, `pieces` notices that."""
        await self._is_over.wait()
        while (await self._receive())["type"] != "http.disconnect":
            pass


async def start_response(send: Send, status: int, headers: Iterable[Header]) -> None:
    """Send the status and the headers of a response."""
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})


async def send_body(send: Send, body: bytes, *, has_more: bool = False) -> None:
    """Send a piece of the body of a response."""
    await send({"type": "http.response.body", "body": body, "more_body": has_more})


async def respond(send: Send, status: int, content: object, headers: Iterable[Header]) -> None:
    """Send a complete response with JSON."""
    body = json.dumps(content).encode()
    length = (b"content-length", str(len(body)).encode())
    await start_response(send, status, [(b"content-type", b"application/json"), length, *headers])
    await send_body(send, body)
