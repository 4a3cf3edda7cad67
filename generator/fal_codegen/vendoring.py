"""Vendoring: documents on their way into `specs/`, and out of it, with the lock kept in step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from fal_codegen import lock, state
from fal_codegen.console import Console
from fal_codegen.declaration import Declaration, FetchSettings, Overrides
from fal_codegen.endpoint_id import document_path
from fal_codegen.errors import CodegenError, UsageError
from fal_codegen.files import write_atomic
from fal_codegen.inputs import overlay_of
from fal_codegen.overlay import correct
from fal_codegen.pipeline import plan_endpoint
from fal_codegen.project import LOCK
from fal_codegen.read import Document, read


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
    paths = [source]
    if source.is_dir():
        paths = sorted(path for path in source.rglob("*.json") if path.is_file())
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
    for endpoint_id, result in found.items():
        try:
            if isinstance(result, CodegenError):
                raise result
            overrides = declaration.endpoints.get(endpoint_id, Overrides())
            plan_endpoint(correct(result, overlay_of(project, endpoint_id)), overrides)
            documents[endpoint_id] = result
        except CodegenError as error:
            errors.append(error)
    for problem in errors:
        console.problem(problem)
    return documents, bool(errors)


def vendor(
    project: Path,
    documents: Mapping[str, Document],
    fetched: FetchSettings | None,
    console: Console,
) -> int:
    """Write documents and the lock; return how many documents changed.

    Args:
        project: The project.
        documents: What to vendor, by id.
        fetched: Where they were fetched, or None for documents from disk.
        console: Told about each.
    """
    entries = load_lock(project)
    changed = 0
    for endpoint_id, document in documents.items():
        path = project / "specs" / document_path(endpoint_id)
        known = entries.get(endpoint_id)
        is_same = path.is_file() and state.digest(path) == document.digest
        done = "unchanged" if is_same else "updated" if path.is_file() else "vendored"
        console.say(f"{endpoint_id}: {done}")
        if not is_same:
            write_atomic(path, document.text)
            changed += 1
        if fetched is not None:
            from fal_codegen.fetch import source_url

            url = source_url(fetched, endpoint_id)
            corrected_by = known.overlay if known is not None else None
            entries[endpoint_id] = lock.Provenance("fetched", document.digest, url, corrected_by)
        elif not is_same or known is None or known.source == "edited":
            entries[endpoint_id] = lock.Provenance("file", document.digest)
    write_lock(project, entries)
    return changed


def remove_document(
    project: Path, endpoint_id: str, known: lock.Provenance | None, console: Console
) -> None:
    """Remove a vendored document, unless it was changed by hand."""
    path = project / "specs" / document_path(endpoint_id)
    if not path.is_file():
        return
    name = path.relative_to(project).as_posix()
    if known is not None and state.digest(path) == known.sha256:
        path.unlink()
        _remove_empty_parents(path.parent, project / "specs")
        console.say(f"removed {name}")
    else:
        console.say(f"kept {name}: it was changed by hand")


def _remove_empty_parents(folder: Path, stop: Path) -> None:
    while folder != stop and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def load_lock(project: Path) -> dict[str, lock.Provenance]:
    """Read a project's lock; a project without one has vendored nothing.

    Raises:
        ProjectError: It is damaged.
    """
    path = project / LOCK
    return lock.parse(path.read_bytes()) if path.is_file() else {}


def write_lock(project: Path, entries: Mapping[str, lock.Provenance]) -> None:
    """Write a project's lock, if it changed."""
    path, text = project / LOCK, lock.render(entries)
    if not path.is_file() or path.read_bytes() != text.encode():
        write_atomic(path, text)
