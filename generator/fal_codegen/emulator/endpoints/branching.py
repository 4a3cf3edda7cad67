"""The number of schemas that a validator may have to try for one value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from fal_codegen.document.json_schema import JsonSchema
from fal_codegen.document.pointers import target_of

__all__ = ["MOST", "most_in_place"]

MOST = 10_000
"""Schemas to try for one value; genuine documents have at most a few dozen."""

_ONE = ("not", "if", "then", "else")
_LIST = ("allOf", "anyOf", "oneOf")


def most_in_place(schemas: Iterable[Any], components: JsonSchema) -> int:
    """Return the largest number of schemas that a validator may have to try for one value.

    Schemas of properties and items do not count. A schema that contains itself counts once.

    Args:
        schemas: Converted schemas.
        components: The converted components.
    """
    root: JsonSchema = {"components": {"schemas": components}}
    counts: dict[str, int] = {}
    return max(_count(schema, root, counts) for schema in schemas)


def _count(schema: Any, root: JsonSchema, counts: dict[str, int]) -> int:
    """Return how many schemas apply to the same value; `counts` caches the count per reference."""
    parts, refs = _in_place(schema)
    waiting = list(refs)
    opened: set[str] = set()
    while waiting:  # without recursion: a chain of references may be long
        ref = waiting[-1]
        if ref in counts and ref not in opened:
            waiting.pop()
            continue
        inner_parts, inner_refs = _in_place(target_of(root, ref))
        if ref in opened:
            total = inner_parts + sum(counts[inner] for inner in inner_refs)
            counts[ref] = min(total, MOST + 1)
            opened.discard(ref)
        else:
            counts[ref] = 1
            opened.add(ref)
            waiting += [inner for inner in inner_refs if inner not in counts]
    return parts + sum(counts[ref] for ref in refs)


def _in_place(schema: Any) -> tuple[int, list[str]]:
    """Return how many schemas in a schema apply to the same value, and their references."""
    parts = list(_parts(schema))
    return len(parts), [part["$ref"] for part in parts if isinstance(part.get("$ref"), str)]


def _parts(node: Any) -> Iterator[JsonSchema]:
    """Yield a schema and those in it that apply to the same value, without references."""
    stack = [node]
    while stack:
        schema = stack.pop()
        if isinstance(schema, dict):
            yield schema
            stack += [schema[keyword] for keyword in _ONE if keyword in schema]
            stack += [part for keyword in _LIST for part in schema.get(keyword, ())]
