"""The result of fetching the document of an endpoint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from fal_codegen.document.read import Document
from fal_codegen.errors import CodegenError

FetchResult: TypeAlias = Document | CodegenError
"""The document of an endpoint, or why there is none."""

FetchResults: TypeAlias = Mapping[str, FetchResult]
"""The results by endpoint id."""
