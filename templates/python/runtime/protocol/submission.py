"""Putting a job into fal's queue, and waiting for its result."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any
from urllib.parse import quote

from typing_extensions import Unpack

from ..errors import SubmissionUncertain
from ..json_values import json_object
from ..local_file import local_files
from ..log import logger
from ..options import SHORTEST_START_TIMEOUT, JobOptions
from ..transport.io import NEVER, Deadline, HttpRequest, Io
from .bound_endpoint import BoundEndpoint, OutputT
from .interruption import cancelled_if_interrupted
from .job import Job, Result, Watch, accepted_job
from .option_headers import headers_of, url_with, with_defaults
from .policies import SUBMIT
from .request_id import is_request_id
from .responses import body_of, checked
from .retry import NO_RECORDER, SubmissionRecorder, deliver
from .status import Status
from .subjects import with_response


async def subscribe(
    io: Io,
    endpoint: BoundEndpoint[OutputT],
    payload: dict[str, Any],
    *,
    with_logs: bool = False,
    on_enqueue: Callable[[str], object] | None = None,
    on_queue_update: Callable[[Status], object] | None = None,
    client_timeout: float | None = None,
    cancel_on_interrupt: bool = True,
    follow: bool = True,
    recorder: SubmissionRecorder = NO_RECORDER,
    **options: Unpack[JobOptions],
) -> Result[OutputT]:
    """Submit a job, wait until it is over, and return its result."""
    deadline = Deadline(client_timeout)
    if client_timeout is not None and SHORTEST_START_TIMEOUT < client_timeout < inf:
        options.setdefault("start_timeout", client_timeout)
    job = await submit(io, endpoint, payload, deadline, recorder=recorder, **options)
    async with cancelled_if_interrupted(io, job, cancel_on_interrupt):
        if on_enqueue is not None:
            await io.notify(on_enqueue, job.request_id)
        watch = Watch(deadline, with_logs, on_queue_update, follow, is_new=True)
        return await job.result(io, watch)


async def enqueue(
    io: Io,
    endpoint: BoundEndpoint[OutputT],
    payload: dict[str, Any],
    *,
    webhook_url: str | None = None,
    client_timeout: float | None = None,
    **options: Unpack[JobOptions],
) -> Job[OutputT]:
    """Submit a job for a caller who does not wait for its result."""
    deadline = Deadline(client_timeout)
    job = await submit(io, endpoint, payload, deadline, webhook_url=webhook_url, **options)
    async with cancelled_if_interrupted(io, job):
        await io.sleep(0)  # raises an interruption that waited for the response
        deadline.remaining(job.subject)  # or a response that came too late
    return job


async def submit(
    io: Io,
    endpoint: BoundEndpoint[OutputT],
    payload: dict[str, Any],
    deadline: Deadline = NEVER,
    *,
    webhook_url: str | None = None,
    recorder: SubmissionRecorder = NO_RECORDER,
    **options: Unpack[JobOptions],
) -> Job[OutputT]:
    """Upload local files and put a job into the queue, once."""
    query = "" if webhook_url is None else f"?fal_webhook={quote(webhook_url, safe='')}"
    url = f"{endpoint.queue_url}{query}"
    request = await prepared(io, endpoint, url, payload, deadline, options)
    response = await deliver(io, request, SUBMIT, deadline, recorder)
    body = json_object(body_of(checked(response, request.subject)))
    request_id = body.get("request_id")
    if not is_request_id(request_id):
        message = "the server accepted the request, but its response has no request id"
        raise SubmissionUncertain(message, with_response(request.subject, response))
    job = accepted_job(endpoint, request_id, body)
    logger.info("%s: submitted", job.subject)
    return job


async def prepared(
    io: Io,
    endpoint: BoundEndpoint[Any],
    url: str,
    payload: dict[str, Any],
    deadline: Deadline,
    options: JobOptions,
) -> HttpRequest:
    """Upload local files, and return the request that posts `payload` to `url`."""
    options = with_defaults(options, endpoint.connection.defaults)
    url, headers, subject = url_with(url, options), headers_of(options), endpoint.subject()
    if any(local_files(payload)):
        from . import uploads  # most requests have no local files

        payload = await uploads.with_files_uploaded(
            io,
            payload,
            endpoint.connection,
            subject,
            deadline,
            options,
            options.get("on_upload_progress"),
            inline_bytes=uploads.inline_bytes_of(options),
        )
    body = endpoint.encode(payload)
    headers["Content-Length"] = str(len(body))
    key = endpoint.connection.key_for(url, subject)
    return HttpRequest("POST", url, headers, body, key, subject)
