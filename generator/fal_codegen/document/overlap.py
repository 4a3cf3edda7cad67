"""Overlap: whether two schemas may accept the same value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from fal_codegen.document.accepts import Acceptor
from fal_codegen.document.json_values import is_number, same
from fal_codegen.document.models import Property
from fal_codegen.document.schema import (
    Anything,
    Array,
    Boolean,
    Enum,
    FileUrl,
    Integer,
    Keyword,
    Map,
    Null,
    Number,
    Ref,
    Schema,
    String,
    Union,
    constraints,
)

_MAX_LEVELS = 3
"""Levels of properties that are compared."""

_INTERVALS: Sequence[tuple[Sequence[Keyword], Sequence[Keyword]]] = (
    (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")),
    (("minLength",), ("maxLength",)),
    (("minItems",), ("maxItems",)),
)


_SCALARS = Acceptor(())
"""Checks values that no model accepts."""


class _Shape(Protocol):
    @property
    def properties(self) -> Sequence[Property]: ...
    @property
    def is_open(self) -> bool: ...


def may_overlap(left: Schema, right: Schema, shapes: Mapping[str, _Shape], level: int = 0) -> bool:
    """Return whether a value may be valid for both schemas; True if that is uncertain.

    Args:
        left: A schema.
        right: Another one.
        shapes: The object schemas by the names that references have for them.
        level: Levels of properties that were compared so far.
    """
    match left, right:
        case (Union(members), other) | (other, Union(members)):
            return any(may_overlap(member, other, shapes, level) for member in members)
        case (Anything(), _) | (_, Anything()):
            return True
        case Ref(name), Ref(other_name):
            return _objects_overlap(shapes[name], shapes[other_name], shapes, level)
        case Enum(values), Enum(others):
            return any(same(value, other) for value in values for other in others)
        case (Enum(values), other) | (other, Enum(values)):
            return any(_SCALARS.accepts(value, other) for value in values)
        case (
            (Integer() | Number(), Integer() | Number())
            | (String() | FileUrl(), String() | FileUrl())
            | (Array(), Array())
        ):
            return not (_is_below(left, right) or _is_below(right, left))
        case (Null(), Null()) | (Boolean(), Boolean()) | (Map() | Ref(), Map() | Ref()):
            return True
        case _:
            return False


def _objects_overlap(one: _Shape, other: _Shape, shapes: Mapping[str, _Shape], level: int) -> bool:
    named = {prop.name: prop for prop in one.properties}
    others = {prop.name: prop for prop in other.properties}
    for mine, theirs, is_open in ((named, others, other.is_open), (others, named, one.is_open)):
        if not is_open and any(prop.required and name not in theirs for name, prop in mine.items()):
            return False
    return level >= _MAX_LEVELS or all(
        may_overlap(prop.schema, others[name].schema, shapes, level + 1)
        for name, prop in named.items()
        if name in others and prop.required and others[name].required
        if not (prop.nullable and others[name].nullable)
    )


def _is_below(left: Schema, right: Schema) -> bool:
    """Return whether every value of `left` is less or shorter than every value of `right`."""
    above, below = _numbers(left), _numbers(right)
    for lows, highs in _INTERVALS:
        for high in highs:
            for low in lows:
                if high in above and low in below:
                    is_strict = high.startswith("exclusive") or low.startswith("exclusive")
                    if above[high] < below[low] or (is_strict and above[high] == below[low]):
                        return True
    return False


def _numbers(schema: Schema) -> dict[str, float]:
    return {name: value for name, value in constraints(schema).items() if is_number(value)}
