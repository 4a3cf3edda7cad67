"""The pipeline: from what a project declares to the files that are generated, step by step.

    declare ─► fetch ─► read ─► correct ─► normalise ─► plan ─► render ─► publish

`declaration` and `fetch` bring the inputs, `publish` writes the outputs. The steps between are
here; they touch neither network nor disk, except to read templates.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from fal_codegen.document.normalise import normalise
from fal_codegen.document.overlay import correct
from fal_codegen.document.read import Document, read
from fal_codegen.endpoint_id import document_path
from fal_codegen.errors import CodegenError, DocumentError, ProjectError
from fal_codegen.ir import Endpoint
from fal_codegen.paths import SPECS
from fal_codegen.plan import plan
from fal_codegen.project.declaration import DeclaredTarget, Overrides
from fal_codegen.project.inputs import Inputs, vendored_document
from fal_codegen.render import OnDone, Templates
from fal_codegen.rendered_files import validated
from fal_codegen.targets.registry import calling


class Build(NamedTuple):
    """The result of a build.

    Attributes:
        trees: The text of each file by path below the target's output folder, by target.
        endpoints: The planned endpoints, sorted by id.
        errors: Why endpoints were left out, one error for each.
    """

    trees: Mapping[DeclaredTarget, Mapping[str, str]]
    endpoints: tuple[Endpoint, ...]
    errors: tuple[CodegenError, ...]


def build(inputs: Inputs, on_done: OnDone = lambda _: None) -> Build:
    """Generate everything that a project declares, in memory.

    An endpoint whose document cannot be used is left out, with its error; the others are generated.

    Args:
        inputs: Everything that decides what is generated.
        on_done: Called with the target and the id of each endpoint that has been rendered.

    Raises:
        ProjectError: A template is missing or wrong.
    """
    endpoints, errors = plan_all(inputs)
    trees = {
        declared: render(declared, inputs, endpoints, on_done)
        for declared in inputs.declaration.targets
    }
    return Build(trees, endpoints, errors)


def plan_all(inputs: Inputs) -> tuple[tuple[Endpoint, ...], tuple[CodegenError, ...]]:
    """Return the declared endpoints that can be planned, and the errors of the others."""
    endpoints: list[Endpoint] = []
    errors: list[CodegenError] = []
    for endpoint_id, overrides in inputs.declaration.endpoints.items():
        try:
            document = corrected(inputs, endpoint_id)
            with _of_file(endpoint_id):
                endpoints.append(plan_endpoint(document, overrides))
        except CodegenError as error:
            errors.append(error)
    return tuple(endpoints), tuple(errors)


def corrected(inputs: Inputs, endpoint_id: str) -> Document:
    """Read the document of a declared endpoint, and correct it by its overlay.

    Raises:
        CodegenError: The document is missing or cannot be used.
    """
    with _of_file(endpoint_id):
        document = read(vendored_document(inputs, endpoint_id), expect=endpoint_id)
    document = replace(
        document,
        metadata=inputs.metadata.get(endpoint_id),
        price=inputs.prices.get(endpoint_id),
    )
    return correct(document, inputs.overlays.get(endpoint_id))


def plan_endpoint(document: Document, overrides: Overrides) -> Endpoint:
    """Normalise the schemas of a document, and plan its endpoint.

    Raises:
        DocumentError: Nothing can be generated from the document.
    """
    normalised = normalise(document, not_files=overrides.not_files)
    return plan(document, normalised, own_name=overrides.class_name, extension=overrides.extension)


def render(
    declared: DeclaredTarget, inputs: Inputs, endpoints: tuple[Endpoint, ...], on_done: OnDone
) -> dict[str, str]:
    """Return the text of each file of a target, sorted by path.

    Raises:
        ProjectError: A template is missing or wrong, or the target renders files that cannot be
            written.
    """
    name = declared.name
    templates = Templates(inputs.templates[name], lambda id_: on_done(f"{name}: {id_}"))
    with calling(name, "render"):
        with _naming(name):
            rendered = declared.target.render(endpoints, inputs.history, templates)
        return validated(name, rendered)


@contextlib.contextmanager
def _of_file(endpoint_id: str) -> Iterator[None]:
    """Add the next step to the errors of a vendored document, if they have none."""
    try:
        yield
    except DocumentError as error:
        hint = (
            f"correct {SPECS / document_path(endpoint_id)}; if it is fal's own document, replace "
            f"it: fal-codegen fetch {endpoint_id}"
        )
        error.complete(hint=hint)
        raise


@contextlib.contextmanager
def _naming(target: str) -> Iterator[None]:
    """Add the name of a target to the errors of its templates."""
    try:
        yield
    except ProjectError as error:
        raise ProjectError(f"target {target!r}: {error.message}", hint=error.hint) from error
