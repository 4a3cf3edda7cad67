"""The last run: fingerprints of its inputs and outputs, to skip a run with nothing to do.

The fingerprint is kept in the user's cache folder, by the project's real path, with the digests of
the project's files that it consists of. The files of the tool count by their stamps: they hardly
ever change, and reading them takes longer than reading a small project. Only `generate` uses the
fingerprint. `check` renders everything, because it has to be right about files that somebody else
wrote.

Only cheap imports here: this is all that a run with nothing to do needs.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from fal_codegen import cache
from fal_codegen.digests import (
    Digests,
    File,
    Stamp,
    digest_of,
    file_digest,
    stamped_digest,
)
from fal_codegen.paths import LOCK
from fal_codegen.project.snapshot import input_digests, output_digests


def is_unchanged(project: Path) -> bool:
    """Return whether neither inputs nor outputs changed since the last recorded run.

    A file is read only if its stamp differs from that of the last run that read it.
    """
    match cache.read(_name(project)):
        case {"fingerprint": str(recorded), "files": {**files}, "outputs": [*outputs]} if all(
            isinstance(folder, str) for folder in outputs
        ):
            known = _Known(files)
            inputs = known.inputs(project)
            if recorded == _fingerprint(project, inputs, outputs, known):
                if known.has_learned:
                    _write(project, recorded, known, outputs)
                return True
    return False


class Run:
    """A run that is under way. It starts before the inputs are read.

    A file that changes during the run has another stamp when the next run looks at it.

    Args:
        project: The project.
    """

    def __init__(self, project: Path) -> None:
        self._project = project
        self._known = _Known(_earlier_files(project))
        self._inputs = self._known.inputs(project)

    def digest(self, file: File) -> str:
        """Return the digest of a file of the project, which is read only if it has changed."""
        return self._known.digest(file)

    def record(self, generated: Mapping[str, Digests]) -> None:
        """Record that the run generated everything.

        Args:
            generated: The digests of the generated files in each output folder. The folders are
                relative to the project.
        """
        for folder, digests in generated.items():
            paths = (self._project / folder / path for path in digests)
            self._known.generated.update(zip(map(str, paths), digests.values(), strict=True))
        outputs = list(generated)
        fingerprint = _fingerprint(self._project, self._inputs, outputs, self._known)
        _write(self._project, fingerprint, self._known, outputs)


class _Known:
    """Digests of files that are known from an earlier run as long as a file has the same stamp.

    Args:
        earlier: The stamp and the digest of each file, by path.

    Attributes:
        files: The stamp and the digest of each file whose digest was asked for.
        generated: The digest of each file that this run has generated, by path.
        has_learned: Whether a file has another stamp than before.
    """

    def __init__(self, earlier: Mapping[object, object]) -> None:
        self._earlier = earlier
        self.files: dict[str, tuple[Stamp, str]] = {}
        self.generated: dict[str, str] = {}
        self.has_learned = False

    def inputs(self, project: Path) -> Digests:
        """Return the digest of every file that decides what is generated, by a name for it."""
        return input_digests(project, self.digest, self._stamp)

    def digest(self, file: File) -> str:
        """Return the digest of a file, or the empty string if there is none."""
        name = os.fspath(file)
        stamp = Stamp.of(file)  # before the file is read, to differ if it changes meanwhile
        if stamp is None:
            return ""
        if not stamp.is_lasting():
            return self.generated.get(name) or file_digest(Path(name))
        match self._earlier.get(name):
            case [[*numbers], str(digest)] if tuple(numbers) == stamp:
                pass
            case _:
                digest = stamped_digest(name, stamp)
                self.has_learned = True
        self.files[name] = stamp, digest
        return digest

    def _stamp(self, file: File) -> str:
        """Return the stamp of a file, or its digest if it does not keep its stamp."""
        stamp = Stamp.of(file)
        return str([*stamp]) if stamp and stamp.is_lasting() else self.digest(file)


def _earlier_files(project: Path) -> dict[object, object]:
    """Return what is recorded of the files of the last run (see `_Known`)."""
    match cache.read(_name(project)):
        case {"files": {**files}}:
            return files
    return {}


def _write(project: Path, fingerprint: str, known: _Known, outputs: Sequence[str]) -> None:
    value = {"fingerprint": fingerprint, "files": known.files, "outputs": outputs}
    cache.write(_name(project), value)


def _fingerprint(project: Path, inputs: Digests, outputs: Sequence[str], known: _Known) -> str:
    folders = {folder: output_digests(project / folder, known.digest) for folder in outputs}
    return digest_of(json.dumps([inputs, known.digest(project / LOCK), folders]))


def _name(project: Path) -> str:
    return f"project-{hashlib.sha256(os.fsencode(project.resolve())).hexdigest()[:32]}.json"
