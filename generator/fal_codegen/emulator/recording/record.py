"""Pass every request on to fal, and record it with its answer."""

from __future__ import annotations

import asyncio
import itertools
import logging
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from fal_codegen.emulator.network.hosts import takes_key
from fal_codegen.emulator.recording import sending
from fal_codegen.emulator.recording.captured import (
    answer_headers,
    body_of,
    is_events,
    is_text,
    recorded_request,
    redacted_answer,
    redacted_request,
)
from fal_codegen.emulator.recording.fal_urls import (
    Origin,
    fal_url,
    host_of,
    is_known,
    origin_of,
    target_of,
)
from fal_codegen.emulator.recording.operations import operation_of
from fal_codegen.emulator.recording.recordings import (
    Body,
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
from fal_codegen.emulator.recording.redaction import REDACTED, Redaction
from fal_codegen.emulator.request_handling import close_connection, error_response, whole_body
from fal_codegen.errors import CodegenError
from fal_codegen.fetch.routes import Routes

__all__ = ["RecordingApp"]

_logger = logging.getLogger("fal_codegen.emulator")

_NOT_PASSED_ON = frozenset(
    "accept-encoding authorization connection content-length cookie expect host keep-alive origin "
    "proxy-authorization referer te trailer transfer-encoding upgrade x-fal-target-url "
    "x-forwarded-for x-forwarded-host x-forwarded-proto".split()
)

_NOT_PASSED_BACK = frozenset(
    "access-control-allow-origin access-control-expose-headers connection content-encoding "
    "content-length keep-alive set-cookie transfer-encoding".split()
)

_LARGEST = 1 << 27
"""Bytes of a body; the recorder holds it in memory."""

_GRACE = 5.0
"""Seconds that exchanges have to end when the recorder stops."""

_INITIATIONS = tuple(
    f"https://rest.fal.ai/storage/upload/{kind}" for kind in ("initiate", "initiate-multipart")
)
"""The only requests whose answer may name a host to upload to."""

_STORAGE_HOSTS = ("storage.googleapis.com",)
"""Hosts beyond fal's own where fal stores uploads: that of its fallback storage."""

_NOT_CONNECTED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError)

_NOT_SENT = {"x-fal-needs-retry": "false"}
"""Headers of an error about a request that was certainly not sent. They are fal's own, because a
client would take any other 502 for that of a proxy, after which a submission is uncertain."""

_EVENT_END = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True)
class _Call:
    """A request on its way to fal."""

    number: int
    started: float
    http: Request
    path: str
    """Its local path, with the query."""
    here: Origin
    """The origin that the caller used."""
    content: bytes
    """Its body, with the URLs of the upstream."""
    recorded: RecordedRequest
    send: Send

    @property
    def seconds(self) -> float:
        """Return how long ago it began."""
        return time.monotonic() - self.started


class RecordingApp:
    """ASGI application that passes requests on to fal and records the exchanges in a folder.

    A file is written before the caller has the whole answer. The caller's key is replaced by `key`,
    which goes to fal's interfaces and to no other host.
    """

    def __init__(self, folder: Path, *, key: str | None, upstream: Origin) -> None:
        self._folder = folder
        self._key = key
        self._upstream = upstream
        self._redaction = Redaction(key)
        self._upload_hosts: set[str] = set()
        self._numbers = itertools.count(1)
        self._running: set[asyncio.Task[None]] = set()
        self._client: httpx.AsyncClient | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if scope["type"] != "http":  # a WebSocket
            await error_response(501, "Realtime connections are not recorded")(scope, receive, send)
            return
        # A task of its own, so that it is recorded even if the caller does not wait for the end.
        task = asyncio.create_task(self._handle(Request(scope, receive), send))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        await task

    async def aclose(self) -> None:
        """Let exchanges end, and close the connections to fal."""
        if self._running:
            await asyncio.wait(self._running, timeout=_GRACE)
        if self._client is not None:
            await self._client.aclose()

    async def _handle(self, http: Request, send: Send) -> None:
        try:
            ending = await self._pass_on(await self._call(http, send))
        except ClientDisconnect:  # before the request was complete
            return
        except HTTPException as error:
            response = error_response(error.status_code, error.detail, error.headers)
            await response(http.scope, http.receive, send)
            return
        if ending != "complete":
            await close_connection(http.scope, http.receive)

    async def _call(self, http: Request, send: Send) -> _Call:
        """Read a request. Raises HTTPException if it is not passed on."""
        number, started = next(self._numbers), time.monotonic()
        path = target_of(http.scope)
        url = fal_url(path)
        if not path.startswith("/"):  # it would continue the host of the upstream
            raise HTTPException(400, f"{path[:100]!r} is no path")
        if not is_known(url, self._upload_hosts):
            raise HTTPException(403, f"{host_of(url)[:100] or 'this'} is no host of fal")
        self._redaction.learn_authorization(http.headers)
        content, here = await whole_body(http, _LARGEST), origin_of(http.scope)
        recorded = recorded_request(http, content, here)
        if isinstance(recorded.body, Json | Text):
            text = here.with_fal_urls(content.decode())
            content = self._upstream.with_urls_here(text, self._upload_hosts).encode()
        return _Call(number, started, http, path, here, content, recorded, send)

    async def _pass_on(self, call: _Call) -> Ending:
        """Send a request to fal, record the answer, and send it to the caller.

        Raises:
            HTTPException: There is no answer to record.
        """
        client = self._opened()
        url = self._upstream.url(call.path)
        try:
            sent = client.build_request(
                call.http.method, url, content=call.content, headers=self._headers(call)
            )
            for name in {"accept", "user-agent"} - set(call.http.headers):  # httpx adds its own
                sent.headers.pop(name, None)
            received = await client.send(sent, stream=True)
        except (*_NOT_CONNECTED, httpx.InvalidURL, CodegenError) as error:
            reason = error.message if isinstance(error, CodegenError) else str(error)
            detail = f"{host_of(url)} could not be reached, so nothing was recorded: {reason}"
            raise HTTPException(502, detail, _NOT_SENT) from None
        except httpx.HTTPError:
            self._record(call, RecordedAnswer(call.seconds, 0, {}, Text(""), "dropped"))
            return "dropped"
        try:
            if is_events(received.headers.get("content-type", "")):
                return await self._relay_events(call, received)
            return await self._relay(call, received)
        finally:
            await received.aclose()

    async def _relay(self, call: _Call, received: httpx.Response) -> Ending:
        """Record a whole answer, and send it."""
        after, incoming, content = call.seconds, _Incoming(received), b""
        async for chunk in incoming.chunks():
            content += chunk
            if len(content) > _LARGEST:
                raise HTTPException(502, f"The answer has more than {_LARGEST} bytes")
        content_type = received.headers.get("content-type", "")
        if is_text(content_type):
            text = self._upstream.with_fal_urls(content.decode("utf-8", "replace"))
            recorded = body_of(text.encode(), content_type)
            self._learn_upload_host(call.recorded, recorded)
            content = call.here.with_urls_here(text, self._upload_hosts).encode()
        else:
            recorded = body_of(content, content_type)
        self._record(call, self._answer(after, received, recorded, incoming.ending))
        length = sending.content_length(received.status_code, len(content), incoming.ending)
        await self._begin(call, received, length)
        await sending.part(call.send, content)
        if incoming.ending == "complete":
            await sending.end(call.send)
        return incoming.ending

    async def _relay_events(self, call: _Call, received: httpx.Response) -> Ending:
        """Send events as they arrive, and record them."""
        after, incoming = call.seconds, _Incoming(received)
        await self._begin(call, received, [])
        events: list[Event] = []
        async for chunk in incoming.events():
            text = self._upstream.with_fal_urls(chunk.decode("utf-8", "replace"))
            events.append(Event(call.seconds - after, text))
            here = call.here.with_urls_here(text, self._upload_hosts)
            await sending.part(call.send, here.encode())
        recorded = Events(tuple(events))
        self._record(call, self._answer(after, received, recorded, incoming.ending))
        if incoming.ending == "complete":
            await sending.end(call.send)
        return incoming.ending

    async def _begin(
        self, call: _Call, received: httpx.Response, more: list[tuple[str, str]]
    ) -> None:
        headers = [
            (name, self._located(call.here, name, value))
            for name, value in received.headers.multi_items()
            if name not in _NOT_PASSED_BACK
        ]
        await sending.start(call.send, received.status_code, [*headers, *more])

    def _located(self, here: Origin, name: str, value: str) -> str:
        if name != "location":
            return value
        return here.with_urls_here(self._upstream.with_fal_urls(value), self._upload_hosts)

    def _answer(
        self, after: float, received: httpx.Response, body: Body, ending: Ending
    ) -> RecordedAnswer:
        headers = answer_headers(received.headers)
        if "location" in headers:
            headers["location"] = self._upstream.with_fal_urls(headers["location"])
        return RecordedAnswer(after, received.status_code, headers, body, ending)

    def _record(self, call: _Call, answer: RecordedAnswer) -> None:
        operation = operation_of(call.recorded.method, call.recorded.url)
        if operation == "token":
            match answer.body:
                case Json(str(token)):
                    self._redaction.learn(token)
                case Text(text) if text:  # a token that was cut
                    answer = replace(answer, body=Text(REDACTED))
        # First the answer: the redaction learns from it what may also be in the request.
        redacted = redacted_answer(answer, self._redaction)
        request = redacted_request(call.recorded, self._redaction)
        exchange = Exchange(call.number, operation, request, redacted)
        try:
            write(self._folder, exchange)
        except OSError as error:
            path = self._folder / exchange.file_name
            _logger.error("%s was not written: %s", path, error.strerror or error)

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            routes = Routes(httpx.Limits(), allow_http=False)
            self._client = httpx.AsyncClient(transport=routes, timeout=None)
        return self._client

    def _headers(self, call: _Call) -> list[tuple[str, str]]:
        passed_on = [
            (name, value)
            for name, value in call.http.headers.items()
            if name not in _NOT_PASSED_ON and not name.startswith("sec-")
        ]
        if authorization := self._authorization(call):
            passed_on.append(("authorization", authorization))
        return [*passed_on, ("accept-encoding", "identity")]

    def _authorization(self, call: _Call) -> str | None:
        """Return the key for an interface of fal's, and a token of the caller's for fal alone."""
        url, given = call.recorded.url, call.http.headers.get("authorization", "")
        if given.lower().startswith("key "):
            return f"Key {self._key}" if takes_key(host_of(url)) else None
        return given if is_known(url) else None

    def _learn_upload_host(self, request: RecordedRequest, answer: Body) -> None:
        """Let the caller reach the storage where fal tells it to upload."""
        match answer:
            case Json({"upload_url": str(url)}) if (
                request.method == "POST"
                and request.url.partition("?")[0] in _INITIATIONS
                and url.startswith("https://")
                and host_of(url) in _STORAGE_HOSTS
            ):
                self._upload_hosts.add(host_of(url))


class _Incoming:
    """The body of an answer while it arrives.

    Attributes:
        ending: Whether it was cut.
    """

    def __init__(self, received: httpx.Response) -> None:
        self._received = received
        self.ending: Ending = "complete"

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield what arrives."""
        try:
            async for chunk in self._received.aiter_bytes():
                yield chunk
        except httpx.HTTPError:
            self.ending = "cut"

    async def events(self) -> AsyncIterator[bytes]:
        """Yield whole events, and at the end what is left."""
        pending = b""
        async for chunk in self.chunks():
            pending += chunk
            while end := _EVENT_END.search(pending):
                yield pending[: end.end()]
                pending = pending[end.end() :]
        if pending:
            yield pending
