"""Options of a request's methods, named as in fal-client where they mean the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Literal, TypedDict

from .problems import did_you_mean
from .protocol.status import Status


class JobOptions(TypedDict, total=False):
    """Options of every job."""

    priority: Literal["normal", "low"] | None
    """The priority in the queue."""
    hint: str | None
    """The preferred runner: jobs with the same hint tend to run on the same one."""
    start_timeout: float | None
    """Seconds (more than 1) after which the server cancels a job that has not started."""
    headers: Mapping[str, str] | None
    """Additional HTTP headers."""


class SubmitOptions(JobOptions, total=False):
    """Options of `Request.submit`."""

    webhook_url: str | None
    """The URL that fal posts the result to."""


class RunOptions(JobOptions, total=False):
    """Options of `Request.run`."""

    client_timeout: float | None
    """Seconds to wait for the complete result. Then it is lost, and the model may keep running."""


class SubscribeOptions(JobOptions, total=False):
    """Options of `Request.subscribe`."""

    with_logs: bool
    """Whether updates include the logs of the model."""
    on_enqueue: Callable[[str], object] | None
    """Called with the request id once the job is accepted. It may be a coroutine function for
    `subscribe_async`, like every callback."""
    on_queue_update: Callable[[Status], object] | None
    """Called when the state changes or new log lines arrive, with each line once."""
    client_timeout: float | None
    """Seconds to wait for the complete result, after which the job is cancelled; also the default
    of `start_timeout`. Cancelling takes up to 5 s, or 10 s for an unanswered submission."""
    cancel_on_interrupt: bool
    """Whether the job is cancelled on the server when you stop waiting: by Ctrl-C, task
    cancellation, an exception of a callback, or `client_timeout`. True by default."""


def check_options(method: str, given: Iterable[str], known: type[JobOptions]) -> None:
    """Raise TypeError for an option that a method does not have."""
    for name in given:
        if name not in known.__annotations__:  # a TypedDict lists those of its base too
            hint = did_you_mean(name, known.__annotations__)
            raise TypeError(f"{method}() has no option {name!r}{hint}")
