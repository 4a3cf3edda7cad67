"""Answer requests from recordings."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Literal, TypeAlias

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fal_codegen.emulator.json_bodies import JsonResponse
from fal_codegen.emulator.recording import sending
from fal_codegen.emulator.recording.captured import recorded_request, redacted_request
from fal_codegen.emulator.recording.fal_urls import Origin, host_of, origin_of
from fal_codegen.emulator.recording.matching import Recordings
from fal_codegen.emulator.recording.operations import operation_of
from fal_codegen.emulator.recording.recordings import (
    Data,
    Digest,
    Events,
    Exchange,
    Json,
    RecordedAnswer,
    Text,
    content_of,
)
from fal_codegen.emulator.recording.redaction import Redaction
from fal_codegen.emulator.request_handling import close_connection

__all__ = ["Pace", "ReplayApp"]

Pace: TypeAlias = Literal["at-once", "recorded"]
"""Whether an answer comes at once, or after as long as it took when it was recorded."""


class ReplayApp:
    """ASGI application that answers from recordings, and others' requests with `otherwise`.

    Attributes:
        misses: Why each request without a recording has none.
    """

    def __init__(
        self,
        exchanges: Iterable[Exchange],
        *,
        pace: Pace,
        key: str | None,
        otherwise: ASGIApp | None = None,
    ) -> None:
        exchanges = list(exchanges)
        self.misses: list[str] = []
        self._recordings = Recordings(exchanges)
        self._hosts = {host_of(exchange.request.url) for exchange in exchanges}
        self._pace = pace
        self._otherwise = otherwise
        self._redaction = Redaction(key)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":  # a WebSocket
            if self._otherwise is not None:
                await self._otherwise(scope, receive, send)
            else:
                await _refuse("Realtime connections are not recorded")(scope, receive, send)
            return
        try:
            messages = await _received(receive)
        except ClientDisconnect:
            return
        content = b"".join(message.get("body", b"") for message in messages)
        here = origin_of(scope)
        http = Request(scope)
        self._redaction.learn_authorization(http.headers)
        request = redacted_request(recorded_request(http, content, here), self._redaction)
        exchange = self._recordings.take(request)
        if exchange is not None:
            await self._play(exchange.answer, here, (scope, receive, send))
        elif self._otherwise is not None:
            await self._otherwise(scope, _replayed(messages, receive), send)
        else:
            reason = self._recordings.explain(operation_of(request.method, request.url), request)
            self.misses.append(reason)
            await _refuse(reason)(scope, receive, send)

    async def _play(
        self, answer: RecordedAnswer, here: Origin, asgi: tuple[Scope, Receive, Send]
    ) -> None:
        scope, receive, send = asgi
        await self._wait(answer.after)
        if answer.ending == "dropped":
            await close_connection(scope, receive)
            return
        headers = [
            (name, here.with_urls_here(value, self._hosts) if name == "location" else value)
            for name, value in answer.headers.items()
        ]
        parts = self._parts(answer, here)
        if not isinstance(answer.body, Events):
            size = sum(len(part) for _, part in parts)
            headers += sending.content_length(answer.status, size, answer.ending)
        await sending.start(send, answer.status, headers)
        begun = 0.0
        for after, part in parts:
            await self._wait(after - begun)
            begun = after
            await sending.part(send, part)
        if answer.ending == "cut":
            await close_connection(scope, receive)
            return
        await sending.end(send)

    def _parts(self, answer: RecordedAnswer, here: Origin) -> list[tuple[float, bytes]]:
        """Return the parts of a body, each with the seconds after which it was sent."""
        match answer.body:
            case Events(events):
                return [
                    (event.after, here.with_urls_here(event.text, self._hosts).encode())
                    for event in events
                ]
            case Json() | Text():
                text = content_of(answer.body).decode()
                return [(0.0, here.with_urls_here(text, self._hosts).encode())]
            case Data() | Digest():
                return [(0.0, content_of(answer.body))]

    async def _wait(self, seconds: float) -> None:
        if self._pace == "recorded" and seconds > 0:
            await asyncio.sleep(seconds)


def _refuse(reason: str) -> JsonResponse:
    """Return an error that names itself as fal's, so that no client sends the request again."""
    headers = {"x-fal-error-type": "bad_request", "x-fal-needs-retry": "false"}
    return JsonResponse({"detail": reason, "error_type": "bad_request"}, 400, headers)


async def _received(receive: Receive) -> list[Message]:
    """Return every message of a request. Raises ClientDisconnect."""
    messages: list[Message] = []
    while not messages or messages[-1].get("more_body"):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        messages.append(message)
    return messages


def _replayed(messages: list[Message], receive: Receive) -> Callable[[], Awaitable[Message]]:
    """Return a `receive` that begins with messages that were received already."""
    left = iter(messages)

    async def receive_again() -> Message:
        message = next(left, None)
        return await receive() if message is None else message

    return receive_again
