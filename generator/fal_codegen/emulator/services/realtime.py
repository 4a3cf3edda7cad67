"""fal.run over a WebSocket: inputs in, outputs out, in their order, on one connection."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import msgpack
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from fal_codegen.emulator.emulation import Emulation
from fal_codegen.emulator.endpoints.results import absolute
from fal_codegen.emulator.endpoints.served_endpoint import ServedEndpoint
from fal_codegen.emulator.faults import Behaviour
from fal_codegen.emulator.journal import JournalEntry, entry_of
from fal_codegen.emulator.json_bodies import NotJson, encode
from fal_codegen.emulator.json_bodies import parse as parse_json
from fal_codegen.emulator.queue.jobs import JobOutcome
from fal_codegen.emulator.queue.model_runs import run_model_on
from fal_codegen.emulator.request_handling import (
    IncomingRequest,
    error_response,
    rejection,
)
from fal_codegen.errors import UsageError

__all__ = ["RealtimeApp"]

_SUFFIX = "/realtime"

_UNAUTHORIZED = {"status": "error", "error": "Unauthorized"}
"""What @fal-ai/client expects for a token that is not valid (any longer)."""

_TIMEOUT = {
    "type": "x-fal-error",
    "error": "TIMEOUT",
    "reason": "no inputs, reconnect when needed!",
}

_POLICY_VIOLATION = 1008  # RFC 6455, section 7.4.1


class RealtimeApp:
    """ASGI app for realtime connections.

    An input in MessagePack is answered in MessagePack, and one in JSON in JSON. fal's own messages
    are JSON in both cases.
    """

    def __init__(self, emulation: Emulation) -> None:
        self._emulation = emulation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        websocket = WebSocket(scope, receive, send)
        entry_of(scope).operation = "realtime"
        handshake = Request({**scope, "type": "http", "method": "GET"}, receive)
        try:
            request = IncomingRequest.received(self._emulation, "realtime", handshake)
        except UsageError as error:
            await _refuse(websocket, error_response(400, str(error)))
            return
        await asyncio.sleep(request.behaviour.delay)
        if request.behaviour.drop:
            await _drop(websocket)
            return
        try:
            refused = rejection(request.behaviour, "realtime")
            endpoint = _endpoint(request)
            is_authorized = self._is_authorized(request, endpoint)
            _check_buffering(request)
        except HTTPException as error:
            refused = error_response(error.status_code, error.detail, error.headers)
        if refused is not None:
            await _refuse(websocket, refused)
            return
        await websocket.accept()
        session = _Session(websocket, request, endpoint)
        with suppress(WebSocketDisconnect, RuntimeError):  # of a client that has left
            if is_authorized:
                await session.serve()
            else:
                await session.end(_UNAUTHORIZED, _POLICY_VIOLATION)

    def _is_authorized(self, request: IncomingRequest, endpoint: ServedEndpoint) -> bool:
        """Return whether the token allows the endpoint. Raises HTTPException without any."""
        token = request.http.query_params.get("fal_jwt_token")
        if token is None:
            request.authenticate()
            return True
        is_allowed = self._emulation.tokens.allows(token, endpoint.app, endpoint.id)
        return is_allowed and not request.behaviour.expired_token


class _Session:
    """An open connection."""

    def __init__(
        self, websocket: WebSocket, request: IncomingRequest, endpoint: ServedEndpoint
    ) -> None:
        self._websocket = websocket
        self._request = request
        self._endpoint = endpoint

    async def serve(self) -> None:
        """Answer inputs in turn, until none comes for a while. Raises WebSocketDisconnect."""
        while True:
            try:
                waiting = self._websocket.receive()
                message = await asyncio.wait_for(waiting, self._request.behaviour.idle)
            except asyncio.TimeoutError:
                await self.end(_TIMEOUT)
                return
            if message["type"] == "websocket.disconnect":
                return
            if not await self._answer(message.get("bytes"), message.get("text")):
                return

    async def end(self, message: Any, code: int = 1000) -> None:
        """Send a message of fal's own, and close the connection."""
        await self._send_json(message)
        await self._websocket.close(code)

    async def _answer(self, packed: bytes | None, text: str | None) -> bool:
        """Answer an input; return whether the connection continues."""
        raw = (text or "").encode() if packed is None else packed
        entry = self._record(raw)
        behaviour = self._request.emulation.faults.behaviour("input", self._request.directives)
        await asyncio.sleep(behaviour.delay)
        if behaviour.drop == "before":
            await _drop(self._websocket)
            return False
        if behaviour.expired_token:
            entry.status = 401
            await self.end(_UNAUTHORIZED, _POLICY_VIOLATION)
            return False
        outcome = self._outcome(raw, behaviour, is_packed=packed is not None)
        entry.status = outcome.status
        await asyncio.sleep(behaviour.queued + behaviour.running)
        if behaviour.drop == "after":
            await _drop(self._websocket)
            return False
        if outcome.status >= 400:
            await self.end(_failure(outcome))
            return False
        output = absolute(outcome.body, self._request.url)
        if packed is None:
            await self._send_json(output)
        else:
            await self._websocket.send_bytes(msgpack.packb(output))
        return True

    def _outcome(self, raw: bytes, behaviour: Behaviour, *, is_packed: bool) -> JobOutcome:
        try:
            payload = _without_bytes(msgpack.unpackb(raw)) if is_packed else parse_json(raw)
        except (NotJson, ValueError, msgpack.UnpackException) as error:
            return JobOutcome(400, {"detail": f"The input cannot be decoded: {error}"})
        return run_model_on(self._endpoint, payload, behaviour)

    def _record(self, raw: bytes) -> JournalEntry:
        handshake = entry_of(self._websocket.scope)
        entry = JournalEntry(
            "MESSAGE", handshake.host, handshake.path, handshake.query, {}, operation="input"
        )
        journal = self._request.emulation.journal
        journal.add(entry)
        journal.add_body(entry, raw)
        return entry

    async def _send_json(self, message: Any) -> None:
        await self._websocket.send_text(encode(message).decode())


def _endpoint(request: IncomingRequest) -> ServedEndpoint:
    """Return the endpoint that the path names, whose own id may end in /realtime."""
    params, endpoints = request.http.path_params, request.catalogue.endpoints
    return endpoints.get(params["id"] + _SUFFIX) or request.endpoint()


def _check_buffering(request: IncomingRequest) -> None:
    """Raise HTTPException if the most inputs that may wait are not a number from 1 to 60."""
    text = request.http.query_params.get("max_buffering", "1")
    if not (text.isdecimal() and 1 <= int(text) <= 60):
        raise HTTPException(422, "max_buffering should be an integer from 1 to 60")


def _failure(outcome: JobOutcome) -> dict[str, str]:
    """Return the message for a failed input; an exception of the model is an internal error."""
    detail = outcome.body["detail"]
    if not isinstance(detail, str):
        detail = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in detail)
    name = outcome.error_type or "internal_error"
    return {"type": "x-fal-error", "error": name.upper(), "reason": detail}


def _without_bytes(value: Any) -> Any:
    """Return an input as JSON, in which bytes are a string."""
    if isinstance(value, dict):
        return {str(name): _without_bytes(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_without_bytes(item) for item in value]
    return value.decode("latin-1") if isinstance(value, bytes) else value


async def _refuse(websocket: WebSocket, response: Response) -> None:
    """Answer a handshake with a response, where the server supports that, else with a 403."""
    if "websocket.http.response" in websocket.scope.get("extensions", {}):
        await websocket.send_denial_response(response)
    else:
        await websocket.close()


async def _drop(websocket: WebSocket) -> None:
    """Close the connection without a word."""
    websocket.scope["state"]["close_connection"]()
    with suppress(WebSocketDisconnect, RuntimeError):
        await websocket.close()  # is not written any more, but the server expects an end
