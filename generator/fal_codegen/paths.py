"""Where a project is, and where in it the tool keeps its own files.

Only cheap imports here: a run with nothing to do needs this.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from fal_codegen.errors import ProjectError

DECLARATION = PurePosixPath("specs/endpoints.toml")
LOCK = PurePosixPath("specs/endpoints.lock")
HISTORY = PurePosixPath("specs/history.jsonl")
DRIFT_IGNORE = PurePosixPath("specs/drift-ignore.toml")
OVERLAYS = PurePosixPath("specs/overlays")
"""Where overlays are, each at the path that its document has below `specs/`."""


def documents_below(folder: Path) -> list[Path]:
    """Return the documents below a folder, in order and without the overlays beside them."""
    files = sorted(path for path in folder.rglob("*.json") if path.is_file())
    return [path for path in files if path.relative_to(folder).parts[0] != OVERLAYS.name]


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
