"""JSON values: compared as JSON compares them, and shown to people."""

from __future__ import annotations

import json
from typing import Any

from fal_codegen.document.json_values import is_number
from fal_codegen.text.cutting import cut
from fal_codegen.text.escaping import line

MAX_SHOWN = 80
"""Characters of a value that a message shows."""


def canonical_text(value: object) -> str:
    """Return a string that is the same for equal values, such as `5` and `5.0`."""
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"))


def are_equal(left: object, right: object) -> bool:
    """Return whether two values are equal, as JSON compares them."""
    if left is right:
        return True
    if isinstance(left, str) or isinstance(right, str) or left is None or right is None:
        return left == right
    return canonical_text(left) == canonical_text(right)


def shown(value: object) -> str:
    """Return a value as a message shows it: on one line, without control characters, cut."""
    text = one_line(json.dumps(_plain(value), sort_keys=True, ensure_ascii=False))
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


def _plain(value: object) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
