"""Metadata: the entry of an endpoint in fal's catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fal_codegen.document.json_values import mapping

DEPRECATED_STATUS = "deprecated"


@dataclass(frozen=True)
class Metadata:
    """An endpoint's entry in the catalogue; what the entry lacks is empty.

    Attributes:
        title: Its display name, on one line.
        category: fal's category, such as `image-to-video`.
        status: `active` or `deprecated`.
        tags: Sorted.
        description: What the endpoint does, in a sentence or two.
    """

    title: str = ""
    category: str = ""
    status: str = ""
    tags: tuple[str, ...] = ()
    description: str = ""


def as_listed(metadata: Metadata) -> dict[str, Any]:
    """Return metadata as the catalogue lists it, without empty fields."""
    listed = {
        "display_name": metadata.title,
        "category": metadata.category,
        "status": metadata.status,
        "tags": list(metadata.tags),
        "description": metadata.description,
    }
    return {name: value for name, value in listed.items() if value}


def of_listing(raw: object) -> Metadata:
    """Read one entry of the catalogue; fields of an unexpected type are empty."""
    entry: Mapping[str, Any] = mapping(raw)
    tags = entry.get("tags")
    return Metadata(
        title=_line(entry.get("display_name")),
        category=_line(entry.get("category")),
        status=_line(entry.get("status")),
        tags=tuple(sorted(set(filter(None, map(_line, tags if isinstance(tags, list) else ()))))),
        description=_text(entry.get("description")),
    )


def about_of(about: str, known: Metadata) -> str:
    """Return what an endpoint does, from its document unless the catalogue has more to say.

    Some documents only have the name of a function, such as `Run` or `Ep Medium A2A`.
    """
    is_sentence = any(word[0].islower() for word in about.split())
    if is_sentence:
        return about
    return known.description or about or known.title


def category_of(category: str, known: Metadata) -> str:
    """Return the category of an endpoint, from its document or else from the catalogue."""
    return _known(category) or _known(known.category)


def _known(category: str) -> str:
    """Return a category; empty if it is the word that fal uses for none."""
    return "" if category.lower() == "unknown" else category


def _line(value: object) -> str:
    return " ".join(_text(value).split())


def _text(value: object) -> str:
    # No file can hold a lone surrogate.
    return value.encode("utf-8", "replace").decode().strip() if isinstance(value, str) else ""
