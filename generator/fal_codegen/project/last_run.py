"""The last run: fingerprints of its inputs and outputs, to skip a run with nothing to do.

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
from fal_codegen.digests import Digest, Digests, digest_of, file_digest_or_empty, file_stamp
from fal_codegen.paths import LOCK
from fal_codegen.project.snapshot import input_digests, output_digests


def is_unchanged(project: Path) -> bool:
    """Return whether neither inputs nor outputs changed since the last recorded run.

    Files are read only if their stamps differ from those of the last run that read them.
    """
    match cache.read(_name(project)):
        case {"fingerprint": str(fingerprint), "stamp": str(stamp), "outputs": [*outputs]} if all(
            isinstance(folder, str) for folder in outputs
        ):
            # Stamps are taken before the files are read, to differ if a file changes meanwhile.
            now = _fingerprint(project, input_digests(project, file_stamp), outputs, file_stamp)
            if stamp == now:
                return True
            if fingerprint == _fingerprint(project, input_digests(project), outputs):
                _write(project, fingerprint, now, outputs)
                return True
    return False


def record(project: Path, inputs: Digests, outputs: Sequence[str]) -> None:
    """Record a run that generated everything.

    Args:
        project: The project.
        inputs: `input_digests` from before the inputs were read.
        outputs: The output folders, relative to the project, all up to date.
    """
    _write(project, _fingerprint(project, inputs, outputs), "", outputs)


def _write(project: Path, fingerprint: str, stamp: str, outputs: Sequence[str]) -> None:
    value = {"fingerprint": fingerprint, "stamp": stamp, "outputs": outputs}
    cache.write(_name(project), value)


def _fingerprint(
    project: Path,
    inputs: Digests,
    outputs: Sequence[str],
    digest: Digest = file_digest_or_empty,
) -> str:
    folders = {folder: output_digests(project / folder, digest) for folder in outputs}
    return digest_of(json.dumps([inputs, digest(project / LOCK), folders]))


def _name(project: Path) -> str:
    return f"project-{hashlib.sha256(os.fsencode(project.resolve())).hexdigest()[:32]}.json"
