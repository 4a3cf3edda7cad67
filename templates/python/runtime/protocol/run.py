"""Calling a model without the queue: fal.run responds on the same connection."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from typing import Any

import httpx
from typing_extensions import Unpack

from ..errors import ConnectionFailed, Subject, UnexpectedResponse
from ..options import JobOptions
from ..transport.io import NEVER, Deadline, Io
from ..transport.sse import EventParser, EventTooLong
from .operation import Operation, OutputT
from .policies import RUN, STREAM
from .responses import ask, body_of, with_request_id
from .submission import prepared


async def run(
    io: Io,
    operation: Operation[OutputT],
    payload: dict[str, Any],
    *,
    client_timeout: float | None = None,
    **options: Unpack[JobOptions],
) -> OutputT:
    """Call an endpoint, and return its output."""
    url = f"{operation.connection.addresses.run}/{operation.endpoint_id}"
    deadline = Deadline(client_timeout)
    request = await prepared(io, operation, url, payload, deadline, options)
    response = await ask(io, request, RUN, deadline)
    return operation.parse(body_of(response), with_request_id(request.about, response))


async def stream(
    io: Io, operation: Operation[OutputT], payload: dict[str, Any], **options: Unpack[JobOptions]
) -> AsyncGenerator[OutputT | Any, None]:
    """Call an endpoint, and yield each event: as its output, or undecoded if it is not complete."""
    path = operation.endpoint_id.removesuffix("/stream") + "/stream"
    url = f"{operation.connection.addresses.run}/{path}"
    request = await prepared(io, operation, url, payload, NEVER, options)
    request = request._replace(headers={"Accept": "text/event-stream", **request.headers})
    response = await ask(io, request, STREAM, NEVER)
    about, events = with_request_id(request.about, response), EventParser(io.tuning.longest_event)
    try:
        while piece := await io.read(response):
            for event in events.feed(piece):
                yield _output(operation, event, about)
    except httpx.RequestError as error:
        raise ConnectionFailed(f"the stream broke off ({error!r})", about) from error
    except EventTooLong as error:
        raise UnexpectedResponse(str(error), None, about) from error


def _output(operation: Operation[OutputT], event: str, about: Subject) -> OutputT | Any:
    try:
        payload = json.loads(event)
    except (ValueError, RecursionError):
        return event
    try:
        return operation.parse(payload, about)
    except UnexpectedResponse:
        return payload
