"""Python types of schemas for stubs: only what a type checker can check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from fal_codegen.document.json_values import is_number
from fal_codegen.document.schema import (
    Anything,
    Array,
    Boolean,
    Enum,
    FileUrl,
    Integer,
    Map,
    Null,
    Number,
    Ref,
    Scalar,
    Schema,
    String,
    Union,
)
from fal_codegen.exhaustive import assert_never
from fal_codegen.ir import Direction

ANY = "Any"

RESERVED_CLASS_NAMES = frozenset(
    "Any Input Literal MutableMapping NotRequired Output TypeAlias TypedDict TypeVar".split()
) | {"SupportsKeysAndGetItem"}
"""Class names that no model gets: the modules of endpoints import or define them."""


def python_type(schema: Schema, direction: Direction) -> str:
    """Return the type of a schema.

    A result may have values that its enum does not list yet.
    """
    match schema:
        case Union(members):
            return _union(python_type(member, direction) for member in members)
        case Ref(name):
            return name
        case Enum(values):
            return _union(_enum(values, is_open=direction is Direction.OUTPUT))
        case Array(items):
            return f"list[{python_type(items, direction)}]"
        case Map(values):
            return f"dict[str, {python_type(values, direction)}]"
        case Boolean():
            return "bool"
        case Integer():
            return "int"
        case Number():
            return "float"
        case String() | FileUrl():
            return "str"
        case Null():
            return "None"
        case Anything():
            return ANY
        case _:
            assert_never(schema)


def _enum(values: Sequence[Scalar], *, is_open: bool) -> Iterator[str]:
    # A Literal holds no fractions: numbers are then just numbers.
    has_fractions = any(isinstance(value, float) for value in values)
    listed = [value for value in values if not (has_fractions and is_number(value))]
    if listed:
        yield f"Literal[{', '.join(map(repr, listed))}]"
    if has_fractions:
        yield "float"
    if is_open:
        yield from (type(value).__name__ for value in listed)


def _union(members: Iterable[str]) -> str:
    distinct = list(dict.fromkeys(members))
    return ANY if ANY in distinct else " | ".join(distinct)
