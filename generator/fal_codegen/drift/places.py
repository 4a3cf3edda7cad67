"""The line of each change in a document, for formats that point at lines of files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fal_codegen.document.json_values import mapping
from fal_codegen.document.pointers import follow, is_index, pointer_of, tokens_of
from fal_codegen.drift.changes import Change
from fal_codegen.drift.operations import media_type_of, path_without_names

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
"""A token of JSON."""

_MEMBERS = ("allOf", "anyOf", "oneOf")

DocumentPath = tuple[str, ...]
"""Keys and indices from the root of a document to a place."""


def lines_of(changes: Iterable[Change], text: str) -> dict[str, int]:
    """Return the line of each change in the text of a document, by fingerprint.

    The line is 1 for changes whose place is not in the document, such as a removed property.
    """
    changes = list(changes)
    try:
        document = json.loads(text)
        lines = _lines(text)
        places = [_place(document, tuple(tokens_of(change.pointer))) for change in changes]
    except (ValueError, RecursionError):
        return {change.fingerprint: 1 for change in changes}
    return {
        change.fingerprint: lines.get(place, 1)
        for change, place in zip(changes, places, strict=True)
    }


def _place(document: Mapping[str, Any], tokens: DocumentPath) -> DocumentPath:
    """Return the path in the document itself, given the path with every `$ref` followed.

    Returns:
        The path; `()` if the document does not have the place.
    """
    return _Search(document).below(document, (), tokens) or ()


class _Search:
    """Finds places in a document, through `$ref`s and the members of unions."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._tried: set[tuple[int, int]] = set()

    def below(self, node: Any, at: DocumentPath, tokens: DocumentPath) -> DocumentPath | None:
        """Return the path of a place below a node; None if the place does not exist.

        Args:
            node: The node.
            at: The path of the node.
            tokens: The tokens from the node to the place.
        """
        if not tokens:
            return at
        attempt = id(node), len(tokens)
        if attempt in self._tried:  # and failed, because a success ends the search
            return None
        self._tried.add(attempt)
        for inner, inside, left in self._steps(node, at, tokens):
            found = self.below(inner, inside, left)
            if found is not None:
                return found
        return None

    def _steps(
        self, node: Any, at: DocumentPath, tokens: DocumentPath
    ) -> Iterator[tuple[Any, DocumentPath, DocumentPath]]:
        """Yield nodes that may lead to a place, with their paths and the remaining tokens."""
        token, left = tokens[0], tokens[1:]
        if isinstance(node, list):
            if is_index(token) and int(token) < len(node):
                yield node[int(token)], (*at, token), left
            return
        if (key := _key(mapping(node), token)) is not None:
            yield node[key], (*at, key), left
        target = pointer_of(mapping(node).get("$ref"))
        if target is not None:
            yield follow(self._document, target), tuple(tokens_of(target)), tokens
        for keyword in _MEMBERS:
            members = mapping(node).get(keyword)
            for index, member in enumerate(members if isinstance(members, list) else ()):
                yield member, (*at, keyword, str(index)), tokens


def _key(node: Mapping[str, Any], token: str) -> str | None:
    """Return the key that a token stands for, in the object's own spelling."""
    if token in node:
        return token

    def normalised(key: str) -> str:
        return media_type_of(path_without_names(key)) if "/" in key else key

    return next((key for key in node if normalised(key) == normalised(token)), None)


def _lines(text: str) -> dict[DocumentPath, int]:
    """Return the line of every key and item of a JSON text, by path."""
    found: dict[DocumentPath, int] = {}
    path: list[str] = []
    kinds: list[str] = []
    is_awaited = False  # a key, or an item
    line, at = 1, 0
    for token in _TOKEN.finditer(text):
        line += text.count("\n", at, token.start())
        at = token.start()
        mark = token[0]
        if mark in "]}":
            path.pop()
            kinds.pop()
            is_awaited = False
            continue
        if mark == ",":
            is_awaited = True
            if kinds[-1] == "[":
                path[-1] = str(int(path[-1]) + 1)
            continue
        if is_awaited:
            if kinds[-1] == "{":
                path[-1] = json.loads(mark)
            found[tuple(path)] = line
            is_awaited = False
        if mark in "[{":
            kinds.append(mark)
            path.append("0")
            is_awaited = True
    return found
