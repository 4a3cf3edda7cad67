"""queue.fal.run: jobs are submitted, watched, collected and cancelled."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from fal_codegen.emulator.exchange import Call
from fal_codegen.emulator.jobs import Job, Outcome, Status
from fal_codegen.emulator.model import plan_job, run_model
from fal_codegen.emulator.storage import localise

__all__ = ["answer", "cancel", "events", "result", "status", "submit"]

_STREAM_TICK = 0.05
"""Seconds after which a status stream looks again in any case, for cancellations."""


async def submit(call: Call) -> Response:
    """Take in a job.

    Its input is not refused here but by the model: fal accepts it, and only the result says what is
    wrong (https://fal.ai/docs/documentation/model-apis/inference/webhooks, "Response errors").
    """
    call.authenticate()
    endpoint = call.endpoint()
    outcome = run_model(endpoint, await call.request.body(), call.behaviour)
    plan, outcome = plan_job(call.behaviour, outcome, _start_timeout(call.request))
    job = call.fal.queue.submit(endpoint.id, plan, outcome, call.directives)
    body = {"status": "IN_QUEUE", **_identity(call, job), "queue_position": plan.ahead}
    if target := call.request.query_params.get("fal_webhook"):
        call.fal.webhooks.schedule(job, target, call.url)
        body["gateway_request_id"] = job.request_id
    return JSONResponse(body, headers={"x-fal-request-id": job.request_id})


async def status(call: Call) -> Response:
    """Tell how a job stands, with its logs when `logs` is asked for."""
    job = _job(call)
    now = job.status(call.fal.queue.clock())
    body = _status_body(call, job, now, now.logs)
    return JSONResponse(body, 200 if now.state == "COMPLETED" else 202)


async def events(call: Call) -> Response:
    """Tell how a job stands, again and again until it is done."""
    return StreamingResponse(_events(call, _job(call)), media_type="text/event-stream")


async def result(call: Call) -> Response:
    """Give what the model answered: its status, its body."""
    job = _job(call)
    if not job.is_completed(call.fal.queue.clock()):
        raise HTTPException(400, "Request is still in progress")
    if job.plan.expires:
        raise HTTPException(404, "Request not found")
    return answer(call, job.outcome)


async def cancel(call: Call) -> Response:
    """Cancel a job."""
    call.authenticate()
    if call.job is None:
        return JSONResponse({"status": "NOT_FOUND"}, 404)
    cancellation = call.fal.queue.cancel(call.job)
    return JSONResponse(
        {"status": cancellation}, 400 if cancellation == "ALREADY_COMPLETED" else 202
    )


def answer(call: Call, outcome: Outcome) -> Response:
    """Return a model's answer, its files pointing at this emulator."""
    body = localise(outcome.body, call.url) if outcome.status < 400 else outcome.body
    return JSONResponse(body, outcome.status, outcome.headers)


def _job(call: Call) -> Job:
    call.authenticate()
    if call.job is None:
        raise HTTPException(404, "Request not found")
    return call.job


def _identity(call: Call, job: Job) -> dict[str, str]:
    """Return the fields that every status has; as at fal, URLs lack the sub-path of the id."""
    url = call.url(f"/queue/{call.fal.endpoints[job.endpoint_id].app}/requests/{job.request_id}")
    return {
        "request_id": job.request_id,
        "response_url": url,
        "status_url": f"{url}/status",
        "cancel_url": f"{url}/cancel",
    }


def _status_body(
    call: Call, job: Job, now: Status, logs: tuple[dict[str, str], ...]
) -> dict[str, Any]:
    body: dict[str, Any] = {"status": now.state, **_identity(call, job)}
    if now.state == "IN_QUEUE":
        body["queue_position"] = now.queue_position
    else:
        wanted = call.request.query_params.get("logs", "0").lower() in ("1", "true")
        body["logs"] = list(logs) if wanted else None
    if now.state == "COMPLETED":
        body["metrics"] = {"inference_time": job.completes_at - job.starts_at}
        if job.outcome.error:
            body["error"] = job.outcome.error
        if job.outcome.error_type:
            body["error_type"] = job.outcome.error_type
    if call.behaviour.unknown_status:
        body["status"] = call.behaviour.unknown_status
    if call.behaviour.unknown_field:
        body[call.behaviour.unknown_field] = "emulated"
    return body


async def _events(call: Call, job: Job) -> AsyncIterator[str]:
    """Yield an event for every change, each log line once, and comments when nothing happens."""
    clock = call.fal.queue.clock
    shown: Status | None = None
    spoken_at = clock()
    while True:
        job = call.fal.queue.find(job.endpoint_id, job.request_id) or job
        now = job.status(clock())
        if now != shown:
            seen = len(shown.logs) if shown else 0
            yield f"data: {json.dumps(_status_body(call, job, now, now.logs[seen:]))}\n\n"
            shown, spoken_at = now, clock()
        elif clock() - spoken_at >= call.behaviour.heartbeat:
            yield ": ping\n\n"
            spoken_at = clock()
        if now.state == "COMPLETED":
            return
        change = min((at for at in job.changes() if at > clock()), default=0.0)
        await asyncio.sleep(min(max(change - clock(), 0.0), _STREAM_TICK, call.behaviour.heartbeat))


def _start_timeout(request: Request) -> float | None:
    """Return the seconds within which the job has to start, by either name of the header.

    Raises:
        HTTPException: It is no number above 0.
    """
    for name in ("X-Fal-Request-Start-Timeout", "X-Fal-Request-Timeout"):
        if (value := request.headers.get(name)) is not None:
            try:
                seconds = float(value)
            except ValueError:
                seconds = 0.0
            if not seconds > 0:
                raise HTTPException(400, f"Invalid {name} header")
            return seconds
    return None
