"""What a document itself says that its endpoint takes and returns, as JSON Schema.

This side of every comparison shares nothing with the generator: the document is converted by the
emulator, which was written apart from it, and judged by jsonschema-rs. The one thing added is what
the README says of Input: names that an object does not list are refused, unless it allows others.
"""

from __future__ import annotations

import json
import pathlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jsonschema_rs
from fal_codegen.emulator.documents import Endpoint
from fal_codegen.emulator.schemas import json_schemas

Schema = dict[str, Any]
Path = tuple[str | int, ...]
"""The keys and indices that lead to a place in a value."""


@dataclass(frozen=True)
class Contract:
    """One document's Input and Output.

    Attributes:
        emulated: The document as the emulator reads it.
        schemas: Its components, plain and strict.
    """

    emulated: Endpoint
    schemas: Schema

    @classmethod
    def of(cls, document: Schema) -> Contract:
        """Read a document."""
        schemas = json_schemas(document)
        for schema in schemas.values():
            _close(schema)
        return cls(Endpoint(document), schemas)

    @property
    def id(self) -> str:
        return self.emulated.id

    @property
    def input(self) -> Schema:
        """The schema of the Input, its references into `schemas`."""
        return {"$ref": self.emulated.input_ref}

    @property
    def output(self) -> Schema:
        """The schema of the result."""
        return {"$ref": self.emulated.output_ref}

    @cached_property
    def validator(self) -> jsonschema_rs.Validator:
        """Judges inputs."""
        schema = {**self.input, "components": {"schemas": self.schemas}}
        return jsonschema_rs.Draft202012Validator(schema)

    def resolved(self, schema: Schema) -> Schema:
        """Follow references."""
        while "$ref" in schema:
            schema = self.schemas.get(schema["$ref"].rpartition("/")[2], {})
        return schema


def _close(schema: Any) -> None:
    """Refuse names that an object does not list, here and below."""
    if isinstance(schema, list):
        for item in schema:
            _close(item)
    if not isinstance(schema, dict):
        return
    for keyword, value in schema.items():
        if keyword in ("properties", "patternProperties"):
            _close(list(value.values()))
        elif keyword in ("items", "additionalProperties", "anyOf", "oneOf", "allOf", "prefixItems"):
            _close(value)
    if "properties" in schema:
        schema.setdefault("additionalProperties", False)


def contracts(folder: pathlib.Path) -> Iterator[Contract]:
    """Read every document of a folder, in the order of their names."""
    for path in sorted(folder.glob("*.json")):
        yield Contract.of(json.loads(path.read_text("utf-8")))
