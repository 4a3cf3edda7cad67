"""`remove`: remove endpoints from the project, with their documents and generated files."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from fal_codegen.commands.common_arguments import add_project, project_of
from fal_codegen.commands.generation import generate_into
from fal_codegen.commands.sources import require_declared
from fal_codegen.console import Console
from fal_codegen.exit_codes import ExitCode
from fal_codegen.project import declaration as declare
from fal_codegen.project import lock
from fal_codegen.project.declaration_edits import without_endpoints
from fal_codegen.project.inputs import gather
from fal_codegen.project.run_lock import exclusive
from fal_codegen.project.vendoring import remove_document

EXAMPLE = "fal-codegen remove fal-ai/flux/schnell"


def arguments(parser: ArgumentParser) -> None:
    """Add the arguments of `remove`."""
    add_project(parser)
    parser.add_argument("ids", nargs="+", metavar="ID", help="a declared endpoint")


def run(options: Namespace, console: Console) -> ExitCode:
    """Remove endpoints."""
    project = project_of(options)
    with exclusive(project):
        declaration = declare.load(project)
        require_declared(declaration, options.ids)
        entries = lock.load(project)
        declaration = without_endpoints(declaration, options.ids)

        def write_specs() -> None:
            declare.write(project, declaration)
            for endpoint_id in options.ids:
                remove_document(project, endpoint_id, entries.get(endpoint_id), console)

        inputs = gather(project, declaration)
        return generate_into(project, inputs, console, write_specs=write_specs).exit_code
