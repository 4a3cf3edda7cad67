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

Annotations = Mapping[str, Any]
"""Annotations by keyword; unknown keywords are under `x-`."""


def with_annotations(outer: Annotations, schema: Mapping[str, Any]) -> Annotations:
    """Merge an inner schema's annotations; outer ones win."""
    unknown = {k: v for k, v in schema.items() if k not in ANNOTATIONS and k not in KEYWORDS}
    annotations = {key: schema[key] for key in ANNOTATIONS & schema.keys()} | {**outer}
    extensions = {**unknown, **outer.get("x-", {})}
    return {**annotations, "x-": extensions} if extensions else annotations
