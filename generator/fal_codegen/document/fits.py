"""Whether a value is of a schema's type."""

from __future__ import annotations

from fal_codegen.document.json_values import is_number, same
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


def fits(value: object, schema: Schema) -> bool:
    """Return whether a value is of a schema's type, or in its enum; objects never are.

    Bounds and lengths do not count: a server may well have a default outside them.
    """
    match schema:
        case Union(members):
            return any(fits(value, member) for member in members)
        case Enum(values):
            return any(same(value, listed) for listed in values)
        case Array(items):
            return isinstance(value, list) and all(fits(item, items) for item in value)
        case Map():
            return value == {}
        case Boolean():
            return isinstance(value, bool)
        case Integer():
            return isinstance(value, int) and not isinstance(value, bool)
        case Number():
            return is_number(value)
        case String():
            return isinstance(value, str)
        case Anything():
            return isinstance(value, (str, int, float))
        case Null() | FileUrl() | Ref():
            return False
        case _:
            assert_never(schema)
