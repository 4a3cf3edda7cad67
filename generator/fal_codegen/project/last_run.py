"""The last run: a fingerprint of its inputs and outputs, to skip a run with nothing to do.

The fingerprint is kept in the user's cache folder, by the project's real path. Only `generate` uses
it. `check` renders everything, because it has to be right about files that somebody else wrote.

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
    """Return whether neither inputs nor outputs changed since the last recorded run.

    Args:
        project: The project.
        inputs: Its `input_digests`.
    """
    match cache.read(_name(project)):
        case {"fingerprint": str(fingerprint), "outputs": [*outputs]} if all(
            isinstance(folder, str) for folder in outputs
        ):
            return fingerprint == _fingerprint(project, inputs, outputs)
    return False


def record(project: Path, inputs: Digests, outputs: Sequence[str]) -> None:
    """Record a run that generated everything.

    Args:
        project: The project.
        inputs: `input_digests` from before the inputs were read.
        outputs: The output folders, relative to the project, all up to date.
    """
    value = {"fingerprint": _fingerprint(project, inputs, outputs), "outputs": outputs}
    cache.write(_name(project), value)


def _fingerprint(project: Path, inputs: Digests, outputs: Sequence[str]) -> str:
    folders = {folder: output_digests(project / folder) for folder in outputs}
    return digest_of(json.dumps([inputs, file_digest_or_empty(project / LOCK), folders]))


def _name(project: Path) -> str:
    return f"project-{hashlib.sha256(os.fsencode(project.resolve())).hexdigest()[:32]}.json"
