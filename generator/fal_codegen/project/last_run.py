"""The last run: the fingerprint of what went in and came out, to skip a run with nothing to do.

It is kept in the user's cache folder, by the project's real path. `generate` asks it. `check`,
which has to be right about files that somebody else wrote, renders instead.

Only cheap imports here: this is all that a run with nothing to do needs.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path

from fal_codegen import cache
from fal_codegen.digests import Digests, digest_of, file_digest_or_empty
from fal_codegen.paths import LOCK
from fal_codegen.project.snapshot import output_digests


def is_unchanged(project: Path, inputs: Digests) -> bool:
    """Return whether nothing changed since everything was last generated and in its place.

    Args:
        project: The project.
        inputs: Its `input_digests`.
    """
    match cache.read(_name(project)):
        case {"fingerprint": str(known), "outputs": [*outputs]} if all(
            isinstance(folder, str) for folder in outputs
        ):
            return known == _fingerprint(project, inputs, outputs)
    return False


def record(project: Path, inputs: Digests, outputs: Sequence[str]) -> None:
    """Keep what was generated from what.

    Args:
        project: The project.
        inputs: `input_digests` from before anything was read for generating.
        outputs: The output folders, relative to the project, all as they were generated.
    """
    value = {"fingerprint": _fingerprint(project, inputs, outputs), "outputs": outputs}
    cache.write(_name(project), value)


def _fingerprint(project: Path, inputs: Digests, outputs: Sequence[str]) -> str:
    came_out = {folder: output_digests(project / folder) for folder in outputs}
    return digest_of(json.dumps([inputs, file_digest_or_empty(project / LOCK), came_out]))


def _name(project: Path) -> str:
    return f"project-{hashlib.sha256(os.fsencode(project.resolve())).hexdigest()[:32]}.json"
