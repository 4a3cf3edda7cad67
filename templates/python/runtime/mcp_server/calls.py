"""Calls of endpoints by an agent: each is a job that has a cost and reports its state."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from ..protocol import submission
from ..protocol.budget import Budget
from ..protocol.connection import Connection
from ..protocol.expense import Expense
from ..protocol.job import Result
from ..protocol.spending import Spending
from ..protocol.status import Completed, InProgress, Queued, Status, UnknownStatus
from ..request import Request
from ..transport.io import Io
from .quoting import quoted

OnStatus = Callable[[str], Awaitable[None]]
"""A function that is called with a description of each new state of a job."""

_LONGEST_LOG = 300


class Calls:
    """Makes calls that share a budget."""

    def __init__(self, connection: Connection, budget: Budget | None) -> None:
        self.budget = budget
        self._connection = connection

    async def result(self, request: Request[Any], on_status: OnStatus) -> Result[Any]:
        """Submit a request, wait, and return its result. A cancellation cancels the job.

        Raises:
            FalError: See `Request.subscribe`; and `BudgetError` if it does not fit the budget.
        """
        # Each call looks its price up itself: one that is cancelled or fails spoils no other one.
        spending = None if self.budget is None else Spending(self.budget, None, self._connection)
        expense = Expense(spending, request.endpoint)
        flow = partial(_job, request=request, expense=expense, on_status=on_status)
        return await self._connection.execute_async(flow)


async def _job(io: Io, request: Request[Any], expense: Expense, on_status: OnStatus) -> Result[Any]:
    with expense:
        await expense.begin(io)
        result = await submission.subscribe(
            io,
            request.endpoint,
            request.arguments,
            with_logs=True,
            on_enqueue=expense.accepted,
            on_queue_update=lambda status: on_status(_described(status)),
            recorder=expense,
        )
        expense.response = result.response
    return result


def _described(status: Status) -> str:
    match status:
        case Queued(position):
            return f"queued, {position} ahead"
        case InProgress(logs):
            return _with_log("running", [entry.message for entry in logs])
        case Completed(logs):
            return _with_log("completed", [entry.message for entry in logs])
        case UnknownStatus(value):
            return f"in the state {quoted(value, _LONGEST_LOG)}"
        case _:
            return "waiting"


def _with_log(state: str, messages: list[str]) -> str:
    """Return a state with the last line of the logs."""
    return f"{state}: {quoted(messages[-1], _LONGEST_LOG)}" if messages else state
