"""Python types of plain schemas, as stubs state them: what a checker can hold, and no more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from fal_codegen.document.plain import is_number
from fal_codegen.ir import REF, Direction, PlainSchema
from fal_codegen.targets.python.expressions import PythonType

_SCALARS = {
    "boolean": "bool",
    "integer": "int",
    "null": "None",
    "number": "float",
    "string": "str",
}
ANY = PythonType("Any", frozenset({"Any"}))


def python_type(schema: PlainSchema, direction: Direction) -> PythonType:
    """Return the type of a plain schema.

    What comes out may have more values than its enum: one that the server adds is no surprise.
    """
    if "anyOf" in schema:
        return _union(python_type(member, direction) for member in schema["anyOf"])
    if "$ref" in schema:
        return _name(schema["$ref"].removeprefix(REF))
    if "enum" in schema:
        return _union(_enum(schema["enum"], is_open=direction is Direction.OUTPUT))
    match schema.get("type"):
        case "array":
            return _generic("list[{}]", python_type(schema["items"], direction))
        case "object":
            values = python_type(schema["additionalProperties"], direction)
            return _generic("dict[str, {}]", values)
        case None:
            return ANY
        case scalar:
            return _name(_SCALARS[scalar])


def _enum(values: Sequence[Any], *, is_open: bool) -> Iterator[PythonType]:
    # A Literal holds no fractions, so numbers are then just numbers.
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
