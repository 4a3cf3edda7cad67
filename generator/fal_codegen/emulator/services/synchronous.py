"""fal.run: call a model and get its answer on the same connection, whole or as a stream."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from starlette.responses import Response, StreamingResponse

from fal_codegen.emulator.jobs import JobOutcome
from fal_codegen.emulator.model_runs import run_model, with_lifecycle
from fal_codegen.emulator.request_handling import IncomingRequest
from fal_codegen.emulator.results import absolute
from fal_codegen.emulator.services.queue import answer

__all__ = ["run", "stream"]

_EVENTS = "text/event-stream"


async def run(request: IncomingRequest) -> Response:
    """Answer when the model has finished."""
    outcome = await _outcome(request)
    await asyncio.sleep(request.behaviour.queued + request.behaviour.running)
    return answer(request, outcome)


async def stream(request: IncomingRequest) -> Response:
    """Answer with one event per log line, at least one.

    Every event has a complete result: documents do not describe partial results.
    """
    base_id = request.http.path_params["id"]
    if f"{base_id}/stream" in request.emulation.endpoints:  # some endpoint ids end in /stream
        is_streamed = _EVENTS in request.http.headers.get("accept", "")
        if not (is_streamed and base_id in request.emulation.endpoints):
            request.http.path_params["id"] = f"{base_id}/stream"
        if not is_streamed:
            return await run(request)
    outcome = await _outcome(request)
    await asyncio.sleep(request.behaviour.queued)
    if outcome.status >= 400:
        return answer(request, outcome)
    return StreamingResponse(_events(request, outcome), media_type=_EVENTS)


async def _outcome(request: IncomingRequest) -> JobOutcome:
    request.authenticate()
    outcome = run_model(request.endpoint(), await request.body(), request.behaviour)
    header = request.http.headers.get("X-Fal-Object-Lifecycle-Preference")
    delay = request.behaviour.queued + request.behaviour.running
    return with_lifecycle(outcome, request.emulation.lifecycles, header, delay)


async def _events(request: IncomingRequest, outcome: JobOutcome) -> AsyncIterator[str]:
    data = json.dumps(absolute(outcome.body, request.url))
    steps = max(request.behaviour.logs, 1)
    for _ in range(steps):
        await asyncio.sleep(request.behaviour.running / steps)
        yield f"data: {data}\n\n"
