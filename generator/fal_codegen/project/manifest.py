"""The manifest of an output folder (`.fal-codegen.json`): its generated files, with their digests.

A file can have several digests: while a run is under way, the old one and the new one; after a
merge, those of both sides.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from fal_codegen.digests import read_normalised
from fal_codegen.errors import ProjectError
from fal_codegen.merge_conflicts import KEEP_BOTH, reject_conflict
from fal_codegen.paths import MANIFEST
from fal_codegen.project.atomic_files import stay_inside


class Manifest(NamedTuple):
    """The content of a manifest.

    Attributes:
        files: The digests of each generated file, by path.
        version: The version of the tool that last changed a file; None if it is not recorded. Only
            messages depend on it.
    """

    files: Mapping[str, Sequence[str]]
    version: str | None = None


def manifest_text(manifest: Manifest) -> str:
    """Return the text of a manifest."""
    files = {
        path: digests[0] if len(set(digests)) == 1 else sorted(set(digests))
        for path, digests in manifest.files.items()
    }
    note = "Files written by fal-codegen, with their SHA-256. Commit this; do not edit it."
    version = {} if manifest.version is None else {"version": manifest.version}
    return json.dumps({"note": note, "files": files, **version}, indent=1, sort_keys=True) + "\n"


def read_text(folder: Path) -> str | None:
    """Return the text of an output folder's manifest; None if there is none.

    Raises:
        ProjectError: It is a link out of the folder, or not a regular file.
    """
    path = folder / MANIFEST
    stay_inside(folder, path, called="the output folder")
    if path.is_file():
        return read_normalised(path).decode(errors="replace")
    if path.exists():
        raise ProjectError(f"{path} is not a regular file", hint="remove it")
    return None


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of an output folder; without one, no file is generated.

    Raises:
        ProjectError: It is damaged, a link out of the folder, or not a regular file.
    """
    text = read_text(folder)
    if text is None:
        return Manifest({})
    try:
        return _parse(text)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        path = folder / MANIFEST
        reject_conflict(text, path, f"{KEEP_BOTH}; then run: fal-codegen generate")
        raise ProjectError(
            f"{path} is damaged: {error}",
            hint="restore it from version control; or, if no file in the folder was edited by "
            "hand, delete it and run: fal-codegen generate --force",
        ) from error


def _parse(text: str) -> Manifest:
    """Read a manifest, as written or as git's union merge leaves it.

    That keeps the lines of both sides: a path may occur twice, with the digest of either side, and
    the last line of a side has no comma.
    """
    text = re.sub(r'(?<=["\]])\n(?=\s*")', ",\n", text)
    text = re.sub(r"(?<=[\"\]]),\n(?=\s*})", "\n", text)
    content = json.loads(text, object_pairs_hook=_merged)
    files = {path: tuple(_digests(value)) for path, value in content["files"].items()}
    version = content.get("version")
    return Manifest(files, version if isinstance(version, str) else None)


def _merged(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object in which a repeated key has the digests of all its occurrences."""
    merged: dict[str, Any] = {}
    for key, value in pairs:
        merged[key] = [*_digests(merged[key]), *_digests(value)] if key in merged else value
    return merged


def _digests(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(map(str, value))
