"""Schemas as they stand in a document: what they say, and what several of them come to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeGuard

from fal_codegen.document.plain import fits, is_number, same
from fal_codegen.document.schema import Integer, Number, Scalar, Schema, String

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
    kinds: Mapping[str, Schema] = {"string": String(), "integer": Integer(), "number": Number()}
    kind = kinds.get(str(member.get("type")))
    if kind is not None and "const" not in member and isinstance(outer.get("enum"), list):
        found["enum"] = [value for value in outer["enum"] if fits(value, kind)]
    return found


def narrowed(member: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Return a member of a union that also asks what stands beside the union."""
    both = merge([more, member])
    return {**more, **member, **{keyword: both[keyword] for keyword in more}}


def passes_on(keyword: str, outer: Mapping[str, Any], member: object) -> bool:
    """Return whether a keyword beside a union holds for one of its members too."""
    if not isinstance(member, dict) or "$ref" in member:
        return False
    is_kept = keyword in _TIGHTER or keyword not in member
    return member.get("type") == "null" or (is_kept and keyword in constraints(outer, member))


def examples_of(node: Mapping[str, Any]) -> list[Any]:
    """Return the examples of a schema or body, in each of the spellings of OpenAPI."""
    found = [node["example"]] if "example" in node else []
    given = node.get("examples")
    if isinstance(given, dict):
        found += [mapping(named)["value"] for named in given.values() if "value" in mapping(named)]
    return [*found, *(given if isinstance(given, list) else ())]


def by_index(items: object) -> list[Any]:
    """Return the schemas of `items` that is an object of indices; nothing if it is no such one."""
    if not isinstance(items, dict) or not all(map(is_index, items)):
        return []
    return [items[key] for key in sorted(items, key=int)]


def is_index(key: str) -> bool:
    """Say whether a key is an index of a list, of a length that a list can have."""
    return re.fullmatch("[0-9]{1,9}", key) is not None


def is_scalar(value: object) -> TypeGuard[Scalar]:
    """Return whether a value is a string, bool or number that every client and server can hold."""
    if isinstance(value, int):
        return abs(value) < 2**63  # type checkers read the sign apart from the digits
    return isinstance(value, str) or is_number(value)


def rust(pattern: object) -> str | None:
    """Return a pattern as pydantic reads it, by the regular expressions of Rust.

    None if Rust cannot express it, or reads it otherwise than JSON Schema and Python do.
    """
    if not isinstance(pattern, str):
        return None
    joined = _PAIR.sub(_code_point, pattern)
    return joined if _compiled(joined) is not None else None


def matches(pattern: str, text: str) -> bool:
    """Say whether a text matches a pattern; it counts as matching one that cannot be read.

    By the regular expressions of Rust, which take no longer for patterns made to take for ever.
    """
    compiled = _compiled(pattern)
    return compiled is None or compiled.isinstance_python(text)


_RUST_ONLY = (r"\<", r"\>", r"\b{", "{,")
"""The edges of words, and a count without a start: plain text elsewhere, or nothing at all."""

_PAIR = re.compile(r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
"""A character beyond the first 65,536, in the two halves that JavaScript has for it."""


@lru_cache
def _compiled(pattern: str) -> SchemaValidator | None:
    from pydantic_core import SchemaError, SchemaValidator, core_schema

    if any(part in pattern for part in _RUST_ONLY) or _has_nested_class(pattern):
        return None
    try:
        return SchemaValidator(core_schema.str_schema(pattern=pattern))
    except SchemaError:
        return None


def _has_nested_class(pattern: str) -> bool:
    """Return whether a class has what combines classes in Rust, and is plain text elsewhere."""
    classes = re.findall(r"\\.|\[\^?\]?((?:\\.|[^\\\]])*)", pattern, re.DOTALL)
    inner = (re.sub(r"\\.", "", members, flags=re.DOTALL) for members in classes)
    return any(sign in members for members in inner for sign in ("[", "&&", "~~", "--"))


def _code_point(pair: re.Match[str]) -> str:
    high, low = (int(unit, 16) for unit in pair.groups())
    return f"\\u{{{0x10000 + ((high & 0x3FF) << 10) + (low & 0x3FF):X}}}"


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
