"""The states of a queued request, as its status address reports them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..json_values import json_array, json_object
from ..text import short


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
    state: str = "COMPLETED"
    """The server's word for it. Any other word is one that fal does not document, for a failure."""


@dataclass(frozen=True)
class UnknownStatus(Status):
    """A state that this client does not know and that reports no failure: not yet over."""

    value: str


# fal documents COMPLETED for failed and cancelled jobs too. Proxies and third parties that speak
# fal's protocol report these, and a wait for COMPLETED would never end.
_FAILURES = frozenset(
    "FAILED FAILURE ERROR CANCELLED CANCELED ABORTED EXPIRED REJECTED TERMINATED TIMEOUT "
    "TIMED_OUT".split()
)


def parse_status(payload: object) -> Status:
    """Return the status that a body of the status address says. Raises ValueError if none."""
    body = json_object(payload)
    value = body.get("status")
    logs = [_log_entry(entry) for entry in json_array(body.get("logs"))]
    metrics = json_object(body.get("metrics"))
    error, error_type = (
        None if body.get(name) is None else _text(body[name]) for name in ("error", "error_type")
    )
    if value == "IN_QUEUE":
        position = body.get("queue_position")
        return Queued(position if isinstance(position, int) else 0)
    if value == "IN_PROGRESS":
        return InProgress(logs)
    if value == "COMPLETED":
        return Completed(logs, metrics, error, error_type)
    if isinstance(value, str):
        if error is not None or value.upper() in _FAILURES:
            error = f"the job ended as {value}" if error is None else error
            return Completed(logs, metrics, error, error_type, value)
        return UnknownStatus(value)
    raise ValueError("the answer carries no status")


def _log_entry(entry: object) -> LogEntry:
    given = {"message": entry} if isinstance(entry, str) else json_object(entry)
    names = ("message", "level", "source", "timestamp")
    fields = {name: _text(given[name]) for name in names if given.get(name) is not None}
    return LogEntry(**{"message": "", **fields})


def _text(value: object) -> str:
    return value if isinstance(value, str) else short(value)
