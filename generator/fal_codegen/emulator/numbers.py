"""Make up a number for a schema: the nearest to 0 that is allowed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import islice
from math import ceil, floor
from typing import Any

__all__ = ["common_multiple", "number"]

_PATIENCE = 1000
"""Multiples to look at in either direction."""

_FRACTIONS = 64
"""Parts of the range between two limits."""


def number(schema: dict[str, Any], *, whole: bool, nth: int = 0) -> float:
    """Return a number, a different one for each `nth`, as far as there are several."""
    values = list(islice(_values(schema, whole), nth + 1))
    value = values[-1] if values else Fraction(0)
    return int(value) if whole else float(value)


def common_multiple(first: float, second: float) -> float:
    """Return the least number that is a multiple of both."""
    one, other = _exact(first), _exact(second)
    ratio = one / other
    both = one * ratio.denominator
    return int(both) if both.denominator == 1 else float(both)


def _values(schema: dict[str, Any], whole: bool) -> Iterator[Fraction]:
    """Yield what is allowed: multiples of a step outwards from 0, then fractions in between."""
    low, high = _limit(schema, "minimum", max), _limit(schema, "maximum", min)
    step = _exact(schema.get("multipleOf", 1))
    if whole:
        step = Fraction(step.numerator)  # the least whole multiple of it
    least = None if low is None else ceil(low / step)
    most = None if high is None else floor(high / step)
    nearest = 0
    if least is not None:
        nearest = max(nearest, least)
    if most is not None:
        nearest = min(nearest, most)
    for distance in range(_PATIENCE):
        for times in dict.fromkeys((nearest + distance, nearest - distance)):
            if _is_within(times * step, schema):
                yield times * step
        if distance == 0 and not whole and "multipleOf" not in schema:
            yield from _fractions(low, high, schema)


def _fractions(
    low: Fraction | None, high: Fraction | None, schema: dict[str, Any]
) -> Iterator[Fraction]:
    """Yield a few numbers between the limits, most of them not whole."""
    low = low if low is not None else (high or Fraction(0)) - 1
    high = high if high is not None else low + 1
    for parts in range(2, _FRACTIONS):
        value = low + (high - low) / parts
        if _is_within(value, schema):
            yield value


def _limit(schema: dict[str, Any], name: str, tightest: Callable[..., Fraction]) -> Fraction | None:
    exclusive = f"exclusive{name.capitalize()}"
    limits = [_exact(schema[keyword]) for keyword in (name, exclusive) if keyword in schema]
    return tightest(limits) if limits else None


def _is_within(value: Fraction, schema: dict[str, Any]) -> bool:
    return (
        ("minimum" not in schema or value >= _exact(schema["minimum"]))
        and ("maximum" not in schema or value <= _exact(schema["maximum"]))
        and ("exclusiveMinimum" not in schema or value > _exact(schema["exclusiveMinimum"]))
        and ("exclusiveMaximum" not in schema or value < _exact(schema["exclusiveMaximum"]))
    )


def _exact(value: float) -> Fraction:
    """Return the decimal number that is written, not the binary one nearest to it."""
    return Fraction(str(value))
