"""What one request costs, from its submission to its end."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ..errors import FalError, InfrastructureError, ModelError, UnexpectedResponse
from ..response_details import ResponseDetails
from ..transport.io import Io
from .bound_endpoint import BoundEndpoint

if TYPE_CHECKING:
    from .account import Reservation
    from .ledger import EntryKey
    from .spending import Spending


class Expense:
    """What one request costs, if there is a budget.

    At the end of its `with` block, it counts the job, if fal may have accepted it in this run or in
    an earlier one. It is a `SubmissionRecorder`.

    Args:
        spending: Counts the costs; `None` without a budget.
        endpoint: The endpoint of the request.
        key: The key of the request in the ledger, if it has one.
    """

    def __init__(
        self,
        spending: Spending | None,
        endpoint: BoundEndpoint[object],
        key: EntryKey | None = None,
    ) -> None:
        self.subject = endpoint.subject()
        """The request, with the id of its job once that is known."""
        self.response: ResponseDetails | None = None
        """The response with the result of the job, or with its error."""
        self._spending = spending
        self._endpoint = endpoint
        self._key = key
        self._reservation: Reservation | None = None
        self._may_be_accepted = False

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if self._spending is None:
            return
        if isinstance(error, (ModelError, InfrastructureError, UnexpectedResponse)):
            self.response = error.response  # any other does not have the units of the job
        if self.subject.request_id is not None or self._may_be_accepted:
            job = self.subject.request_id or self._spending.job_id(self._key)
            self._spending.count(self._endpoint, job, self.response)
        if self._reservation is not None:
            self._spending.release(self._reservation)

    @property
    def is_limited(self) -> bool:
        """Return whether there is a budget."""
        return self._spending is not None

    async def count_earlier(self, io: Io) -> None:
        """Count the jobs of earlier runs. If that fails, no request is submitted in this run."""
        if self._spending is not None:
            with suppress(FalError):
                await self._spending.count_earlier(io)

    async def begin(self, io: Io) -> None:
        """Wait until the request may be submitted. Raises BudgetError if it may not."""
        self.subject = self._endpoint.subject()  # not that of a job which the request replaces
        if self._spending is not None:
            self._reservation = await self._spending.reserve(io, self._endpoint)

    def sending(self) -> None:
        """Record that fal may accept the request from now on."""
        self._may_be_accepted = True

    def not_accepted(self) -> None:
        """Record that fal did not accept the request."""
        self._may_be_accepted = False

    def accepted(self, request_id: str) -> None:
        """Record the id of the job, in this run or in an earlier one."""
        self.subject = self._endpoint.subject(request_id)
