"""`list`: the declared endpoints, or the repairs of their documents."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from fal_codegen.commands.common_arguments import add_json, add_project, project_of
from fal_codegen.commands.json_results import (
    DeclaredEndpoint,
    ListResult,
    RepairedPlace,
    RepairsResult,
    endpoint_errors,
    print_json,
)
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
    add_json(parser)


def run(options: Namespace, console: Console) -> ExitCode:
    """List the declared endpoints, or the repairs of their documents."""
    project = project_of(options)
    if options.repairs:
        return _list_repairs(project, console, as_json=options.json)
    declared = _declared(project)
    if options.json:
        print_json(ListResult(declared), console)
        return ExitCode.SUCCESS
    if not declared:
        console.say(declare.NOTHING_DECLARED)
    for line in columns([*map(_row, declared)]):
        console.say(line)
    return ExitCode.SUCCESS


def _declared(project: Path) -> tuple[DeclaredEndpoint, ...]:
    """Return the declared endpoints, sorted by id."""
    from fal_codegen.client_names import call_paths

    declaration = declare.load(project)
    entries = lock.load(project)
    paths = call_paths(declaration.endpoints)
    declared = []
    for endpoint_id in declaration.endpoints:
        is_vendored = (project / "specs" / document_path(endpoint_id)).is_file()
        entry = entries.get(endpoint_id)
        metadata = entry.metadata if entry else Metadata()
        declared.append(
            DeclaredEndpoint(
                id=endpoint_id,
                source=None if not is_vendored else entry.source if entry else "by hand",
                call=f"client.{'.'.join(paths[endpoint_id])}",
                title=metadata.title,
                category=metadata.category,
                status=metadata.status,
            )
        )
    return tuple(declared)


def _row(endpoint: DeclaredEndpoint) -> list[str]:
    source = endpoint.source or "not fetched yet"
    deprecated = DEPRECATED_STATUS * (endpoint.status == DEPRECATED_STATUS)
    return [endpoint.id, f"{source:<15}", endpoint.call, endpoint.category, deprecated]


def _list_repairs(project: Path, console: Console, *, as_json: bool) -> ExitCode:
    """List every place where a document was repaired before anything was generated from it."""
    from fal_codegen.document import repairs
    from fal_codegen.pipeline import plan_all
    from fal_codegen.project.inputs import gather

    endpoints, errors = plan_all(gather(project, declare.load(project)))
    for error in errors:
        console.problem(error)
    if as_json:
        places = tuple(
            RepairedPlace(endpoint.id, it.rule, repairs.REPAIR_RULES[it.rule], it.pointer)
            for endpoint in endpoints
            for it in endpoint.repairs
        )
        print_json(RepairsResult(places, endpoint_errors(errors)), console)
    else:
        for line in [*repairs.listing(endpoints)] or ["nothing was repaired"]:
            console.say(line)
    return ExitCode.FAILURE if errors else ExitCode.SUCCESS
