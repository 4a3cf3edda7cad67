"""The constraints of scalars and lists, from the keywords of a document to fields of a schema.

A constraint with an invalid value is left out and reported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from fal_codegen.document.file_limits import LIMIT_NAMES, FileLimits
from fal_codegen.document.json_values import is_number, is_scalar, mapping
from fal_codegen.document.schema import (
    Anything,
    Enum,
    Integer,
    Null,
    Number,
    Schema,
    union_of,
)

ReportRepair = Callable[[str, str], object]
"""Reports a repair: its rule, and the place in the document."""

_Numeric = TypeVar("_Numeric", Integer, Number)


def enumeration(values: object, pointer: str, report: ReportRepair) -> Schema:
    """Return the schema of an enum."""
    if not isinstance(values, list) or not values:
        report("unusable-enum", pointer)
        return Anything()
    numbers = list(map(_whole, values))
    try:
        # In Python, 1 and True are the same key; in JSON they are not the same value.
        members = list({(isinstance(v, bool), v): v for v in numbers if v is not None}.values())
    except TypeError:  # an object or array, which cannot be a key
        report("unusable-enum", pointer)
        return Anything()
    if not members:
        return Null()
    scalars = tuple(filter(is_scalar, members))
    if len(scalars) == len(members):
        return union_of([Enum(scalars), Null()]) if None in numbers else Enum(scalars)
    report("unusable-enum", pointer)
    if not all(map(is_number, members)):
        return Anything()
    return Integer() if all(isinstance(value, int) for value in members) else Number()


def bounded(
    kind: type[_Numeric], node: Mapping[str, Any], pointer: str, report: ReportRepair
) -> _Numeric:
    """Return an integer or number schema with the bounds that a document states."""

    def number(keyword: str) -> float | None:
        value = node.get(keyword)
        if value is None or is_number(value):
            return value
        report("unusable-constraint", f"{pointer}/{keyword}")
        return None

    def bound(inclusive: str, exclusive: str) -> tuple[float | None, float | None]:
        flag = node.get(exclusive)
        if not isinstance(flag, bool):
            return number(inclusive), number(exclusive)
        value = number(inclusive)  # in OpenAPI 3.0, the other keyword is a flag beside this one
        return (None, value) if flag else (value, None)

    minimum, exclusive_minimum = bound("minimum", "exclusiveMinimum")
    maximum, exclusive_maximum = bound("maximum", "exclusiveMaximum")
    step = number("multipleOf")
    if step is not None and step <= 0:
        report("unusable-constraint", f"{pointer}/multipleOf")
        step = None
    return kind(
        minimum=minimum,
        exclusive_minimum=exclusive_minimum,
        maximum=maximum,
        exclusive_maximum=exclusive_maximum,
        multiple_of=step,
    )


def limit(node: Mapping[str, Any], keyword: str, pointer: str, report: ReportRepair) -> int | None:
    """Return a number of characters or items; None if the document states none."""
    value = node.get(keyword)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31:
        return value
    if value is not None:
        report("unusable-constraint", f"{pointer}/{keyword}")
    return None


def file_limits(node: Mapping[str, Any], pointer: str, report: ReportRepair) -> FileLimits:
    """Return the limits that a schema states for files: in `x-fal`, or beside its keywords."""
    limits: dict[str, float] = {}
    for at, stated in ((pointer, node), (f"{pointer}/x-fal", mapping(node.get("x-fal")))):
        for name in LIMIT_NAMES:
            value = stated.get(name)
            if value is None:
                continue
            if is_number(value) and value > 0:
                limits[name] = value
            else:
                report("unusable-constraint", f"{at}/{name}")
    return FileLimits(**limits)


def _whole(value: object) -> object:
    """Return a float without a fraction as an integer, unless that is too large to hold."""
    is_whole = isinstance(value, float) and value.is_integer() and is_scalar(int(value))
    return int(value) if isinstance(value, float) and is_whole else value
