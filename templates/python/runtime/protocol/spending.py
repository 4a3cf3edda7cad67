"""What the requests of a batch cost, counted against its budget."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from ..costs import Cost, Price
from ..errors import BudgetError, FalError, Subject
from ..log import logger
from ..response_details import ResponseDetails
from ..transport.io import Io
from .account import Exceeded, Reservation
from .bound_endpoint import BoundEndpoint
from .budget import Budget
from .connection import Connection
from .ledger import EntryKey, LedgerFile
from .lookups import Lookups
from .prices import average_cost, list_prices


@dataclass(frozen=True)
class Tariff:
    """What requests of an endpoint cost, in the currency of a budget."""

    price: Price | None
    estimate: Decimal | None
    """What one request is expected to cost."""

    def cost(self, response: ResponseDetails | None) -> Decimal | None:
        """Return what a request cost: what fal billed, else what was expected."""
        units = None if response is None else response.billable_units
        if units == 0:
            return Decimal(0)
        cost = None if self.price is None else self.price.cost(units)
        return self.estimate if cost is None else cost.amount


_UNKNOWN = Tariff(None, None)


class Spending:
    """The costs of one run of a batch."""

    def __init__(self, budget: Budget, ledger: LedgerFile | None, connection: Connection) -> None:
        self._budget = budget
        self._ledger = ledger
        self._connection = connection
        self._tariffs = Lookups[Tariff]()
        self._earlier = Lookups[None]()

    async def count_earlier(self, io: Io) -> None:
        """Count the jobs of earlier runs that the ledger has, once."""
        if self._ledger is not None:
            await self._earlier.get(io, "ledger", partial(self._count_ledger, ledger=self._ledger))

    async def reserve(self, io: Io, endpoint: BoundEndpoint[object]) -> Reservation:
        """Wait until a request fits into the budget. Raises BudgetError if it never does."""
        try:
            await self.count_earlier(io)
            tariff = await self._tariff(io, endpoint.endpoint_id, endpoint.connection)
        except FalError as error:
            reason = f"its cost could not be looked up ({error})"
            raise self._refusal(reason, endpoint.subject()) from error
        if tariff.estimate is None and not self._budget.allow_unknown:
            reason = "its cost is not known; Budget(…, allow_unknown=True) would allow that"
            raise self._refusal(reason, endpoint.subject())
        while True:
            match self._budget.account.reserve(tariff.estimate):
                case Reservation() as reservation:
                    return reservation
                case Exceeded(spent):
                    raise self._too_much(tariff.estimate, spent, endpoint.subject())
                case settled:
                    await io.wait(settled)

    def release(self, reservation: Reservation) -> None:
        """End a reservation."""
        self._budget.account.release(reservation)

    def count(
        self,
        endpoint: BoundEndpoint[object],
        job: Hashable,
        response: ResponseDetails | None,
    ) -> None:
        """Count a job that is over."""
        tariff = self._tariffs.known((endpoint.connection, endpoint.endpoint_id)) or _UNKNOWN
        self._budget.account.count(job, tariff.cost(response))

    def job_id(self, key: EntryKey | None) -> Hashable:
        """Return what stands for a job without an id: its place in the ledger, if it has one."""
        return object() if self._ledger is None else (self._ledger.path.absolute(), key)

    async def _count_ledger(self, io: Io, ledger: LedgerFile) -> None:
        jobs = await io.offload(ledger.jobs)
        # An earlier batch with this budget may have counted a request that was settled since.
        uncertain = {job.key for job in jobs if job.request_id is None}
        for key in ledger.keys() - uncertain:
            self._budget.account.forget(self.job_id(key))
        for job in jobs:
            tariff = await self._tariff(io, job.endpoint_id, self._connection)
            id = job.request_id or self.job_id(job.key)
            self._budget.account.count(id, tariff.cost(job.response))

    async def _tariff(self, io: Io, endpoint_id: str, connection: Connection) -> Tariff:
        look_up = partial(self._look_up, endpoint_id=endpoint_id, connection=connection)
        return await self._tariffs.get(io, (connection, endpoint_id), look_up)

    async def _look_up(self, io: Io, endpoint_id: str, connection: Connection) -> Tariff:
        currency = self._budget.limit.currency
        price = (await list_prices(io, [endpoint_id], connection))[endpoint_id]
        estimate: Cost | None
        if price is not None and not price.unit_price:
            estimate = Cost(Decimal(0), price.currency)  # any number of units costs nothing
        else:
            estimate = await average_cost(io, endpoint_id, connection, Subject(endpoint_id))
        return Tariff(
            price if price and price.currency == currency else None,
            estimate.amount if estimate and estimate.currency == currency else None,
        )

    def _too_much(self, estimate: Decimal | None, spent: Decimal, subject: Subject) -> BudgetError:
        currency = self._budget.limit.currency
        cost = "an unknown amount" if estimate is None else f"about {Cost(estimate, currency)}"
        used = f"{Cost(spent, currency)} of the budget of {self._budget.limit} is spent"
        return self._refusal(f"it costs {cost}, and {used}", subject)

    def _refusal(self, reason: str, subject: Subject) -> BudgetError:
        if self._budget.account.refuse():
            logger.warning(
                "budget of %s, %s spent: requests that do not fit are not submitted",
                self._budget.limit,
                self._budget.spent,
            )
        return BudgetError(f"not submitted: {reason}", subject)
