"""The lock (`specs/endpoints.lock`): where each vendored document came from, and its hash."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass

from fal_codegen.errors import ProjectError
from fal_codegen.project import LOCK

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_HEADER = """\
# Where each vendored document came from. Written by fal-codegen; commit it, and do not edit it.

version = 1
"""


@dataclass(frozen=True)
class Provenance:
    """Where a vendored document came from.

    Attributes:
        source: `fetched`, `file`, `transcribed` (written by hand from `url`), or `edited` (changed
            by hand since).
        sha256: Hash of the vendored file.
        url: Address of what it was made from, if it came from the network.
        overlay: Hash of the file that corrects it, if one does (see `overlay`).
    """

    source: str
    sha256: str
    url: str | None = None
    overlay: str | None = None


def parse(data: bytes) -> dict[str, Provenance]:
    """Read a lock.

    Raises:
        ProjectError: It is damaged.
    """
    try:
        raw = tomllib.loads(data.decode())
        return {
            endpoint_id: _provenance(
                entry["source"], entry["sha256"], entry.get("url"), entry.get("overlay")
            )
            for endpoint_id, entry in raw.get("endpoints", {}).items()
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ProjectError(
            f"{LOCK} is damaged: {error}",
            hint="restore it from version control, or delete it and run: fal-codegen generate",
        ) from error


def _provenance(source: object, sha256: object, url: object, overlay: object) -> Provenance:
    if (
        isinstance(source, str)
        and isinstance(sha256, str)
        and isinstance(url, (str, type(None)))
        and isinstance(overlay, (str, type(None)))
    ):
        return Provenance(source, sha256, url, overlay)
    raise TypeError("an entry has values that are not text")


def render(entries: Mapping[str, Provenance]) -> str:
    """Return the text of a lock: the same entries give the same bytes."""
    parts = [_HEADER]
    for endpoint_id, entry in sorted(entries.items()):
        lines = [f"[endpoints.{_quoted(endpoint_id)}]", f"source = {_quoted(entry.source)}"]
        if entry.url is not None:
            lines.append(f"url = {_quoted(entry.url)}")
        lines.append(f"sha256 = {_quoted(entry.sha256)}")
        if entry.overlay is not None:
            lines.append(f"overlay = {_quoted(entry.overlay)}")
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _quoted(text: str) -> str:
    import json

    return json.dumps(text)
