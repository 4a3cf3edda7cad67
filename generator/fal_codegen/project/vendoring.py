"""Vendoring: documents on their way into `specs/`, and out of it, with the lock kept in step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from fal_codegen.console import Console
from fal_codegen.digests import file_digest, read_normalised
from fal_codegen.document.metadata import DEPRECATED, Metadata
from fal_codegen.document.read import Document
from fal_codegen.endpoint_id import document_path
from fal_codegen.errors import CodegenError
from fal_codegen.project import lock
from fal_codegen.project.atomic_files import remove, stay_inside, write_atomic

_MANY = 20
"""Documents from which on those that are unchanged are counted, not named."""


def vendored_text(project: Path, endpoint_id: str) -> bytes | None:
    """Return the text of an endpoint's vendored document; None if there is none."""
    try:
        path = project / "specs" / document_path(endpoint_id)
    except CodegenError:  # other documents can be compared, too
        return None
    return path.read_bytes() if path.is_file() else None


def vendor(project: Path, documents: Mapping[str, Document], console: Console) -> int:
    """Write documents and the lock; return how many endpoints changed, or what is known of them.

    Args:
        project: The project.
        documents: What to vendor, by id.
        console: Told about each, or only what changed if there are many.
    """
    entries = lock.load(project)
    changed = unchanged = 0
    for endpoint_id, document in documents.items():
        path = project / "specs" / document_path(endpoint_id)
        known = entries.get(endpoint_id)
        is_same = path.is_file() and document.is_in(read_normalised(path))
        sha256 = file_digest(path) if is_same else document.digest
        entry = entries[endpoint_id] = _provenance(document, sha256, known, is_same)
        if not is_same:
            stay_inside(project, path.parent, called="the project")
            console.say(f"{endpoint_id}: {'updated' if path.is_file() else 'vendored'}")
            write_atomic(path, document.text)
            changed += 1
        elif known is not None and entry.metadata != known.metadata:
            console.say(f"{endpoint_id}: metadata updated")
            changed += 1
        else:
            unchanged += 1
            if len(documents) < _MANY:
                console.say(f"{endpoint_id}: unchanged")
        if entry.metadata.status == DEPRECATED:
            console.say(f"{endpoint_id}: deprecated by fal, which may retire it")
    if unchanged and len(documents) >= _MANY:
        console.say(f"{unchanged} unchanged")
    lock.write(project, entries)
    return changed


def _provenance(
    document: Document, sha256: str, known: lock.Provenance | None, is_same: bool
) -> lock.Provenance:
    """Return the lock's entry of a document.

    Of one that is the same, it says as before where it came from: fal has each at two addresses.
    """
    metadata = document.metadata or (known.metadata if known else Metadata())
    says_as_much = ("fetched",) if document.url else ("fetched", "file", "transcribed")
    if known is not None and is_same and known.source in says_as_much:
        return replace(known, sha256=sha256, metadata=metadata)
    source = "fetched" if document.url else "file"
    overlay = known.overlay if known else None
    return lock.Provenance(source, sha256, document.url, overlay, metadata)


def remove_document(
    project: Path, endpoint_id: str, known: lock.Provenance | None, console: Console
) -> None:
    """Remove a vendored document, unless it was edited by hand."""
    path = project / "specs" / document_path(endpoint_id)
    if not path.is_file():
        return
    stay_inside(project, path.parent, called="the project")
    name = path.relative_to(project).as_posix()
    if known is not None and file_digest(path) == known.sha256:
        remove(path, project / "specs")
        console.say(f"removed {name}")
    else:
        console.say(f"kept {name}: it was edited by hand")
