"""JSON as JSON is meant: numbers that are finite, and none that only Python knows."""

from __future__ import annotations

import json
import math


def loads(text: str) -> object:
    """Parse JSON.

    Raises:
        json.JSONDecodeError: It is not JSON.
        ValueError: It has a number that cannot be used.
        RecursionError: It is nested too deep for Python.
    """
    return json.loads(text, parse_constant=_constant, parse_float=_finite, parse_int=_whole)


def _constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits[:40]} is too large")
    return number


def _whole(digits: str) -> int:
    _finite(digits)  # a whole number is a float sooner or later: in a bound, or in JavaScript
    return int(digits)
