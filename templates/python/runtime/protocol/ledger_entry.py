"""A request of a batch with a ledger: an earlier run may have sent it, or even have its result."""

from __future__ import annotations

import json
import os
import shlex
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeAlias

from ..errors import (
    APIError,
    ConfigurationError,
    InfrastructureError,
    ModelError,
    NotFoundError,
    Subject,
    SubmissionUncertain,
    ValidationError,
)
from ..json_values import json_object
from ..local_file import Content, LocalFile, Unreadable, local_files, replace_files
from ..log import logger
from ..options import JobOptions
from ..problems import Problem, problem_at
from ..response_details import ResponseDetails, known_number
from ..transport.io import Deadline, Io
from . import submission
from .acceptance import is_from_fal
from .bound_endpoint import BoundEndpoint, OutputT
from .expense import Expense
from .job import Job, Result, Watch, known_job
from .ledger import EntryKey, LedgerFile, request_digest, restored_details
from .request_id import may_have_expired
from .responses import failure

if TYPE_CHECKING:
    from ..request import Request

Retry: TypeAlias = Literal["retryable", "failed"]


@dataclass(frozen=True)
class LedgerEntry(Generic[OutputT]):
    """A request with its key in the ledger. It is a `SubmissionRecorder`."""

    expense: Expense
    endpoint: BoundEndpoint[OutputT]
    arguments: dict[str, Any]
    beginning: str
    """The beginning of the arguments, to show to people."""
    ledger: LedgerFile
    key: EntryKey
    retry: Retry
    client_timeout: float | None
    options: JobOptions

    async def result(self, io: Io) -> Result[OutputT]:
        """Return the result: of an earlier run, of a job that it submitted, or of a new job."""
        deadline = Deadline(self.client_timeout)
        last = self.ledger.last(self.key)
        subject = self.endpoint.subject(last.get("request_id"))
        match last.get("event"):
            case "succeeded":
                job = known_job(self.endpoint, last["request_id"])
                details = restored_details(last.get("response", {}), job.request_id)
                return job.typed(Result(last["output"], details))
            case "failed":
                error = _restored(last["error"], subject)
                if not (error.retryable or self.retry == "failed"):
                    raise error
            case "sending":
                package = __name__.partition("._runtime")[0]
                path = shlex.quote(str(self.ledger.path))
                raise SubmissionUncertain(
                    "an earlier run sent it and got no response; to list and settle such requests: "
                    f"python -m {package} settle {path}",
                    subject,
                )
            case "accepted":
                job = known_job(self.endpoint, last["request_id"])
                self.expense.accepted(job.request_id)
                watch = Watch(deadline, follow=False)
                accepted_at = known_number(last.get("accepted_at"))
                try:
                    return await self._result(io, job, watch, accepted_at)
                except APIError as error:
                    is_end = _may_be_the_end(error, watch, job.request_id, accepted_at)
                    if not (self.retry == "failed" and is_end):
                        raise
            case _:  # never sent, or not accepted
                pass
        await self.expense.begin(io)
        if self.expense.is_limited:
            deadline = Deadline(self.client_timeout)  # waiting for the budget does not count
        job = await submission.submit(
            io, self.endpoint, self.arguments, deadline, recorder=self, **self.options
        )
        self.expense.accepted(job.request_id)
        accepted_at = time.time()
        self._remember(job, "accepted", accepted_at=accepted_at)
        watch = Watch(deadline, follow=False, is_new=True)
        return await self._result(io, job, watch, accepted_at)

    async def _result(
        self, io: Io, job: Job[OutputT], watch: Watch, accepted_at: float | None
    ) -> Result[OutputT]:
        try:
            payload = await job.payload(io, watch)
        except NotFoundError as error:
            if _may_be_the_end(error, watch, job.request_id, accepted_at):
                error.args = (f'{error}; with retry="failed", the next run submits it again',)
            raise
        except APIError as error:
            if watch.is_over and _is_final(error):
                self._remember(job, "failed", error=_recorded(error))
            raise
        response = _recorded_details(payload.response)
        self._remember(job, "succeeded", output=payload.value, response=response)
        return job.typed(payload)

    def sending(self) -> None:
        """Record that fal may accept the request from now on."""
        self.expense.sending()
        self.ledger.record(
            self.key,
            "sending",
            endpoint=self.endpoint.endpoint_id,
            arguments=self.beginning,
            at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        )

    def not_accepted(self) -> None:
        """Record that fal did not accept the request."""
        self.expense.not_accepted()
        self.ledger.record(self.key, "refused")

    def _remember(
        self, job: Job[OutputT], event: Literal["accepted", "succeeded", "failed"], **fields: Any
    ) -> None:
        """Record the state of a job. A full disk must not keep a result from the caller."""
        try:
            self.ledger.record(self.key, event, request_id=job.request_id, **fields)
        except ConfigurationError as error:
            logger.warning("%s: %s", job.subject, error)


def as_typed(file: LocalFile | Content) -> object:
    """Return a local file as people know it: a path as it was typed."""
    return os.fspath(file.source) if isinstance(file.source, os.PathLike) else file.source


def identified(request: Request[Any]) -> tuple[str, dict[str, Any]]:
    """Return the digest of a request, and its arguments with the contents of files measured.

    A file is identified by its size and SHA-256, so the upload has to match what was read here.
    """
    contents: dict[LocalFile | Content, Content] = {}
    files: list[object] = []
    problems: list[Problem] = []
    for path, file in local_files(request.arguments):
        try:
            if file not in contents:
                contents[file] = file if isinstance(file, Content) else Content.of(file)
            content = contents[file]
            if not content.can_be_read_again:
                raise Unreadable("a ledger needs a path or bytes, which can be read again")
            files.append((path, content.size, content.sha256()))
        except Unreadable as error:
            message = f"cannot be read: {error}"
            input_type = request.endpoint.input_type
            problems.append(problem_at(path, message, "file_input", file.source, input_type))
    if problems:
        raise ValidationError(problems, request.endpoint.subject())
    others = request.endpoint.encode(replace_files(request.arguments, lambda file: None))
    digest = request_digest(request.endpoint.endpoint_id, json.loads(others), files)
    return digest, replace_files(request.arguments, contents.__getitem__)


def _is_final(error: APIError) -> bool:
    """Return whether an error is the end of the job, rather than of a request for its result."""
    is_of_the_job = isinstance(error, ModelError) or error.error_type is not None
    # A response of 200 reports the end of a job, and no proxy responds with 422.
    is_certain = error.status_code in (200, 422) or is_from_fal(error.headers)
    return is_certain and is_of_the_job and isinstance(error, (ModelError, InfrastructureError))


def _may_be_the_end(
    error: APIError, watch: Watch, request_id: str, accepted_at: float | None
) -> bool:
    """Return whether a job may have failed, or its result may have expired.

    A proxy's 404 proves nothing about the job, which may still run. Nor does fal's own for a
    recent job: the key may be that of another account.
    """
    if isinstance(error, NotFoundError) and json_object(error.body).get("status") == "NOT_FOUND":
        return watch.is_over or may_have_expired(request_id, accepted_at)
    return (
        watch.is_over
        and isinstance(error, (ModelError, InfrastructureError, NotFoundError))
        and is_from_fal(error.headers)
    )


def _recorded(error: APIError) -> dict[str, Any]:
    """Return the record of an error in a ledger."""
    return {
        "message": str(error),
        "body": error.body,
        "error_type": error.error_type,
        **_recorded_details(error.response),
    }


def _recorded_details(details: ResponseDetails) -> dict[str, Any]:
    """Return the record of the details of a response in a ledger."""
    headers = details.headers.items()
    return {
        "status_code": details.status_code,
        "headers": {name: value for name, value in headers if name.startswith("x-fal-")},
        "inference_time": details.inference_time,
        "queue_time": details.queue_time,
    }


def _restored(record: dict[str, Any], subject: Subject) -> APIError:
    """Return the error of a record in a ledger."""
    details = restored_details(record, subject.request_id)
    error = failure(
        "",
        record["body"],
        subject._replace(response=details),
        status_code=record["status_code"],
        headers=record["headers"],
        error_type=record["error_type"],
    )
    error.args = (record["message"],)
    return error
