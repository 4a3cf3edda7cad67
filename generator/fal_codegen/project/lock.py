"""The lock (`specs/endpoints.lock`): where each vendored document came from, and its digest.

It also keeps the catalogue's metadata of an endpoint, if it was fetched, so that generation needs
nothing but `specs/`.

The lock is JSON Lines, one line per endpoint, so that git can merge what two branches add. Earlier
versions of the tool wrote TOML, which is still read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from fal_codegen import toml
from fal_codegen.digests import file_digest_or_empty, read_normalised
from fal_codegen.document.metadata import Metadata
from fal_codegen.endpoint_id import document_path
from fal_codegen.errors import ProjectError
from fal_codegen.paths import LOCK, project_file
from fal_codegen.project.atomic_files import write_atomic
from fal_codegen.text.escaping import json_text
from fal_codegen.text.merge_conflicts import KEEP_BOTH, reject_conflict

_VERSION = 2
_HEADER = {
    "note": "Where each vendored document came from. Written by fal-codegen; commit it, "
    "and do not edit it.",
    "version": _VERSION,
}


@dataclass(frozen=True)
class Provenance:
    """Where a vendored document came from.

    Attributes:
        source: `fetched`, `file`, `transcribed` (written by hand from `url`), or `edited` (by hand,
            since).
        sha256: Digest of the vendored file.
        url: Address that it came from; None if it did not come from the network.
        overlay: Digest of the overlay that corrects it; None if there is none.
        metadata: The catalogue's metadata of the endpoint.
    """

    source: str
    sha256: str
    url: str | None = None
    overlay: str | None = None
    metadata: Metadata = field(default_factory=Metadata)


def load(project: Path) -> dict[str, Provenance]:
    """Read a project's lock; without one, nothing is vendored.

    After a union merge, an endpoint can have several lines. The one that has the digest of the
    vendored document counts.

    Raises:
        ProjectError: It is damaged.
    """
    path = project_file(project, LOCK)
    entries: dict[str, Provenance] = {}
    for endpoint_id, entry in () if path is None else _parse(read_normalised(path)):
        if endpoint_id in entries:
            document = project / "specs" / document_path(endpoint_id)
            if entry.sha256 != file_digest_or_empty(document):
                continue
        entries[endpoint_id] = entry
    return entries


def write(project: Path, entries: Mapping[str, Provenance]) -> None:
    """Write a project's lock, if it changed. Equal entries give equal bytes."""
    records = [_HEADER, *(_record(*item) for item in sorted(entries.items()))]
    path, text = project / LOCK, "".join(f"{json_text(record)}\n" for record in records)
    if not path.is_file() or read_normalised(path) != text.encode():
        write_atomic(path, text)


def _record(endpoint_id: str, entry: Provenance) -> dict[str, Any]:
    """Return the record of an endpoint, without empty values."""
    fields = asdict(entry)
    metadata = fields.pop("metadata")
    record = {"endpoint": endpoint_id, **fields, **metadata}
    return {key: value for key, value in record.items() if value}


def _parse(data: bytes) -> list[tuple[str, Provenance]]:
    """Read the text of a lock.

    Raises:
        ProjectError: It is damaged.
    """
    try:
        text = data.decode()
        records = _json_records(text) if text.startswith("{") else _toml_records(text)
        return list(map(_entry, records))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        reject_conflict(data, LOCK, f"{KEEP_BOTH}; then run: fal-codegen generate")
        raise ProjectError(
            f"{LOCK} is damaged: {f'{error} is missing' if isinstance(error, KeyError) else error}",
            hint="restore it from version control, or delete it and run: fal-codegen generate",
        ) from error


def _json_records(text: str) -> Iterator[Mapping[str, Any]]:
    header, *lines = (json.loads(line) for line in text.split("\n") if line.strip())
    if header["version"] != _VERSION:
        raise ValueError(f"this fal-codegen cannot read its version {header['version']}")
    yield from (line for line in lines if line != header)


def _toml_records(text: str) -> Iterator[Mapping[str, Any]]:
    for endpoint_id, entry in toml.loads(text).get("endpoints", {}).items():
        yield {"endpoint": endpoint_id, **entry}


def _entry(record: Mapping[str, Any]) -> tuple[str, Provenance]:
    """Read the record of an endpoint."""
    strings = [record[key] for key in ("endpoint", "source", "sha256")]
    optional = ("url", "overlay", "title", "category", "status", "description")
    strings += [record.get(key, "") for key in optional]
    tags = record.get("tags", [])
    if not isinstance(tags, list) or not all(isinstance(value, str) for value in [*strings, *tags]):
        raise TypeError("an entry has values that are not strings")
    endpoint_id, source, sha256, url, overlay, title, category, status, description = strings
    metadata = Metadata(title, category, status, tuple(tags), description)
    return endpoint_id, Provenance(source, sha256, url or None, overlay or None, metadata)
