"""Results of small documents, checked against their schemas."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
from documents import example_output
from fal_codegen.document.json_schema import json_schemas
from fal_codegen.emulator.endpoints.served_endpoint import ServedEndpoint

from .documents import Schema, document

STRING: Schema = {"type": "string"}

FORMATS = (
    "uuid date date-time time duration email idn-email hostname idn-hostname ipv4 ipv6 uri url iri "
    "uri-reference iri-reference uri-template json-pointer relative-json-pointer regex byte binary"
).split()


def result(output: Schema, **components: Schema) -> Any:
    endpoint = ServedEndpoint(document(output=output, components=components))
    value = example_output(endpoint)
    checked = {**endpoint.output, "components": {"schemas": json_schemas(endpoint.document)}}
    if "writeOnly" not in json.dumps(output):
        validator = jsonschema_rs.Draft202012Validator(checked, validate_formats=True)
        validator.validate(value)
    assert endpoint.is_valid_output(value)
    assert example_output(ServedEndpoint(endpoint.document)) == value
    return value


def of(schema: Schema, **components: Schema) -> Any:
    """Return the value of a required property with this schema."""
    output = {"type": "object", "required": ["x"], "properties": {"x": schema}}
    return result(output, **components)["x"]
