"""The price of an endpoint, as fal's platform API lists it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from fal_codegen.document.json_values import is_number, mapping
from fal_codegen.errors import FetchError

_CURRENCY = re.compile("[A-Z]{3}")
_LONGEST_UNIT = 60
_LIMIT, _PLACES = 10**9, 18
"""Amounts are smaller than the limit, and have at most so many decimal places."""


@dataclass(frozen=True)
class UnitPrice:
    """What one unit of an endpoint's output costs.

    Attributes:
        amount: The amount.
        unit: What is counted, such as `image`, on one line.
        currency: Its ISO 4217 code.
        date: The date on which this price was first listed, such as `2026-06-05`.
    """

    amount: Decimal
    unit: str
    currency: str
    date: str

    def __str__(self) -> str:
        return f"{plain(self.amount)} {self.currency} per {self.unit}"

    @property
    def dated(self) -> str:
        """The price with its date, for people."""
        return f"{self} (as of {self.date})"

    def is_same_as(self, other: UnitPrice) -> bool:
        """Return whether two prices differ in nothing but their dates."""
        return replace(self, date=other.date) == other


Prices = Mapping[str, UnitPrice | None]
"""The prices that were looked up, by endpoint id; None where fal lists none."""


@dataclass(frozen=True)
class PriceList:
    """What was learned about the prices of endpoints.

    Attributes:
        prices: The price of each endpoint whose price was looked up; None if fal lists none.
        errors: Why those of others could not be looked up, by id.
        notice: Why none was looked up although the project asks for prices; empty otherwise.
    """

    prices: Prices = field(default_factory=dict)
    errors: Mapping[str, FetchError] = field(default_factory=dict)
    notice: str = ""


NO_PRICES = PriceList()
"""What is known without a lookup."""


def of_listing(raw: object, date: str) -> UnitPrice | None:
    """Read one entry of the list of prices; None if it has no usable price."""
    entry = mapping(raw)
    number, unit, currency = (entry.get(name) for name in ("unit_price", "unit", "currency"))
    if not (is_number(number) and number >= 0):
        return None
    return _checked(Decimal(repr(number)), unit, currency, date)


def of_record(record: Mapping[str, Any]) -> UnitPrice | None:
    """Read the record of a price (see `as_record`); None if it is damaged."""
    amount = record.get("amount")
    if not isinstance(amount, str) or not re.fullmatch(r"[0-9]{1,20}(\.[0-9]{1,20})?", amount):
        return None
    date = record.get("date")
    if not isinstance(date, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", date):
        return None
    return _checked(Decimal(amount), record.get("unit"), record.get("currency"), date)


def as_record(price: UnitPrice) -> dict[str, str]:
    """Return the record of a price, for JSON."""
    return {
        "amount": plain(price.amount),
        "unit": price.unit,
        "currency": price.currency,
        "date": price.date,
    }


def _checked(amount: Decimal, unit: object, currency: object, date: str) -> UnitPrice | None:
    if not isinstance(unit, str) or not isinstance(currency, str):
        return None
    name = " ".join(unit.encode("utf-8", "replace").decode().split())
    if not 0 < len(name) <= _LONGEST_UNIT or not _CURRENCY.fullmatch(currency):
        return None
    if amount >= _LIMIT or amount != round(amount, _PLACES):
        return None
    # JSON has -0, and a record does not.
    return UnitPrice(amount.normalize().copy_abs(), name, currency, date)


def plain(amount: Decimal) -> str:
    """Return an amount without an exponent and without trailing zeros."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
