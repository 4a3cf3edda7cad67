"""`check`: report whether the generated files are up to date, with a diff."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fal_codegen.commands.common_arguments import add_json, add_project, project_of
from fal_codegen.commands.generation import (
    abandoned_folders,
    build_and_compare,
    report_abandoned,
)
from fal_codegen.commands.json_results import (
    CheckedTarget,
    CheckResult,
    endpoint_errors,
    print_json,
    upgrade_result,
)
from fal_codegen.commands.upgrading import Upgrade, report_upgrade, upgrade_of
from fal_codegen.console import Console
from fal_codegen.digests import is_bytecode_cache
from fal_codegen.exit_codes import ExitCode
from fal_codegen.paths import LOCK
from fal_codegen.project import declaration as declare
from fal_codegen.project import lock, revisions
from fal_codegen.project.declaration import DeclaredTarget
from fal_codegen.project.editor_schemas import outdated_schemas
from fal_codegen.project.inputs import Inputs, gather, reconcile
from fal_codegen.project.snapshot import leftovers
from fal_codegen.publish import OutputDifference, diff_lines
from fal_codegen.text import listing

EXAMPLE = "fal-codegen check"

_MOST_LEFTOVERS = 5
"""Leftovers of an output folder that are named; the rest is counted."""


def arguments(parser: ArgumentParser) -> None:
    """Add the arguments of `check`."""
    add_project(parser)
    add_json(parser)


def run(options: Namespace, console: Console) -> ExitCode:
    """Report whether the generated files are exactly what specs and templates produce now.

    Everything is rendered and compared with the output folders. Nothing else in the project is
    trusted.
    """
    project = project_of(options)
    inputs = gather(project, declare.load(project))
    progress = console.aside if options.json else console
    built, differences = build_and_compare(project, inputs, progress)
    outputs = [
        _Checked(
            target,
            files,
            differences[target],
            _leftovers(project, str(target.output)),
            upgrade_of(project, target, files, differences[target]),
        )
        for target, files in built.trees.items()
    ]
    specs = _outdated_specs(project, inputs)
    differs = bool(specs) or not all(output.is_current for output in outputs)
    is_current = not differs and not built.errors
    if options.json:
        targets = tuple(map(_target_result, outputs))
        abandoned = tuple(abandoned_folders(project, inputs.declaration))
        errors = endpoint_errors(built.errors)
        print_json(CheckResult(is_current, targets, tuple(specs), abandoned, errors), console)
    else:
        _report(project, outputs, specs, console)
        if is_current:
            report_abandoned(project, inputs.declaration, console)
            console.say("up to date")
    if built.errors:
        return ExitCode.FAILURE
    return ExitCode.DIFFERENCE if differs else ExitCode.SUCCESS


@dataclass(frozen=True)
class _Leftovers:
    """What other tools left in an output folder.

    Python or npm would run a committed bytecode cache or package in place of the generated one. A
    leftover that git does not track stays on this machine.

    Attributes:
        committed: What git tracks.
        unexpected: The leftovers without the bytecode of generated modules.
    """

    committed: tuple[str, ...]
    unexpected: tuple[str, ...]


@dataclass(frozen=True)
class _Checked:
    """The output folder of a target, compared with what is rendered for it now.

    Attributes:
        files: The rendered files: text by path below the folder.
    """

    target: DeclaredTarget
    files: Mapping[str, str]
    difference: OutputDifference
    leftovers: _Leftovers
    upgrade: Upgrade | None

    @property
    def is_current(self) -> bool:
        """Whether nothing has to be done about the folder."""
        return not self.difference and not self.leftovers.committed


def _outdated_specs(project: Path, inputs: Inputs) -> dict[str, str]:
    """Return the files in `specs/` that `generate` would update, with what is wrong with each."""
    entries = lock.load(project)
    outdated: dict[str, str] = {}
    if reconcile(entries, inputs) != entries:
        outdated[str(LOCK)] = "does not match the documents in specs/"
    for path in outdated_schemas(project):
        outdated[str(path)] = "is not the JSON Schema of this fal-codegen"
    return outdated


def _target_result(output: _Checked) -> CheckedTarget:
    target, difference = output.target, output.difference
    return CheckedTarget(
        name=target.name,
        output=str(target.output),
        up_to_date=output.is_current,
        missing=difference.missing,
        changed=difference.changed,
        stale=difference.stale,
        edited=difference.edited,
        foreign=difference.foreign,
        leftovers=output.leftovers.committed,
        upgrade=upgrade_result(output.upgrade),
    )


def _report(
    project: Path, outputs: Sequence[_Checked], specs: Mapping[str, str], console: Console
) -> None:
    """Report what differs, and how to update it."""
    for output in outputs:
        report_upgrade(output.target, output.upgrade, console)
        if output.difference:
            _report_difference(project, output, console)
        _report_leftovers(str(output.target.output), output.leftovers, console)
    for path, problem in specs.items():
        console.say(f"{path} {problem}")
    if specs or any(output.difference.is_fixable for output in outputs):
        is_edited = any(output.difference.edited for output in outputs)
        console.say(f"to update them: fal-codegen generate{' --force' if is_edited else ''}")


def _report_difference(project: Path, output: _Checked, console: Console) -> None:
    """Report how an output folder differs."""
    files, difference, folder = output.files, output.difference, output.target.output
    if len(difference.missing) == len(files):
        console.say(f"{folder} is not generated yet")
        return
    for line in diff_lines(project / folder, files, difference, label=str(folder)):
        console.say(line)
    groups = {
        "missing": difference.missing,
        "changed": difference.changed,
        "no longer generated": difference.stale,
        "not generated by fal-codegen": difference.foreign,
    }
    counts = ", ".join(f"{len(paths)} {group}" for group, paths in groups.items() if paths)
    console.say(f"{folder} differs: {counts or 'its manifest is not up to date'}")
    if difference.edited:
        console.say(f"  edited by hand: {', '.join(difference.edited)}")


def _leftovers(project: Path, output: str) -> _Leftovers:
    paths = leftovers(project / output)
    committed = revisions.tracked(project, [f"{output}/{path}" for path in paths])
    unexpected = [path for path in paths if not _is_cache_of_modules(project / output, path)]
    return _Leftovers(tuple(committed), tuple(unexpected))


def _report_leftovers(output: str, found: _Leftovers, console: Console) -> None:
    """Report what other tools left in an output folder."""
    if found.committed:
        paths = listing(found.committed, _MOST_LEFTOVERS)
        console.say(f"{output}: committed but not generated; remove: {paths}")
    elif found.unexpected:
        paths = listing(found.unexpected, _MOST_LEFTOVERS)
        console.say(f"{output}: not checked, made by other tools: {paths}")


def _is_cache_of_modules(folder: Path, path: str) -> bool:
    """Return whether a leftover holds only the bytecode of modules beside it, as imports leave."""
    cache = folder / path
    return is_bytecode_cache(path) and all(
        (cache.parent / f"{file.name.partition('.')[0]}.py").is_file() for file in cache.glob("*")
    )
