"""The states of a job, as its status URL reports them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..json_values import json_array, json_object
from ..response_details import known_number
from ..text import short


@dataclass(frozen=True)
class LogEntry:
    """One line of the model's logs."""

    message: str
    """The text of the line."""
    level: str = "INFO"
    """`STDERR`, `STDOUT`, `ERROR`, `INFO`, `WARN` or `DEBUG`."""
    source: str = ""
    """The server's name for the source of the line."""
    timestamp: str = ""
    """The time, ISO 8601."""


class Status:
    """The state of a request: `Queued`, `InProgress`, `Completed` or `UnknownStatus`.

    Example:
        ```python
        from fal_endpoints import Completed, Fal, InProgress, Queued, Status

        def report(status: Status) -> None:
            match status:
                case Queued(position):
                    print(f"{position} ahead")
                case InProgress(logs) | Completed(logs):
                    print(*(entry.message for entry in logs), sep="\\n")

        endpoint = Fal().fal_ai.pika.v2_2.image_to_video
        request = endpoint(image_url="https://example.com/a.png", prompt="It waves")
        request.subscribe(on_queue_update=report, with_logs=True)
        ```
    """


@dataclass(frozen=True)
class Queued(Status):
    """The job waits for a runner, a machine of fal that runs the model."""

    position: int
    """The number of requests ahead of this one."""


@dataclass(frozen=True)
class InProgress(Status):
    """The job is running."""

    logs: list[LogEntry]
    """Log lines, if you asked for them: all so far from `status`, only the new ones in `events` and
    `on_queue_update`."""


@dataclass(frozen=True)
class Completed(Status):
    """The job is over: it succeeded, failed or was cancelled."""

    logs: list[LogEntry]
    """Log lines, as in `InProgress`."""
    metrics: dict[str, Any]
    """Measurements by the server, for instance `inference_time` in seconds."""
    error: str | None = None
    """The reason for a failure; `None` for success."""
    error_type: str | None = None
    """fal's name for the reason, such as `runner_disconnected`."""
    state: str = "COMPLETED"
    """The server's name for the state. Any other than COMPLETED is an undocumented failure."""

    @property
    def inference_time(self) -> float | None:
        """Seconds that the model ran; `None` if the server does not report them."""
        return known_number(self.metrics.get("inference_time"))


@dataclass(frozen=True)
class UnknownStatus(Status):
    """An unknown state. It does not look like a failure, so the client keeps waiting."""

    value: str
    """The server's name for the state."""


# fal documents COMPLETED for failed and cancelled jobs too. Proxies and third parties that use
# fal's protocol report these, and a wait for COMPLETED would never end.
_FAILURES = frozenset(
    "FAILED FAILURE ERROR CANCELLED CANCELED ABORTED EXPIRED REJECTED TERMINATED TIMEOUT "
    "TIMED_OUT".split()
)


def parse_status(payload: object) -> Status:
    """Return the status in a body of the status URL. Raises ValueError if it has none."""
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
    raise ValueError("the response has no status")


def _log_entry(entry: object) -> LogEntry:
    given = {"message": entry} if isinstance(entry, str) else json_object(entry)
    names = ("message", "level", "source", "timestamp")
    fields = {name: _text(given[name]) for name in names if given.get(name) is not None}
    return LogEntry(**{"message": "", **fields})


def _text(value: object) -> str:
    return value if isinstance(value, str) else short(value)
