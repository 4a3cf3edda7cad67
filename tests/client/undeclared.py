"""Endpoints that the package does not declare, and the emulator serves."""

from __future__ import annotations

from typing import Any

from documents import document, obj

PORTRAIT = "acme/portrait"
POSTER = "workflows/acme/poster"

_STRING = {"type": "string"}
_INPUT = obj(
    {"prompt": _STRING, "photos": {"type": "array", "items": _STRING}},
    required=["prompt"],
    additionalProperties=True,
)
_OUTPUT = obj({"image": obj({"url": _STRING, "content_type": _STRING}), "width": {"enum": [640]}})

UNDECLARED: list[dict[str, Any]] = [
    document(endpoint_id, input=_INPUT, output=_OUTPUT)
    for endpoint_id in (PORTRAIT, f"{PORTRAIT}/edit", POSTER)
]
