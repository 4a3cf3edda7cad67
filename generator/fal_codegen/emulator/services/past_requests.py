"""api.fal.ai: the requests of endpoints that are over."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from fal_codegen.emulator.endpoints.results import absolute
from fal_codegen.emulator.json_bodies import JsonResponse, NotJson, parse
from fal_codegen.emulator.queue.jobs import EmulatedJob
from fal_codegen.emulator.request_handling import IncomingRequest
from fal_codegen.emulator.services.platform_queries import RequestedPage, required_ids, several

__all__ = ["by_endpoint"]

_PAGE, _MOST = 50, 100
"""Requests on a page: without a limit, and at most."""


async def by_endpoint(request: IncomingRequest) -> Response:
    """List requests that are over, the last first; `expand=payloads` adds inputs and outputs.

    fal does not document whether it lists requests in flight. The emulator never does, so that a
    client cannot rely on it.
    """
    request.authenticate()
    query, wanted = request.http.query_params, required_ids(request)
    now = request.emulation.queue.clock()
    day = timedelta(days=90 if query.get("request_id") else 1)
    try:
        page = RequestedPage.of(request, _PAGE)
        start = _seconds(query["start"]) if query.get("start") else now - day.total_seconds()
        end = _seconds(query["end"]) if query.get("end") else now
    except ValueError:
        raise HTTPException(400, "limit, cursor, start or end is not valid") from None
    if not 1 <= page.size <= _MOST:
        raise HTTPException(400, f"limit must be from 1 to {_MOST}")
    found = [
        job
        for job in request.emulation.queue
        if job.endpoint_id in wanted
        and job.is_completed(now)
        and start <= job.completes_at <= end
        and query.get("request_id") in (None, job.request_id)
        and query.get("status") in (None, _status(job))
    ]
    found.sort(key=lambda job: job.completes_at, reverse=True)
    has_payloads = "payloads" in several(request, "expand")
    items = [_item(request, job, has_payloads) for job in page.items(found)]
    return JsonResponse({"items": items, **page.links(found)})


def _item(request: IncomingRequest, job: EmulatedJob, has_payloads: bool) -> dict[str, Any]:
    item: dict[str, Any] = {
        "request_id": job.request_id,
        "endpoint_id": job.endpoint_id,
        "sent_at": _time(job.submitted_at),
        "started_at": _time(job.starts_at),
        "ended_at": _time(job.completes_at),
        "status_code": job.outcome.status,
        "duration": job.completes_at - job.starts_at,
    }
    if has_payloads and job.input is not None and not job.schedule.loses_result:
        item["json_output"] = absolute(job.outcome.body, request.url)
        try:
            item["json_input"] = parse(job.input)
        except NotJson:
            item["json_input"] = None
    return item


def _status(job: EmulatedJob) -> str:
    if job.outcome.status < 400:
        return "success"
    return "user_error" if job.outcome.status < 500 else "error"


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat().replace("+00:00", "Z")


def _seconds(time: str) -> float:
    """Return a time of ISO 8601 as seconds; without a zone, it is UTC. Raises ValueError."""
    moment = datetime.fromisoformat(time.replace("Z", "+00:00"))
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    return zoned.timestamp()
