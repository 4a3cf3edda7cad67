"""Sample numbers: those nearest to 0 that a schema accepts."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from math import ceil, floor
from typing import Any

from fal_codegen.document.samples.budget import Budget

__all__ = ["common_multiple", "sample_numbers"]

_PATIENCE = 1000
"""Multiples to try in either direction."""

_FRACTIONS = 64
"""Parts of the range between two limits."""

_EXACT = 2**53
"""Whole numbers below this are written without a fraction."""

_LARGEST = Fraction(sys.float_info.max)


def sample_numbers(schema: dict[str, Any], budget: Budget, *, whole: bool) -> Iterator[float]:
    """Yield different numbers that a schema accepts; 0 if there is none among those tried."""
    seen: set[Fraction] = set()
    for value in _candidates(schema, whole):
        budget.spend(1)
        if value not in seen and abs(value) <= _LARGEST and _is_within(value, schema):
            seen.add(value)
            is_exact = value.denominator == 1 and (whole or abs(value) < _EXACT)
            yield int(value) if is_exact else float(value)
        if budget.is_spent:
            break
    if not seen:
        yield 0


def common_multiple(first: float, second: float) -> float:
    """Return the least number that is a multiple of both, or `first` if it is too large."""
    one, other = _exact(first), _exact(second)
    both = one * (one / other).denominator
    if both > _LARGEST:
        return first
    return int(both) if both.denominator == 1 else float(both)


def _candidates(schema: dict[str, Any], whole: bool) -> Iterator[Fraction]:
    """Yield the number nearest to 0, then multiples of the step outwards, and fractions between."""
    low, high = _limit(schema, "minimum", max), _limit(schema, "maximum", min)
    step = _exact(schema.get("multipleOf", 1))
    if whole:
        step = Fraction(step.numerator)  # the least whole multiple of it
    start = Fraction(0) if low is None else max(Fraction(0), low)
    start = start if high is None else min(start, high)
    if not whole and "multipleOf" not in schema:
        yield start
    nearest = ceil(start / step) if start > 0 else floor(start / step)
    for distance in range(_PATIENCE):
        for times in dict.fromkeys((nearest + distance, nearest - distance)):
            yield times * step
        if distance == 0 and not whole and "multipleOf" not in schema:
            yield from _fractions(low, high)


def _fractions(low: Fraction | None, high: Fraction | None) -> Iterator[Fraction]:
    """Yield a few numbers between the limits, most of them not whole."""
    low = low if low is not None else (high or Fraction(0)) - 1
    high = high if high is not None else low + 1
    for parts in range(2, _FRACTIONS):
        yield low + (high - low) / parts


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
