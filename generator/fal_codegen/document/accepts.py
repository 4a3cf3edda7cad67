"""Decide whether a schema accepts a value."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs

from fal_codegen.document.json_schema import Schema, validator

__all__ = ["Acceptor"]


class Acceptor:
    """Checks values against converted schemas of one document; compiles each schema once.

    Args:
        schemas: The document's components, converted.
        formats: Whether a string must be of its `format`, if that is one of JSON Schema's.
    """

    def __init__(self, schemas: Schema, *, formats: bool = False) -> None:
        self._schemas = schemas
        self._formats = formats
        self._validators: dict[str, jsonschema_rs.Validator] = {}

    def accepts(self, value: Any, schema: Schema) -> bool:
        """Return whether a schema accepts a value."""
        key = json.dumps(schema, sort_keys=True)
        if key not in self._validators:
            schemas = self._schemas if '"$ref"' in key else {}
            self._validators[key] = validator(schema, schemas, formats=self._formats)
        return bool(self._validators[key].is_valid(value))
