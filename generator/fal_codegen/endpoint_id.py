"""Endpoint ids: which are valid, and the path of an endpoint's document."""

from __future__ import annotations

import re
from functools import cache
from pathlib import PurePosixPath

from fal_codegen.errors import UsageError
from fal_codegen.file_names import is_device

_SEGMENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
# Names with another use in `specs/`.
_RESERVED_OWNERS = frozenset({"overlays", "endpoints.lock", "endpoints.toml"})
_RESERVED_SEGMENTS = frozenset({"__pycache__", "endpoints.schema", "drift-ignore.schema"})
_MAX_LENGTH = 200


def validate(endpoint_id: str) -> str:
    """Return a valid id. Ids become paths and source text, so invalid ones are rejected.

    An id is `owner/alias[/path…]`: segments of ASCII letters, digits, dots, dashes and underscores.

    Raises:
        UsageError: It is not an endpoint id.
    """
    segments = endpoint_id.split("/")
    if len(endpoint_id) > _MAX_LENGTH:
        problem = f"it is longer than {_MAX_LENGTH} characters"
    elif len(segments) < 2:
        problem = "it has no owner: an id looks like fal-ai/flux/dev"
    elif segments[0] in _RESERVED_OWNERS:
        problem = f"{segments[0]!r} is a folder with another use in specs/"
    elif bad := next((s for s in segments if not _is_segment(s)), None):
        problem = f"the segment {bad!r} is not allowed in an id"
    elif "" in segments:
        problem = "it has an empty segment"
    else:
        return endpoint_id
    raise UsageError(
        f"{endpoint_id[:_MAX_LENGTH]!r} is not an endpoint id: {problem}",
        hint="copy the id from the endpoint's page on fal.ai, for example fal-ai/flux/dev",
    )


def is_valid(text: str) -> bool:
    """Return whether a string is an endpoint id."""
    try:
        validate(text)
    except UsageError:
        return False
    return True


def _is_segment(segment: str) -> bool:
    if segment == "":
        return True
    return (
        _SEGMENT.fullmatch(segment) is not None
        and not segment.endswith((".", ".json"))
        and not is_device(segment)
        and segment not in _RESERVED_SEGMENTS
    )


@cache  # validation takes longer than what else a run does with most files
def document_path(endpoint_id: str) -> PurePosixPath:
    """Return the path of an endpoint's vendored document, relative to `specs/`."""
    *folders, name = validate(endpoint_id).split("/")
    return PurePosixPath(*folders, f"{name}.json")
