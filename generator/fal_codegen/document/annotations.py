"""Annotations: keywords that describe values without constraining them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fal_codegen.document.json_values import mapping


def examples_of(node: Mapping[str, Any]) -> list[Any]:
    """Return the examples of a schema or body, in every form that OpenAPI allows."""
    examples = [node["example"]] if "example" in node else []
    stated = node.get("examples")
    if isinstance(stated, dict):
        named = map(mapping, stated.values())
        examples += [example["value"] for example in named if "value" in example]
    return [*examples, *(stated if isinstance(stated, list) else ())]


def stripped(value: object) -> str:
    """Return a string without white space around it; an empty one for any other value."""
    return value.strip() if isinstance(value, str) else ""
