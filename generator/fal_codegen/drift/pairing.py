"""Pairs the documents of two sets by endpoint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from fal_codegen.document.json_values import mapping
from fal_codegen.document.strict_json import parse_json
from fal_codegen.drift.report import DocumentPair
from fal_codegen.errors import CodegenError, UsageError

RawDocument = Mapping[str, Any]


class Pairing(NamedTuple):
    """The documents of two sets, paired by endpoint id, or by path if they have none.

    Attributes:
        pairs: The pairs.
        failures: An error for each document that could not be paired.
        old_paths: The paths of the older documents, by the name of their pair.
        new_paths: Those of the newer documents.
    """

    pairs: list[DocumentPair]
    failures: list[CodegenError]
    old_paths: Mapping[str, str]
    new_paths: Mapping[str, str]


def paired(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> Pairing:
    """Pair documents, which are given by path."""
    before, after = _Side.of(old), _Side.of(new)
    # A document that is unreadable on one side counts as neither added nor removed.
    unread = {*before.unread, *after.unread}
    unread |= {name for name, path in (before.paths | after.paths).items() if path in unread}
    names = sorted({*before.documents, *after.documents} - unread)
    pairs = [
        DocumentPair(name, before.documents.get(name), after.documents.get(name)) for name in names
    ]
    return Pairing(pairs, [*before.failures, *after.failures], before.paths, after.paths)


def parse_document(data: bytes, name: str) -> RawDocument:
    """Read an OpenAPI document.

    Args:
        data: The document as JSON.
        name: Its name in errors; may be empty.

    Raises:
        UsageError: The JSON is not an OpenAPI document.
    """
    content = parse_json(data, name or None)
    if not isinstance(content, dict) or not isinstance(content.get("openapi"), str):
        raise UsageError("this JSON is not an OpenAPI document", endpoint=name or None)
    return content


class _Side(NamedTuple):
    """The documents of one side of a comparison.

    Attributes:
        documents: The documents by endpoint id, or by path if they have none.
        paths: The path of each document, by the same name.
        unread: Paths of unreadable documents, and names that several documents share.
        failures: The errors of those documents.
    """

    documents: dict[str, RawDocument]
    paths: dict[str, str]
    unread: set[str]
    failures: list[CodegenError]

    @classmethod
    def of(cls, files: Mapping[str, bytes]) -> _Side:
        side = cls({}, {}, set(), [])
        for path, data in files.items():
            try:
                document = parse_document(data, path)
            except CodegenError as error:
                side.unread.add(path)
                side.failures.append(error)
                continue
            metadata = mapping(mapping(document.get("info")).get("x-fal-metadata"))
            name = str(metadata.get("endpointId", "")) or path
            if name in side.documents:
                side.unread.add(name)
                problem = f"two documents have this endpoint id: {side.paths[name]} and {path}"
                side.failures.append(UsageError(problem, endpoint=name, hint="remove one of them"))
            side.documents[name], side.paths[name] = document, path
        return side
