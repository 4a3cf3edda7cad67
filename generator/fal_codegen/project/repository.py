"""The repository that a project is in, without asking git."""

from __future__ import annotations

from pathlib import Path


def folder_in_repository(project: Path) -> str:
    """Return a project's folder below the root of its repository, such as `packages/fal/`.

    Returns:
        The folder, with a slash at its end; empty if it is the root, or in no repository.
    """
    root = _root(project)
    below = "." if root is None else project.resolve().relative_to(root).as_posix()
    return "" if below == "." else f"{below}/"


def is_in_repository(project: Path) -> bool:
    """Return whether a project is in a repository."""
    return _root(project) is not None


def _root(project: Path) -> Path | None:
    """Return the nearest folder upwards with a `.git`.

    That is a folder, or a file as in worktrees and submodules.
    """
    project = project.resolve()
    folders = (project, *project.parents)
    return next((folder for folder in folders if (folder / ".git").exists()), None)
