"""A snapshot of a project as digests: of the inputs of generation, and of the output folders.

Only cheap imports here: a run with nothing to do needs this.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from fal_codegen.digests import (
    Digester,
    Digests,
    file_digest_or_empty,
    folder_digests,
    is_bytecode_cache,
    labelled_digests,
    paths_below,
)
from fal_codegen.installation import tool_digests
from fal_codegen.paths import MANIFEST, is_temporary

INPUT_FOLDERS: Mapping[str, tuple[str, ...]] = {
    "specs": (".json", ".jsonl", ".toml"),
    "templates": ("",),
}
"""The folders of a project that decide what is generated, with the suffixes of files that count."""

_BUILD_FOLDER = re.compile(r"(build|dist|node_modules|[^/]*\.egg-info)/")


def input_digests(project: Path, digest: Digester, tool_digest: Digester) -> Digests:
    """Return the digest of every file that decides what is generated, by a name for it.

    Args:
        project: The project.
        digest: Returns the digest of a file of the project.
        tool_digest: Returns that of a file of the tool.
    """
    digests = tool_digests(tool_digest)
    for name, suffixes in INPUT_FOLDERS.items():
        digests |= labelled_digests(name, project / name, digest, suffixes, within=project)
    return digests


def output_files(folder: Path, digest: Digester = file_digest_or_empty) -> Digests:
    """Return the digests of the files in an output folder, without those of other tools."""
    return folder_digests(
        folder, lambda path: not _is_of_another_tool(path), _of_files(digest), within=folder
    )


def output_digests(folder: Path, digest: Digester) -> Digests:
    """Return the digests of an output folder, its manifest, and temporary files of killed runs."""

    def wanted(path: str) -> bool:
        return not _is_of_another_tool(path) or is_temporary(path)

    return {
        **folder_digests(folder, wanted, _of_files(digest), within=folder),
        MANIFEST: digest(folder / MANIFEST),
    }


def _of_files(digest: Digester) -> Digester:
    """Return a digester that does not follow links: on another machine, they lead elsewhere."""
    return lambda file: "a link" if file.is_symlink() else digest(file)


def leftovers(folder: Path) -> list[str]:
    """Return the paths of what other tools put into an output folder; folders end with a slash.

    These are hidden files, `__pycache__`, and at the top `build`, `dist`, `node_modules` and
    `*.egg-info`. Further down, the latter are ordinary names.
    """
    paths: list[str] = []

    def wanted(path: str) -> bool:
        if _is_of_another_tool(path) and path != MANIFEST:
            paths.append(path)
        return not _is_of_another_tool(path)

    for _ in paths_below(folder, wanted, folder):
        pass
    return sorted(paths)


def is_ignored(path: str) -> bool:
    """Return whether a file is not in `output_files`, because of its path or that of a folder."""
    folders = [f"{path[:end]}/" for end, character in enumerate(path) if character == "/"]
    return any(_is_of_another_tool(part.casefold()) for part in [*folders, path])


def _is_of_another_tool(path: str) -> bool:
    is_hidden = path.rstrip("/").rpartition("/")[2].startswith(".")
    return is_hidden or is_bytecode_cache(path) or _BUILD_FOLDER.fullmatch(path) is not None
