"""`fetch`: fetch and vendor the documents of declared endpoints, without generating."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from fal_codegen.commands.common_arguments import (
    add_catalogue,
    add_declared_ids,
    add_project,
    add_url,
    project_of,
)
from fal_codegen.commands.sources import (
    current_prices,
    fetch_settings,
    fetched_documents,
    report_prices,
    require_declared,
    usable_documents,
)
from fal_codegen.console import Console
from fal_codegen.exit_codes import ExitCode
from fal_codegen.project import declaration as declare
from fal_codegen.project.atomic_files import all_or_nothing
from fal_codegen.project.run_lock import exclusive
from fal_codegen.project.vendoring import vendor

EXAMPLE = "fal-codegen fetch fal-ai/flux/dev"


def arguments(parser: ArgumentParser) -> None:
    """Add the arguments of `fetch`."""
    add_project(parser)
    add_declared_ids(parser)
    add_url(parser)
    add_catalogue(parser)


def run(options: Namespace, console: Console) -> ExitCode:
    """Fetch and vendor documents."""
    project = project_of(options)
    with exclusive(project):
        declaration = declare.load(project)
        require_declared(declaration, options.ids)
        if not declaration.endpoints:
            console.say(declare.NOTHING_DECLARED)
            return ExitCode.SUCCESS
        settings = fetch_settings(declaration, options)
        results = fetched_documents(options.ids or [*declaration.endpoints], settings, console)
        documents, are_all_usable = usable_documents(project, results, declaration, console)
        prices = current_prices(documents, declaration, options)
        report_prices(prices, console)
        with all_or_nothing():
            changed = vendor(project, documents, console, prices.prices)
        if changed:
            console.say("to update the generated files: fal-codegen generate")
        is_complete = are_all_usable and not prices.errors
        return ExitCode.SUCCESS if is_complete else ExitCode.FAILURE
