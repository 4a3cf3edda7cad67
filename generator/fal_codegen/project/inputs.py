"""Inputs: everything that decides what is generated, read from a project's folder."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from fal_codegen.digests import read_normalised
from fal_codegen.document import overlay
from fal_codegen.document.metadata import Metadata
from fal_codegen.document.read import Document
from fal_codegen.endpoint_id import document_path
from fal_codegen.errors import ProjectError
from fal_codegen.paths import HISTORY
from fal_codegen.project import lock
from fal_codegen.project.declaration import Declaration
from fal_codegen.text.merge_conflicts import conflict_line

if TYPE_CHECKING:
    from fal_codegen.drift.history import Entry


@dataclass(frozen=True)
class Inputs:
    """Everything that decides what is generated.

    Attributes:
        documents: The vendored documents by endpoint id; a declared one may be missing.
        overlays: Files with corrections of documents, by endpoint id (see `overlay`).
        templates: The template folders of each target, by name; the project's folder comes first.
        metadata: The catalogue's metadata of endpoints, by id; an endpoint may have none.
        history: The changes of documents, oldest first (see `drift.history`).
    """

    declaration: Declaration
    documents: Mapping[str, bytes]
    overlays: Mapping[str, bytes]
    templates: Mapping[str, list[Path]]
    metadata: Mapping[str, Metadata] = field(default_factory=dict)
    history: tuple[Entry, ...] = ()

    def with_documents(self, documents: Collection[Document]) -> Inputs:
        """Return the inputs with documents added or replaced."""
        added = {
            document.endpoint_id: document.text.encode()
            for document in documents
            if not document.is_in(self.documents.get(document.endpoint_id, b""))
        }
        known = {it.endpoint_id: it.metadata for it in documents if it.metadata is not None}
        return replace(
            self,
            documents={**self.documents, **added},
            metadata={**self.metadata, **known},
        )


def gather(project: Path, declaration: Declaration) -> Inputs:
    """Read the inputs of a project from disk.

    Args:
        project: The project's folder.
        declaration: Its declaration.
    """
    specs, ids = project / "specs", declaration.endpoints
    documents = _files(specs, ids)
    overlays = _overlays(specs, ids)
    templates = {
        declared.name: [project / "templates" / declared.name, declared.target.template_folder()]
        for declared in declaration.targets
    }
    return Inputs(
        declaration,
        documents,
        overlays,
        templates,
        metadata={one: entry.metadata for one, entry in lock.load(project).items()},
        history=_history(project),
    )


def _history(project: Path) -> tuple[Entry, ...]:
    if not (project / HISTORY).is_file():
        return ()
    from fal_codegen.drift import history

    return history.load(project)


def overlay_of(project: Path, endpoint_id: str) -> bytes | None:
    """Return the file that corrects an endpoint's document, if there is one."""
    return _overlays(project / "specs", [endpoint_id]).get(endpoint_id)


def unused_overlays(project: Path, declaration: Declaration) -> list[str]:
    """Return the files below `specs/overlays/` that correct no declared endpoint."""
    folder = project / "specs" / overlay.FOLDER
    used = {folder / document_path(endpoint_id) for endpoint_id in declaration.endpoints}
    there = sorted(path for path in folder.rglob("*") if path.is_file() and path not in used)
    return [path.relative_to(project).as_posix() for path in there]


def _overlays(specs: Path, ids: Iterable[str]) -> dict[str, bytes]:
    """Read the overlays of endpoints, by endpoint id.

    Raises:
        ProjectError: An overlay is not a regular file; reading a device may never end.
    """
    folder = specs / overlay.FOLDER
    found: dict[str, bytes] = {}
    for endpoint_id in ids:
        name = document_path(endpoint_id)
        path = folder / name
        if path.is_file():
            found[endpoint_id] = read_normalised(path)
        elif path.exists() or path.is_symlink():
            raise ProjectError(
                f"specs/{overlay.FOLDER}/{name} is not a regular file",
                endpoint=endpoint_id,
                hint="put a file with the correction there, or remove it",
            )
    return found


def _files(folder: Path, ids: Iterable[str]) -> dict[str, bytes]:
    """Read the documents of endpoints below a folder, by endpoint id; missing ones are left out."""
    paths = {endpoint_id: folder / document_path(endpoint_id) for endpoint_id in ids}
    return {
        endpoint_id: read_normalised(path) for endpoint_id, path in paths.items() if path.is_file()
    }


def vendored(inputs: Inputs, endpoint_id: str) -> bytes:
    """Return the vendored document of a declared endpoint.

    Raises:
        ProjectError: The document is missing, or has a merge conflict.
    """
    if endpoint_id not in inputs.documents:
        raise ProjectError(
            f"it is declared, and specs/{document_path(endpoint_id)} is not there",
            endpoint=endpoint_id,
            hint=f"fal-codegen fetch {endpoint_id}",
        )
    data = inputs.documents[endpoint_id]
    if b"<<<<<<<" in data and (line := conflict_line(data.decode(errors="replace"))):
        file = f"specs/{document_path(endpoint_id)}"
        raise ProjectError(
            f"{file}, line {line}: git left a merge conflict there",
            endpoint=endpoint_id,
            hint=f"take one side of it: git checkout --theirs -- {file} (or --ours); "
            "then run: fal-codegen generate",
        )
    return data


def reconcile(entries: Mapping[str, lock.Provenance], inputs: Inputs) -> dict[str, lock.Provenance]:
    """Return the entries that the lock needs for the vendored documents as they are now.

    A document that differs from its entry, or has none, was edited by hand.
    """
    found: dict[str, lock.Provenance] = {}
    for endpoint_id, data in inputs.documents.items():
        digest = hashlib.sha256(data).hexdigest()
        known = entries.get(endpoint_id)
        if known is None:
            known = lock.Provenance("edited", digest)
        elif known.sha256 != digest:
            known = replace(known, source="edited", sha256=digest)
        correction = inputs.overlays.get(endpoint_id)
        corrected_by = hashlib.sha256(correction).hexdigest() if correction is not None else None
        found[endpoint_id] = replace(known, overlay=corrected_by)
    return found
