"""Many requests: a few at a time in fal's queue, resumed after a restart."""

from __future__ import annotations

import os
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
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from ..errors import (
    ConfigurationError,
    FalError,
    Subject,
)
from ..local_file import (
    replace_files,
    with_fixed_content,
)
from ..log import logger
from ..options import JobOptions, check_callbacks, check_values
from ..terminal import show
from ..text import short
from ..transport import event_loop
from ..transport.io import Io
from . import submission
from .bound_endpoint import BoundEndpoint, OutputT
from .connection import Connection
from .expense import Expense
from .job import Result
from .ledger import LedgerFile
from .ledger_entry import LedgerEntry, Retry, as_typed, identified
from .outcome import Failed, Outcome, Succeeded

if TYPE_CHECKING:
    from ..request import Request
    from .budget import Budget
    from .spending import Spending

Row = TypeVar("Row")
T = TypeVar("T")


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
        digest, arguments = identified(request)
        key = self._ledger.next_key(digest)
        expense = Expense(self._spending, request.endpoint, key)
        entry = LedgerEntry(
            expense,
            request.endpoint,
            arguments,
            short(replace_files(request.arguments, as_typed)),
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
