"""Vendoring: documents on their way into `specs/`, and out of it, with the lock kept in step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from fal_codegen.console import Console
from fal_codegen.declaration import Declaration, Overrides, refuse_twin
from fal_codegen.document.metadata import DEPRECATED, Metadata
from fal_codegen.document.overlay import correct, documents_below
from fal_codegen.document.read import Document, read
from fal_codegen.endpoint_id import document_path
from fal_codegen.errors import CodegenError, UsageError
from fal_codegen.files import read_plain, remove, stay_inside, write_atomic
from fal_codegen.inputs import overlay_of
from fal_codegen.pipeline import plan_endpoint
from fal_codegen.project import lock
from fal_codegen.project.state import digest

_MANY = 20
"""Documents from which on those that are unchanged are counted, not named."""


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


def usable(
    project: Path,
    found: Mapping[str, Document | CodegenError],
    declaration: Declaration,
    console: Console,
) -> tuple[dict[str, Document], bool]:
    """Return the documents that endpoints can be planned from, and whether there were others."""
    documents: dict[str, Document] = {}
    errors: list[CodegenError] = []
    spelled = {endpoint_id.lower(): endpoint_id for endpoint_id in declaration.endpoints}
    for endpoint_id, result in found.items():
        try:
            if isinstance(result, CodegenError):
                raise result
            overrides = declaration.endpoints.get(endpoint_id, Overrides())
            plan_endpoint(correct(result, overlay_of(project, endpoint_id)), overrides)
            refuse_twin(endpoint_id, spelled.setdefault(endpoint_id.lower(), endpoint_id))
            documents[endpoint_id] = result
        except CodegenError as error:
            errors.append(error)
    for problem in errors:
        console.problem(problem)
    return documents, bool(errors)


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
        is_same = path.is_file() and document.is_in(read_plain(path))
        sha256 = digest(path) if is_same else document.digest
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
    """Remove a vendored document, unless it was changed by hand."""
    path = project / "specs" / document_path(endpoint_id)
    if not path.is_file():
        return
    stay_inside(project, path.parent, called="the project")
    name = path.relative_to(project).as_posix()
    if known is not None and digest(path) == known.sha256:
        remove(path, project / "specs")
        console.say(f"removed {name}")
    else:
        console.say(f"kept {name}: it was changed by hand")
