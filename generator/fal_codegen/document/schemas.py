"""Schemas as they stand in a document: what they say, and what several of them come to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from fal_codegen.document.plain import fits, is_number, same

if TYPE_CHECKING:
    from pydantic_core import SchemaValidator

_TIGHTER: Mapping[str, Callable[[Any, Any], Any]] = {
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems"), min),
}
"""Which of two bounds, both of which hold, is the one to keep."""


_STRUCTURE = (
    *("properties", "required", "additionalProperties", "items", "prefixItems", "enum", "const"),
    *("pattern", "multipleOf", "uniqueItems", "$ref", "anyOf", "oneOf"),
)


def is_object(node: Mapping[str, Any], hint: str) -> bool:
    """Say whether an object schema makes a model; without properties, it is a map.

    An endpoint's Input and Output (so their hints) are models even without properties.
    """
    properties = node.get("properties")
    return isinstance(properties, dict) and (
        bool(properties)
        or hint in ("Input", "Output")
        or node.get("additionalProperties", True) is False
    )


def is_composed(node: Mapping[str, Any]) -> bool:
    """Say whether a schema is more than one of its own: a union, an allOf, or nullable."""
    is_union = any(keyword in node for keyword in ("$ref", "allOf", "anyOf", "oneOf"))
    return is_union or node.get("nullable") is True or isinstance(node.get("type"), list)


def brings_properties(node: object) -> bool:
    """Say whether a member of a union may have properties of its own."""
    return isinstance(node, dict) and any(
        keyword in node for keyword in ("properties", "$ref", "allOf", "anyOf", "oneOf")
    )


def asserts(node: Mapping[str, Any]) -> bool:
    """Say whether what stands beside an allOf narrows it, rather than only describing it."""
    return any(keyword in node for keyword in (*_TIGHTER, *_STRUCTURE))


def merge(parts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return one schema that asks what all the parts ask; for most keywords the last one counts."""
    merged: dict[str, Any] = {}
    for part in parts:
        for keyword, value in part.items():
            known = merged.get(keyword)
            if keyword == "properties" and isinstance(known, dict) and isinstance(value, dict):
                merged[keyword] = {**known, **value}
            elif keyword == "required" and isinstance(known, list) and isinstance(value, list):
                merged[keyword] = known + value
            elif keyword == "enum" and isinstance(known, list) and isinstance(value, list):
                merged[keyword] = [one for one in known if any(same(one, other) for other in value)]
            elif keyword in _TIGHTER and is_number(known) and is_number(value):
                merged[keyword] = _TIGHTER[keyword](known, value)
            elif keyword not in ("title", "description"):
                merged[keyword] = value
    if isinstance(merged.get("properties"), dict):
        merged.setdefault("type", "object")
    return merged


def constraints(outer: Mapping[str, Any], member: Mapping[str, Any]) -> dict[str, Any]:
    """Return what stands beside a union and is to hold for one of its members."""
    keywords = (*_TIGHTER, "multipleOf", "pattern", "uniqueItems")
    found = {key: outer[key] for key in keywords if key in outer}
    kind = member.get("type")
    is_listed = kind in ("string", "integer", "number") and "const" not in member
    if is_listed and isinstance(outer.get("enum"), list):
        found["enum"] = [value for value in outer["enum"] if fits(value, {"type": kind})]
    return found


def by_index(items: object) -> list[Any]:
    """Return the schemas of `items` that is an object of indices; nothing if it is no such one."""
    if not isinstance(items, dict) or not all(map(is_index, items)):
        return []
    return [items[key] for key in sorted(items, key=int)]


def is_index(key: str) -> bool:
    """Say whether a key is an index of a list, of a length that a list can have."""
    return re.fullmatch("[0-9]{1,9}", key) is not None


def is_scalar(value: object) -> bool:
    """Say whether a value is a text, bool or number that every client and server can hold."""
    if isinstance(value, int):
        return -(2**63) <= value < 2**63
    return isinstance(value, str) or is_number(value)


def is_pattern(value: object) -> bool:
    """Say whether pydantic, which uses the regular expressions of Rust, reads a pattern alike."""
    return isinstance(value, str) and _compiled(value) is not None


def matches(pattern: str, text: str) -> bool:
    """Say whether a text matches a pattern; it counts as matching one that cannot be read.

    By the regular expressions of Rust, which take no longer for patterns made to take for ever.
    """
    compiled = _compiled(pattern)
    return compiled is None or compiled.isinstance_python(text)


@lru_cache
def _compiled(pattern: str) -> SchemaValidator | None:
    from pydantic_core import SchemaError, SchemaValidator, core_schema

    if "[" in pattern and any(sign in pattern for sign in ("&&", "~~", "--")):
        return None  # these combine character classes in Rust, and are plain characters elsewhere
    try:
        return SchemaValidator(core_schema.str_schema(pattern=pattern))
    except SchemaError:
        return None


def strings(value: object) -> list[str]:
    """Return the strings of a list; nothing if it is no list."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def text_of(value: object) -> str:
    """Return a text without white space around it; an empty one if it is no text."""
    return value.strip() if isinstance(value, str) else ""


def mapping(value: object) -> Mapping[str, Any]:
    """Return an object; an empty one if it is none."""
    return value if isinstance(value, dict) else {}


def escape(token: str) -> str:
    """Return a key as it stands in a JSON Pointer (RFC 6901)."""
    return token.replace("~", "~0").replace("/", "~1")
