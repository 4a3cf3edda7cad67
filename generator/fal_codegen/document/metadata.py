"""Metadata: what fal's catalogue says about an endpoint, beside its document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fal_codegen.document.json_values import mapping

DEPRECATED = "deprecated"


@dataclass(frozen=True)
class Metadata:
    """What the catalogue says about an endpoint; whatever it does not say is empty.

    Attributes:
        title: Its name for people, on one line.
        category: Such as `image-to-video`.
        status: `active` or `deprecated`.
        tags: Sorted.
        description: What it does, in a sentence or two.
    """

    title: str = ""
    category: str = ""
    status: str = ""
    tags: tuple[str, ...] = ()
    description: str = ""


def as_listed(metadata: Metadata) -> dict[str, Any]:
    """Return metadata in the form of the catalogue, with what is not empty."""
    listed = {
        "display_name": metadata.title,
        "category": metadata.category,
        "status": metadata.status,
        "tags": list(metadata.tags),
        "description": metadata.description,
    }
    return {name: value for name, value in listed.items() if value}


def of_listing(raw: object) -> Metadata:
    """Read what the catalogue says of one endpoint; what is not of the expected form is empty."""
    given: Mapping[str, Any] = mapping(raw)
    tags = given.get("tags")
    return Metadata(
        title=_line(given.get("display_name")),
        category=_line(given.get("category")),
        status=_line(given.get("status")),
        tags=tuple(sorted(set(filter(None, map(_line, tags if isinstance(tags, list) else ()))))),
        description=_text(given.get("description")),
    )


def _line(value: object) -> str:
    return " ".join(_text(value).split())


def _text(value: object) -> str:
    # No file can hold a lone surrogate.
    return value.encode("utf-8", "replace").decode().strip() if isinstance(value, str) else ""
