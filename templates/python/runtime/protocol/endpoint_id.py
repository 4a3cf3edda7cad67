"""Ids of endpoints, which become parts of URLs."""

from __future__ import annotations

import re
from typing import TypeGuard

from ..errors import NOTHING, ValidationError
from ..problems import Problem

# First segments of ids that are not the owner of the endpoint (as in fal-client).
_NAMESPACES = ("workflows", "comfy")

# A segment neither consists of dots, which would lead to another URL, nor needs quoting in a URL.
_SEGMENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_LONGEST_ID = 200


def full_endpoint_id(endpoint_id: object, path: object = "") -> str:
    """Return the id of the endpoint at a path below another one.

    Raises:
        ValidationError: It cannot be the id of an endpoint, and might lead to another URL.
    """
    if not (_is_path(endpoint_id) and len(endpoint_id.split("/")) > len(_owner(endpoint_id))):
        raise _invalid("endpoint_id", "should be owner/app, such as fal-ai/flux/dev", endpoint_id)
    if path == "":
        return endpoint_id
    below = path.removeprefix("/") if isinstance(path, str) else path
    if not (_is_path(below) and _is_path(f"{endpoint_id}/{below}")):
        raise _invalid("path", "should be a path below the endpoint id, such as /edit", path)
    return f"{endpoint_id}/{below}"


def app_of(endpoint_id: str) -> str:
    """Return the part of an id in the URLs of its requests, which leave out the sub-path."""
    segments = endpoint_id.split("/")
    return "/".join(segments[: len(_owner(endpoint_id)) + 1])


def is_workflow(endpoint_id: str) -> bool:
    """Return whether an endpoint is a workflow, which streams events of its own."""
    return endpoint_id.startswith("workflows/")


def _owner(endpoint_id: str) -> list[str]:
    """Return the segments that name the owner."""
    segments = endpoint_id.split("/")
    return segments[: 2 if segments[0] in _NAMESPACES else 1]


def _is_path(value: object) -> TypeGuard[str]:
    return (
        isinstance(value, str)
        and len(value) <= _LONGEST_ID
        and all(map(_SEGMENT.fullmatch, value.split("/")))
    )


def _invalid(name: str, message: str, value: object) -> ValidationError:
    problem = Problem(name, message, "endpoint_id", value, has_input=True)
    return ValidationError([problem], NOTHING)
