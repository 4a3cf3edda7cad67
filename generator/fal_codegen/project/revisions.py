"""Vendored documents as they were in other revisions, by git."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path, PurePosixPath

from fal_codegen.document.overlay import FOLDER
from fal_codegen.errors import UsageError


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
    command = ["git", "-C", str(project), "archive", "--format=tar", "--end-of-options", revision]
    try:
        done = subprocess.run([*command, "specs"], capture_output=True, check=False)
    except FileNotFoundError as error:
        raise UsageError("revisions are compared by git, which is not installed") from error
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise UsageError(
            f"git has no specs/ of {revision!r}: {said[-1] if said else 'it gave no reason'}",
            hint="see what there is: git log -- specs",
        )
    found: dict[str, bytes] = {}
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        for member in archive:
            path = PurePosixPath(member.name).relative_to("specs")
            is_document = member.isfile() and path.suffix == ".json"
            file = archive.extractfile(member) if is_document else None
            if file is not None and path.parts[0] != FOLDER.name:
                found[path.as_posix()] = file.read()
    return found
