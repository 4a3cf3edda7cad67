"""Calling a model without the queue: fal.run responds on the same connection."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import httpx
from typing_extensions import Unpack

from ..errors import ConnectionFailed, UnexpectedResponse
from ..options import JobOptions
from ..transport.io import Deadline, Io
from ..transport.sse import EventParser, EventTooLong
from .bound_endpoint import BoundEndpoint, OutputT
from .policies import RUN, STREAM
from .responses import body_of
from .retry import ask
from .subjects import with_response
from .submission import prepared


async def run(
    io: Io,
    endpoint: BoundEndpoint[OutputT],
    payload: dict[str, Any],
    *,
    client_timeout: float | None = None,
    **options: Unpack[JobOptions],
) -> OutputT:
    """Call an endpoint, and return its output."""
    url = f"{endpoint.connection.addresses.run}/{endpoint.endpoint_id}"
    deadline = Deadline(client_timeout)
    request = await prepared(io, endpoint, url, payload, deadline, options)
    response = await ask(io, request, RUN, deadline)
    return endpoint.parse(body_of(response), with_response(request.subject, response))


async def stream(
    io: Io,
    endpoint: BoundEndpoint[OutputT],
    payload: dict[str, Any],
    *,
    client_timeout: float | None = None,
    **options: Unpack[JobOptions],
) -> AsyncGenerator[OutputT | Any, None]:
    """Call an endpoint, and yield each event as `BoundEndpoint.event` returns it."""
    path = endpoint.endpoint_id.removesuffix("/stream") + "/stream"
    url = f"{endpoint.connection.addresses.run}/{path}"
    deadline = Deadline(client_timeout)
    request = await prepared(io, endpoint, url, payload, deadline, options)
    request = request._replace(headers={"Accept": "text/event-stream", **request.headers})
    response = await ask(io, request, STREAM, deadline)
    subject = with_response(request.subject, response)
    events = EventParser(io.tuning.longest_event)
    try:
        while piece := await io.read(response, deadline.end):
            for event in events.feed(piece):
                yield endpoint.event(event, subject)
                deadline.remaining(subject)
    except httpx.RequestError as error:
        deadline.remaining(subject)  # raises if that is why the stream ended
        raise ConnectionFailed(f"the stream was interrupted ({error!r})", subject) from error
    except EventTooLong as error:
        raise UnexpectedResponse(str(error), None, subject) from error
