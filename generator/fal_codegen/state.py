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
from collections.abc import Callable, Iterable
from pathlib import Path

from fal_codegen.files import PRIVATE_FOLDER, private_folder, write_atomic

MANIFEST = ".fal-codegen.json"
"""The file in an output folder that says which of its files are generated (see `publish`)."""

_FILE = "state.json"
_TOOL = Path(__file__).resolve().parent
_IGNORED_SUFFIXES = (".egg-info", ".pyc", ".tmp")
_IGNORED_FOLDERS = ("__pycache__", "build", "dist", "node_modules")

Hashes = dict[str, str]


def packaged_templates() -> Path:
    """Return the folder of the tool's own templates: in the package, or beside its sources."""
    inside = _TOOL / "templates"
    return inside if inside.is_dir() else _TOOL.parent.parent / "templates"


def template_folders(project: Path, target: str) -> list[Path]:
    """Return where the templates of a target are looked for: the project first, then the tool."""
    return [project / "templates" / target, packaged_templates() / target]


def input_hashes(project: Path) -> Hashes:
    """Return the hash of every file that decides what is generated, by a name for it."""
    folders: dict[str, tuple[Path, Callable[[str], bool]]] = {
        "specs": (project / "specs", lambda name: name.endswith((".json", ".toml"))),
        "templates": (project / "templates", lambda name: True),
        "tool": (_TOOL, lambda name: name.endswith((".py", ".jinja"))),
    }
    if not (_TOOL / "templates").is_dir():
        folders["tool/templates"] = (packaged_templates(), lambda name: True)
    return {
        f"{label}/{path}": found
        for label, (folder, wanted) in folders.items()
        for path, found in hashes(folder, wanted).items()
    }


def hashes(folder: Path, wanted: Callable[[str], bool] = lambda name: True) -> Hashes:
    """Return the hash of every file below a folder, by its path; what tools leave is passed over.

    Passed over: hidden files and folders, `__pycache__`, `build`, `dist`, `node_modules`,
    `*.egg-info`.
    """
    return {path: digest(folder / path) for path in sorted(_files(str(folder), "")) if wanted(path)}


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _files(folder: str, prefix: str) -> Iterable[str]:
    try:
        entries = list(os.scandir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return
    for entry in entries:
        name = entry.name
        if name.startswith(".") or name.endswith(_IGNORED_SUFFIXES):
            continue
        if entry.is_dir():
            if name not in _IGNORED_FOLDERS:
                yield from _files(entry.path, f"{prefix}{name}/")
        else:
            yield prefix + name


def is_unchanged(project: Path) -> bool:
    """Say whether nothing changed since everything was last rendered and found in its place."""
    try:
        state = json.loads((project / PRIVATE_FOLDER / _FILE).read_bytes())
        return bool(
            state["inputs"] == input_hashes(project)
            and state["outputs"]
            == {output: output_hashes(project / output) for output in state["outputs"]}
        )
    except (OSError, ValueError, KeyError, TypeError):
        return False


def remember(project: Path, inputs: Hashes, outputs: Iterable[str]) -> None:
    """Keep what was rendered from what; a project that cannot be written to goes without.

    Args:
        project: The project.
        inputs: `input_hashes` from before anything was read for rendering.
        outputs: The output folders, relative to the project, all as they were rendered.
    """
    found = {output: output_hashes(project / output) for output in outputs}
    with contextlib.suppress(OSError):
        text = json.dumps({"inputs": inputs, "outputs": found}, sort_keys=True)
        write_atomic(private_folder(project) / _FILE, text)


def output_hashes(folder: Path) -> Hashes:
    """Return the hashes of an output folder, its manifest among them."""
    manifest = folder / MANIFEST
    return {**hashes(folder), MANIFEST: digest(manifest) if manifest.exists() else ""}
