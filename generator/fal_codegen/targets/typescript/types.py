"""TypeScript types of schemas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

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
    Schema,
    String,
    Union,
)
from fal_codegen.exhaustive import assert_never
from fal_codegen.ir import Direction, Property
from fal_codegen.targets.typescript.quoting import INHERITED, literal, string
from fal_codegen.text.brackets import Bracketed, Fragment, flat

_OTHERS = {str: "(string & {})", int: "(number & {})", float: "(number & {})"}
"""Types of values that a document does not list; editors still suggest the listed ones."""


_LONGEST_TUPLE = 8


def tuple_length(array: Array, direction: Direction) -> int | None:
    """Return how many items a list has, if its type is a tuple.

    A result is read whatever its length, and a long tuple is tedious to write.
    """
    length = array.min_items
    is_fixed = length is not None and length == array.max_items and 0 < length <= _LONGEST_TUPLE
    return length if is_fixed and direction is Direction.INPUT else None


def type_of(schema: Schema, direction: Direction) -> Fragment:
    """Return the type of a schema's values."""
    return _union(_members(schema, direction))


def property_type(prop: Property, direction: Direction, tag: Sequence[object]) -> Fragment:
    """Return the type of a property that is present.

    Args:
        prop: The property.
        direction: Which way its values travel.
        tag: Its values as a tag of a union; empty if it is none. Its type lists only these, so
            that comparing it narrows the union.
    """
    if tag:
        return _union(_enum(tag, is_open=False))
    members = [*_members(prop.schema, direction)]
    if prop.name in INHERITED and not prop.required and prop.name[0] != "_":
        members.append(f"Object[{string(prop.name)}]")
    return _union([*members, "null"] if prop.nullable and members != ["unknown"] else members)


def _members(schema: Schema, direction: Direction) -> Iterator[Fragment]:
    """Yield the types that a schema's type is the union of."""
    match schema:
        case Union(members):
            for member in members:
                yield from _members(member, direction)
        case Enum(values):
            yield from _enum(values, is_open=direction is Direction.OUTPUT)
        case Ref(name):
            yield name
        case FileUrl():
            yield "runtime.FileInput"
        case Array(items):
            item = _distinct(_members(items, direction))
            if length := tuple_length(schema, direction):
                yield Bracketed("[", (_union(item),) * length, "]", last="")
            else:
                yield (_union(item, brackets=len(item) > 1), "[]")
        case Map(values):
            yield ("Record", Bracketed("<", ("string", type_of(values, direction)), ">", last=""))
        case Boolean():
            yield "boolean"
        case Integer() | Number():
            yield "number"
        case String():
            yield "string"
        case Null():
            yield "null"
        case Anything():
            yield "unknown"
        case _:
            assert_never(schema)


def _enum(values: Iterable[object], *, is_open: bool) -> Iterator[Fragment]:
    yield from map(literal, values)
    if is_open:
        kinds = dict.fromkeys(type(value) for value in values)
        yield from (_OTHERS.get(kind, "boolean") for kind in kinds)


def _union(members: Iterable[Fragment], *, brackets: bool = False) -> Fragment:
    distinct = tuple(_distinct(members))
    if len(distinct) == 1:
        return distinct[0]
    opening, closing = ("(", ")") if brackets else ("", "")
    return Bracketed(opening, distinct, closing, before="| ", after="", last="", between=" | ")


def _distinct(members: Iterable[Fragment]) -> list[Fragment]:
    return list({flat(member): member for member in members}.values())
