"""Vendoring: write documents to `specs/` and remove them, and keep the lock up to date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from fal_codegen.console import Console
from fal_codegen.digests import file_digest, read_normalised
from fal_codegen.document.metadata import DEPRECATED_STATUS, Metadata
from fal_codegen.document.price import Prices
from fal_codegen.document.read import Document
from fal_codegen.endpoint_id import document_path
from fal_codegen.errors import CodegenError
from fal_codegen.paths import SPECS, project_file
from fal_codegen.project import lock
from fal_codegen.project.atomic_files import remove, stay_inside, write_atomic
from fal_codegen.project.inputs import known_prices

_MANY = 20
"""Documents above which unchanged ones are counted, not named."""


def vendored_text(project: Path, endpoint_id: str) -> bytes | None:
    """Return the text of an endpoint's vendored document; None if there is none."""
    try:
        name = SPECS / document_path(endpoint_id)
    except CodegenError:  # documents without a valid id can be compared, too
        return None
    path = project_file(project, name, endpoint=endpoint_id)
    return None if path is None else path.read_bytes()


def vendor(
    project: Path,
    documents: Mapping[str, Document],
    console: Console,
    prices: Prices | None = None,
) -> int:
    """Write documents and the lock.

    Args:
        project: The project.
        documents: The documents by endpoint id.
        console: Where to report each document, or only those that changed if there are many.
        prices: Prices that were looked up; the lock keeps the others.

    Returns:
        How many endpoints have a new document, new metadata or a new price.
    """
    entries = lock.load(project)
    before = {id_: entry.price for id_, entry in entries.items() if entry.price}
    known = known_prices(before, prices or {})
    changed = 0
    for endpoint_id, document in documents.items():
        path = project / "specs" / document_path(endpoint_id)
        previous = entries.get(endpoint_id)
        is_same = path.is_file() and document.is_in(read_normalised(path))
        digest = file_digest(path) if is_same else document.digest
        entry = _provenance(document, digest, previous, is_same)
        entry = entries[endpoint_id] = replace(entry, price=known.get(endpoint_id))
        news = None
        if not is_same:
            news = "updated" if path.is_file() else "vendored"
            stay_inside(project, path.parent, called="the project")
            write_atomic(path, document.text)
        elif previous is not None and entry.metadata != previous.metadata:
            news = "metadata updated"
        elif previous is not None and entry.price != previous.price:
            news = f"price: {entry.price or 'none listed'}"
        changed += news is not None
        if news or len(documents) < _MANY:
            console.say(f"{endpoint_id}: {news or 'unchanged'}")
        if entry.metadata.status == DEPRECATED_STATUS:
            console.say(f"{endpoint_id}: fal has deprecated it, and may remove it")
    unchanged = len(documents) - changed
    if unchanged and len(documents) >= _MANY:
        console.say(f"{unchanged} unchanged")
    lock.write(project, entries)
    return changed


def remove_document(
    project: Path, endpoint_id: str, entry: lock.Provenance | None, console: Console
) -> None:
    """Remove a vendored document, unless it was edited by hand.

    Args:
        project: The project.
        endpoint_id: The endpoint.
        entry: Its entry in the lock, if it has one.
        console: Where to report it.
    """
    path = project / "specs" / document_path(endpoint_id)
    if not path.is_file():
        return
    stay_inside(project, path.parent, called="the project")
    name = path.relative_to(project).as_posix()
    if entry is not None and file_digest(path) == entry.sha256:
        remove(path, project / "specs")
        console.say(f"removed {name}")
    else:
        console.say(f"kept {name}: it was edited by hand")


def _provenance(
    document: Document, digest: str, previous: lock.Provenance | None, is_same: bool
) -> lock.Provenance:
    """Return the lock's entry of a document.

    The entry of an unchanged document keeps its source: fal serves each document at two addresses.
    """
    metadata = document.metadata or (previous.metadata if previous else Metadata())
    equivalent = ("fetched",) if document.url else ("fetched", "file", "transcribed")
    if previous is not None and is_same and previous.source in equivalent:
        return replace(previous, sha256=digest, metadata=metadata)
    source = "fetched" if document.url else "file"
    overlay = previous.overlay if previous else None
    return lock.Provenance(source, digest, document.url, overlay, metadata)
