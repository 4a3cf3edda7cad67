"""Reading JSON whose shape cannot be relied on."""

from __future__ import annotations

import json
from operator import itemgetter
from typing import Any, cast


def decoded(text: str) -> Any:
    """Return `text` decoded from JSON, or as it is if it is not JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def json_object(value: object) -> dict[str, Any]:
    """Return `value` if it is a JSON object, else an empty one."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def json_array(value: object) -> list[object]:
    """Return `value` if it is a JSON array, else an empty one."""
    return cast("list[object]", value) if isinstance(value, list) else []


def frozen(value: object) -> object:
    """Return a hashable value that two JSON values share if, and only if, they are equal."""
    if isinstance(value, dict):
        items = cast("dict[object, object]", value).items()
        pairs = [(repr(key), frozen(item)) for key, item in items]
        return dict, tuple(sorted(pairs, key=itemgetter(0)))
    if isinstance(value, (list, tuple)):
        return list, tuple(map(frozen, cast("list[object]", value)))
    return type(value), value  # Python's 1, 1.0 and True are equal
