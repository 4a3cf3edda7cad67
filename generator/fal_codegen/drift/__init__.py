"""Semantic drift: what changed between two OpenAPI documents, and for whom.

    two documents ─► operations ─► schemas (of meanings) ─► changes ─► witnesses

`compare` takes two documents of one endpoint (any two of OpenAPI 3 will do) and returns a `Report`.
It says what changed in meaning: documents that spell the same thing differently are the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fal_codegen.drift.changes import Change, Direction, Level, Report, Witness

__all__ = ["Change", "Direction", "Level", "Report", "Witness", "compare"]


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> Report:
    """Say what changed from one document to another.

    Args:
        old: An OpenAPI document, as parsed from JSON.
        new: The document that takes its place.

    Raises:
        DocumentError: A document is nested or branched beyond reason.
    """
    from fal_codegen.document.schemas import mapping, text_of
    from fal_codegen.drift.comparison import Comparison
    from fal_codegen.drift.meaning import Reading, beyond_reason
    from fal_codegen.drift.witness import with_witnesses

    metadata = mapping(mapping(new.get("info")).get("x-fal-metadata"))
    endpoint = text_of(metadata.get("endpointId"))
    if json.dumps(old, sort_keys=True) == json.dumps(new, sort_keys=True):
        return Report(endpoint, ())
    comparison = Comparison(Reading(old, endpoint), Reading(new, endpoint), endpoint)
    try:
        unique = {change.fingerprint: change for change in comparison.changes()}
    except RecursionError as error:
        raise beyond_reason(endpoint) from error
    changes = sorted(
        unique.values(),
        key=lambda change: (
            -change.level,
            change.operation,
            change.pointer,
            change.id,
            change.text,
        ),
    )
    return Report(endpoint, with_witnesses(changes, old, new))
