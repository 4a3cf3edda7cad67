"""The pipeline: from what a project declares to what is generated, step by step.

    declare ─► fetch ─► read ─► normalise ─► plan ─► render ─► publish

`declaration` and `fetch` bring the inputs, `publish` writes the outputs; what lies between is here
and touches neither network nor disk, except to read templates.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from fal_codegen import lock
from fal_codegen.declaration import Declaration, Overrides, Target
from fal_codegen.endpoint_id import document_path
from fal_codegen.errors import CodegenError, ProjectError
from fal_codegen.ir import Endpoint
from fal_codegen.metadata import Metadata
from fal_codegen.normalise import normalise
from fal_codegen.plan import plan
from fal_codegen.read import Document, read
from fal_codegen.state import template_folders

OnDone = Callable[[str], None]


@dataclass(frozen=True)
class Inputs:
    """All that decides what is generated.

    Attributes:
        documents: The vendored documents by endpoint id; a declared one may be missing.
        templates: Template folders by target.
        metadata: What the catalogue says about endpoints, by id, as far as it was asked.
    """

    declaration: Declaration
    documents: Mapping[str, bytes]
    templates: Mapping[str, list[Path]]
    metadata: Mapping[str, Metadata]

    def with_documents(self, documents: Collection[Document]) -> Inputs:
        """Return the inputs with documents added, or put in the place of older ones."""
        added = {document.endpoint_id: document.text.encode() for document in documents}
        known = {it.endpoint_id: it.metadata for it in documents if it.metadata is not None}
        return replace(
            self,
            documents={**self.documents, **added},
            metadata={**self.metadata, **known},
        )


@dataclass(frozen=True)
class Build:
    """What the pipeline made.

    Attributes:
        trees: Files by path below the target's output folder, by target.
        endpoints: What was planned, sorted by id.
        errors: Why an endpoint was left out, one per endpoint left out.
    """

    trees: Mapping[Target, Mapping[str, str]]
    endpoints: tuple[Endpoint, ...]
    errors: tuple[CodegenError, ...]


def gather(project: Path, declaration: Declaration) -> Inputs:
    """Read a project's inputs from disk."""
    documents = {}
    for endpoint_id in declaration.endpoints:
        path = project / "specs" / document_path(endpoint_id)
        if path.is_file():
            documents[endpoint_id] = path.read_bytes()
    templates = {
        target.name: template_folders(project, target.name) for target in declaration.targets
    }
    metadata = {endpoint_id: entry.metadata for endpoint_id, entry in lock.load(project).items()}
    return Inputs(declaration, documents, templates, metadata)


def build(inputs: Inputs, on_done: OnDone = lambda _: None) -> Build:
    """Generate everything that a project declares, in memory.

    An endpoint whose document cannot be used is left out, with its error; the others go on.

    Args:
        inputs: All that decides what is generated.
        on_done: Called with each endpoint's id when a target has drawn it.

    Raises:
        ProjectError: A template is missing or wrong.
    """
    endpoints: list[Endpoint] = []
    errors: list[CodegenError] = []
    for endpoint_id, overrides in inputs.declaration.endpoints.items():
        try:
            document = read(vendored(inputs, endpoint_id), expect=endpoint_id)
            document = replace(document, metadata=inputs.metadata.get(endpoint_id))
            endpoints.append(plan_endpoint(document, overrides))
        except CodegenError as error:
            errors.append(error)
    trees = {
        target: _generate(target, tuple(endpoints), inputs.templates[target.name], on_done)
        for target in inputs.declaration.targets
    }
    return Build(trees, tuple(endpoints), tuple(errors))


def plan_endpoint(document: Document, overrides: Overrides) -> Endpoint:
    """Take one document through normalise and plan.

    Raises:
        DocumentError: Nothing can be generated from it.
    """
    normalised = normalise(document, not_files=overrides.not_files)
    return plan(document, normalised, own_name=overrides.class_name)


def vendored(inputs: Inputs, endpoint_id: str) -> bytes:
    """Return the vendored document of a declared endpoint.

    Raises:
        ProjectError: There is none.
    """
    if endpoint_id not in inputs.documents:
        raise ProjectError(
            f"it is declared, and specs/{document_path(endpoint_id)} is not there",
            endpoint=endpoint_id,
            hint=f"fal-codegen fetch {endpoint_id}",
        )
    return inputs.documents[endpoint_id]


def _generate(
    target: Target, endpoints: tuple[Endpoint, ...], folders: list[Path], on_done: OnDone
) -> Mapping[str, str]:
    from fal_codegen.targets.python import target as python

    settings = python.Settings(package=target.package, version=target.version)
    return python.generate(endpoints, settings, folders, on_done)


def reconcile(entries: Mapping[str, lock.Provenance], inputs: Inputs) -> dict[str, lock.Provenance]:
    """Return what the lock has to say of the vendored documents as they are now.

    A document that is not as the lock has it was changed by hand; one that the lock does not know
    was put there by hand.
    """
    import hashlib

    found: dict[str, lock.Provenance] = {}
    for endpoint_id, data in inputs.documents.items():
        digest = hashlib.sha256(data).hexdigest()
        known = entries.get(endpoint_id)
        if known is None:
            found[endpoint_id] = lock.Provenance("edited", digest)
        elif known.sha256 == digest:
            found[endpoint_id] = known
        else:
            found[endpoint_id] = replace(known, source="edited", sha256=digest)
    return found
