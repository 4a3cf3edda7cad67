"""Python types of schemas for stubs: what a type checker can check, and no more."""

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
from fal_codegen.targets.python.expressions import PythonType

ANY = PythonType("Any", frozenset({"Any"}))


def python_type(schema: Schema, direction: Direction) -> PythonType:
    """Return the type of a schema.

    A result may have values that its enum does not list yet.
    """
    match schema:
        case Union(members):
            return _union(python_type(member, direction) for member in members)
        case Ref(name):
            return _name(name)
        case Enum(values):
            return _union(_enum(values, is_open=direction is Direction.OUTPUT))
        case Array(items):
            return _generic("list[{}]", python_type(items, direction))
        case Map(values):
            return _generic("dict[str, {}]", python_type(values, direction))
        case Boolean():
            return _name("bool")
        case Integer():
            return _name("int")
        case Number():
            return _name("float")
        case String() | FileUrl():
            return _name("str")
        case Null():
            return _name("None")
        case Anything():
            return ANY
        case _:
            assert_never(schema)


def _enum(values: Sequence[Scalar], *, is_open: bool) -> Iterator[PythonType]:
    # A Literal holds no fractions: numbers are then just numbers.
    has_fractions = any(isinstance(value, float) for value in values)
    listed = [value for value in values if not (has_fractions and is_number(value))]
    if listed:
        yield PythonType(f"Literal[{', '.join(map(repr, listed))}]", frozenset({"Literal"}))
    if has_fractions:
        yield _name("float")
    if is_open:
        yield from (_name(type(value).__name__) for value in listed)


def _union(members: Iterable[PythonType]) -> PythonType:
    distinct = list(dict.fromkeys(members))
    if ANY in distinct:
        return ANY
    names = frozenset[str]().union(*(member.names for member in distinct))
    return PythonType(" | ".join(member.text for member in distinct), names)


def _generic(form: str, inner: PythonType) -> PythonType:
    return PythonType(form.format(inner), inner.names)


def _name(name: str) -> PythonType:
    return PythonType(name, frozenset({name}))
