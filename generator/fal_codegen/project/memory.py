"""Memory: what the last run made, by all that decided it, so that only what changed is made again.

`.fal-codegen/memory.json` is a cache of this machine, as the state beside it is (see `state`). It
keeps outlines, and of each generated file only the hash: the text is in the output folder, and
counts only while it is still as it was generated.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from fal_codegen.files import PRIVATE_FOLDER, digest_of, private_folder, write_atomic
from fal_codegen.ir import Outline, Repair

_FILE = "memory.json"


@dataclass(frozen=True)
class Memory:
    """What is known from earlier, by the key of what it was made from (see `key`).

    Attributes:
        outlines: Outlines of endpoints.
        texts: Texts of generated files.
        outputs: Folders that files were generated into, relative to the project.
    """

    outlines: Mapping[str, Outline] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    outputs: tuple[str, ...] = ()


def key(*decisive: object) -> str:
    """Return the key of what is made from these values, whose `repr` says all there is to them."""
    return hashlib.sha256(repr(decisive).encode("utf-8", "backslashreplace")).hexdigest()


def load(project: Path) -> Memory:
    """Return what is known; nothing if the memory is missing or damaged."""
    try:
        raw = json.loads((project / PRIVATE_FOLDER / _FILE).read_bytes())
        return Memory(
            {known: _outline(entry) for known, entry in raw["outlines"].items()},
            dict(_texts(project, raw["files"])),
            tuple(map(str, raw["outputs"])),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Memory()


def save(
    project: Path,
    outlines: Mapping[str, Outline],
    files: Mapping[str, tuple[str, str]],
    outputs: Sequence[str],
) -> None:
    """Keep what was made; a project that cannot be written to goes without.

    Args:
        project: The project.
        outlines: Outlines by key.
        files: Key and text of each generated file, by its path below the project.
        outputs: Folders of generated files, of this run and of earlier ones.
    """
    known = {
        "outlines": {known: asdict(outline) for known, outline in outlines.items()},
        "files": {path: [known, digest_of(text)] for path, (known, text) in files.items()},
        "outputs": outputs,
    }
    with contextlib.suppress(OSError):
        write_atomic(private_folder(project) / _FILE, json.dumps(known, sort_keys=True))


def _outline(entry: Mapping[str, Any]) -> Outline:
    repairs = tuple(Repair(**repair) for repair in entry["repairs"])
    return Outline(**{**entry, "models": tuple(entry["models"]), "repairs": repairs})


def _texts(project: Path, files: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    for path, (known, digest) in files.items():
        with contextlib.suppress(OSError):
            text = (project / path).read_bytes().decode("utf-8", "replace")
            if digest_of(text) == digest:
                yield known, text
