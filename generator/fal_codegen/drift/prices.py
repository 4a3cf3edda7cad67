"""Changes of the price of an endpoint."""

from __future__ import annotations

from dataclasses import dataclass

from fal_codegen.document.price import UnitPrice, as_record, plain
from fal_codegen.drift import operation_rules
from fal_codegen.drift.changes import Change


@dataclass(frozen=True)
class PricePair:
    """Two prices of one endpoint.

    Attributes:
        old: The older price; None if it was never looked up, so that nothing can have changed.
        new: The newer one; None if fal lists none any more.
    """

    old: UnitPrice | None
    new: UnitPrice | None


def price_changes(endpoint: str, prices: PricePair) -> tuple[Change, ...]:
    """Return the change of a price, if there is one."""
    old, new = prices.old, prices.new
    if old is None or (new is not None and new.is_same_as(old)):
        return ()
    if new is None:
        rule, before, after = operation_rules.PRICE_REMOVED, str(old), ""
    elif (old.unit, old.currency) != (new.unit, new.currency):
        rule, before, after = operation_rules.PRICE_CHANGED, str(old), str(new)
    else:
        rule = (
            operation_rules.PRICE_INCREASED
            if new.amount > old.amount
            else operation_rules.PRICE_DECREASED
        )
        before, after = plain(old.amount), str(new)
    change = Change(
        id=rule.id,
        level=rule.level,
        endpoint=endpoint,
        text=rule.message.format(old=before, new=after),
        old=_value(old),
        new=None if new is None else _value(new),
    )
    return (change,)


def _value(price: UnitPrice) -> dict[str, str]:
    """Return a price without its date, which is not part of what changed."""
    return {name: text for name, text in as_record(price).items() if name != "date"}
