"""Files: which properties and models are files, and what an input accepts for one."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from fal_codegen.document.annotations import examples_of
from fal_codegen.document.file_limits import FileLimits
from fal_codegen.document.json_values import mapping
from fal_codegen.document.models import FILE_PROPERTIES, Property
from fal_codegen.document.schema import (
    Array,
    FileUrl,
    Ref,
    Schema,
    String,
    Union,
    replace_references,
    union_of,
    with_inner,
)

_URL = re.compile("https?://|data:", re.IGNORECASE)


def is_of_files(name: str, annotations: Mapping[str, Any]) -> bool:
    """Return whether a property's strings are URLs of files: `url`, `…_url`, or annotated so.

    A document annotates a file with its largest size or with the field of fal's own form. But if
    its own example or default is another string, such as the name of a method, it is no file.
    """
    if any(map(_is_other_string, (*examples_of(annotations), annotations.get("default")))):
        return False
    has_size = any("max_file_size" in at for at in (annotations, mapping(annotations.get("x-fal"))))
    form_field = annotations.get("_fal_ui_field", mapping(annotations.get("ui")).get("field"))
    is_annotated = has_size or form_field in ("image", "video", "audio", "file")
    return is_annotated or name in ("url", "urls") or name.endswith(("_url", "_urls"))


def _is_other_string(value: object) -> bool:
    if isinstance(value, list):
        return any(map(_is_other_string, value))
    # An empty string stands for no file.
    return isinstance(value, str) and value != "" and not _URL.match(value)


def as_files(schema: Schema, limits: FileLimits, on_pattern: Callable[[], object]) -> Schema:
    """Return the schema of a property of files: each string in it is the URL of one.

    Args:
        schema: The schema.
        limits: The limits that the property states for each of the files.
        on_pattern: Called for each pattern that is left out: the URL of an upload need not match.
    """
    match schema:
        case String(min_length, max_length, pattern, file_limits):
            if pattern is not None:
                on_pattern()
            return FileUrl(min_length, max_length, file_limits.within(limits))
        case Union() | Array():
            return with_inner(schema, lambda part: as_files(part, limits, on_pattern))
        case _:
            return schema


def are_of_file(names: Collection[str]) -> bool:
    """Return whether an object with these properties describes a file, whose `url` is plain."""
    return "url" in names and len(FILE_PROPERTIES.intersection(names)) > 1


def is_file(properties: Iterable[Property]) -> bool:
    """Return whether a model describes a file: it has a `url` and other properties of files."""
    by_name = {prop.name: prop for prop in properties}
    url = by_name.get("url")
    return (
        url is not None
        and isinstance(url.schema, (String, FileUrl))
        and not url.nullable
        and are_of_file(by_name.keys())
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
