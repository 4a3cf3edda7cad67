"""The state of a project as hashes: of what goes into generating, and of what is in output folders.

Line endings do not count: a checkout with `core.autocrlf` has the hashes that its repository has.

Only cheap imports here: a run with nothing to do needs this.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from fal_codegen.files import read_plain

MANIFEST = ".fal-codegen.json"
"""The file in an output folder that says which of its files are generated (see `publish`)."""

_TOOL = Path(__file__).resolve().parent.parent
_BUILT = re.compile(r"(build|dist|node_modules|[^/]*\.egg-info)/")

Hashes = dict[str, str]
Wanted = Callable[[str], bool]


def packaged_templates() -> Path:
    """Return the folder of the tool's own templates: in the package, or beside its sources."""
    inside = _TOOL / "templates"
    return inside if inside.is_dir() else _TOOL.parent.parent / "templates"


def input_hashes(project: Path) -> Hashes:
    """Return the hash of every file that decides what is generated, by a name for it."""
    return {
        **_labelled("specs", project / "specs", (".json", ".jsonl", ".toml")),
        **_labelled("templates", project / "templates"),
        **tool_hashes(),
    }


@cache
def tool_hashes() -> Hashes:
    """Return the hash of every file of the tool that decides what is generated."""
    found = _labelled("tool", _TOOL, (".py", ".jinja"))
    if not (_TOOL / "templates").is_dir():
        found |= _labelled("tool/templates", packaged_templates())
    return found


def _labelled(label: str, folder: Path, suffixes: tuple[str, ...] = ("",)) -> Hashes:
    def wanted(path: str) -> bool:
        return path.endswith(("/", *suffixes)) and not _is_of_python(path)

    return {f"{label}/{path}": found for path, found in hashes(folder, wanted).items()}


def output_files(folder: Path) -> Hashes:
    """Return the hashes of the files in an output folder, apart from its leftovers."""
    return hashes(folder, lambda path: not _is_leftover(path))


def output_hashes(folder: Path) -> Hashes:
    """Return the hashes of an output folder, its manifest among them."""
    return {**output_files(folder), MANIFEST: digest_if_there(folder / MANIFEST)}


def leftovers(folder: Path) -> list[str]:
    """Return what other tools put into an output folder, by path; a folder's ends with a slash.

    These are hidden files, `__pycache__`, and at the top `build`, `dist`, `node_modules` and
    `*.egg-info`; further down, the latter are names like any other.
    """
    found: list[str] = []

    def wanted(path: str) -> bool:
        if _is_leftover(path) and path != MANIFEST:
            found.append(path)
        return not _is_leftover(path)

    for _ in _files(str(folder), "", wanted):
        pass
    return sorted(found)


def _is_leftover(path: str) -> bool:
    is_hidden = path.rstrip("/").rpartition("/")[2].startswith(".")
    return is_hidden or _is_of_python(path) or _BUILT.fullmatch(path) is not None


def _is_of_python(path: str) -> bool:
    return path == "__pycache__/" or path.endswith("/__pycache__/")


def hashes(folder: Path, wanted: Wanted) -> Hashes:
    """Return the hash of every file below a folder, by its path.

    Args:
        folder: The folder.
        wanted: Returns whether a path below it counts; folders' paths end with a slash.
    """
    found = ((path, folder / path) for path in sorted(_files(str(folder), "", wanted)))
    # What is no file, such as a pipe or a link to nothing, is there and equals nothing.
    return {path: digest(file) if file.is_file() else "" for path, file in found}


def digest(path: Path) -> str:
    """Return the SHA-256 of a text file, in hexadecimal."""
    return hashlib.sha256(read_plain(path)).hexdigest()


def digest_if_there(path: Path) -> str:
    """Return the SHA-256 of a text file; nothing if it is not there."""
    return digest(path) if path.exists() else ""


def _files(folder: str, prefix: str, wanted: Wanted) -> Iterator[str]:
    try:
        entries = list(os.scandir(folder))
    except OSError:  # not there, no folder, or a link that leads in a circle
        return
    for entry in entries:
        path = f"{prefix}{entry.name}/" if entry.is_dir() else prefix + entry.name
        if not wanted(path):
            continue
        if entry.is_dir() and not _leads_back(entry):
            yield from _files(entry.path, path, wanted)
        else:
            yield path


def _leads_back(entry: os.DirEntry[str]) -> bool:
    """Say whether an entry is a link to one of the folders it is in."""
    if not entry.is_symlink():
        return False
    here = Path(entry.path).parent.resolve()
    return here.is_relative_to(Path(entry.path).resolve())
