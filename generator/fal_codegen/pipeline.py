"""The pipeline: from what a project declares to what is generated, step by step.

    declare ─► fetch ─► read ─► correct ─► normalise ─► plan ─► render ─► publish

`declaration` and `fetch` bring the inputs, `publish` writes the outputs; what lies between is here
and touches neither network nor disk, except to read templates.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

from fal_codegen.declaration import Overrides, Target
from fal_codegen.document.normalise import normalise
from fal_codegen.document.overlay import correct
from fal_codegen.document.read import Document, read
from fal_codegen.errors import CodegenError
from fal_codegen.inputs import Inputs, vendored
from fal_codegen.ir import Endpoint, Outline
from fal_codegen.plan import plan
from fal_codegen.project import memory
from fal_codegen.targets import OnDone, kind


@dataclass(frozen=True)
class Build:
    """What the pipeline made.

    Attributes:
        trees: Files by path below the target's output folder, by target.
        outlines: What was planned, by key, sorted by endpoint id.
        keys: The key of each file's text, by path, by target.
        errors: Why an endpoint was left out, one per endpoint left out.
    """

    trees: Mapping[Target, Mapping[str, str]]
    outlines: Mapping[str, Outline]
    keys: Mapping[Target, Mapping[str, str]]
    errors: tuple[CodegenError, ...]


def build(inputs: Inputs, on_done: OnDone = lambda _: None) -> Build:
    """Generate everything that a project declares, in memory.

    An endpoint whose document cannot be used is left out, with its error; the others go on. What
    the memory has is taken from there.

    Args:
        inputs: All that decides what is generated.
        on_done: Called with the target and the id of each endpoint that is drawn.

    Raises:
        ProjectError: A template is missing or wrong.
    """
    planning = _Planning(inputs)
    outlines, errors = planning.outlines()
    trees: dict[Target, Mapping[str, str]] = {}
    keys: dict[Target, Mapping[str, str]] = {}
    for target in inputs.declaration.targets:
        trees[target], keys[target] = _render(target, inputs, planning, outlines.values(), on_done)
    return Build(trees, outlines, keys, tuple(errors))


def plan_all(inputs: Inputs) -> tuple[dict[str, Outline], list[CodegenError]]:
    """Return what is planned for each endpoint that can be, by key, and why others cannot be."""
    return _Planning(inputs).outlines()


def _render(
    target: Target,
    inputs: Inputs,
    planning: _Planning,
    outlines: Collection[Outline],
    on_done: OnDone,
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the text of each of a target's files, and the key of it, by path."""
    drawn_by = kind(target.name).renderer(target.settings, inputs.templates[target.name])
    parts = sorted(drawn_by.parts(tuple(outlines), inputs.history), key=lambda part: part.path)
    keys = {
        part.path: memory.key(
            inputs.tool, target.settings, part, part.endpoint and planning.key(part.endpoint)
        )
        for part in parts
    }
    known = inputs.memory.texts

    def is_drawn(endpoint_id: str) -> None:
        on_done(f"{target.name}: {endpoint_id}")

    for part in parts:
        if keys[part.path] in known and part.endpoint is not None:
            is_drawn(part.endpoint)
    missing = [part for part in parts if keys[part.path] not in known]
    shown = {part.endpoint: planning.endpoint(part.endpoint) for part in missing if part.endpoint}
    texts = drawn_by.render(missing, shown, is_drawn)
    return {path: texts[path] if path in texts else known[keys[path]] for path in keys}, keys


class _Planning:
    """The plans of a project's endpoints, each made when it is first asked for, or remembered."""

    def __init__(self, inputs: Inputs) -> None:
        self._inputs = inputs
        self._planned: dict[str, Endpoint] = {}

    def outlines(self) -> tuple[dict[str, Outline], list[CodegenError]]:
        """Return the outline of each endpoint that has one, by key, and why others have none."""
        outlines: dict[str, Outline] = {}
        errors: list[CodegenError] = []
        for endpoint_id in self._inputs.declaration.endpoints:
            try:
                outlines[self.key(endpoint_id)] = self.outline(endpoint_id)
            except CodegenError as error:
                errors.append(error)
        return outlines, errors

    def key(self, endpoint_id: str) -> str:
        """Return the key of an endpoint's plan.

        Raises:
            ProjectError: It has no document.
        """
        document = sha256(vendored(self._inputs, endpoint_id)).hexdigest()
        overrides = self._inputs.declaration.endpoints[endpoint_id]
        overlay = self._inputs.overlays.get(endpoint_id)
        metadata = self._inputs.metadata.get(endpoint_id)
        return memory.key(self._inputs.tool, endpoint_id, overrides, document, overlay, metadata)

    def outline(self, endpoint_id: str) -> Outline:
        """Return what others need to know of an endpoint.

        Raises:
            CodegenError: Nothing can be generated from its document.
        """
        known = self._inputs.memory.outlines.get(self.key(endpoint_id))
        return known or self.endpoint(endpoint_id).outline

    def endpoint(self, endpoint_id: str) -> Endpoint:
        """Return an endpoint, planned.

        Raises:
            CodegenError: Nothing can be generated from its document.
        """
        if endpoint_id not in self._planned:
            document = corrected(self._inputs, endpoint_id)
            overrides = self._inputs.declaration.endpoints[endpoint_id]
            self._planned[endpoint_id] = plan_endpoint(document, overrides)
        return self._planned[endpoint_id]


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
