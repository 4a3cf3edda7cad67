"""The OpenAPI documents that an emulator serves, read from files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from fal_codegen.document.strict_json import parse_json
from fal_codegen.errors import DocumentError
from fal_codegen.paths import documents_below

__all__ = ["OpenApiDocument", "load_documents"]

OpenApiDocument = Mapping[str, Any]
"""A parsed OpenAPI document of one fal endpoint."""


def load_documents(paths: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """Read documents from files, and from folders with everything below them, in a stable order.

    In a folder, overlays and JSON files without an OpenAPI document are skipped.

    Raises:
        OSError: A file cannot be read.
        DocumentError: A file is not usable JSON, or was named itself and has no OpenAPI document.
    """
    for path in paths:
        for file in documents_below(path) if path.is_dir() else [path]:
            document = parse_json(file.read_bytes(), str(file))
            if isinstance(document, dict) and "openapi" in document:
                yield document
            elif file == path:
                raise DocumentError(f"{file} has no OpenAPI document")
