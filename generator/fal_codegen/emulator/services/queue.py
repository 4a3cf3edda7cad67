"""queue.fal.run: jobs are submitted, watched, collected and cancelled."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from fal_codegen.emulator.exchange import Call
from fal_codegen.emulator.jobs import Job, Outcome, Status
from fal_codegen.emulator.json_bodies import JsonResponse
from fal_codegen.emulator.model import plan_job, run_model
from fal_codegen.emulator.results import absolute

__all__ = ["answer", "cancel", "events", "result", "status", "submit"]

_STREAM_TICK, _SHORTEST_TICK = 0.05, 0.001
"""Seconds after which a status stream looks again in any case, for cancellations."""


async def submit(call: Call) -> Response:
    """Take in a job.

    Its input is not refused here but by the model: fal accepts it, and only the result says what is
    wrong (https://fal.ai/docs/documentation/model-apis/inference/webhooks, "Response errors").
    """
    call.authenticate()
    endpoint = call.endpoint()
    outcome = run_model(endpoint, await call.body(), call.behaviour)
    plan, outcome = plan_job(call.behaviour, outcome, _start_timeout(call.request))
    if _is_too_long(call, endpoint.app, plan.ahead):
        raise HTTPException(429, "The queue is longer than fal_max_queue_length allows")
    job = call.fal.queue.submit(endpoint.id, plan, outcome, call.directives)
    body: dict[str, Any] = {"status": "IN_QUEUE", **_identity(call, job)}
    body |= {"queue_position": plan.ahead, "logs": None, "metrics": {}}
    if target := call.request.query_params.get("fal_webhook"):
        call.fal.webhooks.schedule(job, target, call.url)
        body["gateway_request_id"] = job.request_id
    return JsonResponse(body, headers={"x-fal-request-id": job.request_id})


async def status(call: Call) -> Response:
    """Tell how a job stands, with its logs when `logs` is asked for."""
    job = _job(call)
    if job is None:
        return _not_found()
    now = job.status(call.fal.queue.clock())
    body = _status_body(call, job, now, now.logs)
    return JsonResponse(body, 200 if now.state == "COMPLETED" else 202)


async def events(call: Call) -> Response:
    """Tell how a job stands, again and again until it is done."""
    job = _job(call)
    if job is None:
        return _not_found()
    return StreamingResponse(_events(call, job), media_type="text/event-stream")


async def result(call: Call) -> Response:
    """Give what the model answered: its status, its body."""
    job = _job(call)
    if job is None:
        return _not_found()
    if not job.is_completed(call.fal.queue.clock()):
        raise HTTPException(400, "Request is still in progress")
    if job.plan.expires:
        return _not_found()
    return answer(call, job.outcome)


async def cancel(call: Call) -> Response:
    """Cancel a job."""
    job = _job(call)
    if job is None:
        return _not_found()
    cancellation = call.fal.queue.cancel(job)
    if cancellation == "ALREADY_COMPLETED":  # recorded without the `status` that fal documents
        raise HTTPException(400, "Request is already completed")
    return JsonResponse({"status": cancellation}, 202)


def answer(call: Call, outcome: Outcome) -> Response:
    """Return a model's answer, its files pointing at this emulator."""
    body = absolute(outcome.body, call.url) if outcome.status < 400 else outcome.body
    return JsonResponse(body, outcome.status, {"x-fal-served-from": "emulator", **outcome.headers})


def _job(call: Call) -> Job | None:
    """Return the job that the path names; fal says that there is none without asking for a key."""
    if call.job or "authorization" in call.request.headers:
        call.authenticate()
    return call.job


def _not_found() -> Response:
    return JsonResponse({"status": "NOT_FOUND"}, 404)


def _is_too_long(call: Call, app: str, ahead: int) -> bool:
    """Return whether more jobs wait than the caller accepts. Raises HTTPException."""
    wanted = call.request.query_params.get("fal_max_queue_length")
    if wanted is None:
        return False
    if not re.fullmatch("[0-9]{1,9}", wanted):
        raise HTTPException(400, "fal_max_queue_length is no whole number from 0 on")
    return call.fal.queue.waiting(app) + ahead > int(wanted)


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
    body |= {"logs": None, "metrics": {}}
    if now.state == "IN_QUEUE":
        body["queue_position"] = now.queue_position
    elif call.request.query_params.get("logs", "0").lower() in ("1", "true"):
        body["logs"] = list(logs)
    if now.state == "COMPLETED":
        body["metrics"] = {"inference_time": job.completes_at - job.starts_at}
        if job.outcome.error_type:
            body |= {"error": job.outcome.error, "error_type": job.outcome.error_type}
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
        tick = min(_STREAM_TICK, max(call.behaviour.heartbeat, _SHORTEST_TICK))
        await asyncio.sleep(min(max(change - clock(), 0.0), tick))


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
