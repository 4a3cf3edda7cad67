"""fal.run: call a model and get its answer on the same connection, whole or as a stream."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.responses import Response, StreamingResponse

from fal_codegen.emulator.endpoints.results import absolute
from fal_codegen.emulator.endpoints.served_endpoint import ServedEndpoint, is_workflow
from fal_codegen.emulator.queue.jobs import JobOutcome, new_request_id
from fal_codegen.emulator.queue.model_runs import run_model, with_lifecycle
from fal_codegen.emulator.request_handling import IncomingRequest
from fal_codegen.emulator.services.queue import answer

__all__ = ["run", "stream"]

_EVENTS = "text/event-stream"


async def run(request: IncomingRequest) -> Response:
    """Answer when the model has finished."""
    request.authenticate()
    return await _run(request, request.endpoint())


async def stream(request: IncomingRequest) -> Response:
    """Answer with one event per log line, at least one.

    Every event has a complete result: documents do not describe partial results. A workflow has a
    step per log line instead, and the events that fal documents for it.
    """
    request.authenticate()
    base_id, endpoints = request.http.path_params["id"], request.catalogue.endpoints
    named = endpoints.get(f"{base_id}/stream")  # some endpoint ids end in /stream
    if named and _EVENTS not in request.http.headers.get("accept", ""):
        return await _run(request, named)
    endpoint = named if named and base_id not in endpoints else request.endpoint()
    outcome = await _outcome(request, endpoint)
    await asyncio.sleep(request.behaviour.queued)
    if is_workflow(endpoint.id) and (outcome.status < 400 or request.behaviour.model_error):
        return StreamingResponse(_steps(request, endpoint, outcome), media_type=_EVENTS)
    if outcome.status >= 400:
        return answer(request, outcome)
    return StreamingResponse(_events(request, outcome), media_type=_EVENTS)


async def _run(request: IncomingRequest, endpoint: ServedEndpoint) -> Response:
    outcome = await _outcome(request, endpoint)
    await asyncio.sleep(request.behaviour.queued + request.behaviour.running)
    return answer(request, outcome)


async def _outcome(request: IncomingRequest, endpoint: ServedEndpoint) -> JobOutcome:
    outcome = run_model(endpoint, await request.body(), request.behaviour)
    header = request.http.headers.get("X-Fal-Object-Lifecycle-Preference")
    delay = request.behaviour.queued + request.behaviour.running
    return with_lifecycle(outcome, request.emulation.lifecycles, header, delay)


async def _events(request: IncomingRequest, outcome: JobOutcome) -> AsyncIterator[str]:
    data = json.dumps(absolute(outcome.body, request.url))
    steps = max(request.behaviour.logs, 1)
    for _ in range(steps):
        await asyncio.sleep(request.behaviour.running / steps)
        yield f"data: {data}\n\n"


async def _steps(
    request: IncomingRequest, endpoint: ServedEndpoint, outcome: JobOutcome
) -> AsyncIterator[str]:
    """Yield the events of a workflow; if the model fails, its first step does.

    Source: https://fal.ai/docs/documentation/model-apis/workflows, "Workflow events".
    """

    def event(type: str, **fields: Any) -> str:
        return f"data: {json.dumps({'type': type, **fields})}\n\n"

    steps = max(request.behaviour.logs, 1)
    output = absolute(outcome.body, request.url)
    for number in range(steps):
        step = {"node_id": f"step-{number + 1}"}
        job = {"app_id": endpoint.app, "request_id": new_request_id()}
        yield event("submit", **step, **job)
        await asyncio.sleep(request.behaviour.running / steps)
        if outcome.status >= 400:
            error = {"status": outcome.status, "body": outcome.body}
            message = f"Error while fetching the result of the request {job['request_id']}"
            yield event("error", **step, message=message, error=error)
            return
        yield event("completion", **step, output=output)
    yield event("output", output=output)
