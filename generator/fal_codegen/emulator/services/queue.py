"""queue.fal.run: submit jobs, follow them, fetch results, cancel."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from fal_codegen.emulator.endpoints.results import absolute
from fal_codegen.emulator.endpoints.served_endpoint import app_of
from fal_codegen.emulator.json_bodies import JsonResponse
from fal_codegen.emulator.queue.jobs import EmulatedJob, JobOutcome, JobStatus
from fal_codegen.emulator.queue.model_runs import run_model, schedule_job, with_lifecycle
from fal_codegen.emulator.request_handling import Handler, IncomingRequest

__all__ = ["answer", "cancel", "events", "result", "status", "submit"]

_STREAM_TICK, _SHORTEST_TICK = 0.05, 0.001
"""Seconds between checks of a status stream, so that a cancellation is noticed."""


async def submit(request: IncomingRequest) -> Response:
    """Add a job to the queue.

    An invalid input is accepted here; only the result reports it, as at fal
    (https://fal.ai/docs/documentation/model-apis/inference/webhooks, "Response errors").
    """
    request.authenticate()
    endpoint = request.endpoint()
    body = await request.body()
    outcome = run_model(endpoint, body, request.behaviour)
    schedule, outcome = schedule_job(request.behaviour, outcome, _start_timeout(request.http))
    if _is_too_long(request, endpoint.app, schedule.ahead):
        raise HTTPException(429, "The queue is longer than fal_max_queue_length allows")
    header = request.http.headers.get("X-Fal-Object-Lifecycle-Preference")
    delay = schedule.queued + schedule.running
    outcome = with_lifecycle(outcome, request.emulation.lifecycles, header, delay, is_job=True)
    is_stored = request.http.headers.get("X-Fal-Store-IO") != "0"
    job = request.emulation.queue.submit(
        endpoint.id, schedule, outcome, request.directives, body if is_stored else None
    )
    accepted: dict[str, Any] = {"status": "IN_QUEUE", **_identity(request, job)}
    accepted |= {"queue_position": schedule.ahead, "logs": None, "metrics": {}}
    if target := request.http.query_params.get("fal_webhook"):
        request.emulation.webhooks.schedule(job, target, request.url)
        accepted["gateway_request_id"] = job.request_id
    return JsonResponse(accepted, headers={"x-fal-request-id": job.request_id})


def _of_job(handler: Callable[[IncomingRequest, EmulatedJob], Awaitable[Response]]) -> Handler:
    """Return the handler of an operation on the job that the path names."""

    async def handle(request: IncomingRequest) -> Response:
        # As at fal, an unknown job is reported without asking for a key.
        if request.job or "authorization" in request.http.headers:
            request.authenticate()
        return _not_found() if request.job is None else await handler(request, request.job)

    return handle


@_of_job
async def status(request: IncomingRequest, job: EmulatedJob) -> Response:
    """Return the status of a job, with its logs if `logs` is set."""
    now = job.status(request.emulation.queue.clock())
    body = _status_body(request, job, now, now.logs)
    return JsonResponse(body, 200 if now.state == "COMPLETED" else 202)


@_of_job
async def events(request: IncomingRequest, job: EmulatedJob) -> Response:
    """Stream the status of a job until it is completed."""
    return StreamingResponse(_events(request, job), media_type="text/event-stream")


@_of_job
async def result(request: IncomingRequest, job: EmulatedJob) -> Response:
    """Return the answer of the model: its status and body."""
    if not job.is_completed(request.emulation.queue.clock()):
        raise HTTPException(400, "Request is still in progress")
    if job.schedule.loses_result:
        return _not_found()
    return answer(request, job.outcome)


@_of_job
async def cancel(request: IncomingRequest, job: EmulatedJob) -> Response:
    """Cancel a job."""
    cancellation = request.emulation.queue.cancel(job)
    if cancellation == "ALREADY_COMPLETED":  # recorded without the `status` that fal documents
        raise HTTPException(400, "Request is already completed")
    return JsonResponse({"status": cancellation}, 202)


def answer(request: IncomingRequest, outcome: JobOutcome) -> Response:
    """Return a model's answer, with the URLs of this emulator."""
    body = absolute(outcome.body, request.url) if outcome.status < 400 else outcome.body
    return JsonResponse(body, outcome.status, {"x-fal-served-from": "emulator", **outcome.headers})


def _not_found() -> Response:
    return JsonResponse({"status": "NOT_FOUND"}, 404)


def _is_too_long(request: IncomingRequest, app: str, ahead: int) -> bool:
    """Return whether more jobs wait than the caller allows. Raises HTTPException."""
    wanted = request.http.query_params.get("fal_max_queue_length")
    if wanted is None:
        return False
    if not re.fullmatch("[0-9]{1,9}", wanted):
        raise HTTPException(400, "fal_max_queue_length must be a whole number from 0")
    return request.emulation.queue.waiting(app) + ahead > int(wanted)


def _identity(request: IncomingRequest, job: EmulatedJob) -> dict[str, str]:
    """Return the fields of every status; as at fal, URLs lack the sub-path of the id."""
    url = request.url(f"/queue/{app_of(job.endpoint_id)}/requests/{job.request_id}")
    return {
        "request_id": job.request_id,
        "response_url": url,
        "status_url": f"{url}/status",
        "cancel_url": f"{url}/cancel",
    }


def _status_body(
    request: IncomingRequest, job: EmulatedJob, now: JobStatus, logs: tuple[dict[str, str], ...]
) -> dict[str, Any]:
    body: dict[str, Any] = {"status": now.state, **_identity(request, job)}
    body |= {"logs": None, "metrics": {}}
    if now.state == "IN_QUEUE":
        body["queue_position"] = now.queue_position
    elif request.http.query_params.get("logs", "0").lower() in ("1", "true"):
        body["logs"] = list(logs)
    if now.state == "COMPLETED":
        body["metrics"] = {"inference_time": job.completes_at - job.starts_at}
        if job.outcome.error_type:
            body |= {"error": job.outcome.error, "error_type": job.outcome.error_type}
    if request.behaviour.unknown_status:
        body["status"] = request.behaviour.unknown_status
    if request.behaviour.unknown_field:
        body[request.behaviour.unknown_field] = "emulated"
    return body


async def _events(request: IncomingRequest, job: EmulatedJob) -> AsyncIterator[str]:
    """Yield an event for each change, with new log lines only, and comments in between."""
    clock = request.emulation.queue.clock
    previous: JobStatus | None = None
    sent_at = clock()
    while True:
        job = request.emulation.queue.find(job.endpoint_id, job.request_id) or job
        now = job.status(clock())
        if now != previous:
            seen = len(previous.logs) if previous else 0
            yield f"data: {json.dumps(_status_body(request, job, now, now.logs[seen:]))}\n\n"
            previous, sent_at = now, clock()
        elif clock() - sent_at >= request.behaviour.heartbeat:
            yield ": ping\n\n"
            sent_at = clock()
        if now.state == "COMPLETED":
            return
        change = min((at for at in job.changes() if at > clock()), default=0.0)
        tick = min(_STREAM_TICK, max(request.behaviour.heartbeat, _SHORTEST_TICK))
        await asyncio.sleep(min(max(change - clock(), 0.0), tick))


def _start_timeout(request: Request) -> float | None:
    """Return the seconds within which the job has to start, from either header.

    Raises:
        HTTPException: It is not a number above 0.
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
