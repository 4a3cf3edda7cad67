"""A project in git: its folder, its documents in other revisions, and which files are tracked."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from fal_codegen.errors import ProjectError, UsageError
from fal_codegen.paths import is_document

_HINT = "list the revisions: git log -- specs"


def parse_range(text: str) -> tuple[str, str]:
    """Split `A..B` into two revisions; `A..` ends with `HEAD`.

    Raises:
        UsageError: It is not such a range.
    """
    old, dots, new = text.partition("..")
    if not dots or not old or new.startswith("."):
        raise UsageError(
            f"{text!r} is not a range of revisions", hint="for example: --rev v1.0..HEAD"
        )
    return old, new or "HEAD"


def documents(project: Path, revision: str) -> dict[str, bytes]:
    """Return the vendored documents of a revision, by path below `specs/`.

    Raises:
        UsageError: The project is in no repository, or git has no such revision of it.
    """
    listing = _git(project, revision, ["ls-tree", "-rz", "--end-of-options", revision, "specs/"])
    objects: dict[str, str] = {}
    for entry in listing.decode(errors="replace").split("\0")[:-1]:
        mode, _, name, path = re.split("[ \t]", entry, maxsplit=3)
        below = PurePosixPath(path).relative_to("specs")
        is_file = mode.startswith("100")  # not a link or a submodule
        if is_file and is_document(below):
            objects[below.as_posix()] = name
    if not listing:
        raise UsageError(f"{revision!r} has no specs/", hint=_HINT)
    names = "\n".join(objects.values()).encode()
    output = _git(project, revision, ["cat-file", "--batch"], names)
    return dict(zip(objects, _contents(output), strict=True))


def tracked(project: Path, paths: Sequence[str]) -> list[str]:
    """Return the files at or below some paths that git tracks.

    Args:
        project: The project. If it is in no repository, no file is tracked.
        paths: Files and folders. A slash at the end is ignored, because a folder on disk may be a
            link, which git treats as a file.

    Raises:
        ProjectError: git cannot answer.
    """
    if not paths or _root(project) is None:
        return []
    pathspecs = [path.rstrip("/") for path in paths]
    command = ["git", "-C", str(project), "--literal-pathspecs", "ls-files", "-z", "--", *pathspecs]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except OSError as error:
        raise _unknown(project, pathspecs, f"git: {error.strerror or error}") from error
    if done.returncode != 0:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        raise _unknown(project, pathspecs, lines[0] if lines else "git gave no reason")
    return done.stdout.decode(errors="replace").split("\0")[:-1]


def _unknown(project: Path, paths: Sequence[str], reason: str) -> ProjectError:
    others = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    return ProjectError(
        f"cannot find out whether {paths[0]}{others} is committed: {reason}",
        hint=f"remove it, or make this command work: git -C {project} ls-files",
    )


def _contents(output: bytes) -> Iterator[bytes]:
    """Yield the objects in the output of `git cat-file --batch`."""
    at = 0
    while at < len(output):
        start = output.index(b"\n", at) + 1
        name, *_, size = output[at:start].decode().split()
        if size == "missing":  # in a partial clone
            raise UsageError(f"git lacks the document {name}", hint="git fetch --refetch")
        end = start + int(size)
        yield output[start:end]
        at = end + 1


def _git(project: Path, revision: str, arguments: list[str], stdin: bytes = b"") -> bytes:
    command = ["git", "-C", str(project), *arguments]
    try:
        done = subprocess.run(command, input=stdin, capture_output=True, check=False)
    except FileNotFoundError as error:
        raise UsageError("comparing revisions needs git, which is not installed") from error
    if done.returncode != 0:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        raise UsageError(
            f"git cannot read specs/ of {revision!r}: {lines[-1] if lines else 'no reason given'}",
            hint=_HINT,
        )
    return done.stdout


def folder_in_repository(project: Path) -> str:
    """Return a project's folder below the root of its repository, such as `packages/fal/`.

    Returns:
        The folder, ending with a slash; empty if it is the root, or in no repository.
    """
    root = _root(project)
    path = "." if root is None else project.resolve().relative_to(root).as_posix()
    return "" if path == "." else f"{path}/"


def path_in_repository(path: Path) -> str:
    """Return the path of a file below the root of its repository, or as it is without one."""
    root = _root(path.parent)
    return path.as_posix() if root is None else path.resolve().relative_to(root).as_posix()


def _root(project: Path) -> Path | None:
    """Return the nearest folder upwards with a `.git`: a folder, or a file as in worktrees."""
    project = project.resolve()
    folders = (project, *project.parents)
    return next((folder for folder in folders if (folder / ".git").exists()), None)
