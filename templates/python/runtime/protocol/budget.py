"""The most that requests may cost together."""

from __future__ import annotations

from decimal import Decimal

from ..costs import Cost, amount_of
from ..errors import ConfigurationError
from ..options import check_values
from ..text import short
from .account import Account


class Budget:
    """The most that requests may cost together, in one batch or in several.

    Pass it to `map` as `max_cost`. A request is submitted only if its estimated cost fits into what
    is left; otherwise its outcome has a `BudgetError`. Requests that have ended count with what fal
    billed, or with their estimate if that is not known.

    Use one budget from any number of threads and event loops of one process. It cannot be pickled,
    and a forked process cannot use it.

    Args:
        limit: The amount. A float means the decimal number that it prints as.
        currency: The ISO 4217 code of the limit's currency. A cost in another currency counts as
            unknown.
        allow_unknown: Whether requests of unknown cost are submitted. They count with what fal
            bills once they have ended, if that is known. False by default.

    Raises:
        ConfigurationError: An argument is invalid.

    Example:
        ```python
        from decimal import Decimal
        from fal_endpoints import Budget, Fal

        budget = Budget(Decimal("2.50"))
        rows = [{"image_url": "https://example.com/a.png", "prompt": "It waves"}]
        with Fal() as client:
            for outcome in client.fal_ai.pika.v2_2.image_to_video.map(rows, max_cost=budget):
                print(outcome.index, outcome.output or outcome.error)
        print(f"{budget.spent} of {budget.limit} spent, {budget.refused} requests not submitted")
        ```
    """

    def __init__(
        self, limit: Decimal | float, *, currency: str = "USD", allow_unknown: bool = False
    ) -> None:
        check_values(limit=limit, currency=currency, allow_unknown=allow_unknown)
        amount = amount_of(limit)
        assert amount is not None  # it was checked
        self.limit = Cost(amount, currency)
        """The most that the requests may cost."""
        self.allow_unknown = allow_unknown
        """Whether requests of unknown cost are submitted."""
        self.account = Account(amount)
        """What is counted, for `map`."""

    def __repr__(self) -> str:
        return f"Budget({self.limit}, spent={self.spent}, in_flight={self.in_flight})"

    @property
    def spent(self) -> Cost:
        """The cost of the requests that have ended, as far as it is known or estimated."""
        return self._cost(self.account.spent)

    @property
    def in_flight(self) -> Cost:
        """The estimated cost of the requests that are running."""
        return self._cost(self.account.in_flight)

    @property
    def unknown(self) -> int:
        """The number of requests that have ended and whose cost is neither known nor estimated."""
        return self.account.unknown

    @property
    def refused(self) -> int:
        """The number of requests that were not submitted because of this budget."""
        return self.account.refused

    def _cost(self, amount: Decimal) -> Cost:
        return Cost(amount, self.limit.currency)


def budget_of(max_cost: Budget | Decimal | float | None) -> Budget | None:
    """Return the budget that an argument stands for. Raises ConfigurationError."""
    if max_cost is None or isinstance(max_cost, Budget):
        return max_cost
    if amount_of(max_cost) is None:
        got = short(max_cost)
        raise ConfigurationError(f"max_cost should be a Budget or a number from 0 (got {got})")
    return Budget(max_cost)
