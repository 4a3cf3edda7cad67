"""The options of a request's methods; the names are fal-client's where the meaning is the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Literal, TypedDict

from .problems import did_you_mean
from .protocol.status import Status


class JobOptions(TypedDict, total=False):
    """How fal queues and runs a job."""

    priority: Literal["normal", "low"] | None
    """Its place in the queue."""
    hint: str | None
    """Which runner to prefer; jobs with the same hint tend to the same one."""
    start_timeout: float | None
    """Seconds, more than 1, after which the server gives up a job that has not started."""
    headers: Mapping[str, str] | None
    """Further HTTP headers."""


class SubmitOptions(JobOptions, total=False):
    """Options of `Request.submit`."""

    webhook_url: str | None
    """Where fal posts the result when there is one."""


class RunOptions(JobOptions, total=False):
    """Options of `Request.run`."""

    client_timeout: float | None
    """Seconds until the whole result is there; after them it is lost, while the model may run
    on."""


class SubscribeOptions(JobOptions, total=False):
    """Options of `Request.subscribe`."""

    with_logs: bool
    """Whether updates carry what the model prints."""
    on_enqueue: Callable[[str], object] | None
    """Called with the request id once the job is accepted. It may be a coroutine function for
    `subscribe_async`, like every callback."""
    on_queue_update: Callable[[Status], object] | None
    """Called when the state changes or there are new log lines, with each line once."""
    client_timeout: float | None
    """Seconds until the whole result is there, after which the job is cancelled; also the default
    of `start_timeout`. Cancelling takes up to 5 s, and 5 s more before a submission is answered."""
    cancel_on_interrupt: bool
    """Whether a job is cancelled on the server when its caller stops waiting: by Ctrl-C, task
    cancellation, an exception of a callback, or `client_timeout`. On by default."""


def check_options(method: str, given: Iterable[str], known: type[JobOptions]) -> None:
    """Raise TypeError for an option that a method does not have."""
    for name in given:
        if name not in known.__annotations__:  # those of the base too: a TypedDict has them all
            hint = did_you_mean(name, known.__annotations__)
            raise TypeError(f"{method}() has no option {name!r}{hint}")
