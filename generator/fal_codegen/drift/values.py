"""JSON values: comparison by JSON's rules, and display in messages."""

from __future__ import annotations

import json

from fal_codegen.document.json_values import canonical_text, is_number, plain
from fal_codegen.text import cut
from fal_codegen.text.escaping import line

MAX_SHOWN = 80
"""Characters of a value in a message."""


def are_equal(left: object, right: object) -> bool:
    """Return whether two JSON values are equal."""
    if left is right:
        return True
    if isinstance(left, str) or isinstance(right, str) or left is None or right is None:
        return left == right
    return canonical_text(left) == canonical_text(right)


def shown(value: object) -> str:
    """Return a value for a message: shortened, on one line, without control characters."""
    text = json.dumps(plain(value), sort_keys=True, ensure_ascii=False)
    return cut(line(text), MAX_SHOWN)


def kind_of(value: object) -> str:
    """Return the kind of a value, one of `kinds.variant.KINDS`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, (list, tuple)):
        return "array"
    return "number" if is_number(value) else "object"
