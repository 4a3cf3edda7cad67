"""The inputs and results that a document itself allows, as JSON Schema.

This side of every comparison shares nothing with the generator: the emulator, which was written
separately, converts the document, and jsonschema-rs validates. One rule is added, from the README:
inputs with names that an object does not list are rejected, unless it allows others.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import jsonschema_rs
from fal_codegen.document.json_schema import json_schemas
from fal_codegen.document.pointers import target_of
from fal_codegen.emulator.endpoints.served_endpoint import ServedEndpoint

Schema = dict[str, Any]

Place = tuple[str | int, ...]
"""The keys and indices that lead to a place in a value."""


@dataclass(frozen=True)
class Contract:
    """One document's Input and Output.

    Attributes:
        emulated: The document as the emulator reads it.
        schemas: Its components, plain.
    """

    emulated: ServedEndpoint
    schemas: Schema

    @classmethod
    def read(cls, path: Path) -> Contract:
        """Read a document."""
        document = json.loads(path.read_text("utf-8"))
        schemas = document["components"]["schemas"]
        document["components"]["schemas"] = _tuples_spelled_out(schemas)
        return cls(ServedEndpoint(document), json_schemas(document))

    @property
    def id(self) -> str:
        return self.emulated.id

    @property
    def input(self) -> Schema:
        """The schema of the Input, its references into `schemas`."""
        schema: Schema = self.emulated.input
        return schema

    @property
    def output(self) -> Schema:
        """The schema of the result."""
        schema: Schema = self.emulated.output
        return schema

    @cached_property
    def validator(self) -> jsonschema_rs.Validator:
        """The input validator."""
        schema = {**self.input, "components": {"schemas": _closed(self.schemas)}}
        return jsonschema_rs.Draft202012Validator(schema)

    def examples(self, schema: Schema) -> list[Any]:
        """Return the examples of a property: its own, and those of the component that it refers to.

        Some documents spread one example list over `examples`, item by item.
        """
        examples = [*schema.get("examples", ()), *self.resolved(schema).get("examples", ())]
        is_list = self.resolved(schema).get("type") == "array"
        is_one = is_list and bool(examples) and not any(isinstance(one, list) for one in examples)
        return [examples] if is_one else examples

    def resolved(self, schema: Schema) -> Schema:
        """Return a schema with its own reference followed."""
        while "$ref" in schema:
            schema = target_of({"components": {"schemas": self.schemas}}, schema["$ref"]) or {}
        return schema


def _tuples_spelled_out(node: Any) -> Any:
    """Return a schema with items that are keyed by index converted to `prefixItems`."""
    if isinstance(node, list):
        return [_tuples_spelled_out(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {key: _tuples_spelled_out(value) for key, value in node.items()}
    items = node.get("items")
    if isinstance(items, dict) and items and all(key.isdecimal() for key in items):
        del node["items"]
        node["prefixItems"] = [items[key] for key in sorted(items, key=int)]
    return node


def _closed(node: Any, *, is_map: bool = False) -> Any:
    """Return a schema in which no object accepts names that it does not list."""
    if isinstance(node, list):
        return [_closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    closed = {key: _closed(value, is_map=key == "properties") for key, value in node.items()}
    if not is_map and "properties" in closed:
        closed.setdefault("additionalProperties", False)
    return closed
