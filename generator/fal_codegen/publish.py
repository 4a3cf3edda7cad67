"""Publish: make an output folder equal to the rendered files, and touch no file of the user's.

The manifest lists the generated files. Only those are overwritten or removed, and only while they
have the content that was generated. Before the first write, the manifest accepts the new digests
beside the old ones, so that the next run knows the files of a run that was killed at any instant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from fal_codegen import __version__
from fal_codegen.digests import Digester, Digests, digest_of, file_digest_or_empty
from fal_codegen.errors import EditedFilesError
from fal_codegen.merge_conflicts import conflict_line
from fal_codegen.paths import MANIFEST
from fal_codegen.project.atomic_files import remove, remove_temporaries, stay_inside, write_atomic
from fal_codegen.project.manifest import (
    Manifest,
    manifest_text,
    read_manifest,
    read_text,
)
from fal_codegen.project.snapshot import output_files

_MAX_DIFF_LINES = 400


class OutputDifference(NamedTuple):
    """How an output folder differs from the rendered files; each a sorted tuple of paths.

    Attributes:
        missing: Rendered files that do not exist.
        changed: Rendered files that exist with another content.
        stale: Generated files that are no longer rendered.
        foreign: Files that are neither generated nor rendered.
        edited: Those of `changed` and `stale` that were edited since they were generated. A file
            with a merge conflict does not count: git has both sides of it.
        manifest: Whether the manifest is out of date.
        digests: The digest of each rendered file, by path.
        version: The version of the tool that generated the folder; None if it is not recorded.
    """

    missing: tuple[str, ...]
    changed: tuple[str, ...]
    stale: tuple[str, ...]
    foreign: tuple[str, ...]
    edited: tuple[str, ...]
    manifest: bool
    digests: Digests
    version: str | None = None

    def __bool__(self) -> bool:
        return self.is_fixable or bool(self.foreign)

    @property
    def is_fixable(self) -> bool:
        """Whether `generate` fixes some of it; only the user can remove foreign files."""
        return bool(self.missing or self.changed or self.stale or self.manifest)


class Published(NamedTuple):
    """What a run did to an output folder; sorted tuples of paths.

    Attributes:
        written: Files that were written.
        removed: Files that were removed.
        foreign: Files that were left alone, because they are not generated.
        unchanged: How many files already had the rendered content.
    """

    written: tuple[str, ...]
    removed: tuple[str, ...]
    foreign: tuple[str, ...]
    unchanged: int


def compare(
    folder: Path, files: Mapping[str, str], digest: Digester = file_digest_or_empty
) -> OutputDifference:
    """Compare an output folder with the rendered files. Writes nothing.

    Args:
        folder: The output folder.
        files: The rendered files: text by path below the folder.
        digest: Returns the digest of a file in the folder.

    Raises:
        ProjectError: A link leads to a folder outside of it.
    """
    existing, recorded = output_files(folder, digest), read_manifest(folder)
    accepted = recorded.files
    wanted = {path: digest_of(text) for path, text in files.items()}
    changed = [path for path in wanted if path in existing and existing[path] != wanted[path]]
    stale = [path for path in accepted if path in existing and path not in wanted]
    foreign = sorted(existing.keys() - wanted.keys() - accepted.keys())
    for path in foreign:
        if path.endswith("/"):
            stay_inside(folder, folder / path, called="the output folder")
    edited = [
        path
        for path in sorted([*changed, *stale])
        if existing[path] not in accepted.get(path, ()) and not _has_conflict(folder, path)
    ]
    up_to_date = Manifest({path: (wanted[path],) for path in wanted}, recorded.version)
    return OutputDifference(
        missing=tuple(sorted(wanted.keys() - existing.keys())),
        changed=tuple(sorted(changed)),
        stale=tuple(sorted(stale)),
        foreign=tuple(foreign),
        edited=tuple(edited),
        manifest=read_text(folder) != manifest_text(up_to_date),
        digests=wanted,
        version=recorded.version,
    )


def reject_edited(difference: OutputDifference, *, label: str) -> None:
    """Reject a run that would lose the user's edits.

    Args:
        difference: How an output folder differs from the rendered files.
        label: What messages call the folder.

    Raises:
        EditedFilesError: Files that would be overwritten or removed were edited, or are the user's.
    """
    if difference.edited:
        raise EditedFilesError(
            "nothing was written, because these generated files were edited by hand:",
            files=[f"{label}/{path}" for path in difference.edited],
            hint="move the changes into templates/ or specs/, then run: "
            "fal-codegen generate --force",
        )


def publish(folder: Path, files: Mapping[str, str], difference: OutputDifference) -> Published:
    """Make an output folder equal to the rendered files. Edits are lost (see `reject_edited`).

    Args:
        folder: The output folder.
        files: The rendered files: text by path below the folder.
        difference: How the folder differs from them (see `compare`).
    """
    recorded = read_manifest(folder)
    if folder.is_dir():
        remove_temporaries(folder)
    written, removed = (*difference.missing, *difference.changed), difference.stale
    for parent in dict.fromkeys((folder / path).parent for path in (*written, *removed)):
        stay_inside(folder, parent, called="the output folder")
    final = {path: (digest,) for path, digest in difference.digests.items()}
    if written or removed:
        paths = {**recorded.files, **final}
        both = {path: (*recorded.files.get(path, ()), *final.get(path, ())) for path in paths}
        # In a new folder, this can already be the final manifest if the run is killed later.
        version = recorded.version if recorded.files else __version__
        write_atomic(folder / MANIFEST, manifest_text(Manifest(both, version)))
    for path in written:
        write_atomic(folder / path, files[path])
    for path in removed:
        remove(folder / path, folder)
    if difference.is_fixable:
        write_atomic(folder / MANIFEST, manifest_text(Manifest(final, __version__)))
    unchanged = len(files) - len(written)
    return Published(tuple(sorted(written)), removed, difference.foreign, unchanged)


def diff_lines(
    folder: Path, files: Mapping[str, str], difference: OutputDifference, *, label: str
) -> Iterator[str]:
    """Yield the lines of a unified diff from an output folder to the rendered files.

    Args:
        folder: The output folder.
        files: The rendered files: text by path below the folder.
        difference: How the folder differs from them.
        label: What the diff calls the folder.
    """
    import difflib

    for path in difference.foreign:
        yield f"{label}/{path}: not generated; remove it, or move it out of {label}/"
    count = 0
    for path in sorted({*difference.missing, *difference.changed, *difference.stale}):
        exists, is_wanted = path not in difference.missing, path in files
        name = f"{label}/{path}"
        content = existing_text(folder, path) if exists else ""
        if content is None:
            yield f"{name}: a link, or no regular file"
            continue
        lines = difflib.unified_diff(
            content.splitlines(),
            files.get(path, "").splitlines(),
            f"a/{name}" if exists else "/dev/null",  # as git shows a change
            f"b/{name}" if is_wanted else "/dev/null",
            lineterm="",
        )
        otherwise = "only its line endings differ" if exists and is_wanted else "an empty file"
        for line in list(lines) or [f"{name}: {otherwise}"]:
            count += 1
            if count > _MAX_DIFF_LINES:
                yield f"… and more: only the first {_MAX_DIFF_LINES} lines are shown"
                return
            yield line


def existing_text(folder: Path, path: str) -> str | None:
    """Return the text of a file in an output folder; None if it must not be read.

    A device may be endless. Links come with the repository, and their author must not decide which
    files of another machine are shown.

    Args:
        folder: The output folder.
        path: The path of the file below it.
    """
    file = folder / path
    is_outside = not file.resolve().is_relative_to(folder.resolve())
    if file.is_symlink() or is_outside or not file.is_file():
        return None
    return file.read_bytes().decode(errors="replace")


def _has_conflict(folder: Path, path: str) -> bool:
    return conflict_line(existing_text(folder, path) or "") is not None
