"""The state of a project: what it was generated from, and what was generated, as hashes.

After every run that rendered everything, `.fal-codegen/state.json` keeps the hashes of all that
went in and of all that came out. When both are still the same, there is nothing to render. The
file is a cache of this machine (`.fal-codegen/` ignores itself in git): a fresh clone renders.

Only cheap imports here: this is all that a run with nothing to do needs.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from fal_codegen.files import PRIVATE_FOLDER, digest_of, private_folder, write_atomic
from fal_codegen.project import LOCK

MANIFEST = ".fal-codegen.json"
"""The file in an output folder that says which of its files are generated (see `publish`)."""

_FILE = "state.json"
_TOOL = Path(__file__).resolve().parent.parent
_BUILT = re.compile(r"(build|dist|node_modules|[^/]*\.egg-info)/")

Hashes = dict[str, str]
Wanted = Callable[[str], bool]


def packaged_templates() -> Path:
    """Return the folder of the tool's own templates: in the package, or beside its sources."""
    inside = _TOOL / "templates"
    return inside if inside.is_dir() else _TOOL.parent.parent / "templates"


def template_folders(project: Path, target: str) -> list[Path]:
    """Return where the templates of a target are looked for: the project first, then the tool."""
    return [project / "templates" / target, packaged_templates() / target]


def input_hashes(project: Path) -> Hashes:
    """Return the hash of every file that decides what is generated, by a name for it."""
    folders: dict[str, tuple[Path, Wanted]] = {
        "specs": (project / "specs", lambda path: path.endswith(("/", ".json", ".jsonl", ".toml"))),
        "templates": (project / "templates", _any),
        "tool": (_TOOL, lambda path: path.endswith(("/", ".py", ".jinja"))),
    }
    if not (_TOOL / "templates").is_dir():
        folders["tool/templates"] = (packaged_templates(), _any)
    return {
        f"{label}/{path}": found
        for label, (folder, wanted) in folders.items()
        for path, found in hashes(folder, wanted).items()
    }


def output_files(folder: Path) -> Hashes:
    """Return the hashes of the files in an output folder, apart from what other tools build there.

    Those are `build`, `dist`, `node_modules` and `*.egg-info`, at the top; further down, these are
    names like any other.
    """
    return hashes(folder, lambda path: _BUILT.fullmatch(path) is None)


def hashes(folder: Path, wanted: Wanted) -> Hashes:
    """Return the hash of every file below a folder, by its path.

    Args:
        folder: The folder; hidden files and folders in it, and `__pycache__`, are passed over.
        wanted: Says of a path below it whether it counts; folders' paths end with a slash.
    """
    found = ((path, folder / path) for path in sorted(_files(str(folder), "", wanted)))
    # What is no file, such as a pipe or a link to nothing, is there and equals nothing.
    return {path: digest(file) if file.is_file() else "" for path, file in found}


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def tool_digest(inputs: Hashes) -> str:
    """Return one hash of the tool and all templates, from the hashes of all inputs."""
    known = [f"{name} {found}" for name, found in inputs.items() if not name.startswith("specs/")]
    return digest_of("\n".join(known))


def _any(path: str) -> bool:
    return True


def _files(folder: str, prefix: str, wanted: Wanted) -> Iterable[str]:
    try:
        entries = list(os.scandir(folder))
    except OSError:  # not there, no folder, or a link that leads in a circle
        return
    for entry in entries:
        if entry.name.startswith(".") or entry.name == "__pycache__":
            continue
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


def is_unchanged(project: Path, inputs: Hashes) -> bool:
    """Say whether nothing changed since everything was last rendered and found in its place.

    Args:
        project: The project.
        inputs: Its `input_hashes`.
    """
    try:
        state = json.loads((project / PRIVATE_FOLDER / _FILE).read_bytes())
        return bool(
            state["inputs"] == inputs
            and state["lock"] == _digest_if_there(project / LOCK)
            and state["outputs"]
            == {output: output_hashes(project / output) for output in state["outputs"]}
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False


def remember(project: Path, inputs: Hashes, outputs: Iterable[str]) -> None:
    """Keep what was rendered from what; a project that cannot be written to goes without.

    Args:
        project: The project.
        inputs: `input_hashes` from before anything was read for rendering.
        outputs: The output folders, relative to the project, all as they were rendered.
    """
    with contextlib.suppress(OSError):
        known = {
            "inputs": inputs,
            "lock": _digest_if_there(project / LOCK),
            "outputs": {output: output_hashes(project / output) for output in outputs},
        }
        write_atomic(private_folder(project) / _FILE, json.dumps(known, sort_keys=True))


def output_hashes(folder: Path) -> Hashes:
    """Return the hashes of an output folder, its manifest among them."""
    return {**output_files(folder), MANIFEST: _digest_if_there(folder / MANIFEST)}


def _digest_if_there(path: Path) -> str:
    return digest(path) if path.exists() else ""
