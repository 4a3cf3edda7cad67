"""`generate`: generate everything that is declared, offline; write only what changed.

Only cheap imports at the top: a run with nothing to do needs this.
"""

from __future__ import annotations

import time
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from fal_codegen.commands.common_arguments import add_json, add_project, project_of
from fal_codegen.console import Console, flush
from fal_codegen.exit_codes import ExitCode
from fal_codegen.project import last_run
from fal_codegen.project.snapshot import INPUT_FOLDERS

if TYPE_CHECKING:
    from fal_codegen.commands.generation import Generation
    from fal_codegen.commands.json_results import GenerateResult

EXAMPLE = """\
fal-codegen generate
fal-codegen generate --watch"""


def arguments(parser: ArgumentParser) -> None:
    """Add the arguments of `generate`."""
    add_project(parser)
    parser.add_argument(
        "--force", action="store_true", help="overwrite generated files that were edited by hand"
    )
    parser.add_argument(
        "--watch",
        action="store_true",
        help="generate again whenever files in specs/ or templates/ change, until interrupted",
    )
    add_json(parser)
    parser.set_defaults(is_outdated=False)  # the command line may have seen that something changed


def run(options: Namespace, console: Console) -> ExitCode:
    """Generate, unless nothing changed since the last run."""
    project = project_of(options)
    if options.watch:
        return _watch(project, console, is_json=options.json, force=options.force)
    progress = console.aside if options.json else console
    generation = None
    if options.is_outdated or not last_run.is_unchanged(project):
        generation = _generate(project, progress, force=options.force)
    if generation is None:
        progress.say("up to date")
    if options.json:
        from fal_codegen.commands.json_results import print_json

        print_json(_result(generation), console)
    return ExitCode.SUCCESS if generation is None else generation.exit_code


def _watch(project: Path, console: Console, *, is_json: bool, force: bool) -> ExitCode:
    """Generate after each change, until interrupted. An error is reported, and nothing written."""
    from fal_codegen.commands.watching import INTERVAL, Watch
    from fal_codegen.errors import UsageError, explained

    if is_json:
        raise UsageError("--json prints one result, and --watch has many", hint="leave one out")
    watch, is_due = Watch(project, INPUT_FOLDERS), True
    console.say("watching specs/ and templates/; stop with Ctrl-C")
    try:
        while True:
            if is_due and not last_run.is_unchanged(project):
                try:
                    _generate(project, console, force=force)
                except Exception as error:
                    console.problem(explained(error))
                flush()
            time.sleep(INTERVAL)
            is_due = watch.has_changed()
    except KeyboardInterrupt:
        return ExitCode.SUCCESS


def _generate(project: Path, console: Console, *, force: bool) -> Generation | None:
    """Generate; None if another run has just done so."""
    from fal_codegen.commands.generation import generate_into
    from fal_codegen.project import declaration as declare
    from fal_codegen.project.atomic_files import write_atomic
    from fal_codegen.project.editor_schemas import outdated_schemas
    from fal_codegen.project.inputs import gather
    from fal_codegen.project.run_lock import exclusive

    with exclusive(project) as was_taken:
        if was_taken and last_run.is_unchanged(project):
            return None
        for path, text in outdated_schemas(project).items():
            write_atomic(project / path, text)
            console.say(f"wrote {path}")
        this_run = last_run.Run(project)
        inputs = gather(project, declare.load(project))
        return generate_into(project, inputs, console, force=force, run=this_run)


def _result(generation: Generation | None) -> GenerateResult:
    from fal_codegen.commands.json_results import (
        GeneratedTarget,
        GenerateResult,
        endpoint_errors,
        upgrade_result,
    )

    if generation is None:
        return GenerateResult(up_to_date=True, targets=(), errors=())
    targets = tuple(
        GeneratedTarget(
            target.name,
            str(target.output),
            published.written,
            published.removed,
            published.foreign,
            published.unchanged,
            upgrade_result(generation.upgrades[target]),
        )
        for target, published in generation.published.items()
    )
    is_unchanged = not any(target.written or target.removed for target in targets)
    errors = endpoint_errors(generation.errors)
    return GenerateResult(is_unchanged and not errors, targets, errors)
