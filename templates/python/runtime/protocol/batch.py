"""Many requests: a few at a time in fal's queue, resumed after a restart."""

from __future__ import annotations

import json
import os
import shlex
import time
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Callable,
    Coroutine,
    Generator,
    Iterable,
    Mapping,
    Sized,
)
from contextlib import aclosing, closing
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeAlias, TypeVar

from ..errors import (
    APIError,
    ConfigurationError,
    FalError,
    InfrastructureError,
    ModelError,
    NotFoundError,
    Subject,
    SubmissionUncertain,
    ValidationError,
)
from ..json_values import json_object
from ..local_file import (
    Content,
    LocalFile,
    Unreadable,
    local_files,
    replace_files,
    with_fixed_content,
)
from ..log import logger
from ..options import JobOptions, check_callbacks, check_values
from ..problems import Problem, problem_at
from ..response_details import ResponseDetails, known_number
from ..terminal import show
from ..text import short
from ..transport import event_loop
from ..transport.io import Deadline, Io
from . import submission
from .acceptance import is_from_fal
from .bound_endpoint import BoundEndpoint, OutputT
from .connection import Connection
from .expense import Expense
from .job import Job, Result, Watch, known_job
from .ledger import EntryKey, LedgerFile, request_digest, restored_details
from .outcome import Failed, Outcome, Succeeded
from .request_id import may_have_expired
from .responses import failure

if TYPE_CHECKING:
    from ..request import Request
    from .budget import Budget
    from .spending import Spending

Row = TypeVar("Row")
T = TypeVar("T")

Retry: TypeAlias = Literal["retryable", "failed"]

_Flow: TypeAlias = Callable[[Io], Coroutine[Any, Any, T]]


@dataclass(frozen=True)
class Batch(Generic[Row, OutputT]):
    """How the rows of a `map` become requests, and how they are sent.

    Raises:
        ConfigurationError: An argument is invalid.
    """

    connection: Connection
    to_request: Callable[[Row], Request[OutputT]]
    concurrency: int
    ledger: str | os.PathLike[str] | None
    retry: Retry
    client_timeout: float | None
    budget: Budget | None
    options: JobOptions

    def __post_init__(self) -> None:
        check_values(concurrency=self.concurrency, ledger=self.ledger, retry=self.retry)
        if self.client_timeout is not None:
            check_values(client_timeout=self.client_timeout)

    def outcomes(self, rows: Iterable[Row]) -> Generator[Outcome[OutputT], None, None]:
        """Return the outcome of each row as it ends. Raises ConfigurationError."""
        check_callbacks("map", self.options)
        if isinstance(rows, AsyncIterable):
            raise ConfigurationError("an asynchronous iterable needs map_async() instead of map()")
        _check_rows(rows)
        return self._outcomes(rows)

    def _outcomes(self, rows: Iterable[Row]) -> Generator[Outcome[OutputT], None, None]:
        from ..transport import background

        with closing(_Run(self, rows)) as run:
            flows = (run.flow(index, row) for index, row in enumerate(rows))
            each = background.each(self.connection.pools, flows, self.concurrency)
            with closing(each) as outcomes:
                for outcome in outcomes:
                    yield run.counted(outcome)

    def outcomes_async(
        self, rows: Iterable[Row] | AsyncIterable[Row]
    ) -> AsyncGenerator[Outcome[OutputT], None]:
        """Return the outcome of each row as it ends. Raises ConfigurationError."""
        if not isinstance(rows, AsyncIterable):
            _check_rows(rows)
        return self._outcomes_async(rows)

    async def _outcomes_async(
        self, rows: Iterable[Row] | AsyncIterable[Row]
    ) -> AsyncGenerator[Outcome[OutputT], None]:
        with closing(_Run(self, rows)) as run:
            each = event_loop.each(self.connection.pools, run.flows_async(rows), self.concurrency)
            async with aclosing(each) as outcomes:
                async for outcome in outcomes:
                    yield run.counted(outcome)


class _Run(Generic[Row, OutputT]):
    """One run of a batch: its ledger, and on a terminal a line that counts the outcomes."""

    def __init__(self, batch: Batch[Row, OutputT], rows: object) -> None:
        if batch.budget is not None:
            batch.budget.account.require_own_process()
        self._batch = batch
        self._total = f"/{len(rows)}" if isinstance(rows, Sized) else ""
        self._ledger = (
            None
            if batch.ledger is None
            else LedgerFile(batch.ledger, batch.connection.addresses.server)
        )
        self._spending = _spending(batch, self._ledger)
        self._process = os.getpid()
        self._running: dict[int, Expense] = {}
        self._done = self._failed = 0
        self._is_left = False

    def flow(self, index: int, row: Row) -> _Flow[Outcome[OutputT]]:
        """Return the flow that sends a row, with the present content of its file objects.

        With a ledger, this reads all files of the row.
        """
        request: Request[OutputT] | None = None
        try:
            request = self._batch.to_request(row)
            expense, send = self._sender(request)
            return partial(self._outcome, index=index, request=request, send=send, expense=expense)
        except Exception as error:
            subject = Subject() if request is None else request.endpoint.subject()
            return partial(_ended, Failed(index, request, _fal_error(error, subject)))

    async def flows_async(
        self, rows: Iterable[Row] | AsyncIterable[Row]
    ) -> AsyncIterator[_Flow[Outcome[OutputT]]]:
        """Yield the flow of each row."""
        import asyncio

        index = 0
        async for row in rows if isinstance(rows, AsyncIterable) else event_loop.in_turn(rows):
            # One at a time: the ledger distinguishes equal requests by their order.
            yield await asyncio.to_thread(self.flow, index, row)
            index += 1

    def counted(self, outcome: Outcome[OutputT]) -> Outcome[OutputT]:
        """Count an outcome, and return it."""
        self._done += 1
        self._failed += outcome.error is not None
        show(f"\r{self._done}{self._total} done, {self._failed} failed")
        return outcome

    def close(self) -> None:
        """End the line of the terminal, and release the ledger once no flow uses it."""
        if os.getpid() != self._process:  # a fork has neither the flows nor the ledger's lock
            return
        if self._done:
            show("\n")
        for expense in tuple(self._running.values()):
            logger.warning(
                "%s: interrupted while it was being cancelled; it may still be running",
                expense.subject,
            )
        self._is_left = True
        self._release()

    def _release(self) -> None:
        if self._is_left and not self._running and self._ledger is not None:
            self._ledger.close()

    def _sender(self, request: Request[OutputT]) -> tuple[Expense, _Flow[Result[OutputT]]]:
        """Return what a request costs, and the flow that sends it and returns its result."""
        batch = self._batch
        if self._ledger is None:
            # Rows may share one file object, which the caller refills for each.
            arguments = replace_files(request.arguments, cache(with_fixed_content))
            expense = Expense(self._spending, request.endpoint)
            send = partial(
                _subscribe,
                expense=expense,
                endpoint=request.endpoint,
                arguments=arguments,
                client_timeout=batch.client_timeout,
                options=batch.options,
            )
            return expense, send
        digest, arguments = _identified(request)
        key = self._ledger.next_key(digest)
        expense = Expense(self._spending, request.endpoint, key)
        entry = _LedgerEntry(
            expense,
            request.endpoint,
            arguments,
            short(replace_files(request.arguments, _shown)),
            self._ledger,
            key,
            batch.retry,
            batch.client_timeout,
            batch.options,
        )
        return expense, entry.result

    async def _outcome(
        self,
        io: Io,
        index: int,
        request: Request[OutputT],
        send: _Flow[Result[OutputT]],
        expense: Expense,
    ) -> Outcome[OutputT]:
        self._running[index] = expense
        try:
            with expense:
                await expense.count_earlier(io)
                result = await send(io)
                expense.response = result.response
        except Exception as error:
            return Failed(index, request, _fal_error(error, expense.subject))
        finally:
            del self._running[index]
            self._release()
        return Succeeded(index, request, result.value, result.response)


def _check_rows(rows: object) -> None:
    """Raise ConfigurationError for a value that has no rows, or is one itself."""
    kind = type(rows).__name__
    has_items = isinstance(rows, Iterable) or hasattr(rows, "__getitem__")
    if not has_items or isinstance(rows, (str, bytes, Mapping)):
        raise ConfigurationError(
            "map() expects an iterable of rows, such as [row] for a single one (got a value of "
            f"type {kind})"
        )


def _spending(batch: Batch[Any, Any], ledger: LedgerFile | None) -> Spending | None:
    """Return what counts the costs of a batch, if it has a budget."""
    if batch.budget is None:
        return None
    from .spending import Spending  # most batches have no budget

    return Spending(batch.budget, ledger, batch.connection)


async def _ended(outcome: Outcome[OutputT], io: Io) -> Outcome[OutputT]:
    return outcome


def _fal_error(error: Exception, subject: Subject) -> FalError:
    """Return an error as a FalError, so that one bad row never ends a batch."""
    if isinstance(error, FalError):
        return error
    unforeseen = FalError(f"unforeseen {short(error)}", subject)
    unforeseen.__cause__ = error
    return unforeseen


async def _subscribe(
    io: Io,
    expense: Expense,
    endpoint: BoundEndpoint[OutputT],
    arguments: dict[str, Any],
    client_timeout: float | None,
    options: JobOptions,
) -> Result[OutputT]:
    await expense.begin(io)
    return await submission.subscribe(
        io,
        endpoint,
        arguments,
        on_enqueue=expense.accepted,
        follow=False,  # otherwise each job would keep a connection to itself
        client_timeout=client_timeout,
        recorder=expense,
        **options,
    )


@dataclass(frozen=True)
class _LedgerEntry(Generic[OutputT]):
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


def _shown(file: LocalFile | Content) -> object:
    """Return a local file as people know it: a path as it was typed."""
    return os.fspath(file.source) if isinstance(file.source, os.PathLike) else file.source


def _identified(request: Request[Any]) -> tuple[str, dict[str, Any]]:
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
