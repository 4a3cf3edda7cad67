"""Which operation of fal a request is, by its method and URL."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.routing import compile_path

from fal_codegen.emulator.app import ROUTES
from fal_codegen.emulator.recording.fal_urls import local_path

__all__ = ["OTHER", "operation_of"]

OTHER = "other"

_PATTERNS = [(method, compile_path(path)[0], operation) for method, path, operation, _ in ROUTES]


def operation_of(method: str, url: str) -> str:
    """Return `submit`, `status`, …; `other` for a request that the emulator does not know."""
    path = urlsplit(local_path(url)).path
    for of_method, pattern, operation in _PATTERNS:
        if method == of_method and pattern.match(path):
            return operation
    return OTHER
