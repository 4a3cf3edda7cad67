"""Where a project is, and where in it the tool keeps its own files.

Only cheap imports here: a run with nothing to do needs this.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from fal_codegen.errors import ProjectError

DECLARATION = PurePosixPath("specs/endpoints.toml")
LOCK = PurePosixPath("specs/endpoints.lock")
HISTORY = PurePosixPath("specs/history.jsonl")


def find_project(start: Path) -> Path:
    """Return the nearest folder, from `start` upwards, that has a declaration.

    Raises:
        ProjectError: There is none.
    """
    for folder in (start, *start.parents):
        if (folder / DECLARATION).is_file():
            return folder
    raise ProjectError(
        f"no {DECLARATION} in {start} or above",
        hint="go to your project, name it with --project DIR, or start one: fal-codegen init",
    )
