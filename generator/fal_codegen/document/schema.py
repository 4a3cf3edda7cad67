"""The typed schema: one class for each kind of value, with its constraints as fields.

`normalise` builds these values from a document; everything after it matches on them. A `match` on
the kind of a schema, or on the keyword of a constraint (see `constraints`), ends in `assert_never`:
mypy lists what a new kind or keyword has to touch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from operator import is_
from typing import Any, Literal, TypeAlias, get_args

from fal_codegen.document.file_limits import NO_LIMITS, FileLimits
from fal_codegen.exhaustive import assert_never

Scalar: TypeAlias = bool | int | float | str


class Leaf:
    """A schema that consists of no other schemas."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Anything(Leaf):
    """Any value."""


@dataclass(frozen=True, slots=True)
class Null(Leaf):
    """Null: only as a member of a union."""


@dataclass(frozen=True, slots=True)
class Boolean(Leaf):
    """True or false."""


@dataclass(frozen=True, slots=True)
class _Numeric(Leaf):
    minimum: float | None = None
    exclusive_minimum: float | None = None
    maximum: float | None = None
    exclusive_maximum: float | None = None
    multiple_of: float | None = None


@dataclass(frozen=True, slots=True)
class Integer(_Numeric):
    """A whole number."""


@dataclass(frozen=True, slots=True)
class Number(_Numeric):
    """A number."""


@dataclass(frozen=True, slots=True)
class String(Leaf):
    """A string.

    Attributes:
        pattern: A regular expression of Rust that matches somewhere in it.
        file_limits: The limits of the file, if the string is the URL of one.
    """

    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    file_limits: FileLimits = NO_LIMITS


@dataclass(frozen=True, slots=True)
class FileUrl(Leaf):
    """The URL of a file.

    Attributes:
        file_limits: The limits of the file itself. They do not constrain the URL.
    """

    min_length: int | None = None
    max_length: int | None = None
    file_limits: FileLimits = NO_LIMITS


@dataclass(frozen=True, slots=True, eq=False)
class Enum(Leaf):
    """One of the listed values: at least one, and none of them null."""

    values: tuple[Scalar, ...]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Enum) and self._typed == other._typed

    def __hash__(self) -> int:
        return hash(self._typed)

    @property
    def _typed(self) -> tuple[tuple[type, Scalar], ...]:
        return tuple((type(value), value) for value in self.values)  # in Python, True equals 1


@dataclass(frozen=True, slots=True)
class Array:
    """A list."""

    items: Schema
    min_items: int | None = None
    max_items: int | None = None
    unique_items: bool = False


@dataclass(frozen=True, slots=True)
class Map:
    """An object with any names, whose values are all of one schema."""

    values: Schema


@dataclass(frozen=True, slots=True)
class Ref(Leaf):
    """One of the endpoint's models, by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Union:
    """A value of at least one of several schemas; `union_of` makes it."""

    members: tuple[Schema, ...]


Schema: TypeAlias = (
    Anything
    | Null
    | Boolean
    | Integer
    | Number
    | String
    | FileUrl
    | Enum
    | Array
    | Map
    | Ref
    | Union
)

Keyword: TypeAlias = Literal[
    "minimum",
    "exclusiveMinimum",
    "maximum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "uniqueItems",
]
"""A constraint of a typed schema, by its keyword of JSON Schema."""

CONSTRAINT_KEYWORDS: tuple[Keyword, ...] = get_args(Keyword)


def constraints(schema: Schema) -> dict[Keyword, Scalar]:
    """Return the constraints of a schema itself, without those of inner schemas."""
    return {
        word: value for word, value in possible_constraints(schema).items() if value is not None
    }


def possible_constraints(schema: Schema) -> dict[Keyword, Scalar | None]:
    """Return every constraint that a kind of schema can have; None for those not set."""
    match schema:
        case Integer() | Number():
            return {
                "minimum": schema.minimum,
                "exclusiveMinimum": schema.exclusive_minimum,
                "maximum": schema.maximum,
                "exclusiveMaximum": schema.exclusive_maximum,
                "multipleOf": schema.multiple_of,
            }
        case String():
            return {
                "minLength": schema.min_length,
                "maxLength": schema.max_length,
                "pattern": schema.pattern,
            }
        case FileUrl():
            return {"minLength": schema.min_length, "maxLength": schema.max_length}
        case Array():
            return {
                "minItems": schema.min_items,
                "maxItems": schema.max_items,
                "uniqueItems": schema.unique_items or None,
            }
        case Anything() | Null() | Boolean() | Enum() | Map() | Ref() | Union():
            return {}
        case _:
            assert_never(schema)


def as_json_schema(schema: Schema) -> dict[str, Any]:
    """Return a schema as JSON Schema; models are in `$defs`, and files have the format `file`."""
    json_schema: dict[str, Any]
    match schema:
        case Anything():
            json_schema = {}
        case Null():
            json_schema = {"type": "null"}
        case Boolean():
            json_schema = {"type": "boolean"}
        case Integer():
            json_schema = {"type": "integer"}
        case Number():
            json_schema = {"type": "number"}
        case String():
            json_schema = {"type": "string"}
        case FileUrl():
            json_schema = {"type": "string", "format": "file"}
            if schema.file_limits != NO_LIMITS:
                json_schema["x-fal"] = schema.file_limits.stated()
        case Enum(values):
            json_schema = {"enum": list(values)}
        case Array(items):
            json_schema = {"type": "array", "items": as_json_schema(items)}
        case Map(values):
            json_schema = {"type": "object", "additionalProperties": as_json_schema(values)}
        case Ref(name):
            json_schema = {"$ref": f"#/$defs/{name}"}
        case Union(members):
            json_schema = {"anyOf": list(map(as_json_schema, members))}
        case _:
            assert_never(schema)
    json_schema.update(constraints(schema).items())
    return json_schema


def without_constraints(schema: Schema) -> Schema:
    """Return a schema without its own constraints; inner schemas keep theirs."""
    match schema:
        case Integer():
            return Integer()
        case Number():
            return Number()
        case String():
            return String()
        case FileUrl():
            return FileUrl()
        case Array(items):
            return Array(items)
        case Anything() | Null() | Boolean() | Enum() | Map() | Ref() | Union():
            return schema
        case _:
            assert_never(schema)


def scalar_kind(value: Scalar) -> Boolean | Integer | Number | String:
    """Return the schema of all values that have the type of a value."""
    match value:
        case bool():
            return Boolean()
        case int():
            return Integer()
        case float():
            return Number()
        case str():
            return String()
        case _:
            assert_never(value)


def union_of(members: Iterable[Schema]) -> Schema:
    """Return the union of schemas: flat, without duplicates, and with one enum for all of them."""
    flat = [part for member in members for part in alternatives(member)]
    if any(isinstance(member, Anything) for member in flat):
        return Anything()
    enums = [member for member in flat if isinstance(member, Enum)]
    if len(enums) > 1:
        values = {(type(value), value): value for enum in enums for value in enum.values}
        merged = Enum(tuple(values.values()))
        flat = [merged if isinstance(member, Enum) else member for member in flat]
    distinct = tuple(dict.fromkeys(flat))
    return distinct[0] if len(distinct) == 1 else Union(distinct)


def received(schema: Schema) -> Schema:
    """Return a schema as results are read: without constraints, and with any value of an enum."""
    if not isinstance(schema, Enum):
        return with_inner(without_constraints(schema), received)
    kinds = [scalar_kind(value) for value in schema.values]
    return union_of(Number() if Number() in kinds and kind == Integer() else kind for kind in kinds)


def alternatives(schema: Schema) -> tuple[Schema, ...]:
    """Return the members of a union; any other schema is its only alternative."""
    return schema.members if isinstance(schema, Union) else (schema,)


def without_null(schema: Schema) -> tuple[Schema, bool]:
    """Return a schema without null, and whether it accepted null."""
    if isinstance(schema, Null):
        return Anything(), True
    if not isinstance(schema, Union):
        return schema, False
    others = [member for member in schema.members if not isinstance(member, Null)]
    return (schema, False) if len(others) == len(schema.members) else (union_of(others), True)


def inner(schema: Schema) -> tuple[Schema, ...]:
    """Return the schemas that a schema consists of."""
    match schema:
        case Union(members):
            return members
        case Array(items):
            return (items,)
        case Map(values):
            return (values,)
        case Leaf():
            return ()
        case _:
            assert_never(schema)


def with_inner(schema: Schema, change: Callable[[Schema], Schema]) -> Schema:
    """Return a schema with each of the schemas that it consists of changed."""
    before = inner(schema)
    after = tuple(map(change, before))
    if all(map(is_, before, after)):  # as mostly
        return schema
    match schema:
        case Union():
            return union_of(after)
        case Array():
            return replace(schema, items=after[0])
        case Map():
            return Map(*after)
        case Leaf():
            return schema
        case _:
            assert_never(schema)


def references(schema: Schema) -> Iterator[str]:
    """Yield the names of the models that a schema refers to, in order."""
    if isinstance(schema, Ref):
        yield schema.name
    for part in inner(schema):
        yield from references(part)


def replace_references(schema: Schema, replacement: Callable[[Ref], Schema]) -> Schema:
    """Return a schema with every reference replaced."""
    if isinstance(schema, Ref):
        return replacement(schema)
    return with_inner(schema, lambda part: replace_references(part, replacement))
