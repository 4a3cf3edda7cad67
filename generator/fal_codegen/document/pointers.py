"""JSON Pointers (RFC 6901) into a document, and the local `$ref`s that hold one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

_INDEX = re.compile("0|[1-9][0-9]{0,8}")
_MAX_STEPS = 50
"""References to follow before they count as a loop."""


def escape(token: str) -> str:
    """Return a key as it stands in a JSON Pointer."""
    return token.replace("~", "~0").replace("/", "~1")


def is_index(token: str) -> bool:
    """Return whether a key is the index of an item, of a length that an array can have."""
    return _INDEX.fullmatch(token) is not None


def pointer_of(ref: object) -> str | None:
    """Return the JSON Pointer of a local `$ref`, in one spelling; None for any other value."""
    if not isinstance(ref, str) or not ref.startswith("#/"):
        return None
    if "~" not in ref and "%" not in ref:
        return ref[1:]
    tokens = (unquote(token) for token in ref[1:].split("/"))
    return "/".join(escape(_unescape(token)) for token in tokens)


def tokens_of(pointer: str) -> list[str]:
    """Return the keys and indices of a JSON Pointer."""
    tokens = pointer.split("/")[1:]
    return list(map(_unescape, tokens)) if "~" in pointer else tokens


def follow(document: object, pointer: str) -> Any:
    """Return the value that a JSON Pointer leads to; None if it leads nowhere."""
    node = document
    for token in tokens_of(pointer):
        if isinstance(node, (dict, Mapping)):  # a dict is recognised sooner
            node = node.get(token)
        elif isinstance(node, list) and is_index(token) and int(token) < len(node):
            node = node[int(token)]
        else:
            return None
    return node


def target_of(document: object, ref: object) -> Any:
    """Return the value that a local `$ref` leads to; None if it leads nowhere in the document."""
    pointer = pointer_of(ref)
    return None if pointer is None else follow(document, pointer)


def resolved(document: object, node: object) -> Any:
    """Return a value with the `$ref`s that it consists of followed; see `dereferenced`."""
    return _resolved(document, node, "")[0]


def dereferenced(document: object, pointer: str) -> tuple[Any, str]:
    """Return the value at a pointer, with the `$ref`s that it consists of followed, and its place.

    A reference that leads nowhere, or round in circles, ends in None.
    """
    return _resolved(document, follow(document, pointer), pointer)


def _resolved(document: object, node: object, pointer: str) -> tuple[Any, str]:
    for _ in range(_MAX_STEPS):
        if not isinstance(node, Mapping) or "$ref" not in node:
            return node, pointer
        target = pointer_of(node["$ref"])
        if target is None:
            break
        node, pointer = follow(document, target), target
    return None, pointer


def _unescape(token: str) -> str:
    return token.replace("~1", "/").replace("~0", "~")
