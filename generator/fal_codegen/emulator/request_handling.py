"""Handle one request: apply faults, call its handler, send the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Message, Receive, Scope, Send

from fal_codegen.emulator.emulation import Emulation
from fal_codegen.emulator.endpoints.catalogue import ServedCatalogue
from fal_codegen.emulator.endpoints.served_endpoint import ServedEndpoint, app_of
from fal_codegen.emulator.faults import Behaviour, Directive, parse
from fal_codegen.emulator.journal import entry_of
from fal_codegen.emulator.json_bodies import JsonResponse, json_object
from fal_codegen.emulator.network.hosts import caller_of
from fal_codegen.emulator.queue.jobs import EmulatedJob, infrastructure_error, new_request_id
from fal_codegen.errors import UsageError

__all__ = [
    "CDN_TOKEN",
    "FAULTS_HEADER",
    "Handler",
    "IncomingRequest",
    "OperationApp",
    "close_connection",
    "error_response",
    "rejection",
    "whole_body",
]

FAULTS_HEADER = "X-Emulate"
"""The request header that carries directives; see `faults` for their language."""

CDN_TOKEN = "emulated-cdn-token"
"""The token with which fal-client uploads directly to the CDN."""

_NAMED = frozenset({"submit", "result", "run", "stream"})
"""Operations whose answers carry `x-fal-request-id`; as recorded, a status does not."""

_OF_PLATFORM = frozenset({"models", "prices", "estimate", "requests", "sign", "delete"})
"""Operations of the platform API, whose errors differ from the queue's."""

_PLATFORM_ERRORS = {
    400: "validation_error",
    401: "authorization_error",
    403: "authorization_error",
    404: "not_found",
    413: "validation_error",
    422: "validation_error",
    429: "rate_limited",
}

_LOCKED = (
    "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing."
)

_SLOW_PARTS = 10
"""Parts in which a slow body is sent."""


@dataclass(frozen=True)
class IncomingRequest:
    """One request, with everything that its handler needs."""

    emulation: Emulation
    catalogue: ServedCatalogue
    """The endpoints when the request began."""
    http: Request
    behaviour: Behaviour
    directives: tuple[Directive, ...]
    """The directives of the request's own header."""
    job: EmulatedJob | None
    """The job that the path names, if any."""

    @classmethod
    def received(cls, emulation: Emulation, operation: str, http: Request) -> IncomingRequest:
        """Return a request for an operation. Raises UsageError if its faults are invalid."""
        directives = parse(http.headers.get(FAULTS_HEADER, ""))
        path, request_id = (http.path_params.get(name, "") for name in ("path", "request_id"))
        job = emulation.queue.find(path, request_id)
        behaviour = emulation.faults.behaviour(
            operation, directives, request_id, job.directives if job else ()
        )
        return cls(emulation, emulation.catalogue, http, behaviour, directives, job)

    def url(self, path: str) -> str:
        """Return the absolute URL of a path, on the host that the caller used."""
        return caller_of(self.http.scope).url(path)

    def endpoint(self) -> ServedEndpoint:
        """Return the endpoint that the path names. Raises HTTPException if it is not served."""
        endpoint_id = self.http.path_params["id"]
        if endpoint_id in self.catalogue.endpoints:
            return self.catalogue.endpoints[endpoint_id]
        app = app_of(endpoint_id)
        if any(endpoint.app == app for endpoint in self.catalogue.endpoints.values()):
            path = endpoint_id.removeprefix(app) or "/"
            raise HTTPException(404, f"Path {path} not found", {"x-fal-billable-units": "0"})
        raise HTTPException(404, f"Application '{app.rpartition('/')[2]}' not found")

    def authenticate(self) -> None:
        """Require a key, or a token such as the CDN's. Raises HTTPException without one."""
        scheme, _, given = self.http.headers.get("authorization", "").partition(" ")
        if scheme.lower() not in ("key", "bearer") or not given:
            raise HTTPException(401, self._missing_key())
        if self.emulation.key is None or given in (self.emulation.key, CDN_TOKEN):
            return
        if ":" in given or ":" not in self.emulation.key:
            raise HTTPException(401, "invalid key credentials")
        raise HTTPException(
            401, "Invalid Key Authorization header format. Expected '<key_id>:<key_secret>'."
        )

    def _missing_key(self) -> str:
        """Return fal's message for a request without a key; it names the application, if any."""
        params = self.http.path_params
        if app := app_of(params.get("id") or params.get("path", "")):
            return (
                f"Cannot access application '{app}'. "
                "Authentication is required to access this application."
            )
        return "Authentication is required"

    async def body(self) -> bytes:
        """Return the body of the request. Raises HTTPException if it is too large."""
        return await whole_body(self.http, self.emulation.limits.body)

    async def json_object(self) -> dict[str, Any]:
        """Return the body of the request, which has to be a JSON object. Raises HTTPException."""
        return json_object(await self.body())


Handler = Callable[[IncomingRequest], Awaitable[Response]]


class OperationApp:
    """ASGI app for one operation: applies faults to the answer of a handler."""

    def __init__(self, emulation: Emulation, operation: str, handler: Handler) -> None:
        self._emulation = emulation
        self._operation = operation
        self._handler = handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        entry_of(scope).operation = self._operation
        try:
            request = IncomingRequest.received(
                self._emulation, self._operation, Request(scope, receive)
            )
        except UsageError as error:
            # Named as fal's own, because a client takes any other 400 for that of a proxy.
            headers = {"x-fal-error-type": "bad_request", "x-fal-needs-retry": "false"}
            await error_response(400, str(error), headers)(scope, receive, send)
            return
        behaviour = request.behaviour
        await asyncio.sleep(behaviour.delay)
        if behaviour.drop == "before":
            await close_connection(scope, receive)
            return
        try:
            response = await self._response(request)
        except ClientDisconnect:  # before the request was complete
            return
        if behaviour.drop == "after":
            await close_connection(scope, receive)
            return
        # A proxy does not know request ids.
        if self._operation in _NAMED and behaviour.proxy_error is None:
            request_id = request.job.request_id if request.job else new_request_id()
            response.headers.setdefault("x-fal-request-id", request_id)
        if behaviour.slow:
            send = _slowly(send, behaviour.slow)
        if behaviour.truncate:
            send = _truncating(send, scope, receive)
        await response(scope, receive, send)

    async def _response(self, request: IncomingRequest) -> Response:
        try:
            return rejection(request.behaviour, self._operation) or await self._handler(request)
        except HTTPException as error:
            if self._operation in _OF_PLATFORM:
                return _platform_error(error)
            return error_response(error.status_code, error.detail, error.headers)


async def whole_body(http: Request, most: int) -> bytes:
    """Return the body of a request. Raises HTTPException if it has more than `most` bytes."""
    body = bytearray()
    async for chunk in http.stream():
        body += chunk
        if len(body) > most:
            raise HTTPException(413, f"The body has more than {most} bytes")
    return bytes(body)


def error_response(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return an error response of the queue's API."""
    return JsonResponse({"detail": detail}, status, headers)


def _platform_error(error: HTTPException) -> Response:
    """Return an error response of the platform's API, which differs from the queue's."""
    error_type = _PLATFORM_ERRORS.get(error.status_code, "server_error")
    body = {"error": {"type": error_type, "message": error.detail}}
    return JsonResponse(body, error.status_code, error.headers)


def rejection(behaviour: Behaviour, operation: str) -> Response | None:
    """Return the answer to a request that never reaches its handler; None if it does.

    Raises:
        HTTPException: The request is rejected with an error of its API.
    """
    if behaviour.proxy_error is not None:
        title = f"{behaviour.proxy_error} Proxy Error"
        page = f"<html><head><title>{title}</title></head><body>{title}<hr>nginx</body></html>"
        return HTMLResponse(page, behaviour.proxy_error)
    if behaviour.rate_limit is not None:
        detail = "Rate limit exceeded" if operation in _OF_PLATFORM else "Too many requests"
        raise HTTPException(429, detail, {"Retry-After": str(behaviour.rate_limit)})
    if behaviour.balance:
        raise HTTPException(403, _LOCKED)
    if behaviour.refuse is not None:
        outcome = infrastructure_error(behaviour.refuse)
        return JsonResponse(outcome.body, outcome.status, outcome.headers)
    return None


async def close_connection(scope: Scope, receive: Receive) -> None:
    """Close the connection, and wait until the server has noticed: else it expects an answer."""
    scope["state"]["close_connection"]()
    while (await receive())["type"] != "http.disconnect":
        pass


def _slowly(send: Send, seconds: float) -> Send:
    """Return a `send` that takes `seconds` for each part of a body."""

    async def slow_send(message: Message) -> None:
        body = message.get("body", b"")
        size = max(-(-len(body) // _SLOW_PARTS), 1)
        for start in range(0, len(body) - size, size):
            await asyncio.sleep(seconds / _SLOW_PARTS)
            part = body[start : start + size]
            await send({"type": "http.response.body", "body": part, "more_body": True})
            message = {**message, "body": body[start + size :]}
        if body:
            await asyncio.sleep(seconds / _SLOW_PARTS)
        await send(message)

    return slow_send


def _truncating(send: Send, scope: Scope, receive: Receive) -> Send:
    """Return a `send` that closes the connection halfway through the first part of a body."""
    cut = False

    async def truncating_send(message: Message) -> None:
        nonlocal cut
        body = message.get("body", b"")
        if not body and not cut:
            await send(message)
        elif not cut:
            cut = True
            await send({**message, "body": body[: len(body) // 2], "more_body": True})
            await close_connection(scope, receive)

    return truncating_send
