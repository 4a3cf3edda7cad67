"""Pass every request on to fal, and record it with its answer."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from fal_codegen.emulator.captured import (
    answer_headers,
    body_of,
    is_events,
    is_text,
    redacted_answer,
    redacted_request,
    request_body,
    request_headers,
)
from fal_codegen.emulator.fal_urls import Origin, fal_url, host_of, is_known
from fal_codegen.emulator.hosts import caller_of
from fal_codegen.emulator.operations import operation_of
from fal_codegen.emulator.recordings import (
    Ending,
    Event,
    Events,
    Exchange,
    Json,
    RecordedAnswer,
    RecordedRequest,
    Text,
    write,
)
from fal_codegen.emulator.redaction import Redaction
from fal_codegen.emulator.request_handling import close_connection, error_response
from fal_codegen.errors import CodegenError
from fal_codegen.fetch.routes import Routes

__all__ = ["RecordingApp"]

_NOT_PASSED_ON = frozenset(
    "accept-encoding connection content-length cookie expect host keep-alive origin "
    "proxy-authorization referer te trailer transfer-encoding upgrade x-fal-target-url "
    "x-forwarded-for x-forwarded-host x-forwarded-proto".split()
)

_NOT_PASSED_BACK = frozenset(
    "connection content-encoding content-length keep-alive set-cookie transfer-encoding "
    "access-control-allow-origin access-control-expose-headers".split()
)

_LARGEST = 1 << 27
"""Bytes of a body, as the recorder has to hold it."""

_EVENT_END = re.compile(rb"\r?\n\r?\n")


@dataclass
class _Answer:
    """What has arrived of an answer."""

    started: float
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    content: bytearray = field(default_factory=bytearray)
    events: list[Event] = field(default_factory=list)
    ending: Ending = "complete"
    after: float = 0.0

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "")


class RecordingApp:
    """ASGI application that passes requests on to fal and records the exchanges in a folder.

    The caller's key is replaced by `key`, which goes to no host but fal's.
    """

    def __init__(self, folder: Path, *, key: str | None, upstream: Origin) -> None:
        self._folder = folder
        self._key = key
        self._upstream = upstream
        self._redaction = Redaction(key)
        self._upload_hosts: set[str] = set()
        self._numbers: Iterator[int] = itertools.count(1)
        self._client: httpx.AsyncClient | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if scope["type"] != "http":  # a WebSocket
            await error_response(501, "Realtime connections are not recorded")(scope, receive, send)
            return
        number = next(self._numbers)
        http = Request(scope, receive)
        path = scope["path"] + (f"?{http.url.query}" if http.url.query else "")
        if not is_known(fal_url(path), self._upload_hosts):
            detail = f"{host_of(fal_url(path))[:100]} is no host of fal, so nothing was sent"
            await error_response(403, detail)(scope, receive, send)
            return
        try:
            content = await _body(http)
        except ClientDisconnect:
            return
        if content is None:
            detail = f"The body has more than {_LARGEST} bytes"
            await error_response(413, detail)(scope, receive, send)
            return
        caller = caller_of(scope)
        here = Origin(None if caller.by_host else f"{caller.scheme}://{caller.host}")
        content_type = http.headers.get("content-type", "")
        self._redaction.learn_authorization(http.headers)
        body = request_body(content, content_type)
        if isinstance(body, Json | Text):
            with_fal_urls = here.with_fal_urls(content.decode())
            body = request_body(with_fal_urls.encode(), content_type)
            text = self._upstream.with_urls_here(with_fal_urls, self._upload_hosts)
            content = text.encode()
        request = RecordedRequest(
            scope["method"], fal_url(path), request_headers(http.headers), body
        )
        answer = _Answer(time.monotonic())
        try:
            await self._pass_on(
                http, self._upstream.url(path), content, here, answer, (scope, receive, send)
            )
        except (httpx.ConnectError, httpx.InvalidURL, CodegenError) as error:
            detail = f"{host_of(fal_url(path))} could not be reached, so nothing was recorded: "
            reason = error.message if isinstance(error, CodegenError) else str(error)
            await error_response(502, detail + reason)(scope, receive, send)
            return
        self._record(number, request, answer)
        if answer.ending != "complete":
            await close_connection(scope, receive)

    async def aclose(self) -> None:
        """Close the connections to fal."""
        if self._client is not None:
            await self._client.aclose()

    async def _pass_on(
        self,
        http: Request,
        url: str,
        content: bytes,
        here: Origin,
        answer: _Answer,
        asgi: tuple[Scope, Receive, Send],
    ) -> None:
        """Send a request, and its answer to the caller; fill in what has arrived."""
        if self._client is None:
            routes = Routes(httpx.Limits(), allow_http=False)
            self._client = httpx.AsyncClient(transport=routes, timeout=None)
        sent = self._client.build_request(
            http.method, url, content=content, headers=self._headers(http.headers, url)
        )
        for name in ("accept", "user-agent"):  # httpx adds its own
            if name not in http.headers:
                sent.headers.pop(name, None)
        try:
            received = await self._client.send(sent, stream=True)
        except httpx.ConnectError:
            raise
        except httpx.HTTPError:
            answer.after, answer.ending = time.monotonic() - answer.started, "dropped"
            return
        try:
            answer.after = time.monotonic() - answer.started
            answer.status, answer.headers = received.status_code, dict(received.headers)
            await self._relay(received, here, answer, asgi[2])
        finally:
            await received.aclose()

    async def _relay(
        self, received: httpx.Response, here: Origin, answer: _Answer, send: Send
    ) -> None:
        headers = [
            (name.encode(), value.encode("latin-1"))
            for name, value in received.headers.multi_items()
            if name not in _NOT_PASSED_BACK
        ]
        start = {"type": "http.response.start", "status": answer.status}
        if is_events(answer.content_type):
            await send({**start, "headers": headers})
            async for chunk in _events(received, answer):
                text = self._upstream.with_fal_urls(chunk.decode("utf-8", "replace"))
                answer.events.append(Event(time.monotonic() - answer.started - answer.after, text))
                body = here.with_urls_here(text, self._upload_hosts).encode()
                await send({"type": "http.response.body", "body": body, "more_body": True})
        else:
            async for chunk in _chunks(received, answer):
                answer.content += chunk
            body = bytes(answer.content)
            if is_text(answer.content_type):
                text = self._upstream.with_fal_urls(body.decode("utf-8", "replace"))
                answer.content = bytearray(text.encode())
                self._learn_upload_host(text)
                body = here.with_urls_here(text, self._upload_hosts).encode()
            announced = len(body) + (answer.ending == "cut")
            if _has_body(answer.status):
                headers.append((b"content-length", str(announced).encode()))
            await send({**start, "headers": headers})
            await send({"type": "http.response.body", "body": body, "more_body": True})
        if answer.ending == "complete":
            await send({"type": "http.response.body", "body": b""})

    def _headers(self, headers: Headers, url: str) -> list[tuple[str, str]]:
        passed_on = [
            (name, value)
            for name, value in headers.items()
            if name not in _NOT_PASSED_ON and not name.startswith("sec-")
        ]
        authorization = headers.get("authorization", "")
        if authorization.lower().startswith("key "):
            passed_on = [(n, v) for n, v in passed_on if n != "authorization"]
            if self._key and (self._upstream.base or is_known(url)):
                passed_on.append(("authorization", f"Key {self._key}"))
        return [*passed_on, ("accept-encoding", "identity")]

    def _learn_upload_host(self, text: str) -> None:
        """Let the caller reach a host where fal tells it to upload."""
        match body_of(text.encode(), "application/json"):
            case Json({"upload_url": str() as url}) if urlsplit(url).scheme == "https":
                self._upload_hosts.add(host_of(url))
            case _:
                pass

    def _record(self, number: int, request: RecordedRequest, answer: _Answer) -> None:
        operation = operation_of(request.method, request.url)
        body = (
            Events(tuple(answer.events))
            if answer.events
            else body_of(bytes(answer.content), answer.content_type)
        )
        if operation == "token" and isinstance(body, Json) and isinstance(body.value, str):
            self._redaction.learn(body.value)
        recorded = RecordedAnswer(
            answer.after, answer.status, answer_headers(answer.headers), body, answer.ending
        )
        # First the answer: the redaction learns from it what may also be in the request.
        redacted = redacted_answer(recorded, self._redaction)
        exchange = Exchange(number, operation, redacted_request(request, self._redaction), redacted)
        write(self._folder, exchange)


def _has_body(status: int) -> bool:
    """Return whether HTTP allows an answer with this status to have a body."""
    return status >= 200 and status not in (204, 304)


async def _body(http: Request) -> bytes | None:
    """Return the body of a request; None if it is too large."""
    body = bytearray()
    async for chunk in http.stream():
        body += chunk
        if len(body) > _LARGEST:
            return None
    return bytes(body)


async def _chunks(received: httpx.Response, answer: _Answer) -> AsyncIterator[bytes]:
    """Yield what arrives of a body; note if it is cut."""
    try:
        async for chunk in received.aiter_bytes():
            yield chunk
    except httpx.HTTPError:
        answer.ending = "cut"


async def _events(received: httpx.Response, answer: _Answer) -> AsyncIterator[bytes]:
    """Yield whole events, and at the end what is left."""
    pending = b""
    async for chunk in _chunks(received, answer):
        pending += chunk
        while end := _EVENT_END.search(pending):
            yield pending[: end.end()]
            pending = pending[end.end() :]
    if pending:
        yield pending
