"""Strict JSON: finite numbers only, no constants that only Python accepts, and a depth limit."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from fal_codegen.errors import DocumentError
from fal_codegen.merge_conflicts import conflict_line

_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_MOST_DIGITS = 300
"""Digits of an integer that is finite as a float, whatever they are."""

_CONTAINERS = frozenset((dict, list))

MAX_DEPTH = 100
"""Levels of objects and arrays in a document; the deepest genuine one has about 20."""


def loads(text: str) -> object:
    """Parse JSON.

    Raises:
        json.JSONDecodeError: The text is not JSON.
        ValueError: A number is not finite.
        RecursionError: The text is nested too deep for Python.
    """
    return json.loads(text, parse_constant=_constant, parse_float=_finite, parse_int=_whole)


def parse_json(data: bytes, endpoint: str | None = None) -> object:
    """Parse strict JSON: UTF-8, finite numbers, and at most `MAX_DEPTH` levels.

    Raises:
        DocumentError: The data is not such JSON; the message gives the reason.
    """
    try:
        text = data.decode("utf-8-sig")
        raw = loads(text)
    except UnicodeDecodeError as error:
        raise DocumentError(
            f"the document is not UTF-8: byte {error.start} cannot be read", endpoint=endpoint
        ) from error
    except RecursionError as error:
        raise _too_deep(endpoint) from error
    except json.JSONDecodeError as error:
        if line := conflict_line(text):
            raise DocumentError(
                f"git left a merge conflict in the document, in line {line}",
                endpoint=endpoint,
                hint="take one side with git checkout --ours or --theirs; "
                "then run: fal-codegen generate",
            ) from error
        raise DocumentError(_what_instead_of_json(text, error), endpoint=endpoint) from error
    except ValueError as error:
        raise DocumentError(
            f"the document has a number that cannot be used: {error}", endpoint=endpoint
        ) from error
    if is_deeper(raw, MAX_DEPTH):
        raise _too_deep(endpoint)
    return raw


def may_have_lone_surrogates(data: bytes) -> bool:
    """Return whether JSON in UTF-8, which cannot encode a surrogate, has the escape of one."""
    return _SURROGATE.search(data) is not None


def without_lone_surrogates(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """Replace each lone surrogate by `?`: UTF-8 cannot encode one, so no value with one is sent."""
    text = json.dumps(raw, ensure_ascii=False)
    if not re.search("[\ud800-\udfff]", text):
        return raw
    cleaned: dict[str, Any] = json.loads(text.encode("utf-8", "replace"))
    return cleaned


def _constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits[:40]} is too large")
    return number


def _whole(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        _finite(digits)  # bounds and JavaScript turn integers into floats
    return int(digits)


def _what_instead_of_json(text: str, error: json.JSONDecodeError) -> str:
    start = text.lstrip()[:200].lower()
    if not start:
        return "the document is empty"
    if start.startswith(("<!doctype", "<html", "<?xml", "<")):
        return "this is HTML, not JSON"
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
        return f"the JSON is truncated: it ends in line {error.lineno}, before it is complete"
    return f"this is not JSON: {error.msg} in line {error.lineno}, column {error.colno}"


def _too_deep(endpoint: str | None) -> DocumentError:
    return DocumentError(
        f"the document is nested more than {MAX_DEPTH} levels deep", endpoint=endpoint
    )


def is_deeper(root: object, depth: int) -> bool:
    """Return whether objects and arrays are nested in more levels, without recursion."""
    level = [root] if isinstance(root, (dict, list)) else []
    for _ in range(depth + 1):
        if not level:
            return False
        level = [
            inner
            for node in level
            for inner in (node.values() if isinstance(node, dict) else node)
            if type(inner) in _CONTAINERS
        ]
    return True
