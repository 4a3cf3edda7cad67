"""The life of a job, as plain values: how it stands follows from the time and its submission.

Nothing runs behind a job. It is advanced by whoever looks, so a thousand waiting jobs cost nothing.
"""

from __future__ import annotations

import json
import secrets
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import Any, Literal

from fal_codegen.emulator.documents import app_of
from fal_codegen.emulator.faults import INFRASTRUCTURE_ERRORS, Directive

__all__ = [
    *("Cancellation", "Job", "Outcome", "Plan", "Queue", "Status"),
    *("infrastructure_error", "new_request_id"),
]

Cancellation = Literal["CANCELLATION_REQUESTED", "ALREADY_COMPLETED"]

BUDGET = 128 << 20
"""Bytes of all results together; the oldest jobs are dropped for newer ones."""

_SIZE_OF_JOB = 2048
"""Bytes that count for a job beside its result: what Python needs to hold it."""

RETENTION = 3600.0
"""Seconds for which a job is kept after it has completed; fal documents about an hour."""


@dataclass(frozen=True)
class Outcome:
    """What the model answers in the end: the HTTP status, body and headers of the result."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)

    error_type: str | None = None
    """The kind of an infrastructure error; None for a success and for a model's own errors."""

    @property
    def error(self) -> str | None:
        """The error in a completed job's status; a model's own error shows in the result alone."""
        return str(self.body["detail"]) if self.error_type else None

    @property
    def failure(self) -> str | None:
        """The error in a webhook; None for a success."""
        return self.error or (f"Invalid status code: {self.status}" if self.status >= 400 else None)


def infrastructure_error(kind: str) -> Outcome:
    """Return the failure of fal's own machinery that is known as `kind`."""
    status = INFRASTRUCTURE_ERRORS[kind]
    return Outcome(
        status,
        {"detail": kind.replace("_", " ").capitalize(), "error_type": kind},
        {"x-fal-error-type": kind, "x-fal-needs-retry": str(status >= 500).lower()},
        kind,
    )


def new_request_id() -> str:
    """Return a UUIDv7, as fal's request ids are: they sort by their time."""
    milliseconds = time.time_ns() // 1_000_000
    bits = milliseconds << 80 | secrets.randbits(80)
    bits = bits & ~(0xF << 76) | 7 << 76  # the version
    bits = bits & ~(0b11 << 62) | 0b10 << 62  # the variant
    return str(uuid.UUID(int=bits))


@dataclass(frozen=True)
class Plan:
    """How long a job takes, in seconds, and what it shows of itself meanwhile."""

    queued: float
    running: float
    ahead: int = 0
    """Jobs in front of it when it is submitted; they go one by one while it waits."""
    log_lines: int = 0
    """Lines it logs, evenly over its run."""
    expires: bool = False
    """Whether the result is gone as soon as the job has completed."""
    cancellable: bool = True
    """Whether a cancellation stops it; fal only passes one on to the runner, which may go on."""


@dataclass(frozen=True)
class Status:
    """What a job shows of itself at one moment."""

    state: Literal["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]
    queue_position: int = 0
    logs: tuple[dict[str, str], ...] = ()


@dataclass(frozen=True)
class Job:
    """One request in the queue. Times are seconds since the epoch."""

    request_id: str
    endpoint_id: str
    submitted_at: float
    starts_at: float
    completes_at: float
    plan: Plan
    outcome: Outcome
    directives: tuple[Directive, ...] = ()
    """Faults that its submission asked for on later requests."""

    def is_completed(self, now: float) -> bool:
        """Tell whether it is done, one way or another."""
        return now >= self.completes_at

    def status(self, now: float) -> Status:
        """Return what it shows at a given time."""
        if now < self.starts_at and self.plan.queued:
            waited = (now - self.submitted_at) / self.plan.queued
            gone = int(waited * (self.plan.ahead + 1))
            return Status("IN_QUEUE", queue_position=max(self.plan.ahead - gone, 0))
        logs = tuple(_log(i, self.plan.log_lines, at) for i, at in self._log_times() if at <= now)
        return Status("COMPLETED" if self.is_completed(now) else "IN_PROGRESS", logs=logs)

    def changes(self) -> list[float]:
        """Return the times at which what it shows changes, the last being its completion."""
        step = self.plan.queued / (self.plan.ahead + 1)
        places = [self.submitted_at + step * (i + 1) for i in range(self.plan.ahead)]
        logs = [at for _, at in self._log_times()]
        return [*places, self.starts_at, *logs, self.completes_at]

    def _log_times(self) -> Iterator[tuple[int, float]]:
        """Yield the number and time of each log line, from the start of its run."""
        for i in range(self.plan.log_lines):
            at = self.starts_at + self.plan.running * i / self.plan.log_lines
            if at <= self.completes_at:
                yield i, at


def _log(index: int, lines: int, at: float) -> dict[str, str]:
    return {
        "message": f"step {index + 1}/{lines}",
        "level": "INFO",
        "source": "USER",
        "timestamp": datetime.fromtimestamp(at, timezone.utc).isoformat(),
    }


class Queue:
    """All jobs that are kept, oldest first."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self._jobs: dict[str, Job] = {}
        self._sizes: dict[str, int] = {}
        self._size = 0

    def __iter__(self) -> Iterator[Job]:
        return iter(tuple(self._jobs.values()))

    def __len__(self) -> int:
        return len(self._jobs)

    def unfinished(self) -> list[Job]:
        """Return the jobs that are still waiting or running."""
        now = self.clock()
        return [job for job in self if not job.is_completed(now)]

    def submit(
        self, endpoint_id: str, plan: Plan, outcome: Outcome, directives: tuple[Directive, ...] = ()
    ) -> Job:
        """Take in a job, and drop the oldest if their time is over, or there is no room."""
        now = self.clock()
        size = _SIZE_OF_JOB + len(json.dumps(outcome.body))
        while self._jobs and self._is_dropped(next(iter(self._jobs.values())), now, size):
            oldest = next(iter(self._jobs))
            del self._jobs[oldest]
            self._size -= self._sizes.pop(oldest)
        starts_at = now + plan.queued
        completes_at = starts_at + plan.running
        job = Job(
            new_request_id(), endpoint_id, now, starts_at, completes_at, plan, outcome, directives
        )
        self._jobs[job.request_id] = job
        self._sizes[job.request_id] = size
        self._size += size
        return job

    def _is_dropped(self, job: Job, now: float, needed: int) -> bool:
        is_over = now >= job.completes_at + RETENTION
        return is_over or self._size + needed > BUDGET

    def find(self, path: str, request_id: str) -> Job | None:
        """Return the job; `path` is its full endpoint id, or `owner/alias` alone."""
        job = self._jobs.get(request_id)
        if job is None or path not in (job.endpoint_id, app_of(job.endpoint_id)):
            return None
        return job

    def waiting(self, app: str) -> int:
        """Count the jobs of `owner/alias` that have not started yet."""
        now = self.clock()
        return sum(now < job.starts_at and app_of(job.endpoint_id) == app for job in self)

    def cancel(self, job: Job) -> Cancellation:
        """Stop a job that is not done yet, unless it cannot be stopped."""
        now = self.clock()
        if job.is_completed(now):
            return "ALREADY_COMPLETED"
        if job.plan.cancellable:
            logs = job.plan.log_lines if now >= job.starts_at else 0
            self._jobs[job.request_id] = replace(
                job,
                starts_at=min(job.starts_at, now),
                completes_at=now,
                plan=replace(job.plan, log_lines=logs),
                outcome=infrastructure_error("client_cancelled"),
            )
        return "CANCELLATION_REQUESTED"

    def clear(self) -> None:
        """Forget every job."""
        self._jobs.clear()
        self._sizes.clear()
        self._size = 0
