"""The controls of numbers: their bounds, their sliders, and the dice of seeds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from fal_codegen.document.schema import Integer, Number, Schema

__all__ = ["attributes_of", "inclusive", "is_seed", "slider"]

_FARTHEST = 1e9
"""The largest bound, in either direction, that is computed with; documents may state any."""

_NARROWEST = 1e-6
"""The narrowest range of a slider."""

_MOST_STEPS = 10_000
"""Steps of a slider: more cannot be told apart."""

_FEWEST_STEPS = 100
"""Steps of a slider for numbers that are not whole, at least."""


def inclusive(schema: Schema) -> Schema:
    """Return a schema whose bounds, if it is of an integer, are values of it: 1 instead of > 0."""
    if not isinstance(schema, Integer):
        return schema
    low, high = schema.exclusive_minimum, schema.exclusive_maximum
    if low is not None and schema.minimum is None and abs(low) <= _FARTHEST:
        schema = replace(schema, minimum=math.floor(low) + 1, exclusive_minimum=None)
    if high is not None and schema.maximum is None and abs(high) <= _FARTHEST:
        schema = replace(schema, maximum=math.ceil(high) - 1, exclusive_maximum=None)
    return schema


def attributes_of(schema: Integer | Number) -> Mapping[str, str]:
    """Return the bounds and the step of a control for numbers."""
    low, high = _bounds(schema)
    step: float | str = "any" if isinstance(schema, Number) else 1
    given = {"min": low, "max": high, "step": schema.multiple_of or step}
    return {name: str(value) for name, value in given.items() if value is not None}


def slider(schema: Integer | Number) -> Mapping[str, str] | None:
    """Return the attributes of a slider; None if the range is open, or too wide for one."""
    low, high = _bounds(schema)
    if low is None or high is None or not -_FARTHEST <= low < high <= _FARTHEST:
        return None
    width = high - low
    if width < _NARROWEST:
        return None
    step = schema.multiple_of or (1 if isinstance(schema, Integer) else _fraction(width))
    if not width / _MOST_STEPS <= step <= width:
        return None
    first = low if schema.exclusive_minimum is None or isinstance(schema, Integer) else low + step
    return {"min": f"{first:.12g}", "max": f"{high:.12g}", "step": f"{step:.12g}"}


def is_seed(schema: Integer | Number, name: str) -> bool:
    """Return whether a number is a seed. No keyword of a document says it, only the name does."""
    return isinstance(schema, Integer) and (name == "seed" or name.endswith("_seed"))


def _bounds(schema: Integer | Number) -> tuple[float | None, float | None]:
    closed = inclusive(schema)
    assert isinstance(closed, Integer | Number)
    low, high = closed.minimum, closed.maximum
    return (
        closed.exclusive_minimum if low is None else low,
        closed.exclusive_maximum if high is None else high,
    )


def _fraction(width: float) -> float:
    """Return the power of ten that divides a range into at least `_FEWEST_STEPS`."""
    return float(10 ** math.floor(math.log10(width / _FEWEST_STEPS)))
