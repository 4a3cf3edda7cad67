"""Strict JSON: finite numbers only, and no constants that only Python accepts."""

from __future__ import annotations

import json
import math


def loads(text: str) -> object:
    """Parse JSON.

    Raises:
        json.JSONDecodeError: The text is not JSON.
        ValueError: A number is not finite.
        RecursionError: The text is nested too deep for Python.
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
    _finite(digits)  # bounds and JavaScript turn integers into floats
    return int(digits)
