"""Documents on disk, read instead of fetched."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fal_codegen.document.read import Document, read
from fal_codegen.errors import CodegenError, UsageError
from fal_codegen.paths import documents_below


def documents_on_disk(source: Path, ids: Sequence[str]) -> dict[str, Document | CodegenError]:
    """Read documents from a file, or from all *.json files of a folder.

    Args:
        source: The file or folder.
        ids: Ids of the wanted endpoints; all of them if empty.

    Returns:
        For each wanted id, its document or why there is none. If a document is missing, the errors
        of unreadable files are included by path, because one of them may be that document.

    Raises:
        UsageError: There are no documents.
    """
    results = _read_all(source)
    missing = [endpoint_id for endpoint_id in ids if endpoint_id not in results]
    if not missing:
        return {endpoint_id: results[endpoint_id] for endpoint_id in ids or results}
    for endpoint_id in missing:
        results[endpoint_id] = UsageError(
            f"{source} has no document of this endpoint", endpoint=endpoint_id
        )
    return {id_: it for id_, it in results.items() if id_ in ids or isinstance(it, CodegenError)}


def _read_all(source: Path) -> dict[str, Document | CodegenError]:
    if not source.exists():
        raise UsageError(
            f"{source} does not exist", hint="name a document or a folder of documents"
        )
    paths = documents_below(source) if source.is_dir() else [source]
    if not paths:
        raise UsageError(f"{source} has no documents (*.json)")
    results: dict[str, Document | CodegenError] = {}
    for path in paths:
        try:
            document = read(path.read_bytes())
        except CodegenError as error:
            error.endpoint = error.endpoint or str(path)
            results[error.endpoint] = error
            continue
        first = results.setdefault(document.endpoint_id, document)
        if not isinstance(first, Document) or first.text != document.text:
            results[document.endpoint_id] = UsageError(
                f"{source} has more than one document of this endpoint, such as {path}",
                endpoint=document.endpoint_id,
                hint="name the file: --from FILE",
            )
    return results
