"""The pipeline: from what a project declares to what is generated, step by step.

    declare ─► fetch ─► read ─► correct ─► normalise ─► plan ─► render ─► publish

`declaration` and `fetch` bring the inputs, `publish` writes the outputs; what lies between is here
and touches neither network nor disk, except to read templates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fal_codegen.document.normalise import normalise
from fal_codegen.document.overlay import correct
from fal_codegen.document.read import Document, read
from fal_codegen.errors import CodegenError
from fal_codegen.ir import Endpoint
from fal_codegen.plan import plan
from fal_codegen.project.declaration import Overrides, Target
from fal_codegen.project.inputs import Inputs, vendored
from fal_codegen.targets import OnDone, kind


@dataclass(frozen=True)
class Build:
    """What the pipeline made.

    Attributes:
        trees: Files by path below the target's output folder, by target.
        endpoints: The endpoints that were planned, sorted by id.
        errors: Why an endpoint was left out, one per endpoint left out.
    """

    trees: Mapping[Target, Mapping[str, str]]
    endpoints: tuple[Endpoint, ...]
    errors: tuple[CodegenError, ...]


def build(inputs: Inputs, on_done: OnDone = lambda _: None) -> Build:
    """Generate everything that a project declares, in memory.

    An endpoint whose document cannot be used is left out, with its error; the others go on.

    Args:
        inputs: All that decides what is generated.
        on_done: Called with the target and the id of each endpoint that is rendered.

    Raises:
        ProjectError: A template is missing or wrong.
    """
    endpoints, errors = plan_all(inputs)
    trees: dict[Target, Mapping[str, str]] = {}
    for target in inputs.declaration.targets:
        trees[target] = render(target, inputs, endpoints, on_done)
    return Build(trees, endpoints, errors)


def plan_all(inputs: Inputs) -> tuple[tuple[Endpoint, ...], tuple[CodegenError, ...]]:
    """Return each declared endpoint that can be planned, and why others cannot be."""
    endpoints: list[Endpoint] = []
    errors: list[CodegenError] = []
    for endpoint_id, overrides in inputs.declaration.endpoints.items():
        try:
            endpoints.append(plan_endpoint(corrected(inputs, endpoint_id), overrides))
        except CodegenError as error:
            errors.append(error)
    return tuple(endpoints), tuple(errors)


def corrected(inputs: Inputs, endpoint_id: str) -> Document:
    """Return the document of a declared endpoint, with its correction applied.

    Raises:
        CodegenError: There is none, or it cannot be used.
    """
    document = read(vendored(inputs, endpoint_id), expect=endpoint_id)
    document = replace(document, metadata=inputs.metadata.get(endpoint_id))
    return correct(document, inputs.overlays.get(endpoint_id))


def plan_endpoint(document: Document, overrides: Overrides) -> Endpoint:
    """Take one document through normalise and plan.

    Raises:
        DocumentError: Nothing can be generated from it.
    """
    normalised = normalise(document, not_files=overrides.not_files)
    return plan(document, normalised, own_name=overrides.class_name)


def render(
    target: Target, inputs: Inputs, endpoints: tuple[Endpoint, ...], on_done: OnDone
) -> dict[str, str]:
    """Return the text of each of a target's files, sorted by path.

    Raises:
        ProjectError: A template is missing or wrong.
    """
    renderer = kind(target.name).renderer(target.settings, inputs.templates[target.name])
    texts = renderer.render(endpoints, inputs.history, lambda id_: on_done(f"{target.name}: {id_}"))
    return dict(sorted(texts.items()))
