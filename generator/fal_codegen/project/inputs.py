"""The inputs of generation, read from a project's disk."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from fal_codegen.digests import digest_of, files_below, read_normalised
from fal_codegen.document.metadata import Metadata
from fal_codegen.document.price import Prices, UnitPrice
from fal_codegen.document.read import Document
from fal_codegen.endpoint_id import document_path
from fal_codegen.errors import ProjectError
from fal_codegen.history import Entry
from fal_codegen.merge_conflicts import reject_conflict
from fal_codegen.paths import OVERLAYS, SPECS, project_file
from fal_codegen.project import history, lock
from fal_codegen.project.atomic_files import stay_inside
from fal_codegen.project.declaration import Declaration
from fal_codegen.suggestions import did_you_mean
from fal_codegen.targets.registry import BUILTIN, target_names, template_folder


@dataclass(frozen=True)
class Inputs:
    """Everything that decides what is generated.

    Attributes:
        declaration: The declaration.
        documents: The vendored documents by endpoint id; declared ones can be missing.
        overlays: The files of overlays, by endpoint id (see `document.overlay`).
        templates: Template folders by target, the first one with precedence.
        metadata: The catalogue's metadata of endpoints, by id.
        history: Changes of documents, the oldest first (see `project.history`).
        prices: The prices of endpoints, by id.
    """

    declaration: Declaration
    documents: Mapping[str, bytes]
    overlays: Mapping[str, bytes]
    templates: Mapping[str, list[Path]]
    metadata: Mapping[str, Metadata] = field(default_factory=dict)
    history: tuple[Entry, ...] = ()
    prices: Mapping[str, UnitPrice] = field(default_factory=dict)

    def with_documents(self, documents: Collection[Document]) -> Inputs:
        """Return the inputs with documents added or replaced."""
        added = {
            document.endpoint_id: document.text.encode()
            for document in documents
            if not document.is_in(self.documents.get(document.endpoint_id, b""))
        }
        metadata = {
            document.endpoint_id: document.metadata
            for document in documents
            if document.metadata is not None
        }
        return replace(
            self,
            documents={**self.documents, **added},
            metadata={**self.metadata, **metadata},
        )

    def with_prices(self, prices: Prices) -> Inputs:
        """Return the inputs with the prices that were looked up, as `known_prices` keeps them."""
        return replace(self, prices=known_prices(self.prices, prices))


def known_prices(before: Mapping[str, UnitPrice], now: Prices) -> dict[str, UnitPrice]:
    """Return the prices after a lookup. A price that has not changed keeps its date."""
    known = dict(before)
    for endpoint_id, price in now.items():
        previous = known.pop(endpoint_id, None)
        if price is not None:
            is_same = previous is not None and price.is_same_as(previous)
            known[endpoint_id] = previous if previous and is_same else price
    return known


def gather(project: Path, declaration: Declaration) -> Inputs:
    """Read the inputs of a project that has this declaration."""
    ids = declaration.endpoints
    for declared in declaration.targets:
        stay_inside(project, project / "templates" / declared.name, called="the project")
    _reject_unknown_targets(project / "templates")
    documents = _files(project, SPECS, ids)
    overlays = _files(project, OVERLAYS, ids)
    templates = {
        declared.name: [
            project / "templates" / declared.name,
            template_folder(declared.name, declared.target),
        ]
        for declared in declaration.targets
    }
    entries = lock.load(project)
    return Inputs(
        declaration,
        documents,
        overlays,
        templates,
        metadata={id_: entry.metadata for id_, entry in entries.items()},
        history=history.load(project),
        prices={id_: entry.price for id_, entry in entries.items() if entry.price},
    )


def _reject_unknown_targets(templates: Path) -> None:
    """Reject folders of a project's templates that no target reads."""
    folders = [path for path in templates.glob("*") if path.is_dir()]
    unknown = [path for path in sorted(folders) if path.name not in BUILTIN]
    known = target_names() if unknown else []
    for path in unknown:
        if path.name not in known and not path.name.startswith((".", "__pycache__")):
            raise ProjectError(
                f"{path}/ overrides the templates of no target",
                hint=did_you_mean(
                    path.name, known, f"rename or remove it; targets: {', '.join(known)}"
                ),
            )


def overlay_of(project: Path, endpoint_id: str) -> bytes | None:
    """Return the text of an endpoint's overlay; None if it has none."""
    return _files(project, OVERLAYS, [endpoint_id]).get(endpoint_id)


def unused_overlays(project: Path, declaration: Declaration) -> list[str]:
    """Return the paths of overlays that belong to no declared endpoint."""
    folder = project / OVERLAYS
    used = {folder / document_path(endpoint_id) for endpoint_id in declaration.endpoints}
    unused = sorted(path for path in folder.rglob("*") if path.is_file() and path not in used)
    return [path.relative_to(project).as_posix() for path in unused]


def _files(project: Path, folder: PurePosixPath, ids: Iterable[str]) -> dict[str, bytes]:
    """Read the files of endpoints below a folder of a project, as far as they exist.

    Raises:
        ProjectError: One exists but cannot be used (see `project_file`).
    """
    if not (project / folder).exists():
        return {}
    plain = {  # which need no closer look
        path: file
        for path, file in files_below(project / folder, lambda _: True, within=project)
        if file.is_file(follow_symlinks=False)
    }
    files: dict[str, bytes] = {}
    for endpoint_id in ids:
        name = document_path(endpoint_id)
        path = plain.get(str(name)) or project_file(project, folder / name, endpoint=endpoint_id)
        if path is not None:
            files[endpoint_id] = read_normalised(Path(path))
    return files


def vendored_document(inputs: Inputs, endpoint_id: str) -> bytes:
    """Return the vendored document of a declared endpoint.

    Raises:
        ProjectError: It is missing, or has a merge conflict.
    """
    file = f"specs/{document_path(endpoint_id)}"
    if endpoint_id not in inputs.documents:
        raise ProjectError(
            f"the declared document {file} is missing",
            endpoint=endpoint_id,
            hint=did_you_mean(
                endpoint_id,
                inputs.metadata.keys() - inputs.declaration.endpoints.keys(),
                f"fal-codegen fetch {endpoint_id}",
            ),
        )
    data = inputs.documents[endpoint_id]
    hint = (
        f"take one side: git checkout --theirs -- {file} (or --ours); "
        "then run: fal-codegen generate"
    )
    reject_conflict(data, file, hint, endpoint_id)
    return data


def reconcile(entries: Mapping[str, lock.Provenance], inputs: Inputs) -> dict[str, lock.Provenance]:
    """Return the lock's entries for the vendored documents as they are now.

    A document that differs from its entry was edited by hand; one without an entry was written by
    hand.
    """
    reconciled: dict[str, lock.Provenance] = {}
    for endpoint_id, text in inputs.documents.items():
        digest = digest_of(text)
        entry = entries.get(endpoint_id)
        if entry is None:
            entry = lock.Provenance("edited", digest)
        elif entry.sha256 != digest:
            entry = replace(entry, source="edited", sha256=digest)
        overlay_text = inputs.overlays.get(endpoint_id)
        overlay_digest = None if overlay_text is None else digest_of(overlay_text)
        reconciled[endpoint_id] = replace(entry, overlay=overlay_digest)
    return reconciled
