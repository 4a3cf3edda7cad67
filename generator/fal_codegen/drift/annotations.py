"""Annotations: keywords that describe a schema without constraining values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fal_codegen.drift.kinds import KEYWORDS

ANNOTATIONS = frozenset(
    """
    title description default example examples deprecated readOnly writeOnly discriminator
    externalDocs xml
    """.split()
)


def annotations_of(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema's own annotations by keyword."""
    return {keyword: schema[keyword] for keyword in ANNOTATIONS & schema.keys()}


def extensions_of(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema's own keywords that JSON Schema and OpenAPI do not define."""
    return {k: v for k, v in schema.items() if k not in ANNOTATIONS and k not in KEYWORDS}
