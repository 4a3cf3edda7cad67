"""`generate`: generate everything that is declared, offline; write only what changed.

Only cheap imports at the top: a run with nothing to do needs this.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from fal_codegen.commands.common_arguments import add_project, project_of
from fal_codegen.console import Console
from fal_codegen.exit_codes import ExitCode
from fal_codegen.project import last_run
from fal_codegen.project.snapshot import input_digests

EXAMPLE = "fal-codegen generate"


def arguments(parser: ArgumentParser) -> None:
    """Add the arguments of `generate`."""
    add_project(parser)
    parser.add_argument(
        "--force", action="store_true", help="overwrite generated files that were edited by hand"
    )


def run(options: Namespace, console: Console) -> ExitCode:
    """Generate, unless nothing changed since the last run."""
    project = project_of(options)
    if last_run.is_unchanged(project):
        console.say("up to date")
        return ExitCode.SUCCESS
    return _generate(project, console, force=options.force)


def _generate(project: Path, console: Console, *, force: bool) -> ExitCode:
    from fal_codegen.commands.generation import generate_into
    from fal_codegen.project import declaration as declare
    from fal_codegen.project.atomic_files import write_atomic
    from fal_codegen.project.editor_schemas import outdated_schemas
    from fal_codegen.project.inputs import gather
    from fal_codegen.project.run_lock import exclusive

    with exclusive(project):
        if last_run.is_unchanged(project):  # another run may just have ended
            console.say("up to date")
            return ExitCode.SUCCESS
        for path, text in outdated_schemas(project).items():
            write_atomic(project / path, text)
            console.say(f"wrote {path}")
        digests = input_digests(project)
        inputs = gather(project, declare.load(project))
        return generate_into(project, inputs, console, force=force, digests=digests)
