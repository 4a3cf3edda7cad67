"""The protocol of fal's queue, as flows: put a job into it, and wait for what comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Literal
from urllib.parse import quote

from typing_extensions import Unpack

from .commands import NEVER, Call, Deadline, Flow, Notify
from .errors import SubmissionUncertain, body_of
from .exchange import ask, logger
from .job import Job, Watch, accepted_job
from .json_values import json_object
from .operation import Operation, Output
from .options import JobOptions
from .status import Status
from .uploads import with_files_uploaded

_SHORTEST_START_TIMEOUT = 1.0  # seconds; fal takes no shorter one, says fal-client


def prepared(
    operation: Operation[Any],
    url: str,
    payload: dict[str, Any],
    deadline: Deadline,
    options: JobOptions,
) -> Flow[Call]:
    """Upload local files, and return the call that posts `payload` to `url`, once."""
    about, headers = operation.about(), _headers(**options)
    addresses = operation.connection.addresses
    uploaded = yield from with_files_uploaded(payload, addresses, about, deadline)
    body = operation.encode(uploaded)
    return Call("POST", url, headers=headers, body=body, once=True, about=about)


def submit(
    operation: Operation[Output],
    payload: dict[str, Any],
    deadline: Deadline = NEVER,
    *,
    webhook_url: str | None = None,
    note: Callable[[bool], object] | None = None,
    **options: Unpack[JobOptions],
) -> Flow[Job[Output]]:
    """Upload local files and put the job into the queue, once; see `Call` for `note`."""
    query = "" if webhook_url is None else f"?fal_webhook={quote(webhook_url, safe='')}"
    url = f"{operation.queue_url}{query}"
    call = yield from prepared(operation, url, payload, deadline, options)
    call = call._replace(shielded=True, note=note or call.note)
    answer = json_object(body_of((yield from ask(call, deadline))))
    request_id = answer.get("request_id")
    if not isinstance(request_id, str) or request_id in ("", ".", ".."):
        raise SubmissionUncertain("the server accepted the request without naming it", call.about)
    job = accepted_job(operation, answer)
    logger.info("%s: submitted", job.about)
    return job


def subscribe(
    operation: Operation[Output],
    payload: dict[str, Any],
    *,
    with_logs: bool = False,
    on_enqueue: Callable[[str], object] | None = None,
    on_queue_update: Callable[[Status], object] | None = None,
    client_timeout: float | None = None,
    cancel_on_interrupt: bool = True,
    follow: bool = True,
    **options: Unpack[JobOptions],
) -> Flow[Output]:
    """Submit, wait, and return the result."""
    deadline = Deadline(client_timeout)
    if client_timeout is not None and client_timeout > _SHORTEST_START_TIMEOUT:
        options.setdefault("start_timeout", client_timeout)
    report = None if on_queue_update is None else partial(Notify, on_queue_update)
    job = yield from submit(operation, payload, deadline, **options)

    def rest() -> Flow[Output]:
        if on_enqueue is not None:
            yield Notify(on_enqueue, job.request_id)
        return (yield from job.result(Watch(deadline, with_logs, report, follow, is_new=True)))

    return (yield from job.cancelled_if_interrupted(rest()) if cancel_on_interrupt else rest())


def _headers(
    priority: Literal["normal", "low"] | None = None,
    hint: str | None = None,
    start_timeout: float | None = None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return the HTTP headers that say how a job is to be run."""
    sent = {"Content-Type": "application/json", **(headers or {})}
    if priority is not None:
        sent["X-Fal-Queue-Priority"] = priority
    if hint is not None:
        sent["X-Fal-Runner-Hint"] = hint
    if start_timeout is not None:
        if start_timeout <= _SHORTEST_START_TIMEOUT:
            raise ValueError(f"start_timeout must be more than {_SHORTEST_START_TIMEOUT:g} second")
        # The second name is the first's deprecated one, which servers may still expect.
        sent["X-Fal-Request-Start-Timeout"] = sent["X-Fal-Request-Timeout"] = str(start_timeout)
    return sent
