"""Which properties and models are files, and what an input accepts for one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from fal_codegen.document.annotations import examples_of
from fal_codegen.document.json_values import mapping
from fal_codegen.document.schema import (
    FileUrl,
    Ref,
    Schema,
    String,
    replace_references,
    union_of,
)
from fal_codegen.ir import Property

_URL = re.compile("https?://|data:", re.IGNORECASE)

_FILE_PROPERTIES = frozenset({"content_type", "file_name", "file_size"})


def is_of_files(name: str, notes: Mapping[str, Any]) -> bool:
    """Return whether a property's strings are URLs of files: `…_url`, `…_urls`, or said to be.

    Documents say so with a largest size or with the field of fal's own form. But if a document's
    own example or default is another string, such as the name of a method, any string will do.
    """
    if any(map(_is_other_string, (*examples_of(notes), notes.get("default")))):
        return False
    is_limited = "max_file_size" in notes or "max_file_size" in mapping(notes.get("x-fal"))
    form_field = notes.get("_fal_ui_field", mapping(notes.get("ui")).get("field"))
    is_said = is_limited or form_field in ("image", "video", "audio", "file")
    return is_said or name.endswith(("_url", "_urls"))


def _is_other_string(value: object) -> bool:
    if isinstance(value, list):
        return any(map(_is_other_string, value))
    # An empty one stands for no file.
    return isinstance(value, str) and value != "" and not _URL.match(value)


def is_file(properties: Iterable[Property]) -> bool:
    """Return whether a model describes a file: it has a `url` and says more about what is there."""
    by_name = {prop.name: prop for prop in properties}
    url = by_name.get("url")
    return (
        url is not None
        and isinstance(url.schema, (String, FileUrl))
        and not url.nullable
        and not _FILE_PROPERTIES.isdisjoint(by_name)
    )


def or_url(schema: Schema, files: Collection[str]) -> Schema:
    """Return a schema in which a URL may stand for a file, as fal's own types allow.

    Args:
        schema: The schema.
        files: The names of models that describe a file.
    """

    def accepted(model: Ref) -> Schema:
        return union_of([FileUrl(), model]) if model.name in files else model

    return replace_references(schema, accepted)
