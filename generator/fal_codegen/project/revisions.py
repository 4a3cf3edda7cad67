"""What git knows of a project: its documents in other revisions, and which files are tracked."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from fal_codegen.document.overlay import FOLDER
from fal_codegen.errors import ProjectError, UsageError
from fal_codegen.project.repository import is_in_repository

_HINT = "see what there is: git log -- specs"


def parse(text: str) -> tuple[str, str]:
    """Split `A..B` into two revisions; of `A..`, the second is `HEAD`.

    Raises:
        UsageError: It is no range.
    """
    old, dots, new = text.partition("..")
    if not dots or not old or new.startswith("."):
        raise UsageError(f"{text!r} is no range of revisions", hint="such as: --rev v1.0..HEAD")
    return old, new or "HEAD"


def documents(project: Path, revision: str) -> dict[str, bytes]:
    """Return the vendored documents of a revision, by their path below `specs/`.

    Raises:
        UsageError: The project is in no repository, or git knows no such revision of it.
    """
    listed = _git(project, revision, ["ls-tree", "-rz", "--end-of-options", revision, "specs/"])
    found: dict[str, str] = {}
    for entry in listed.decode(errors="replace").split("\0")[:-1]:
        mode, _, name, path = re.split("[ \t]", entry, maxsplit=3)
        inside = PurePosixPath(path).relative_to("specs")
        is_file = mode.startswith("100")  # and no link, nor another repository
        if is_file and inside.suffix == ".json" and inside.parts[0] != FOLDER.name:
            found[inside.as_posix()] = name
    if not listed:
        raise UsageError(f"there is no specs/ in {revision!r}", hint=_HINT)
    answer = _git(project, revision, ["cat-file", "--batch"], "\n".join(found.values()).encode())
    return dict(zip(found, _contents(answer), strict=True))


def tracked(project: Path, paths: Sequence[str]) -> list[str]:
    """Return which files at these paths, or below them, are in the repository of a project.

    None are if the project is in no repository.

    Args:
        project: The project.
        paths: Files and folders. A slash at the end counts for nothing: what is a folder on disk
            may be a link to one, which is no folder to git.

    Raises:
        ProjectError: It is in a repository, and git cannot be asked.
    """
    if not paths or not is_in_repository(project):
        return []
    pathspecs = [path.rstrip("/") for path in paths]
    command = ["git", "-C", str(project), "--literal-pathspecs", "ls-files", "-z", "--", *pathspecs]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except OSError as error:
        raise _unknown(project, pathspecs, f"git: {error.strerror or error}") from error
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise _unknown(project, pathspecs, said[0] if said else "git gave no reason")
    return done.stdout.decode(errors="replace").split("\0")[:-1]


def _unknown(project: Path, paths: Sequence[str], reason: str) -> ProjectError:
    others = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    return ProjectError(
        f"cannot tell whether {paths[0]}{others} is committed: {reason}",
        hint=f"remove it, or make this work: git -C {project} ls-files",
    )


def _contents(answer: bytes) -> Iterator[bytes]:
    """Yield the objects that `git cat-file --batch` tells."""
    at = 0
    while at < len(answer):
        start = answer.index(b"\n", at) + 1
        name, *_, size = answer[at:start].decode().split()
        if size == "missing":  # of a clone that is not whole
            raise UsageError(f"git does not have {name}, a document", hint="git fetch --refetch")
        end = start + int(size)
        yield answer[start:end]
        at = end + 1


def _git(project: Path, revision: str, arguments: list[str], given: bytes = b"") -> bytes:
    command = ["git", "-C", str(project), *arguments]
    try:
        done = subprocess.run(command, input=given, capture_output=True, check=False)
    except FileNotFoundError as error:
        raise UsageError("revisions are compared by git, which is not installed") from error
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise UsageError(
            f"git has no specs/ of {revision!r}: {said[-1] if said else 'it gave no reason'}",
            hint=_HINT,
        )
    return done.stdout
