"""The lock (`specs/endpoints.lock`): where each vendored document came from, and its digest.

It also keeps the catalogue's metadata of an endpoint, if it was fetched, so that generation needs
nothing but `specs/`.

The lock is JSON Lines, one line per endpoint, so that git can merge what two branches add. Earlier
versions of the tool wrote TOML, which is still read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from fal_codegen import toml
from fal_codegen.digests import file_digest_or_empty, read_normalised
from fal_codegen.document.metadata import Metadata
from fal_codegen.document.price import UnitPrice, as_record, of_record
from fal_codegen.endpoint_id import document_path
from fal_codegen.errors import ProjectError
from fal_codegen.merge_conflicts import KEEP_BOTH, reject_conflict
from fal_codegen.paths import LOCK, project_file
from fal_codegen.project.atomic_files import write_atomic
from fal_codegen.text.escaping import json_text

_VERSION = 2
_TOML_VERSION = 1
_SOURCES = ("fetched", "file", "transcribed", "edited")
_MOST_SHOWN = 60
"""Characters of a value that a message shows."""

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
        price: The price that fal listed last; None if it was not fetched, or fal lists none.
    """

    source: str
    sha256: str
    url: str | None = None
    overlay: str | None = None
    metadata: Metadata = field(default_factory=Metadata)
    price: UnitPrice | None = None


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
    fields = asdict(replace(entry, price=None))
    metadata = fields.pop("metadata")
    price = None if entry.price is None else as_record(entry.price)
    record = {"endpoint": endpoint_id, **fields, **metadata, "price": price}
    return {key: value for key, value in record.items() if value}


def _parse(data: bytes) -> list[tuple[str, Provenance]]:
    """Read the content of a lock.

    Raises:
        ProjectError: It is damaged, or a newer version of the tool wrote it.
    """
    try:
        text = data.decode("utf-8-sig")
        if not text.strip():
            raise ValueError("it is empty")
        is_json = text.lstrip().startswith("{")
        return list(_json_entries(text) if is_json else _toml_entries(text))
    except (ValueError, RecursionError) as error:
        reject_conflict(data, LOCK, f"{KEEP_BOTH}; then run: fal-codegen generate")
        is_utf8 = not isinstance(error, UnicodeDecodeError)
        raise ProjectError(
            f"{LOCK} is damaged: {error if is_utf8 else 'it is not UTF-8'}",
            hint="restore it from version control, or delete it and run: fal-codegen generate",
        ) from error


def _json_entries(text: str) -> Iterator[tuple[str, Provenance]]:
    header: Mapping[str, Any] | None = None
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            record = _json_object(line)
            if header is None:
                header = record
                _require_version(record.get("version"), _VERSION)
            elif record != header:  # a union merge can keep the header twice
                yield _entry(record)
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from error


def _json_object(line: str) -> Mapping[str, Any]:
    try:
        record = json.loads(line, object_pairs_hook=_without_repeated_keys)
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg} in column {error.colno}") from error
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
    if not isinstance(record, dict):
        raise ValueError("it is not a JSON object")
    return record


def _without_repeated_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for key, value in pairs:
        if key in record:
            raise ValueError(f"{_cut(key)} is repeated")
        record[key] = value
    return record


def _toml_entries(text: str) -> Iterator[tuple[str, Provenance]]:
    lock = toml.loads(text)
    _require_version(lock.get("version", _TOML_VERSION), _TOML_VERSION)
    endpoints = lock.get("endpoints", {})
    if not isinstance(endpoints, dict):
        raise ValueError("endpoints must be a table")
    for endpoint_id, entry in endpoints.items():
        if not isinstance(entry, dict):
            raise ValueError(f"endpoints.{_cut(endpoint_id)} must be a table")
        yield _entry({"endpoint": endpoint_id, **entry})


def _require_version(version: object, readable: int) -> None:
    """Reject a version other than the one of the lock's syntax.

    Raises:
        ProjectError: It is the version of a newer tool.
        ValueError: It is missing or invalid.
    """
    if version is None:
        raise ValueError("version is missing")
    if not isinstance(version, int) or isinstance(version, bool):
        raise ValueError(f"version must be a number, not {_cut(version)}")
    if version > _VERSION:
        raise ProjectError(
            f"{LOCK} has version {_cut(version)}, which only a newer fal-codegen can read",
            hint="upgrade fal-codegen",
        )
    if version != readable:
        raise ValueError(f"version must be {readable}, not {version}")


def _entry(record: Mapping[str, Any]) -> tuple[str, Provenance]:
    """Read the record of an endpoint."""
    for key in ("endpoint", "source", "sha256"):
        if key not in record:
            raise ValueError(f"{key} is missing")

    def string(key: str) -> str:
        value = record.get(key, "")
        if not isinstance(value, str):
            raise ValueError(f"{key} must be a string, not {_cut(value)}")
        return value

    source, tags = string("source"), record.get("tags", [])
    if source not in _SOURCES:
        raise ValueError(f"source must be one of {', '.join(_SOURCES)}, not {_cut(source)}")
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise ValueError(f"tags must be a list of strings, not {_cut(tags)}")
    metadata = Metadata(
        string("title"), string("category"), string("status"), tuple(tags), string("description")
    )
    url, overlay = string("url") or None, string("overlay") or None
    price = _price(record.get("price"))
    return string("endpoint"), Provenance(source, string("sha256"), url, overlay, metadata, price)


def _price(record: object) -> UnitPrice | None:
    """Read the price in the record of an endpoint."""
    if record is None:
        return None
    price = of_record(record) if isinstance(record, dict) else None
    if price is None:
        raise ValueError(
            f"price must have an amount, a unit, a currency and a date, not {_cut(record)}"
        )
    return price


def _cut(value: object) -> str:
    """Return a value for a message, without what makes it longer than a line."""
    text = repr(value)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}..."
