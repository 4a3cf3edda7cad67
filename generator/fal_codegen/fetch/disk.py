"""Documents on disk, read instead of fetched."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fal_codegen.document.overlay import documents_below
from fal_codegen.document.read import Document, read
from fal_codegen.errors import CodegenError, UsageError


def from_disk(source: Path, ids: Sequence[str]) -> dict[str, Document | CodegenError]:
    """Read documents from a file or a folder, by id; those not asked for are left out."""
    found = _read_all(source)
    absent = [endpoint_id for endpoint_id in ids if endpoint_id not in found]
    if not absent:
        return {endpoint_id: found[endpoint_id] for endpoint_id in ids or found}
    for endpoint_id in absent:
        found[endpoint_id] = UsageError(f"{source} has no document of it", endpoint=endpoint_id)
    # One of the files that cannot be read may be what was asked for.
    return {key: it for key, it in found.items() if key in ids or isinstance(it, CodegenError)}


def _read_all(source: Path) -> dict[str, Document | CodegenError]:
    if not source.exists():
        raise UsageError(f"there is no {source}", hint="name a document, or a folder of documents")
    paths = documents_below(source) if source.is_dir() else [source]
    if not paths:
        raise UsageError(f"{source} has no documents (*.json)")
    found: dict[str, Document | CodegenError] = {}
    for path in paths:
        try:
            document = read(path.read_bytes())
        except CodegenError as error:
            error.endpoint = error.endpoint or str(path)
            found[error.endpoint] = error
            continue
        known = found.setdefault(document.endpoint_id, document)
        if not isinstance(known, Document) or known.text != document.text:
            found[document.endpoint_id] = UsageError(
                f"{source} has more than one document of it: {path} is another",
                endpoint=document.endpoint_id,
                hint="name the one that is meant: --from FILE",
            )
    return found
