"""Publish: bring an output folder to what was rendered, and touch nothing that is not ours.

A manifest in the folder (`.fal-codegen.json`) says which files are generated, with the hash of
each. Only those are overwritten or removed, and only while they are as they were generated. Before
the first write the manifest already accepts the new hashes beside the old ones, so that a run
killed at any instant leaves files that the next run knows as its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fal_codegen.digests import digest_of, read_normalised
from fal_codegen.errors import EditedFilesError, ProjectError
from fal_codegen.project.atomic_files import remove, remove_temporaries, stay_inside, write_atomic
from fal_codegen.project.snapshot import MANIFEST, output_files
from fal_codegen.text.merge_conflicts import KEEP_BOTH, conflict_line

_MAX_DIFF_LINES = 400


@dataclass(frozen=True)
class Difference:
    """How an output folder differs from what was rendered; each a sorted tuple of paths.

    Attributes:
        missing: Rendered, and not there.
        changed: There, with another content.
        stale: Ours, and no longer rendered.
        foreign: There, and neither ours nor rendered.
        edited: Of `changed` and `stale`, those that are not as they were generated. One with a
            merge conflict is not among them: git has both sides of it.
        manifest: Whether the manifest is not what it would be.
    """

    missing: tuple[str, ...]
    changed: tuple[str, ...]
    stale: tuple[str, ...]
    foreign: tuple[str, ...]
    edited: tuple[str, ...]
    manifest: bool

    def __bool__(self) -> bool:
        return self.is_fixable or bool(self.foreign)

    @property
    def is_fixable(self) -> bool:
        """Whether generating mends some of it; what is foreign, only the user can remove."""
        return bool(self.missing or self.changed or self.stale or self.manifest)


@dataclass(frozen=True)
class Published:
    """What a run did to an output folder, and what it left alone; sorted tuples of paths."""

    written: tuple[str, ...]
    removed: tuple[str, ...]
    foreign: tuple[str, ...]
    unchanged: int


def compare(folder: Path, files: Mapping[str, str]) -> Difference:
    """Compare an output folder with what was rendered; reads only."""
    there, accepted = output_files(folder), _read_manifest(folder)
    wanted = {path: digest_of(text) for path, text in files.items()}
    changed = [path for path in wanted if path in there and there[path] != wanted[path]]
    stale = [path for path in accepted if path in there and path not in wanted]
    manifest = _render_manifest({path: (wanted[path],) for path in wanted})
    edited = [
        path
        for path in sorted([*changed, *stale])
        if there[path] not in accepted.get(path, ()) and not _is_in_conflict(folder / path)
    ]
    return Difference(
        missing=tuple(sorted(wanted.keys() - there.keys())),
        changed=tuple(sorted(changed)),
        stale=tuple(sorted(stale)),
        foreign=tuple(sorted(there.keys() - wanted.keys() - accepted.keys())),
        edited=tuple(edited),
        manifest=_manifest_text(folder) != manifest,
    )


def refuse_edited(difference: Difference, *, label: str) -> None:
    """Make sure that publishing loses nothing of the user's.

    Args:
        difference: How an output folder differs from what was rendered.
        label: What messages call the folder.

    Raises:
        EditedFilesError: Files to be overwritten or removed were edited, or are not ours.
    """
    if difference.edited:
        raise EditedFilesError(
            "nothing was written, because these generated files were edited by hand:",
            files=[f"{label}/{path}" for path in difference.edited],
            hint="move the changes into templates/ or specs/, then run: "
            "fal-codegen generate --force",
        )


def publish(folder: Path, files: Mapping[str, str], difference: Difference) -> Published:
    """Bring an output folder to what was rendered; see `refuse_edited` for what that may lose.

    Args:
        folder: The output folder.
        files: What was rendered: text by path below the folder.
        difference: How the folder differs from that (see `compare`).
    """
    accepted = _read_manifest(folder)
    if folder.is_dir():
        remove_temporaries(folder)
    written, removed = (*difference.missing, *difference.changed), difference.stale
    final = {path: (digest_of(text),) for path, text in files.items()}
    if written or removed:
        both = {path: (*accepted.get(path, ()), *final.get(path, ())) for path in accepted | final}
        write_atomic(folder / MANIFEST, _render_manifest(both))
    for path in written:
        _stay_inside(folder, path)
        write_atomic(folder / path, files[path])
    for path in removed:
        _stay_inside(folder, path)
        remove(folder / path, folder)
    if difference.is_fixable:
        write_atomic(folder / MANIFEST, _render_manifest(final))
    unchanged = len(files) - len(written)
    return Published(tuple(sorted(written)), removed, difference.foreign, unchanged)


def _is_in_conflict(path: Path) -> bool:
    return path.is_file() and conflict_line(path.read_bytes().decode(errors="replace")) is not None


def _stay_inside(folder: Path, path: str) -> None:
    stay_inside(folder, (folder / path).parent, called="the output folder")


def diff_lines(
    folder: Path, files: Mapping[str, str], difference: Difference, *, label: str
) -> Iterator[str]:
    """Yield the lines of a readable diff, from what is there to what should be."""
    import difflib

    for path in difference.foreign:
        yield f"{label}/{path}: not generated; remove it, or move it out of {label}/"
    count = 0
    for path in sorted({*difference.missing, *difference.changed, *difference.stale}):
        is_there, is_wanted = path not in difference.missing, path in files
        there = (folder / path).read_bytes().decode(errors="replace") if is_there else ""
        name = f"{label}/{path}"
        lines = difflib.unified_diff(
            there.splitlines(),
            files.get(path, "").splitlines(),
            name if is_there else "/dev/null",
            name if is_wanted else "/dev/null",
            lineterm="",
        )
        said = "only its line endings differ" if is_there and is_wanted else "an empty file"
        for line in list(lines) or [f"{name}: {said}"]:
            count += 1
            if count > _MAX_DIFF_LINES:
                yield f"… and more: only the first {_MAX_DIFF_LINES} lines are shown"
                return
            yield line


def _manifest_text(folder: Path) -> str | None:
    try:
        return read_normalised(folder / MANIFEST).decode(errors="replace")
    except FileNotFoundError:
        return None


def _read_manifest(folder: Path) -> dict[str, tuple[str, ...]]:
    text = _manifest_text(folder)
    if text is None:
        return {}
    try:
        return _parse_manifest(text)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        path = folder / MANIFEST
        if line := conflict_line(text):
            raise ProjectError(
                f"{path}, line {line}: git left a merge conflict there",
                hint=f"{KEEP_BOTH}; then run: fal-codegen generate",
            ) from error
        raise ProjectError(
            f"{path} is damaged: {error}",
            hint="restore it from version control; or, if nothing in the folder was changed by "
            "hand, delete it and run: fal-codegen generate --force",
        ) from error


def _parse_manifest(text: str) -> dict[str, tuple[str, ...]]:
    """Read a manifest, as written or as git's union merge leaves it.

    That keeps the lines of both sides: a path may be there twice, with the hash of either side, and
    the last line of a side has no comma.
    """
    text = re.sub(r'(?<=["\]])\n(?=\s*")', ",\n", text)
    text = re.sub(r"(?<=[\"\]]),\n(?=\s*})", "\n", text)
    files = json.loads(text, object_pairs_hook=_both)["files"]
    return {path: tuple(_hashes(value)) for path, value in files.items()}


def _both(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object in which a key that was there twice has the hashes of both."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        found[key] = [*_hashes(found[key]), *_hashes(value)] if key in found else value
    return found


def _hashes(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(map(str, value))


def _render_manifest(files: Mapping[str, tuple[str, ...]]) -> str:
    shown = {
        path: digests[0] if len(set(digests)) == 1 else sorted(set(digests))
        for path, digests in files.items()
    }
    note = "Files written by fal-codegen, with their SHA-256. Commit this; do not edit it."
    return json.dumps({"note": note, "files": shown}, indent=1, sort_keys=True) + "\n"
