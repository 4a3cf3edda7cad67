"""Where a project is, and where in it the tool keeps its own files.

Only cheap imports here: a run with nothing to do needs this.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePath, PurePosixPath

from fal_codegen.errors import ProjectError

SPECS = PurePosixPath("specs")
DECLARATION = PurePosixPath("specs/endpoints.toml")
LOCK = PurePosixPath("specs/endpoints.lock")
HISTORY = PurePosixPath("specs/history.jsonl")
DRIFT_IGNORE = PurePosixPath("specs/drift-ignore.toml")
MANIFEST = ".fal-codegen.json"
"""Name of the manifest in an output folder."""
TEMPORARY = ".fal-codegen-"
"""Prefix of temporary files. The next run removes those that a killed run left."""
OVERLAYS = PurePosixPath("specs/overlays")
"""Where overlays are, each at the path that its document has below `specs/`."""
SCHEMAS: Mapping[PurePosixPath, PurePosixPath] = {
    DECLARATION: PurePosixPath("specs/endpoints.schema.json"),
    DRIFT_IGNORE: PurePosixPath("specs/drift-ignore.schema.json"),
}
"""Where the JSON Schemas of files are, by file."""

_SCHEMA_NAMES = frozenset(path.name for path in SCHEMAS.values())


def is_document(path: PurePath) -> bool:
    """Return whether a path below a folder of documents is one of a document.

    The folder can be `specs/`, or have a project in it.
    """
    is_overlay = path.parts[0] == OVERLAYS.name
    return path.suffix == ".json" and not is_overlay and path.name not in _SCHEMA_NAMES


def is_temporary(path: str) -> bool:
    """Return whether a path belongs to a temporary file, which a killed run leaves."""
    return path.rpartition("/")[2].startswith(TEMPORARY)


def documents_below(folder: Path) -> list[Path]:
    """Return the documents below a folder, in order and without overlays and JSON Schemas."""
    files = sorted(path for path in folder.rglob("*.json") if path.is_file())
    return [path for path in files if is_document(path.relative_to(folder))]


def project_file(
    project: Path, name: str | PurePosixPath, *, endpoint: str | None = None
) -> Path | None:
    """Return the path of a file of a project; None if it does not exist.

    Args:
        project: The project.
        name: The path of the file below the project.
        endpoint: The endpoint that the file belongs to, for messages.

    Raises:
        ProjectError: It is not a regular file (a device may be endless), or a link leads out of
            the project. Links come with the repository, and their author must not decide which
            files are read on another machine.
    """
    path = project / name
    if path.is_file():
        real = path.resolve()
        if real.is_relative_to(project.resolve()):
            return path
        raise ProjectError(
            f"{name} is outside the project: a link leads to {real}",
            endpoint=endpoint,
            hint="put a copy there in place of the link",
        )
    if path.exists() or path.is_symlink():
        raise ProjectError(
            f"{name} is not a regular file",
            endpoint=endpoint,
            hint="replace it with a file, or remove it",
        )
    return None


def find_project(start: Path) -> Path:
    """Return the nearest folder, from `start` upwards, that has a declaration.

    Raises:
        ProjectError: No project is found.
    """
    for folder in (start, *start.parents):
        if (folder / DECLARATION).is_file():
            return folder
    raise ProjectError(
        f"no {DECLARATION} in {start} or above",
        hint="go to your project, name it with --project DIR, or start one: fal-codegen init",
    )
