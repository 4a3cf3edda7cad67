"""`emulate`: a local fal for the declared endpoints."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fal_codegen.commands import Exit
from fal_codegen.document.metadata import as_listed
from fal_codegen.errors import UsageError
from fal_codegen.pipeline import corrected
from fal_codegen.project import declaration as declare
from fal_codegen.project.inputs import gather
from fal_codegen.targets.python import Settings


def emulate(
    project: Path,
    *,
    host: str,
    port: int,
    faults: str,
    allow_hosts: Sequence[str],
    allow_origins: Sequence[str],
) -> Exit:
    """Serve a local fal for the declared endpoints until interrupted."""
    try:
        from fal_codegen.emulator import faults as language
        from fal_codegen.emulator import serve
    except ModuleNotFoundError as error:
        raise UsageError(
            f"the emulator needs {error.name}, which is not installed",
            hint="pip install 'fal-codegen[emulator]'",
        ) from error
    if faults == "help":
        print(language.describe())
        return Exit.FINE
    inputs = gather(project, declare.load(project))
    documents = [dict(corrected(inputs, known).content) for known in inputs.declaration.endpoints]
    listing = {id_: as_listed(known) for id_, known in inputs.metadata.items()}
    settings = (target.settings for target in inputs.declaration.targets)
    packages = (known.package for known in settings if isinstance(known, Settings))
    serve(
        documents,
        host=host,
        port=port,
        faults=faults,
        listing=listing,
        package=next(packages, "fal_endpoints"),
        allow_hosts=allow_hosts,
        allow_origins=allow_origins,
    )
    return Exit.FINE
