"""An endpoint that the emulator serves: its schemas, its checks and its sample values."""

from __future__ import annotations

import logging
from functools import cached_property
from itertools import islice
from typing import Any

import jsonschema_rs

from fal_codegen.document.json_schema import (
    JsonSchema,
    followed_in,
    json_schema,
    json_schemas,
    reference_to,
    validator,
)
from fal_codegen.document.json_values import mapping
from fal_codegen.document.models import FILE_PROPERTIES, Direction
from fal_codegen.document.pointers import pointer_of
from fal_codegen.document.read import locate_by_paths, read_parsed
from fal_codegen.document.samples.budget import Budget
from fal_codegen.document.samples.flattening import flat
from fal_codegen.emulator.endpoints.branching import MOST, most_in_place
from fal_codegen.emulator.endpoints.document_files import OpenApiDocument
from fal_codegen.emulator.endpoints.samples import sample_input, sample_newer_output, sample_output
from fal_codegen.emulator.endpoints.validation import Detail, problems
from fal_codegen.errors import CodegenError, DocumentError
from fal_codegen.ir import Endpoint

__all__ = ["ServedEndpoint", "app_of", "is_workflow"]

_logger = logging.getLogger("fal_codegen.emulator")

_NAMESPACES = ("workflows", "comfy")
"""First segments that precede the owner; both official clients know these two."""


class ServedEndpoint:
    """One endpoint of the emulator; its schemas are compiled when they are first needed.

    Attributes:
        document: The OpenAPI document, as it is served.
        id: The endpoint's id, as the paths of the document name it.
        input: The schema of its input, with references into the document's components.
        output: The schema of its result.

    Raises:
        DocumentError: Its Input or Output cannot be located, or has too many branches.
    """

    def __init__(self, document: OpenApiDocument) -> None:
        located = locate_by_paths({**document})  # only a dict can be sent as JSON
        self.document = located.content
        self.id = located.endpoint_id
        self.about = located.about
        self.category = located.category
        self.thumbnail_url = located.thumbnail_url
        self.input = json_schema(self.document, located.input, omitted=Direction.INPUT.omits)
        self.output = json_schema(self.document, located.output, omitted=Direction.OUTPUT.omits)
        self._reject_branching()

    @property
    def app(self) -> str:
        """`owner/alias`, with its namespace if any: the part of the id in request URLs."""
        return app_of(self.id)

    @cached_property
    def planned(self) -> Endpoint | None:
        """The endpoint as the generator plans it; None if it cannot use the document."""
        from fal_codegen.document.normalise import normalise
        from fal_codegen.plan import plan

        try:
            document = read_parsed(self.document, expect=self.id)
            return plan(document, normalise(document))
        except CodegenError:
            return None

    @cached_property
    def _inputs(self) -> JsonSchema:
        return json_schemas(self.document, omitted=Direction.INPUT.omits)

    @cached_property
    def _outputs(self) -> JsonSchema:
        return json_schemas(self.document, omitted=Direction.OUTPUT.omits)

    @cached_property
    def _input_validator(self) -> jsonschema_rs.Validator:
        root = pointer_of(self.input.get("$ref"))
        others = {
            name: _or_url(schema, self._inputs)
            for name, schema in self._inputs.items()
            if pointer_of(reference_to(name)) != root
        }
        return validator(self.input, {**self._inputs, **others})

    @cached_property
    def _output_validator(self) -> jsonschema_rs.Validator:
        return validator(self.output, self._outputs, formats=True)

    def problems(self, payload: object) -> list[Detail]:
        """Return the problems of an input, as items of a 422's `detail`; empty if it is valid."""
        return problems(self._input_validator, payload)

    @cached_property
    def example_input(self) -> Any:
        """A valid input, with the document's examples if it has some."""
        return sample_input(self.input, self._inputs)

    @cached_property
    def plain_output(self) -> Any:
        """A valid result, with the document's examples if it has some.

        A document that requires nothing of a result still means what it lists, so an empty result
        has all of it instead. Logs one warning if no valid result was found.
        """
        result = sample_output(self.output, self._outputs)
        if result == {} and self.output_names:
            filled = sample_output(self.output, self._outputs, fill=True)
            result = filled if self.is_valid_output(filled) else result
        for error in islice(self._output_validator.iter_errors(result), 1):
            _logger.warning(
                "%s: no valid sample for `%s` at /%s; add an example with an overlay",
                self.id,
                error.kind.name,
                "/".join(map(str, error.instance_path)),
            )
        return result

    def newer_output(self, value: str) -> Any:
        """Return a result with `value` wherever the document lists the allowed strings."""
        return sample_newer_output(self.output, self._outputs, value)

    @cached_property
    def input_defaults(self) -> dict[str, Any]:
        """The default values of the input's properties, by name."""
        return {
            name: field["default"]
            for name, field in self._fields(self.input, self._inputs).items()
            if isinstance(field, dict) and "default" in field
        }

    @cached_property
    def output_names(self) -> frozenset[str]:
        """The names of the fields of a result."""
        return frozenset(self._fields(self.output, self._outputs))

    def is_valid_output(self, result: object) -> bool:
        """Return whether a result is valid against the document."""
        return bool(self._output_validator.is_valid(result))

    def faults_of_output(self, result: object) -> list[tuple[str | int, ...]]:
        """Return the places where a result is not valid."""
        return [tuple(error.instance_path) for error in self._output_validator.iter_errors(result)]

    def _reject_branching(self) -> None:
        roots = ((self.input, self._inputs), (self.output, self._outputs))
        if any(most_in_place([root, *schemas.values()], schemas) > MOST for root, schemas in roots):
            raise DocumentError("the schemas exceed the branching limit", endpoint=self.id)

    def _fields(self, schema: JsonSchema, schemas: JsonSchema) -> JsonSchema:
        """Return the properties of a converted schema, with references and `allOf` resolved."""
        merged = flat(schema, followed_in(schemas), Budget())
        fields: JsonSchema = merged.get("properties", {})
        return fields


def _or_url(schema: Any, schemas: JsonSchema) -> Any:
    """Return a schema of an input that also accepts a URL for a file, as fal's own type does."""
    properties = mapping(mapping(schema).get("properties"))
    url = flat({**mapping(properties.get("url"))}, followed_in(schemas), Budget())
    is_string = url.get("type") == "string" and url.keys().isdisjoint(("enum", "const"))
    is_file = is_string and len(FILE_PROPERTIES & properties.keys()) > 1
    return {"anyOf": [schema, {"type": "string"}]} if is_file else schema


def app_of(endpoint_id: str) -> str:
    """Return the part of an endpoint id in request URLs: no sub-path after `owner/alias`."""
    segments = endpoint_id.split("/")
    return "/".join(segments[: 3 if segments[0] in _NAMESPACES else 2])


def is_workflow(endpoint_id: str) -> bool:
    """Return whether an endpoint is a workflow, whose stream has an event for each of its steps."""
    return endpoint_id.startswith("workflows/")
