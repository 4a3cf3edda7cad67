"""JSON values: compared as JSON compares them, and shown to people."""

from __future__ import annotations

import json

from fal_codegen.document.json_values import canonical, is_number, plain
from fal_codegen.text import cut
from fal_codegen.text.escaping import line

MAX_SHOWN = 80
"""Characters of a value that a message shows."""


def same(left: object, right: object) -> bool:
    """Return whether two values are equal, as JSON compares them."""
    if left is right:
        return True
    if isinstance(left, str) or isinstance(right, str) or left is None or right is None:
        return left == right
    return canonical(left) == canonical(right)


def shown(value: object) -> str:
    """Return a value as a message shows it: on one line, without control characters, cut."""
    text = one_line(json.dumps(plain(value), sort_keys=True, ensure_ascii=False))
    return cut(text, MAX_SHOWN)


def one_line(text: str) -> str:
    """Return a text on one line, safe to print."""
    return line(text)


def kind_of(value: object) -> str:
    """Return the kind of a value (see `kinds.variant.KINDS`)."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, (list, tuple)):
        return "array"
    return "number" if is_number(value) else "object"
