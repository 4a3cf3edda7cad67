"""Generating, as more than one command does it: build, write what changed, and remember that."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from fal_codegen.commands import Exit
from fal_codegen.console import Console
from fal_codegen.digests import Digests
from fal_codegen.document import repairs
from fal_codegen.errors import Failures
from fal_codegen.pipeline import Build, build
from fal_codegen.project import last_run, lock
from fal_codegen.project.atomic_files import all_or_nothing, stay_inside
from fal_codegen.project.declaration import Declaration, Target
from fal_codegen.project.inputs import Inputs, idle_overlays, reconcile
from fal_codegen.project.snapshot import MANIFEST
from fal_codegen.publish import Difference, compare, publish, refuse_edited

_SHOWN = 60
"""Files of a target that are named; more of them are counted."""

_MANY = 20
"""Endpoints that take long enough to generate for progress to be shown."""


def generate_into(
    project: Path,
    inputs: Inputs,
    console: Console,
    *,
    force: bool = False,
    write_specs: Callable[[], None] = lambda: None,
    hashes: Digests | None = None,
) -> Exit:
    """Generate, and write `specs/` and the rest: all of it or, if something fails, nothing.

    Args:
        project: The project.
        inputs: What is generated from.
        console: Told what is done.
        force: Whether generated files that were edited by hand are overwritten.
        write_specs: Writes what is new in `specs/`.
        hashes: `input_digests` from before the inputs were read. With them, the next run knows
            whether it has anything to do.

    Raises:
        Failures: An endpoint that was generated before cannot be generated now.
        EditedFilesError: Generated files were edited by hand, and `force` is not given.
    """
    lock.load(project)  # a damaged one is found before anything is written
    made, differences = build_and_compare(project, inputs, console)
    _note_corrections(project, inputs, made, console)
    if not force:
        for target, difference in differences.items():
            refuse_edited(difference, label=str(target.output))
    with all_or_nothing():
        write_specs()
        _write(project, inputs, made, differences, console)
    is_clean = not made.errors and not any(it.foreign for it in differences.values())
    note_abandoned(project, inputs.declaration, console)
    if hashes is not None and is_clean:
        last_run.remember(project, hashes, outputs(inputs.declaration))
    return Exit.FAILED if made.errors else Exit.FINE


def _write(
    project: Path,
    inputs: Inputs,
    made: Build,
    differences: Mapping[Target, Difference],
    console: Console,
) -> None:
    """Write what was generated, and the lock."""
    if not made.trees:
        console.say("no target is declared, so there is nothing to generate")
    for target, files in made.trees.items():
        done = publish(project / target.output, files, differences[target])
        _list(console, [f"wrote {target.output}/{path}" for path in done.written])
        _list(console, [f"removed {target.output}/{path}" for path in done.removed])
        for path in done.foreign:
            console.say(f"left {target.output}/{path}: not generated; remove it, or move it out")
        console.say(
            f"{target.output}: {len(done.written)} written, {len(done.removed)} removed, "
            f"{done.unchanged} unchanged"
        )
    entries = lock.load(project)
    reconciled = reconcile(entries, inputs)
    for endpoint_id, entry in reconciled.items():
        if entry != entries.get(endpoint_id) and entry.source == "edited":
            console.say(f"{endpoint_id}: its document was changed by hand; the lock says so now")
    lock.write(project, reconciled)


def _list(console: Console, lines: Sequence[str]) -> None:
    for line in lines[:_SHOWN]:
        console.say(line)
    if len(lines) > _SHOWN:
        console.say(f"and {len(lines) - _SHOWN} more")


def build_and_compare(
    project: Path, inputs: Inputs, console: Console
) -> tuple[Build, dict[Target, Difference]]:
    """Generate in memory, and compare with what is there; report endpoints that cannot be.

    Raises:
        Failures: An endpoint that was generated before cannot be generated now.
        ProjectError: A link leads an output folder out of the project.
    """
    for folder in outputs(inputs.declaration):
        stay_inside(project, project / folder, called="the project")
    count = len(inputs.declaration.endpoints)
    rendered = count * len(inputs.declaration.targets)
    with console.progress("generating", rendered if count >= _MANY else 0) as advance:
        made = build(inputs, advance)
    differences = {
        target: compare(project / target.output, files) for target, files in made.trees.items()
    }
    # To leave out one that was never generated stops no other.
    if made.errors and any(difference.stale for difference in differences.values()):
        raise Failures(made.errors, hint="nothing was written; mend this, or remove the endpoint")
    for error in made.errors:
        console.problem(error)
    return made, differences


def _note_corrections(project: Path, inputs: Inputs, made: Build, console: Console) -> None:
    """Report what was corrected and repaired in documents before they were generated from."""
    for path in idle_overlays(project, inputs.declaration):
        console.say(f"{path} corrects no declared endpoint")
    for endpoint in made.endpoints:
        if endpoint.correction:
            console.say(f"{endpoint.id}: corrected by an overlay: {endpoint.correction}")
    for line in repairs.summary(made.endpoints):
        console.say(line)


def note_abandoned(project: Path, declaration: Declaration, console: Console) -> None:
    """Report folders with generated files that no target writes to any more."""
    declared = outputs(declaration)
    for pattern in (f"*/{MANIFEST}", f"*/*/{MANIFEST}"):  # where output folders are by custom
        for path in sorted(project.glob(pattern)):
            folder = path.parent.relative_to(project).as_posix()
            if folder not in declared:
                console.say(
                    f"{folder}: no target writes there any more; what is left is yours to remove"
                )


def outputs(declaration: Declaration) -> list[str]:
    """Return the output folders, relative to the project."""
    return [str(target.output) for target in declaration.targets]
