"""Content to upload, and what came of an upload."""

from __future__ import annotations

import os
from typing import Any

import httpx
from fal_codegen.emulator import Emulator

PNG = b"\x89PNG\r\n\x1a\n"


LARGE = PNG + os.urandom(100_000)


URL = "https://example.test/a.png"


def sent(emulator: Emulator) -> dict[str, Any]:
    """Return the input of the one submission."""
    (submitted,) = emulator.journal.select("submit")
    body: dict[str, Any] = submitted.json
    return body


def served(url: str) -> tuple[bytes, str]:
    response = httpx.get(url)
    return response.content, response.headers["content-type"]
