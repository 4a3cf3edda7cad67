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
from fal_codegen.document.stated_limits import (
    BOUNDS,
    EXCLUSIVE,
    bounds_in,
    file_limits_in,
    is_file_limit,
    size_in,
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
    bounds = bounds_in(node)
    for keyword in BOUNDS:
        value = node.get(keyword)
        is_flag = isinstance(value, bool) and keyword in EXCLUSIVE.values()
        if not (value is None or is_number(value) or is_flag):
            report("unusable-constraint", f"{pointer}/{keyword}")
    step = node.get("multipleOf")
    if step is not None and not (is_number(step) and step > 0):
        report("unusable-constraint", f"{pointer}/multipleOf")
        step = None
    return kind(
        minimum=bounds.get("minimum"),
        exclusive_minimum=bounds.get("exclusiveMinimum"),
        maximum=bounds.get("maximum"),
        exclusive_maximum=bounds.get("exclusiveMaximum"),
        multiple_of=step,
    )


def limit(node: Mapping[str, Any], keyword: str, pointer: str, report: ReportRepair) -> int | None:
    """Return a number of characters or items; None if the document states none."""
    size = size_in(node, keyword)
    if size is not None and size < 2**31:
        return size
    if node.get(keyword) is not None:
        report("unusable-constraint", f"{pointer}/{keyword}")
    return None


def file_limits(node: Mapping[str, Any], pointer: str, report: ReportRepair) -> FileLimits:
    """Return the limits that a schema states for files."""
    for at, stated in ((pointer, node), (f"{pointer}/x-fal", mapping(node.get("x-fal")))):
        for name in LIMIT_NAMES:
            if stated.get(name) is not None and not is_file_limit(stated[name]):
                report("unusable-constraint", f"{at}/{name}")
    return FileLimits(**file_limits_in(node))


def _whole(value: object) -> object:
    """Return a float without a fraction as an integer, unless that is too large to hold."""
    is_whole = isinstance(value, float) and value.is_integer() and is_scalar(int(value))
    return int(value) if isinstance(value, float) and is_whole else value
