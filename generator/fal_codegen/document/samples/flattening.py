"""Schemas without `$ref` and `allOf`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fal_codegen.document.json_values import JsonSchema
from fal_codegen.document.samples.budget import Budget
from fal_codegen.document.samples.intersection import intersection

__all__ = ["Flattening"]

_MOST_REFERENCES = 50
"""References to follow before they count as a loop."""


class Flattening:
    """Replaces references and `allOf` of the schemas of one document.

    Args:
        target: Returns the schema that a `$ref` leads to; None if it leads nowhere.
        budget: The work that may go into it.
    """

    def __init__(self, target: Callable[[object], Any], budget: Budget) -> None:
        self._target = target
        self._budget = budget

    def flat(self, schema: JsonSchema) -> JsonSchema:
        """Return a schema with its references followed and its `allOf` merged."""
        schema = self._without_references(schema)
        return self.without_all_of(schema) if schema.get("allOf") else schema

    def intersection(self, first: JsonSchema, second: JsonSchema) -> JsonSchema:
        """Return a schema for the values that two schemas accept."""
        if "$ref" in first and "$ref" in second:
            second = self._without_references(second)
        return intersection(first, second, self._budget)

    def without_reference(self, schema: JsonSchema) -> JsonSchema:
        """Return a schema merged with the schema that its `$ref` leads to."""
        target = self._target(schema["$ref"])
        siblings = {keyword: item for keyword, item in schema.items() if keyword != "$ref"}
        return self.intersection(siblings, target) if isinstance(target, dict) else siblings

    def without_all_of(self, schema: JsonSchema) -> JsonSchema:
        """Return a schema merged with the schemas of its `allOf`."""
        merged = {keyword: item for keyword, item in schema.items() if keyword != "allOf"}
        for part in schema["allOf"]:
            if isinstance(part, dict):
                merged = self.intersection(merged, self._without_references(part))
        return merged

    def _without_references(self, schema: JsonSchema) -> JsonSchema:
        for _ in range(_MOST_REFERENCES):
            if "$ref" not in schema:
                return schema
            schema = self.without_reference(schema)
        return {}
