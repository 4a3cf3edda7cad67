"""A realtime session: inputs and outputs over one connection after the other.

A connection is opened when an input needs one, each with a token of its own. It is read to its end,
even after a newer one was opened. An input that was sent is never sent again, unless its caller
allows that.

This module is imported at first use, because it imports asyncio and packages of an extra.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any, Generic

from typing_extensions import assert_never

from ..errors import (
    ClientTimeoutError,
    ConfigurationError,
    ConnectionFailed,
    Subject,
    SubmissionUncertain,
    UnexpectedResponse,
)
from ..log import logger
from ..transport.io import NEVER, HttpRequest, Io
from ..transport.websocket import Closed, HandshakeIo, WebSocket
from .bound_endpoint import BoundEndpoint, OutputT
from .option_headers import headers_of, with_defaults
from .policies import HANDSHAKE
from .realtime_exchange import Exchange, Sent
from .realtime_messages import Failure, Notice, Output, Unauthorized, encode, parse
from .responses import body_of, checked, interpreted
from .retry import deliver, pause_after
from .subjects import with_response
from .tokens import Token, create_token
from .uploads import with_files_uploaded

MOST_BUFFERED = 60
"""The most inputs that fal lets wait (source: both official clients)."""

_TOKEN_LASTS = 120  # seconds, as in both official clients; it only opens the connection
_INLINE_BYTES = 10 * 1024 * 1024  # an upload takes longer than a message with the file in it


class Ended(Enum):
    """The server ended a connection, and no output is missing."""

    ENDED = "ended"


@dataclass(frozen=True)
class _Link:
    """One connection."""

    websocket: WebSocket
    exchange: Exchange
    subject: Subject


class Conversation(Generic[OutputT]):
    """A realtime session with an endpoint. All methods have to run on one event loop.

    Args:
        endpoint: The endpoint.
        max_buffering: The inputs that may wait; the app's own limit if left out.
        idempotent: Whether inputs may be sent again after a lost connection.
    """

    def __init__(
        self, endpoint: BoundEndpoint[OutputT], max_buffering: int | None, idempotent: bool
    ) -> None:
        self._endpoint = endpoint
        self._max_buffering = max_buffering
        self._kept = (max_buffering or MOST_BUFFERED) + 1 if idempotent else 0
        self._links = deque[_Link]()
        """Connections that were not read to their end; inputs go to the last one."""
        self._changed, self._over = asyncio.Condition(), asyncio.Event()
        self._opening, self._receiving = asyncio.Lock(), asyncio.Lock()

    def is_over(self) -> bool:
        """Return whether the session was closed."""
        return self._over.is_set()

    async def open(self, io: Io) -> None:
        """Open the first connection."""
        await self._open_link(io)

    async def send(self, io: Io, arguments: dict[str, Any]) -> None:
        """Send an input, with its local files inside."""
        subject = self._endpoint.subject()
        payload = await with_files_uploaded(
            io,
            arguments,
            self._endpoint.connection,
            subject,
            NEVER,
            self._endpoint.connection.defaults,
            inline_bytes=_INLINE_BYTES,
        )
        await self._write(io, Sent(encode(payload, subject)))

    async def receive(self, io: Io, client_timeout: float | None) -> OutputT:
        """Return the next output, of this connection or a later one."""
        try:
            return await asyncio.wait_for(self._next_output(io), client_timeout)
        except asyncio.TimeoutError:
            message = f"no output within {client_timeout} seconds"
            raise ClientTimeoutError(message, self._endpoint.subject()) from None

    async def close(self) -> None:
        """Close the connections. Whoever waits for an output stops waiting."""
        self._over.set()
        async with self._changed:
            self._changed.notify_all()
        await asyncio.gather(*(link.websocket.close() for link in self._links))

    async def next(self, io: Io) -> OutputT | Ended:
        """Return the next output, or that the connection or the session ended."""
        async with self._receiving:
            while not self._over.is_set():
                link = await self._first_link()
                if link is None:
                    break
                try:
                    message = await link.websocket.receive()
                except Closed as closed:
                    if self._over.is_set() or await self._leave(io, link, closed):
                        break
                    continue
                read = interpreted(partial(parse, subject=link.subject), message, link.subject)
                match read:
                    case Output(payload):
                        link.exchange.add_output()
                        return self._endpoint.parse(payload, link.subject)
                    case Failure(error):
                        link.exchange.add_output(has_failed=True)
                        raise error
                    case Unauthorized(error):
                        await link.websocket.close()
                        if not link.exchange.has_output:  # so it is not a token that has expired
                            link.exchange.add_output(has_failed=True)
                            raise error
                        if await self._leave(io, link, Closed("its token has expired", False)):
                            break
                    case Notice():
                        pass
                    case _:
                        assert_never(read)
            return Ended.ENDED

    async def _next_output(self, io: Io) -> OutputT:
        while True:
            output = await self.next(io)
            if output is not Ended.ENDED:
                return output
            if self._over.is_set():
                raise self._closed()

    async def _first_link(self) -> _Link | None:
        """Wait for a connection to read from; return None once the session is closed."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._links or self._over.is_set())
        return None if self._over.is_set() else self._links[0]

    async def _leave(self, io: Io, link: _Link, closed: Closed) -> bool:
        """Leave a connection that was read to its end; return whether there is no other one.

        Raises:
            SubmissionUncertain: Inputs were left without an output, and must not be sent again.
            ConnectionFailed: The connection broke, or broke too often with the same input.
        """
        exchange, subject = link.exchange, link.subject
        uncertain = exchange.uncertain(is_complete=closed.is_normal)
        if uncertain and exchange.unanswered:
            await self._send_again(io, link, closed)
            return False
        self._links.remove(link)
        if uncertain:
            inputs = "1 input" if uncertain == 1 else f"{uncertain} inputs"
            raise SubmissionUncertain(
                f"the connection ended ({closed}) before the output of {inputs}; "
                "each may have been processed, so none was sent again",
                subject,
            )
        if not (closed.is_normal or exchange.has_failed or self._links):
            raise ConnectionFailed(f"the connection broke ({closed})", subject)
        return not self._links

    async def _send_again(self, io: Io, link: _Link, closed: Closed) -> None:
        """Send the inputs that a connection leaves behind on another one, and remove it."""
        unanswered, retries = link.exchange.unanswered, io.tuning.retries
        while unanswered:
            message, attempt = unanswered[0]
            if attempt >= retries.attempts:
                self._links.remove(link)
                raise ConnectionFailed(
                    f"the connection broke {attempt} times before the output ({closed})",
                    link.subject,
                )
            await asyncio.sleep(pause_after(retries, attempt))
            await self._write(io, Sent(message, attempt + 1))
            unanswered.popleft()
        self._links.remove(link)

    async def _write(self, io: Io, sent: Sent) -> None:
        link = await self._open_link(io)
        # From here to the first byte nothing else runs, so the connection is still open.
        link.exchange.add_input(sent)
        try:
            await link.websocket.send(sent.message)
        except Closed as closed:
            if self._kept:
                return  # whoever receives sends it again
            link.exchange.remove_input()
            raise SubmissionUncertain(
                f"the connection broke while the input was sent ({closed}); "
                "it may have been processed, so it was not sent again",
                link.subject,
            ) from closed

    async def _open_link(self, io: Io) -> _Link:
        """Return the connection for inputs; open one if there is none."""
        async with self._opening:
            if self._over.is_set():
                raise self._closed()
            if self._links and self._links[-1].websocket.is_open:
                return self._links[-1]
            link = await self._connect(io)
            if self._over.is_set():  # in the meantime
                await link.websocket.close()
                raise self._closed()
            self._links.append(link)
            async with self._changed:
                self._changed.notify_all()
            return link

    async def _connect(self, io: Io) -> _Link:
        endpoint, subject = self._endpoint, self._endpoint.subject()
        connection = endpoint.connection
        apps = [endpoint.endpoint_id]
        token = Token(await create_token(io, apps, _TOKEN_LASTS, connection, subject))
        path = endpoint.endpoint_id.removesuffix("/realtime") + "/realtime"
        url = f"ws{connection.addresses.run.removeprefix('http')}/{path}"
        if self._max_buffering is not None:
            url += f"?max_buffering={self._max_buffering}"
        handshake = HandshakeIo(connection.pools)
        headers = headers_of(with_defaults({}, connection.defaults))
        del headers["Content-Type"]  # a handshake has no body
        request = HttpRequest("GET", url, headers, auth=token, subject=subject)
        response = await deliver(handshake, request, HANDSHAKE, NEVER)
        if handshake.websocket is None:
            body = body_of(checked(response, subject))
            raise UnexpectedResponse("the server opened no WebSocket", body, subject)
        # Later errors are not about this response, but fal's support asks for its request id.
        subject = with_response(subject, response)._replace(response=None)
        logger.info("%s: connected", subject)
        return _Link(handshake.websocket, Exchange(self._kept), subject)

    def _closed(self) -> ConfigurationError:
        return ConfigurationError("the session is closed", self._endpoint.subject())
