"""The repository that a project is in, without asking git."""

from __future__ import annotations

from pathlib import Path


def folder_in_repository(project: Path) -> str:
    """Return a project's folder below the root of its repository, such as `packages/fal/`.

    The root is the nearest folder upwards with a `.git`: a folder, or a file as in worktrees and
    submodules.

    Returns:
        The folder, with a slash at its end; empty if it is the root, or in no repository.
    """
    project = project.resolve()
    for folder in (project, *project.parents):
        if (folder / ".git").exists():
            below = project.relative_to(folder).as_posix()
            return "" if below == "." else f"{below}/"
    return ""
