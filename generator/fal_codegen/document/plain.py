"""Plain schemas (see `ir`) as values: combining, comparing and walking them."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeGuard

from fal_codegen.ir import PlainSchema

NULL: PlainSchema = {"type": "null"}

JSON_TYPES: Mapping[type, str] = {bool: "boolean", int: "integer", float: "number", str: "string"}
"""The `type` of scalars."""


def any_of(members: Iterable[PlainSchema]) -> PlainSchema:
    """Return the union of plain schemas, itself plain: enums become one."""
    flat = [schema for member in members for schema in member.get("anyOf", (member,))]
    if not all(flat):
        return {}
    enums = [schema for schema in flat if "enum" in schema]
    if len(enums) > 1:
        values = {(type(v), v): v for schema in enums for v in schema["enum"]}
        first = flat.index(enums[0])
        flat = [schema for schema in flat if "enum" not in schema]
        flat.insert(first, {"enum": list(values.values())})
    # Compared as JSON text, because in Python `[1] == [True]`.
    distinct = list({json.dumps(schema, sort_keys=True): schema for schema in flat}.values())
    return distinct[0] if len(distinct) == 1 else {"anyOf": distinct}


def without_null(schema: PlainSchema) -> tuple[PlainSchema, bool]:
    """Return a schema with null taken out, and whether null was in it."""
    if schema == NULL:
        return {}, True
    members = [member for member in schema.get("anyOf", ()) if member != NULL]
    if len(members) == len(schema.get("anyOf", ())):
        return schema, False
    return any_of(members), True


def references(schema: PlainSchema) -> Iterator[str]:
    """Yield the `$ref`s of a plain schema, in order."""
    if "$ref" in schema:
        yield schema["$ref"]
    for child in (*schema.get("anyOf", ()), schema.get("items"), _values(schema)):
        if child is not None:
            yield from references(child)


def map_refs(schema: PlainSchema, rename: Callable[[str], str]) -> PlainSchema:
    """Return a plain schema with every `$ref` renamed."""
    return replace_refs(schema, lambda ref: {"$ref": rename(ref)})


def replace_refs(schema: PlainSchema, replacement: Callable[[str], PlainSchema]) -> PlainSchema:
    """Return a plain schema with every `$ref` replaced."""
    if "$ref" in schema:
        return replacement(schema["$ref"])
    if "anyOf" in schema:
        return any_of(replace_refs(member, replacement) for member in schema["anyOf"])
    changed: dict[str, Any] = dict(schema)
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), Mapping):
            changed[keyword] = replace_refs(schema[keyword], replacement)
    return changed


def fits(value: object, schema: PlainSchema) -> bool:
    """Say whether a value is one of a plain schema's, by type and enum; objects never are.

    Bounds and lengths do not count: a server may well have a default outside them.
    """
    if "anyOf" in schema:
        return any(fits(value, member) for member in schema["anyOf"])
    if "enum" in schema:
        return any(same(value, member) for member in schema["enum"])
    kind = schema.get("type")
    if kind == "array":
        return isinstance(value, list) and all(fits(item, schema["items"]) for item in value)
    if kind == "object":
        return value == {}
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if kind == "number":
        return is_number(value)
    if kind == "string":
        return isinstance(value, str) and schema.get("format") != "file"
    return not schema and isinstance(value, (str, int, float))


def is_number(value: object) -> TypeGuard[int | float]:
    """Say whether a value is a number of JSON; a bool is not."""
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


def is_multiple(value: float, step: float) -> bool:
    """Say whether a number is a multiple of another, as far as floats can tell."""
    ratio = value / step
    return math.isinf(ratio) or math.isclose(ratio, round(ratio), rel_tol=1e-12, abs_tol=1e-9)


def same(left: object, right: object) -> bool:
    """Compare as JSON does: `1` equals `1.0` and not `true`."""
    return left == right and isinstance(left, bool) == isinstance(right, bool)


def _values(schema: PlainSchema) -> PlainSchema | None:
    values = schema.get("additionalProperties")
    return values if isinstance(values, dict) else None
