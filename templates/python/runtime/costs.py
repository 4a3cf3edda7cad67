"""Values about money: what a unit of an endpoint's output costs, and what requests cost."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Cost:
    """An amount of money. An unknown cost is `None`, never 0.

    Example:
        ```python
        from fal_endpoints import Fal

        endpoint = Fal().fal_ai.pika.v2_2.image_to_video
        cost = endpoint(image_url="https://example.com/a.png", prompt="It waves").estimate()
        print("unknown" if cost is None else f"{cost.amount} {cost.currency}")
        ```
    """

    amount: Decimal
    currency: str
    """The ISO 4217 code of the currency, such as `USD`."""

    def __str__(self) -> str:
        return f"{plain(self.amount)} {self.currency}"


@dataclass(frozen=True)
class Price:
    """What one unit of an endpoint's output costs your account.

    `cost(units)` returns what a number of units costs.

    Example:
        ```python
        from fal_endpoints import Fal

        endpoint_id = "fal-ai/pika/v2.2/image-to-video"
        price = Fal().prices(endpoint_id)[endpoint_id]
        if price is not None:
            print(price.unit_price, price.currency, "per", price.unit, price.cost(units=5))
        ```
    """

    endpoint_id: str
    unit_price: Decimal
    unit: str
    """What fal counts: an image, a second of video, a megapixel."""
    currency: str
    """The ISO 4217 code of the currency, such as `USD`."""

    def __str__(self) -> str:
        return f"{plain(self.unit_price)} {self.currency} per {self.unit}"

    def cost(self, units: Decimal | float | None) -> Cost | None:
        """Return the cost of a number of units; `None` if the number is not known.

        `response.billable_units` is the number that fal bills for a request.

        Example:
            ```python
            endpoint_id = endpoint.endpoint_id
            price = client.prices(endpoint_id)[endpoint_id]
            outcome = endpoint(image_url="https://example.com/a.png", prompt="It waves").outcome()
            if price is not None and outcome.response is not None:
                print(price.cost(outcome.response.billable_units))
            ```
        """
        amount = amount_of(units)
        return None if amount is None else Cost(self.unit_price * amount, self.currency)


def amount_of(number: object) -> Decimal | None:
    """Return a number that is at least 0 as a decimal; `None` for anything else."""
    if isinstance(number, bool) or not isinstance(number, (int, float, Decimal)):
        return None
    # As it is written: the float 0.1 means 0.1, not the binary fraction next to it. `float` changes
    # NumPy's floats, a subclass that is written in another way.
    amount = Decimal(repr(float(number)) if isinstance(number, float) else number)
    return amount.copy_abs() if amount.is_finite() and amount >= 0 else None


def plain(amount: Decimal) -> str:
    """Return an amount without an exponent and without trailing zeros."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
