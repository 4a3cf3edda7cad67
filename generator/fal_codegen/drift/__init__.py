"""Semantic drift: what changed between two OpenAPI documents, and which callers it breaks.

    two documents ─► operations ─► resolved schemas ─► changes ─► witnesses ─► client effects

`compare` compares two documents of one endpoint, or any two OpenAPI 3 documents, and returns a
`Report`. Two spellings of the same schema count as equal.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from operator import attrgetter
from typing import Any

from fal_codegen.document.models import Direction
from fal_codegen.drift.changes import Change, Report, Witness
from fal_codegen.history import Level

__all__ = ["Change", "Direction", "Level", "Report", "Witness", "compare"]


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> Report:
    """Report the changes from one document to another.

    Args:
        old: An OpenAPI document, parsed from JSON.
        new: The document that replaces it.

    Raises:
        DocumentError: The schemas exceed the nesting or branching limit.
    """
    from fal_codegen.document.annotations import stripped
    from fal_codegen.document.json_values import mapping
    from fal_codegen.drift.client_effects import with_client_effects
    from fal_codegen.drift.comparison import DocumentComparison
    from fal_codegen.drift.resolve import Resolver, too_complex
    from fal_codegen.drift.witness import with_witnesses

    metadata = mapping(mapping(new.get("info")).get("x-fal-metadata"))
    endpoint = stripped(metadata.get("endpointId"))
    if json.dumps(old, sort_keys=True) == json.dumps(new, sort_keys=True):
        return Report(endpoint, ())
    before, after = Resolver(old, endpoint), Resolver(new, endpoint)
    comparison = DocumentComparison(before, after, endpoint)
    try:
        changes, causes = comparison.changes()
        changes = with_witnesses(changes, causes, before, after)
        changes = with_client_effects(changes, causes, before, after)
    except RecursionError as error:
        raise too_complex(endpoint) from error
    order = attrgetter("operation", "pointer", "id", "text")
    return Report(endpoint, tuple(sorted(changes, key=lambda each: (-each.level, *order(each)))))
