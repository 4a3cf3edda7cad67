"""One endpoint as its OpenAPI document describes it: what it takes, and what it answers."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import jsonschema_rs

from fal_codegen.document.accepts import Acceptor
from fal_codegen.document.json_schema import Schema, json_schema, json_schemas, validator
from fal_codegen.document.overlay import documents_below
from fal_codegen.document.read import is_json, parse_json, without_lone_surrogates
from fal_codegen.document.samples import Sampler
from fal_codegen.document.samples.budget import Budget
from fal_codegen.document.samples.flattening import Flattening
from fal_codegen.emulator.branching import MOST, most_in_place
from fal_codegen.emulator.results import fitted
from fal_codegen.emulator.validation import Detail, problems
from fal_codegen.errors import DocumentError

__all__ = ["Document", "Endpoint", "app_of", "load_documents"]

_logger = logging.getLogger("fal_codegen.emulator")

Document = dict[str, Any]
"""A parsed OpenAPI document of one fal endpoint."""

_NAMESPACES = ("workflows", "comfy")
"""First segments that stand before the owner; both official clients know these two."""

_FILE_PROPERTIES = frozenset({"content_type", "file_name", "file_size"})


class Endpoint:
    """One document, its schemas compiled when they are first needed.

    Attributes:
        id: The endpoint's id, as its path has it.
        input: The schema of what it takes, with references into the document's components.
        output: The schema of its result.

    Raises:
        DocumentError: Its Input or Output cannot be located, or branches beyond reason.
    """

    def __init__(self, document: Document) -> None:
        self.document = document = without_lone_surrogates(document)
        try:
            path, post = _operation(document, "post", suffix="")
            _, get = _operation(document, "get", suffix="/{request_id}")
            input = _body(post, "requestBody")
            output = _body(get, "responses", "200")
        except LookupError as error:
            raise DocumentError(str(error), endpoint=self.info.get("endpointId")) from None
        self.id = path.lstrip("/")
        self.input = json_schema(document, input, left_out="readOnly")
        self.output = json_schema(document, output, left_out="writeOnly")
        self._refuse_branching()

    @property
    def info(self) -> Document:
        """What fal says of the endpoint: its category, what it is about; may be empty."""
        info = _at(self.document, "info", "x-fal-metadata")
        return info if isinstance(info, dict) else {}

    def text(self, name: str) -> str:
        """Return one entry of `info` if it is a string; an empty one otherwise."""
        value = self.info.get(name)
        return value if isinstance(value, str) else ""

    @property
    def app(self) -> str:
        """`owner/alias`, with its namespace if it has one: what request URLs are made of."""
        return app_of(self.id)

    @cached_property
    def _inputs(self) -> Schema:
        return json_schemas(self.document, left_out="readOnly")

    @cached_property
    def _outputs(self) -> Schema:
        return json_schemas(self.document, left_out="writeOnly")

    @cached_property
    def _input_validator(self) -> jsonschema_rs.Validator:
        schemas = {
            name: schema if self.input.get("$ref", "").endswith(f"/{name}") else _or_url(schema)
            for name, schema in self._inputs.items()
        }
        return validator(self.input, schemas)

    @cached_property
    def _output_validator(self) -> jsonschema_rs.Validator:
        return validator(self.output, self._outputs, formats=True)

    def problems(self, payload: object) -> list[Detail]:
        """List what is wrong with an input, as items of a 422's `detail`; empty if it is valid."""
        return problems(self._input_validator, payload)

    @cached_property
    def example_input(self) -> Any:
        """An input that is valid, from the document's examples where it has them."""
        return _sampler(self._inputs, omit="readOnly").sample(self.input)

    @cached_property
    def example_output(self) -> Any:
        """The result of the example input."""
        return fitted(self, self.example_input, self.plain_output)

    @cached_property
    def plain_output(self) -> Any:
        """A result that is valid, from the document's examples where it has them.

        Where none could be made, a warning says so, once.
        """
        result = _sampler(self._outputs, omit="writeOnly").sample(self.output)
        for error in islice(self._output_validator.iter_errors(result), 1):
            _logger.warning(
                "%s: its made-up results are not valid: no value was found for `%s` at /%s. "
                "An example there would help: add one with an overlay.",
                self.id,
                error.kind.name,
                "/".join(map(str, error.instance_path)),
            )
        return result

    def newer_output(self, value: str) -> Any:
        """Return a result with `value` wherever the document lists the strings it expects."""
        return _sampler(self._outputs, omit="writeOnly", unknown_enum=value).sample(self.output)

    @cached_property
    def input_defaults(self) -> Document:
        """What the document says of inputs that are left out: the defaults, by name."""
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
        """Return the places at which a result is not valid."""
        return [tuple(error.instance_path) for error in self._output_validator.iter_errors(result)]

    def _refuse_branching(self) -> None:
        roots = ((self.input, self._inputs), (self.output, self._outputs))
        if any(most_in_place([one, *known.values()], known) > MOST for one, known in roots):
            raise DocumentError(
                "its schemas are branched beyond reason",
                endpoint=self.id,
                hint="no genuine document is; check where it came from",
            )

    def _fields(self, schema: Schema, schemas: Schema) -> Schema:
        """Return the properties of a converted schema, behind its references and in its parts."""
        flat = Flattening(schemas, Budget()).flat(schema)
        fields: Schema = flat.get("properties", {})
        return fields


def _sampler(schemas: Schema, omit: str, unknown_enum: str | None = None) -> Sampler:
    accepts = Acceptor(schemas, formats=True).accepts
    return Sampler(schemas, accepts, omit=omit, unknown_enum=unknown_enum)


def _or_url(schema: Any) -> Any:
    """Return a schema of an input in which a URL may stand for a file, as fal's own type allows."""
    properties = schema.get("properties", {}) if isinstance(schema, dict) else {}
    is_file = "url" in properties and not _FILE_PROPERTIES.isdisjoint(properties)
    return {"anyOf": [schema, {"type": "string"}]} if is_file else schema


def app_of(endpoint_id: str) -> str:
    """Return what request URLs keep of an endpoint id: no sub-path after `owner/alias`."""
    segments = endpoint_id.split("/")
    return "/".join(segments[: 3 if segments[0] in _NAMESPACES else 2])


def load_documents(paths: Iterable[Path]) -> Iterator[Document]:
    """Read documents from files, and from folders with everything below them, in a stable order.

    In a folder, JSON files that are no OpenAPI document are passed over, and so are overlays.

    Raises:
        OSError: A file cannot be read.
        DocumentError: A file is no JSON that can be used, or is named outright and no document.
    """
    for path in paths:
        for file in documents_below(path) if path.is_dir() else [path]:
            document = parse_json(file.read_bytes(), str(file))
            if isinstance(document, dict) and "openapi" in document:
                yield document
            elif file == path:
                raise DocumentError(f"{file} holds no OpenAPI document")


def _operation(document: Document, method: str, *, suffix: str) -> tuple[str, Document]:
    """Return the first path that ends in `suffix` and has `method`, with that operation."""
    paths = document.get("paths")
    for path, item in paths.items() if isinstance(paths, dict) else ():
        if path.endswith(suffix) and isinstance(operation := _at(item, method), dict):
            return path, operation
    raise LookupError(f"no path ending in {suffix!r} has a {method.upper()}")


def _body(operation: Document, *steps: str) -> Document:
    """Return the schema of an operation's JSON body: Input and Output are not found by name."""
    content = _at(operation, *steps, "content")
    for media_type, body in content.items() if isinstance(content, dict) else ():
        if is_json(media_type) and isinstance(schema := _at(body, "schema"), dict):
            return schema
    raise LookupError(f"there is no schema under {'.'.join(steps)}")


def _at(node: object, *steps: str) -> object:
    for step in steps:
        node = node.get(step) if isinstance(node, dict) else None
    return node
