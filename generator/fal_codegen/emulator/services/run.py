"""fal.run: a model is called and answered on one connection, at once or as a stream."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from starlette.responses import Response, StreamingResponse

from fal_codegen.emulator.exchange import Call
from fal_codegen.emulator.jobs import Outcome
from fal_codegen.emulator.model import run_model
from fal_codegen.emulator.results import absolute
from fal_codegen.emulator.services.queue import answer

__all__ = ["run", "stream"]

_EVENTS = "text/event-stream"


async def run(call: Call) -> Response:
    """Answer when the model is done."""
    outcome = await _outcome(call)
    await asyncio.sleep(call.behaviour.queued + call.behaviour.running)
    return answer(call, outcome)


async def stream(call: Call) -> Response:
    """Answer with as many events as a job would log lines, at least one.

    Every event holds a whole result: what a partial one lacks is not in the documents.
    """
    base_id = call.request.path_params["id"]
    if f"{base_id}/stream" in call.fal.endpoints:  # the id of some endpoints ends so
        is_streamed = _EVENTS in call.request.headers.get("accept", "")
        if not (is_streamed and base_id in call.fal.endpoints):
            call.request.path_params["id"] = f"{base_id}/stream"
        if not is_streamed:
            return await run(call)
    outcome = await _outcome(call)
    await asyncio.sleep(call.behaviour.queued)
    if outcome.status >= 400:
        return answer(call, outcome)
    return StreamingResponse(_events(call, outcome), media_type=_EVENTS)


async def _outcome(call: Call) -> Outcome:
    call.authenticate()
    return run_model(call.endpoint(), await call.body(), call.behaviour)


async def _events(call: Call, outcome: Outcome) -> AsyncIterator[str]:
    data = json.dumps(absolute(outcome.body, call.url))
    steps = max(call.behaviour.logs, 1)
    for _ in range(steps):
        await asyncio.sleep(call.behaviour.running / steps)
        yield f"data: {data}\n\n"
