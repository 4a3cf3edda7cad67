"""Decide whether the schemas of one document accept values."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs

from fal_codegen.document.json_schema import JsonSchema, validator

__all__ = ["JsonSchemaAcceptor"]


class JsonSchemaAcceptor:
    """Checks values against converted schemas of one document; compiles each schema once.

    Args:
        schemas: The document's components, converted.
    """

    def __init__(self, schemas: JsonSchema) -> None:
        self._schemas = schemas
        self._validators: dict[str, jsonschema_rs.Validator] = {}

    def accepts(self, value: Any, schema: JsonSchema) -> bool:
        """Return whether a schema accepts a value."""
        key = json.dumps(schema, sort_keys=True)
        if key not in self._validators:
            schemas = self._schemas if '"$ref"' in key else {}
            self._validators[key] = validator(schema, schemas, formats=True)
        return bool(self._validators[key].is_valid(value))
