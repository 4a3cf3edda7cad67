"""The git repository that contains a project, located without running git."""

from __future__ import annotations

from pathlib import Path


def folder_in_repository(project: Path) -> str:
    """Return a project's folder below the root of its repository, such as `packages/fal/`.

    Returns:
        The folder, ending with a slash; empty if it is the root, or in no repository.
    """
    root = _root(project)
    path = "." if root is None else project.resolve().relative_to(root).as_posix()
    return "" if path == "." else f"{path}/"


def is_in_repository(project: Path) -> bool:
    """Return whether a project is in a repository."""
    return _root(project) is not None


def _root(project: Path) -> Path | None:
    """Return the nearest folder upwards with a `.git`: a folder, or a file as in worktrees."""
    project = project.resolve()
    folders = (project, *project.parents)
    return next((folder for folder in folders if (folder / ".git").exists()), None)
