"""The states of a queued request, as its status address reports them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from .json_values import json_array, json_object


@dataclass(frozen=True)
class LogEntry:
    """One line that the model printed while it ran."""

    message: str
    level: str = "INFO"
    """`STDERR`, `STDOUT`, `ERROR`, `INFO`, `WARN` or `DEBUG`."""
    source: str = ""
    timestamp: str = ""
    """When it was printed, ISO 8601."""


class Status:
    """The state of a request: `Queued`, `InProgress`, `Completed` or `UnknownStatus`."""


@dataclass(frozen=True)
class Queued(Status):
    """Waiting for a runner."""

    position: int
    """How many requests are ahead of this one."""


@dataclass(frozen=True)
class InProgress(Status):
    """Running."""

    logs: list[LogEntry]


@dataclass(frozen=True)
class Completed(Status):
    """Over: succeeded, failed or cancelled."""

    logs: list[LogEntry]
    metrics: dict[str, Any]
    """What the server measured, for instance `inference_time` in seconds."""
    error: str | None = None
    """Why it failed; `None` for success."""
    error_type: str | None = None


@dataclass(frozen=True)
class UnknownStatus(Status):
    """A state that this client does not know; it counts as not yet over."""

    value: str


def parse_status(payload: object) -> Status:
    """Return the status that a body of the status address says.

    Raises:
        ValueError: the body is not a status.
    """
    body = json_object(payload)
    value = body.get("status")
    logs = [_log_entry(entry) for entry in json_array(body.get("logs"))]
    if value == "IN_QUEUE":
        position = body.get("queue_position")
        return Queued(position if isinstance(position, int) else 0)
    if value == "IN_PROGRESS":
        return InProgress(logs)
    if value == "COMPLETED":
        error, error_type = body.get("error"), body.get("error_type")
        return Completed(
            logs,
            json_object(body.get("metrics")),
            error=None if error is None else str(error),
            error_type=None if error_type is None else str(error_type),
        )
    if isinstance(value, str):
        return UnknownStatus(value)
    raise ValueError("the answer carries no status")


class News:
    """Tells what is new each time a job is looked at: its state, and each log line once."""

    def __init__(self) -> None:
        self._state: Status | None = None
        self._lines = 0

    def of(self, status: Status, *, streamed: bool) -> Status | None:
        """Return `status` with the log lines that none before it had; `None` if nothing is new.

        A streamed status comes with new lines only, one that was asked for with all so far.
        """
        state, lines = status, list[LogEntry]()
        if isinstance(status, (InProgress, Completed)):
            lines = status.logs if streamed else status.logs[self._lines :]
            self._lines += len(lines)
            state, status = replace(status, logs=[]), replace(status, logs=lines)
        if state == self._state and not lines:
            return None
        self._state = state
        return status


def _log_entry(entry: object) -> LogEntry:
    if isinstance(entry, str):
        return LogEntry(entry)
    parts = {name: str(value) for name, value in json_object(entry).items() if value is not None}
    return LogEntry(
        message=parts.get("message", ""),
        level=parts.get("level", "INFO"),
        source=parts.get("source", ""),
        timestamp=parts.get("timestamp", ""),
    )
