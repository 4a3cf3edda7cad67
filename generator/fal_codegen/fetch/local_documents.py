"""Documents on disk, read instead of fetched."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fal_codegen.document.read import Document, read
from fal_codegen.errors import CodegenError, UsageError
from fal_codegen.fetch.results import FetchResult, FetchResults
from fal_codegen.paths import documents_below
from fal_codegen.suggestions import did_you_mean
from fal_codegen.text import listing

_MOST_NAMED = 5
"""Endpoints or sources that a message names; the rest is counted."""

_MAX_BYTES = 100_000_000
"""Size above which a file is rejected; the largest genuine document is below 1 MB."""


def read_document(path: Path) -> bytes:
    """Return the content of a document that the user named, which may be a pipe.

    Raises:
        UsageError: It is too large; a device may be endless.
    """
    with path.open("rb") as file:
        data = file.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        raise UsageError(
            f"{path} is larger than {_MAX_BYTES} bytes", hint="name a document of an endpoint"
        )
    return data


def documents_on_disk(sources: Sequence[Path], ids: Sequence[str]) -> FetchResults:
    """Read documents from files, and from all *.json files of folders.

    Args:
        sources: The files and folders.
        ids: Ids of the wanted endpoints; all of them if empty.

    Returns:
        For each wanted id, its document or why there is none. If a document is missing, the errors
        of unreadable files are included by path, because one of them may be that document.

    Raises:
        UsageError: There are no documents.
    """
    results = _read_all(sources)
    held = [id_ for id_, it in results.items() if isinstance(it, Document)]
    missing = [endpoint_id for endpoint_id in ids if endpoint_id not in results]
    if not missing:
        return {endpoint_id: results[endpoint_id] for endpoint_id in ids or results}
    they = "it has" if len(sources) == 1 else "they have"
    for endpoint_id in missing:
        results[endpoint_id] = UsageError(
            f"{_have(sources)} no document of this endpoint",
            endpoint=endpoint_id,
            hint=did_you_mean(
                endpoint_id, held, f"{they} documents of {listing(held, _MOST_NAMED)}"
            )
            if held
            else None,
        )
    return {id_: it for id_, it in results.items() if id_ in ids or isinstance(it, CodegenError)}


def _have(sources: Sequence[Path]) -> str:
    """Return the start of a sentence about what the sources have."""
    names = listing([*map(str, sources)], _MOST_NAMED)
    return f"{names} {'has' if len(sources) == 1 else 'have'}"


def _paths(source: Path) -> list[Path]:
    """Return the files of a source.

    Raises:
        UsageError: There are none.
    """
    if not source.exists():
        raise UsageError(
            f"{source} does not exist", hint="name a document or a folder of documents"
        )
    if not source.is_dir() and not source.is_file():
        raise UsageError(
            f"{source} is not a regular file", hint="name a document or a folder of documents"
        )
    paths = documents_below(source) if source.is_dir() else [source]
    if not paths:
        raise UsageError(f"{source} has no documents (*.json)")
    return paths


def _read_all(sources: Sequence[Path]) -> dict[str, FetchResult]:
    results: dict[str, FetchResult] = {}
    for path in [path for source in sources for path in _paths(source)]:
        try:
            document = read(read_document(path))
        except CodegenError as error:
            hint = f"correct {path}, or choose another file"
            results[error.endpoint or str(path)] = error.complete(endpoint=str(path), hint=hint)
            continue
        first = results.setdefault(document.endpoint_id, document)
        if not isinstance(first, Document) or first.text != document.text:
            results[document.endpoint_id] = UsageError(
                f"{_have(sources)} more than one document of this endpoint, such as {path}",
                endpoint=document.endpoint_id,
                hint="name the file: --from FILE",
            )
    return results
