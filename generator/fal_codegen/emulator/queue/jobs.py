"""Jobs as plain values: the state of a job follows from its submission and the time.

Nothing runs for a job: its state is computed when a request asks for it.
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

from fal_codegen.emulator.endpoints.served_endpoint import app_of
from fal_codegen.emulator.faults import INFRASTRUCTURE_ERRORS, Directive
from fal_codegen.emulator.limits import Limits

__all__ = [
    *("Cancellation", "EmulatedJob", "JobOutcome", "Schedule", "Queue", "JobStatus"),
    *("infrastructure_error", "new_request_id"),
]

Cancellation = Literal["CANCELLATION_REQUESTED", "ALREADY_COMPLETED"]

_SIZE_OF_JOB = 2048
"""Bytes that a job counts for besides its input and result: the memory that Python needs for it."""

RETENTION = 3600.0
"""Seconds for which a job is kept after it has completed; fal documents about an hour."""


@dataclass(frozen=True)
class JobOutcome:
    """The answer of the model: the HTTP status, body and headers of the result."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)

    error_type: str | None = None
    """The type of an infrastructure error; None for a success and for a model's own errors."""

    @property
    def error(self) -> str | None:
        """The error in the status of a completed job; a model's own error is in the result only."""
        return str(self.body["detail"]) if self.error_type else None

    @property
    def failure(self) -> str | None:
        """The error in a webhook; None for a success."""
        return self.error or (f"Invalid status code: {self.status}" if self.status >= 400 else None)


def infrastructure_error(error_type: str) -> JobOutcome:
    """Return a failure of fal's infrastructure, by its `error_type`."""
    status = INFRASTRUCTURE_ERRORS[error_type]
    return JobOutcome(
        status,
        {"detail": error_type.replace("_", " ").capitalize(), "error_type": error_type},
        {"x-fal-error-type": error_type, "x-fal-needs-retry": str(status >= 500).lower()},
        error_type,
    )


def new_request_id() -> str:
    """Return a UUIDv7, as fal's request ids are: they sort by their time."""
    milliseconds = time.time_ns() // 1_000_000
    bits = milliseconds << 80 | secrets.randbits(80)
    bits = bits & ~(0xF << 76) | 7 << 76  # the version
    bits = bits & ~(0b11 << 62) | 0b10 << 62  # the variant
    return str(uuid.UUID(int=bits))


@dataclass(frozen=True)
class Schedule:
    """How long a job takes, in seconds, and what its status reports."""

    queued: float
    running: float
    ahead: int = 0
    """Jobs ahead of it when it is submitted; they leave one by one while it waits."""
    log_lines: int = 0
    """Log lines, evenly spread over its run."""
    loses_result: bool = False
    """Whether the result is removed as soon as the job has completed."""
    cancellable: bool = True
    """Whether a cancellation stops it; fal passes it on to the runner, which may ignore it."""


@dataclass(frozen=True)
class JobStatus:
    """The status of a job at one moment."""

    state: Literal["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]
    queue_position: int = 0
    logs: tuple[dict[str, str], ...] = ()


@dataclass(frozen=True)
class EmulatedJob:
    """One request in the queue. Times are seconds since the epoch."""

    request_id: str
    endpoint_id: str
    submitted_at: float
    starts_at: float
    completes_at: float
    schedule: Schedule
    outcome: JobOutcome
    directives: tuple[Directive, ...] = ()
    """Faults that its submission requested for later requests."""
    input: bytes | None = None
    """The body of its submission; None if the caller does not want it to be stored."""
    size: int = 0
    """Bytes that it counts for, of those that the queue may keep."""

    def is_completed(self, now: float) -> bool:
        """Return whether the job is completed, with a result or an error."""
        return now >= self.completes_at

    def status(self, now: float) -> JobStatus:
        """Return the status at a given time."""
        if now < self.starts_at and self.schedule.queued:
            waited = (now - self.submitted_at) / self.schedule.queued
            left = int(waited * (self.schedule.ahead + 1))
            return JobStatus("IN_QUEUE", queue_position=max(self.schedule.ahead - left, 0))
        logs = tuple(
            _log(i, self.schedule.log_lines, at) for i, at in self._log_times() if at <= now
        )
        return JobStatus("COMPLETED" if self.is_completed(now) else "IN_PROGRESS", logs=logs)

    def changes(self) -> list[float]:
        """Return the times at which the status changes; the last is its completion."""
        step = self.schedule.queued / (self.schedule.ahead + 1)
        places = [self.submitted_at + step * (i + 1) for i in range(self.schedule.ahead)]
        logs = [at for _, at in self._log_times()]
        return [*places, self.starts_at, *logs, self.completes_at]

    def _log_times(self) -> Iterator[tuple[int, float]]:
        """Yield the number and time of each log line, from the start of its run."""
        for i in range(self.schedule.log_lines):
            at = self.starts_at + self.schedule.running * i / self.schedule.log_lines
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

    def __init__(
        self, clock: Callable[[], float] = time.time, *, budget: int = Limits.results
    ) -> None:
        self.clock = clock
        self._budget = budget
        self._jobs: dict[str, EmulatedJob] = {}
        self._size = 0

    def __iter__(self) -> Iterator[EmulatedJob]:
        return iter(tuple(self._jobs.values()))

    def __len__(self) -> int:
        return len(self._jobs)

    def unfinished(self) -> list[EmulatedJob]:
        """Return the jobs that are still waiting or running, for tests that use the emulator."""
        now = self.clock()
        return [job for job in self if not job.is_completed(now)]

    def submit(
        self,
        endpoint_id: str,
        schedule: Schedule,
        outcome: JobOutcome,
        directives: tuple[Directive, ...] = (),
        input: bytes | None = None,
    ) -> EmulatedJob:
        """Add a job, and drop the oldest jobs if they are too old or there is no room."""
        now = self.clock()
        size = _SIZE_OF_JOB + len(json.dumps(outcome.body)) + len(input or b"")
        while self._jobs and self._is_dropped(next(iter(self._jobs.values())), now, size):
            self._size -= self._jobs.pop(next(iter(self._jobs))).size
        starts_at = now + schedule.queued
        job = EmulatedJob(
            new_request_id(),
            endpoint_id,
            submitted_at=now,
            starts_at=starts_at,
            completes_at=starts_at + schedule.running,
            schedule=schedule,
            outcome=outcome,
            directives=directives,
            input=input,
            size=size,
        )
        self._jobs[job.request_id] = job
        self._size += size
        return job

    def _is_dropped(self, job: EmulatedJob, now: float, needed: int) -> bool:
        is_over = now >= job.completes_at + RETENTION
        return is_over or self._size + needed > self._budget

    def find(self, path: str, request_id: str) -> EmulatedJob | None:
        """Return the job; `path` is its full endpoint id, or `owner/alias` alone."""
        job = self._jobs.get(request_id)
        if job is None or path not in (job.endpoint_id, app_of(job.endpoint_id)):
            return None
        return job

    def completed(self, request_id: str) -> EmulatedJob | None:
        """Return a job that is completed, by its id alone."""
        job = self._jobs.get(request_id)
        return job if job and job.is_completed(self.clock()) else None

    def remove_result(self, job: EmulatedJob) -> None:
        """Remove the result of a job, but not its status."""
        schedule = replace(job.schedule, loses_result=True)
        self._jobs[job.request_id] = replace(job, schedule=schedule)

    def waiting(self, app: str) -> int:
        """Count the jobs of `owner/alias` that have not started yet."""
        now = self.clock()
        return sum(now < job.starts_at and app_of(job.endpoint_id) == app for job in self)

    def cancel(self, job: EmulatedJob) -> Cancellation:
        """Stop a job that is not completed, if it can be cancelled."""
        now = self.clock()
        if job.is_completed(now):
            return "ALREADY_COMPLETED"
        if job.schedule.cancellable:
            logs = job.schedule.log_lines if now >= job.starts_at else 0
            self._jobs[job.request_id] = replace(
                job,
                starts_at=min(job.starts_at, now),
                completes_at=now,
                schedule=replace(job.schedule, log_lines=logs),
                outcome=infrastructure_error("client_cancelled"),
            )
        return "CANCELLATION_REQUESTED"

    def clear(self) -> None:
        """Remove every job."""
        self._jobs.clear()
        self._size = 0
