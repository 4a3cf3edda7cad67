"""One request and its answer, with the faults that strike between them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Message, Receive, Scope, Send

from fal_codegen.emulator.documents import Endpoint, app_of
from fal_codegen.emulator.faults import Behaviour, Directive, parse
from fal_codegen.emulator.hosts import caller_of
from fal_codegen.emulator.jobs import Job, infrastructure_error, new_request_id
from fal_codegen.emulator.journal import entry_of
from fal_codegen.emulator.json_bodies import JsonResponse, NotJson
from fal_codegen.emulator.json_bodies import parse as parse_json
from fal_codegen.emulator.state import Fal
from fal_codegen.errors import UsageError

__all__ = [
    "CDN_TOKEN",
    "FAULTS_HEADER",
    "Call",
    "Exchange",
    "Handler",
    "platform_problem",
    "problem",
]

FAULTS_HEADER = "X-Emulate"
"""The request header that carries directives; see `faults` for their language."""

CDN_TOKEN = "emulated-cdn-token"
"""What the storage hands out to upload straight to the CDN with."""

MOST_BYTES = 64 << 20
"""Bytes in the body of a request that is no upload."""

_NAMED = frozenset({"submit", "result", "run", "stream"})
"""Operations whose answers carry `x-fal-request-id`; as recorded, a status does not."""

_LOCKED = (
    "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing."
)

_SLOW_PIECES = 10
"""Pieces in which a slow body is sent."""


@dataclass(frozen=True)
class Call:
    """One request, with everything a handler needs to answer it."""

    fal: Fal
    request: Request
    behaviour: Behaviour
    directives: tuple[Directive, ...]
    """Those that the request carries itself."""
    job: Job | None
    """The job that its path names, if there is one."""

    def url(self, path: str) -> str:
        """Return the absolute URL of a path, in the form the caller came by."""
        return caller_of(self.request.scope).url(path)

    def endpoint(self) -> Endpoint:
        """Return the endpoint that the path names. Raises HTTPException when it is not served."""
        endpoint_id = self.request.path_params["id"]
        if endpoint_id in self.fal.endpoints:
            return self.fal.endpoints[endpoint_id]
        app = app_of(endpoint_id)
        if any(endpoint.app == app for endpoint in self.fal.endpoints.values()):
            path = endpoint_id.removeprefix(app) or "/"
            raise HTTPException(404, f"Path {path} not found", {"x-fal-billable-units": "0"})
        raise HTTPException(404, f"Application '{app.rpartition('/')[2]}' not found")

    def authenticate(self) -> None:
        """Require a key, or a token such as the CDN's. Raises HTTPException without one."""
        scheme, _, given = self.request.headers.get("authorization", "").partition(" ")
        if scheme.lower() not in ("key", "bearer") or not given:
            raise HTTPException(401, self._locked_out())
        if self.fal.key is None or given in (self.fal.key, CDN_TOKEN):
            return
        if ":" in given or ":" not in self.fal.key:
            raise HTTPException(401, "invalid key credentials")
        raise HTTPException(
            401, "Invalid Key Authorization header format. Expected '<key_id>:<key_secret>'."
        )

    def _locked_out(self) -> str:
        """Return what fal answers without a key; it names the application, if there is one."""
        params = self.request.path_params
        if app := app_of(params.get("id") or params.get("path", "")):
            return (
                f"Cannot access application '{app}'. "
                "Authentication is required to access this application."
            )
        return "Authentication is required"

    async def body(self) -> bytes:
        """Return the body of the request. Raises HTTPException if it is too large."""
        body = bytearray()
        async for chunk in self.request.stream():
            body += chunk
            if len(body) > MOST_BYTES:
                raise HTTPException(413, f"The body has more than {MOST_BYTES} bytes")
        return bytes(body)

    async def json_object(self) -> dict[str, Any]:
        """Return the body of the request, which has to be a JSON object. Raises HTTPException."""
        try:
            body = parse_json(await self.body())
        except NotJson:
            body = None
        if not isinstance(body, dict):
            raise HTTPException(422, "A JSON object is required")
        return body


Handler = Callable[[Call], Awaitable[Response]]


class Exchange:
    """ASGI app for one operation: its handler gives the answer, faults do to it what they do."""

    def __init__(self, fal: Fal, operation: str, handler: Handler) -> None:
        self._fal = fal
        self._operation = operation
        self._handler = handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        entry_of(scope).operation = self._operation
        try:
            call = self._call(Request(scope, receive))
        except UsageError as error:
            await problem(400, str(error))(scope, receive, send)
            return
        behaviour = call.behaviour
        await asyncio.sleep(behaviour.delay)
        if behaviour.drop == "before":
            await _close(scope, receive)
            return
        try:
            response = await self._response(call)
        except ClientDisconnect:  # before the whole request was there
            return
        if behaviour.drop == "after":
            await _close(scope, receive)
            return
        # A proxy knows nothing of request ids.
        if self._operation in _NAMED and behaviour.proxy_error is None:
            request_id = call.job.request_id if call.job else new_request_id()
            response.headers.setdefault("x-fal-request-id", request_id)
        if behaviour.slow:
            send = _slowly(send, behaviour.slow)
        if behaviour.truncate:
            send = _truncating(send, scope, receive)
        await response(scope, receive, send)

    async def _response(self, call: Call) -> Response:
        try:
            return _turned_away(call.behaviour, self._operation) or await self._handler(call)
        except HTTPException as error:
            return problem(error.status_code, error.detail, error.headers)

    def _call(self, request: Request) -> Call:
        directives = parse(request.headers.get(FAULTS_HEADER, ""))
        path, request_id = (request.path_params.get(name, "") for name in ("path", "request_id"))
        job = self._fal.queue.find(path, request_id)
        behaviour = self._fal.faults.behaviour(
            self._operation, directives, request_id, job.directives if job else ()
        )
        return Call(self._fal, request, behaviour, directives, job)


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return a failure in fal's plain form."""
    return JsonResponse({"detail": detail}, status, headers)


def platform_problem(status: int, kind: str, message: str) -> Response:
    """Return a failure in the form of the platform's API, which is not that of the queue."""
    return JsonResponse({"error": {"type": kind, "message": message}}, status)


def _turned_away(behaviour: Behaviour, operation: str) -> Response | None:
    """Return the answer to a request that gets no further than fal's door, or None to let it in."""
    if behaviour.proxy_error is not None:
        title = f"{behaviour.proxy_error} Proxy Error"
        page = f"<html><head><title>{title}</title></head><body>{title}<hr>nginx</body></html>"
        return HTMLResponse(page, behaviour.proxy_error)
    if behaviour.rate_limit is not None:
        response = problem(429, "Too many requests")
        if operation == "models":
            response = platform_problem(429, "rate_limited", "Rate limit exceeded")
        response.headers["Retry-After"] = str(behaviour.rate_limit)
        return response
    if behaviour.balance:
        if operation == "models":
            return platform_problem(403, "authorization_error", _LOCKED)
        return problem(403, _LOCKED)
    if behaviour.refuse is not None:
        outcome = infrastructure_error(behaviour.refuse)
        return JsonResponse(outcome.body, outcome.status, outcome.headers)
    return None


async def _close(scope: Scope, receive: Receive) -> None:
    """Close the connection, and wait until the server knows: it expects an answer otherwise."""
    scope["state"]["close_connection"]()
    while (await receive())["type"] != "http.disconnect":
        pass


def _slowly(send: Send, seconds: float) -> Send:
    """Return a `send` that takes so many seconds over each piece of a body it is given."""

    async def slow_send(message: Message) -> None:
        body = message.get("body", b"")
        size = max(-(-len(body) // _SLOW_PIECES), 1)
        for start in range(0, len(body) - size, size):
            await asyncio.sleep(seconds / _SLOW_PIECES)
            piece = body[start : start + size]
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            message = {**message, "body": body[start + size :]}
        if body:
            await asyncio.sleep(seconds / _SLOW_PIECES)
        await send(message)

    return slow_send


def _truncating(send: Send, scope: Scope, receive: Receive) -> Send:
    """Return a `send` that closes the connection half through the first piece of a body."""
    cut = False

    async def truncating_send(message: Message) -> None:
        nonlocal cut
        body = message.get("body", b"")
        if not body and not cut:
            await send(message)
        elif not cut:
            cut = True
            await send({**message, "body": body[: len(body) // 2], "more_body": True})
            await _close(scope, receive)

    return truncating_send
