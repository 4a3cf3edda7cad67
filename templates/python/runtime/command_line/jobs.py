"""A job of the queue: waiting for it, and what is left of it after Ctrl-C."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import (
    AuthenticationError,
    ConnectionFailed,
    FalError,
    NotFoundError,
    RateLimitError,
)
from ..handle import Handle
from ..outputs import as_json, files_of
from ..protocol.status import Completed, InProgress, Queued, UnknownStatus
from ..request import Request
from .exit_codes import ExitCode
from .results import numbered, print_json
from .session import CommandError, Session

if TYPE_CHECKING:
    from .reporter import Wait

_OF_WAITING = (AuthenticationError, ConnectionFailed, NotFoundError, RateLimitError)
"""Errors that end the wait for a job, and say nothing about the job."""

_INTERRUPTED_EARLY = "interrupted: if fal had accepted the request already, it was cancelled"


def run(
    session: Session, request: Request[Any], target: Path | None, headers: Mapping[str, str]
) -> ExitCode:
    """Submit a request, wait, print its result, and download its files to `target`.

    Ctrl-C cancels the job.
    """
    reporter = session.reporter
    with reporter.waiting("sending the request") as wait:
        try:
            handle = request.submit(headers=headers, on_upload_progress=wait.show_progress)
        except KeyboardInterrupt:
            reporter.line(_INTERRUPTED_EARLY)
            return ExitCode.INTERRUPTED
        try:
            reporter.line(f"request {handle.request_id}")
            output = _result(handle, wait)
        except KeyboardInterrupt:
            reporter.line(f"interrupted: {_cancelled(session, handle)}")
            return ExitCode.INTERRUPTED
        except _OF_WAITING as error:
            command = session.command("result", handle.endpoint_id, handle.request_id)
            hint = f"the request may still run; {command} waits for it"
            raise CommandError(str(error), hint, ExitCode.UNCERTAIN) from error
    return _deliver(session, output, target)


def submit(session: Session, request: Request[Any], headers: Mapping[str, str]) -> ExitCode:
    """Submit a request, and print its id."""
    with session.reporter.waiting("sending the request") as wait:
        try:
            handle = request.submit(headers=headers, on_upload_progress=wait.show_progress)
        except KeyboardInterrupt:
            session.reporter.line(_INTERRUPTED_EARLY)
            return ExitCode.INTERRUPTED
    print_json({"endpoint_id": handle.endpoint_id, "request_id": handle.request_id})
    return ExitCode.SUCCESS


def fetch(session: Session, handle: Handle[Any], target: Path | None) -> ExitCode:
    """Wait for a job, print its result, and download its files. Ctrl-C leaves the job running."""
    with session.reporter.waiting("waiting for the result") as wait:
        try:
            output = _result(handle, wait)
        except KeyboardInterrupt:
            command = session.command("cancel", handle.endpoint_id, handle.request_id)
            session.reporter.line(f"interrupted: the request keeps running; {command} cancels it")
            return ExitCode.INTERRUPTED
    return _deliver(session, output, target)


def show_status(session: Session, handle: Handle[Any]) -> ExitCode:
    """Print the state of a job, and its logs on standard error."""
    status = handle.status(with_logs=True)
    match status:
        case Queued(position):
            shown: dict[str, object] = {"status": "IN_QUEUE", "queue_position": position}
        case InProgress():
            shown = {"status": "IN_PROGRESS"}
        case Completed():
            shown = {"status": status.state, "error": status.error, "metrics": status.metrics}
        case UnknownStatus(value):
            shown = {"status": value}
        case _:
            raise AssertionError(status)
    for entry in status.logs if isinstance(status, (InProgress, Completed)) else ():
        session.reporter.line(entry.message)
    print_json(shown)
    return ExitCode.SUCCESS


def cancel(handle: Handle[Any]) -> ExitCode:
    """Ask the server to cancel a job; it fails if the job is over or cannot be stopped."""
    is_cancelled = handle.cancel()
    print_json({"request_id": handle.request_id, "cancelled": is_cancelled})
    return ExitCode.SUCCESS if is_cancelled else ExitCode.FAILED


def _result(handle: Handle[Any], wait: Wait) -> Any:
    for status in handle.events(with_logs=True):
        wait.show_status(status)
    return handle.result()


def _cancelled(session: Session, handle: Handle[Any]) -> str:
    """Cancel a job, and return what became of it."""
    job = (handle.endpoint_id, handle.request_id)
    may_run = f"request {handle.request_id} may still run; {session.command('cancel', *job)}"
    try:
        if handle.cancel():
            return f"request {handle.request_id} was cancelled"
    except KeyboardInterrupt:
        return f"{may_run} cancels it"
    except FalError as error:
        return f"{may_run} cancels it ({error})"
    return (
        f"request {handle.request_id} was not cancelled, because it is over or cannot be stopped; "
        f"{session.command('result', *job)} returns its result"
    )


def _deliver(session: Session, output: object, target: Path | None) -> ExitCode:
    """Print a result, and download its files."""
    print_json(as_json(output))
    if target is None:
        return ExitCode.SUCCESS
    files = list(files_of(output))
    if not files:
        raise CommandError(f"the result has no file for {target}", code=ExitCode.FAILED)
    targets = [target] * len(files) if target.is_dir() else numbered(target, len(files))
    for file, path in zip(files, targets, strict=True):
        with session.reporter.waiting(f"downloading {path}") as wait:
            try:
                written = file.download(path, on_progress=wait.show_progress)
            except (FalError, OSError) as error:
                hint = "the request succeeded: download the file from its URL, printed above"
                raise CommandError(f"{path}: {error}", hint, ExitCode.FAILED) from error
        session.reporter.line(f"wrote {written}")
    return ExitCode.SUCCESS
