"""Patterns in Rust: the regular expressions that fal's servers and the Python client use."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic_core import SchemaValidator

_RUST_ONLY = (r"\<", r"\>", r"\b{", "{,")
"""Word boundaries, and a count without a lower bound: other engines read them differently."""

_PAIR = re.compile(r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
"""A character beyond the first 65,536, as the surrogate pair that JavaScript has for it."""


def to_rust(pattern: object) -> str | None:
    """Return a pattern as pydantic reads it, in the regular expressions of Rust.

    None if Rust cannot express it, or reads it differently from JSON Schema and Python.
    """
    if not isinstance(pattern, str):
        return None
    joined = _PAIR.sub(_code_point, pattern)
    return joined if _compiled(joined) is not None else None


def is_readable(pattern: str) -> bool:
    """Return whether Rust can read a pattern, so that `matches` decides."""
    return _compiled(pattern) is not None


def matches(pattern: str, text: str) -> bool:
    """Return whether a string matches a pattern; every string matches one that Rust cannot read.

    Rust takes linear time, so no pattern from outside can take forever.
    """
    compiled = _compiled(pattern)
    return compiled is None or compiled.isinstance_python(text)


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
    """Return whether a class has an operator on classes, which only Rust reads as one."""
    classes = re.findall(r"\\.|\[\^?\]?((?:\\.|[^\\\]])*)", pattern, re.DOTALL)
    inner = (re.sub(r"\\.", "", members, flags=re.DOTALL) for members in classes)
    return any(sign in members for members in inner for sign in ("[", "&&", "~~", "--"))


def _code_point(pair: re.Match[str]) -> str:
    high, low = (int(unit, 16) for unit in pair.groups())
    return f"\\u{{{0x10000 + ((high & 0x3FF) << 10) + (low & 0x3FF):X}}}"
