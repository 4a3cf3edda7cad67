"""`list`: the declared endpoints, or the repairs of their documents."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from fal_codegen.commands.common_arguments import add_project, project_of
from fal_codegen.console import Console, columns
from fal_codegen.document.metadata import DEPRECATED_STATUS, Metadata
from fal_codegen.endpoint_id import document_path
from fal_codegen.exit_codes import ExitCode
from fal_codegen.project import declaration as declare
from fal_codegen.project import lock

EXAMPLE = "fal-codegen list"


def arguments(parser: ArgumentParser) -> None:
    """Add the arguments of `list`."""
    add_project(parser)
    parser.add_argument(
        "--repairs", action="store_true", help="list the repairs of their documents instead"
    )


def run(options: Namespace, console: Console) -> ExitCode:
    """List the declared endpoints, or the repairs of their documents."""
    project = project_of(options)
    return _list_repairs(project, console) if options.repairs else _list(project, console)


def _list(project: Path, console: Console) -> ExitCode:
    """List each endpoint's id, the source of its document, its call, category and status."""
    from fal_codegen.client_names import call_paths

    declaration = declare.load(project)
    entries = lock.load(project)
    if not declaration.endpoints:
        console.say(declare.NOTHING_DECLARED)
    paths = call_paths(declaration.endpoints)
    rows = []
    for endpoint_id in declaration.endpoints:
        is_vendored = (project / "specs" / document_path(endpoint_id)).is_file()
        entry = entries.get(endpoint_id)
        source = "not fetched yet" if not is_vendored else entry.source if entry else "by hand"
        row = [endpoint_id, f"{source:<15}", f"client.{'.'.join(paths[endpoint_id])}"]
        metadata = entry.metadata if entry else Metadata()
        is_deprecated = metadata.status == DEPRECATED_STATUS
        rows.append([*row, metadata.category, DEPRECATED_STATUS * is_deprecated])
    for line in columns(rows):
        console.say(line)
    return ExitCode.SUCCESS


def _list_repairs(project: Path, console: Console) -> ExitCode:
    """List every place where a document was repaired before anything was generated from it."""
    from fal_codegen.document import repairs
    from fal_codegen.pipeline import plan_all
    from fal_codegen.project.inputs import gather

    endpoints, errors = plan_all(gather(project, declare.load(project)))
    for error in errors:
        console.problem(error)
    for line in [*repairs.listing(endpoints)] or ["nothing was repaired"]:
        console.say(line)
    return ExitCode.FAILURE if errors else ExitCode.SUCCESS
