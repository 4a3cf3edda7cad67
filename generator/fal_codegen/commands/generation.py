"""Generation, shared by several commands: build, write what changed, and record the run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from fal_codegen.commands.upgrading import Upgrade, report_upgrade, upgrade_of
from fal_codegen.console import Console
from fal_codegen.digests import Digester, file_digest_or_empty
from fal_codegen.document import repairs
from fal_codegen.errors import CodegenError, Failures
from fal_codegen.exit_codes import ExitCode
from fal_codegen.paths import LOCK, MANIFEST
from fal_codegen.pipeline import Build, build
from fal_codegen.project import last_run, lock
from fal_codegen.project.atomic_files import all_or_nothing, stay_inside
from fal_codegen.project.declaration import Declaration, DeclaredTarget
from fal_codegen.project.inputs import Inputs, reconcile, unused_overlays
from fal_codegen.publish import OutputDifference, Published, compare, publish, reject_edited
from fal_codegen.targets.registry import BUILTIN

_MOST_NAMED = 20
"""Files of a target that are named. If there are more, they are only counted."""

_MANY = 20
"""Endpoints that take long enough to generate for progress to be shown."""


class Generation(NamedTuple):
    """The result of a generation.

    Attributes:
        published: What was done to the output folder of each target.
        upgrades: What changed because another version of the tool generated the folder before.
        errors: Why endpoints were left out.
    """

    published: Mapping[DeclaredTarget, Published]
    upgrades: Mapping[DeclaredTarget, Upgrade | None]
    errors: tuple[CodegenError, ...]

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of a command that generates."""
        return ExitCode.FAILURE if self.errors else ExitCode.SUCCESS


def generate_into(
    project: Path,
    inputs: Inputs,
    console: Console,
    *,
    force: bool = False,
    write_specs: Callable[[], None] = lambda: None,
    run: last_run.Run | None = None,
) -> Generation:
    """Generate, and write `specs/` and the output folders: all of it or, after an error, nothing.

    Args:
        project: The project.
        inputs: What to generate from.
        console: Where to report what is done.
        force: Whether to overwrite generated files that were edited by hand.
        write_specs: Writes what is new in `specs/`.
        run: The run, which started before the inputs were read. If given, it is recorded, so that
            the next one is skipped if nothing changed.

    Raises:
        Failures: An endpoint that was generated before cannot be generated now.
        EditedFilesError: Generated files were edited by hand, and `force` is not given.
    """
    lock.load(project)  # a damaged lock is reported before anything is written
    digest = file_digest_or_empty if run is None else run.digest
    built, differences = build_and_compare(project, inputs, console, digest)
    _report_corrections(project, inputs, built, console)
    if not force:
        for target, difference in differences.items():
            reject_edited(difference, label=str(target.output))
    upgrades = {
        target: upgrade_of(project, target, built.trees[target], difference)
        for target, difference in differences.items()
    }
    for target, upgrade in upgrades.items():
        report_upgrade(target, upgrade, console)
    with all_or_nothing():
        write_specs()
        published = _write(project, inputs, built, differences, console)
    is_clean = not built.errors and not any(diff.foreign for diff in differences.values())
    report_abandoned(project, inputs.declaration, console)
    # No digest covers the code of targets that other distributions add.
    is_covered = all(target.name in BUILTIN for target in inputs.declaration.targets)
    if run is not None and is_clean and is_covered:
        run.record({str(target.output): diff.digests for target, diff in differences.items()})
    return Generation(published, upgrades, built.errors)


def build_and_compare(
    project: Path, inputs: Inputs, console: Console, digest: Digester = file_digest_or_empty
) -> tuple[Build, dict[DeclaredTarget, OutputDifference]]:
    """Generate in memory, compare with the output folders, and report endpoints that failed.

    Args:
        project: The project.
        inputs: What to generate from.
        console: Where to report what is done.
        digest: Returns the digest of a file in an output folder.

    Raises:
        Failures: An endpoint that was generated before cannot be generated now.
        ProjectError: A link leads an output folder out of the project.
    """
    for folder in _outputs(inputs.declaration):
        stay_inside(project, project / folder, called="the project")
    count = len(inputs.declaration.endpoints)
    steps = count * len(inputs.declaration.targets)
    with console.progress("generating", steps if count >= _MANY else 0) as advance:
        built = build(inputs, advance)
    differences = {
        target: compare(project / target.output, files, digest)
        for target, files in built.trees.items()
    }
    # A failed endpoint that was never generated does not stop the others.
    if built.errors and any(difference.stale for difference in differences.values()):
        raise Failures(
            built.errors,
            hint="nothing was written, because files would be deleted; "
            "if you no longer need the endpoint: fal-codegen remove ID",
        )
    for error in built.errors:
        console.problem(error)
    return built, differences


def report_abandoned(project: Path, declaration: Declaration, console: Console) -> None:
    """Report folders of generated files that are no longer the output folder of a target."""
    for folder in abandoned_folders(project, declaration):
        console.say(f"{folder}: no target writes there any more; remove it yourself")


def abandoned_folders(project: Path, declaration: Declaration) -> list[str]:
    """Return folders of generated files that are no longer the output folder of a target."""
    outputs = _outputs(declaration)
    folders = [
        path.parent.relative_to(project)
        for pattern in (f"*/{MANIFEST}", f"*/*/{MANIFEST}")  # where output folders usually are
        for path in sorted(project.glob(pattern))
        if not path.parent.is_symlink()
    ]
    return [
        folder.as_posix()
        for folder in folders
        # npm installs packages there.
        if folder.as_posix() not in outputs and "node_modules" not in folder.parts
    ]


def _write(
    project: Path,
    inputs: Inputs,
    built: Build,
    differences: Mapping[DeclaredTarget, OutputDifference],
    console: Console,
) -> dict[DeclaredTarget, Published]:
    """Write the generated files and the lock."""
    results: dict[DeclaredTarget, Published] = {}
    if not built.trees:
        console.say("no target is declared, so there is nothing to generate")
    for target, files in built.trees.items():
        published = publish(project / target.output, files, differences[target])
        results[target] = published
        named = [
            *(f"wrote {target.output}/{path}" for path in published.written),
            *(f"removed {target.output}/{path}" for path in published.removed),
        ]
        for line in named if len(named) <= _MOST_NAMED else ():
            console.say(line)
        for path in published.foreign:
            console.say(f"left {target.output}/{path}: not generated; remove it, or move it out")
        console.say(
            f"{target.output}: {len(published.written)} written, {len(published.removed)} removed, "
            f"{published.unchanged} unchanged"
        )
    entries = lock.load(project)
    reconciled = reconcile(entries, inputs)
    for endpoint_id, entry in reconciled.items():
        if entry != entries.get(endpoint_id) and entry.source == "edited":
            console.say(f"{endpoint_id}: its document was edited by hand; recorded in {LOCK}")
    lock.write(project, reconciled)
    return results


def _report_corrections(project: Path, inputs: Inputs, built: Build, console: Console) -> None:
    """Report the overlays and repairs of the documents that files were generated from."""
    for path in unused_overlays(project, inputs.declaration):
        console.say(f"{path} corrects no declared endpoint")
    for endpoint in built.endpoints:
        if endpoint.correction:
            console.say(f"{endpoint.id}: corrected by an overlay: {endpoint.correction}")
    for line in repairs.summary(built.endpoints):
        console.say(line)


def _outputs(declaration: Declaration) -> list[str]:
    """Return the output folders, relative to the project."""
    return [str(target.output) for target in declaration.targets]
