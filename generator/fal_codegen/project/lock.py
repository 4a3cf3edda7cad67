"""The lock (`specs/endpoints.lock`): where each vendored document came from, and its hash.

It also keeps what the catalogue says about an endpoint, if the catalogue was asked, so that
generating needs nothing but `specs/`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fal_codegen import toml
from fal_codegen.digests import read_normalised
from fal_codegen.document.metadata import Metadata
from fal_codegen.errors import ProjectError
from fal_codegen.paths import LOCK
from fal_codegen.project.atomic_files import write_atomic
from fal_codegen.text.merge_conflicts import KEEP_BOTH, conflict_line
from fal_codegen.text.positions import toml_string

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
        metadata: What the catalogue says about the endpoint, as far as it was asked.
    """

    source: str
    sha256: str
    url: str | None = None
    overlay: str | None = None
    metadata: Metadata = field(default_factory=Metadata)


def load(project: Path) -> dict[str, Provenance]:
    """Read a project's lock; a project without one has vendored nothing.

    Raises:
        ProjectError: It is damaged.
    """
    path = project / LOCK
    return parse(read_normalised(path)) if path.is_file() else {}


def write(project: Path, entries: Mapping[str, Provenance]) -> None:
    """Write a project's lock, if it changed."""
    path, text = project / LOCK, render(entries)
    if not path.is_file() or read_normalised(path) != text.encode():
        write_atomic(path, text)


def parse(data: bytes) -> dict[str, Provenance]:
    """Read a lock.

    Raises:
        ProjectError: It is damaged.
    """
    try:
        raw = toml.loads(data.decode())
        return {
            endpoint_id: _provenance(entry)
            for endpoint_id, entry in raw.get("endpoints", {}).items()
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        if line := conflict_line(data.decode(errors="replace")):
            raise ProjectError(
                f"{LOCK}, line {line}: git left a merge conflict there",
                hint=f"{KEEP_BOTH}; then run: fal-codegen generate",
            ) from error
        raise ProjectError(
            f"{LOCK} is damaged: {error}",
            hint="after a merge, keep one of the lines that are there twice; else restore it from "
            "version control, or delete it and run: fal-codegen generate",
        ) from error


def _provenance(entry: Mapping[str, Any]) -> Provenance:
    texts = [entry["source"], entry["sha256"], entry.get("url", ""), entry.get("overlay", "")]
    texts += [entry.get(key, "") for key in ("title", "category", "status", "description")]
    tags = entry.get("tags", [])
    if not isinstance(tags, list) or not all(isinstance(text, str) for text in [*texts, *tags]):
        raise TypeError("an entry has values that are not text")
    source, sha256, url, overlay, title, category, status, description = texts
    metadata = Metadata(title, category, status, tuple(tags), description)
    return Provenance(source, sha256, url or None, overlay or None, metadata)


def render(entries: Mapping[str, Provenance]) -> str:
    """Return the text of a lock: the same entries give the same bytes."""
    return "\n".join(
        [_HEADER, *("\n".join(_lines(*item)) + "\n" for item in sorted(entries.items()))]
    )


def _lines(endpoint_id: str, entry: Provenance) -> Iterator[str]:
    known = entry.metadata
    yield f"[endpoints.{toml_string(endpoint_id)}]"
    yield f"source = {toml_string(entry.source)}"
    if entry.url is not None:
        yield f"url = {toml_string(entry.url)}"
    yield f"sha256 = {toml_string(entry.sha256)}"
    if entry.overlay is not None:
        yield f"overlay = {toml_string(entry.overlay)}"
    for key, text in (
        ("title", known.title),
        ("category", known.category),
        ("status", known.status),
    ):
        if text:
            yield f"{key} = {toml_string(text)}"
    if known.tags:
        yield f"tags = [{', '.join(map(toml_string, known.tags))}]"
    if known.description:
        yield f"description = {toml_string(known.description)}"
