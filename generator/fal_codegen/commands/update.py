"""`update`: apply what fal changed: fetch, report, vendor, and generate."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import replace

from fal_codegen.commands.common_arguments import add_current_documents, add_project, project_of
from fal_codegen.commands.comparing import DriftContext, prepare_update
from fal_codegen.commands.generation import generate_into
from fal_codegen.commands.reporting import add_format, print_report
from fal_codegen.commands.sources import current_documents, current_prices, usable_documents
from fal_codegen.console import Console
from fal_codegen.document.read import Document
from fal_codegen.errors import MissingEndpointError
from fal_codegen.exit_codes import ExitCode
from fal_codegen.project import declaration as declare
from fal_codegen.project.inputs import gather
from fal_codegen.project.run_lock import exclusive
from fal_codegen.project.vendoring import vendor, vendored_text

EXAMPLE = "fal-codegen update"


def arguments(parser: ArgumentParser) -> None:
    """Add the arguments of `update`."""
    add_project(parser)
    add_current_documents(parser)
    add_format(parser)


def run(options: Namespace, console: Console) -> ExitCode:
    """Fetch, report what changed, vendor, record it in the history, and generate.

    An endpoint that cannot be fetched or used stays as it was, and the others are updated.
    """
    project = project_of(options)
    with exclusive(project):
        declaration = declare.load(project)
        context = DriftContext.load(project)
        results = current_documents(project, declaration, options, console.aside)
        # With a machine-readable format, standard output holds only the report.
        progress = console if options.format == "text" else console.aside
        fetched = {id_: it for id_, it in results.items() if isinstance(it, Document)}
        documents, are_all_usable = usable_documents(project, fetched, declaration, progress)
        removed = {id_ for id_, error in results.items() if isinstance(error, MissingEndpointError)}
        prices = current_prices(documents, declaration, options)
        update = prepare_update(project, results, {*documents, *removed}, context, prices)
        texts = {id_: document.text.encode() for id_, document in documents.items()}

        def text_of(endpoint_id: str) -> bytes | None:
            return texts.get(endpoint_id) or vendored_text(project, endpoint_id)

        print_report(update.report, project, text_of, options, console)

        def write_specs() -> None:
            update.write_history(project)
            vendor(project, documents, progress, prices.prices)

        inputs = gather(project, declaration).with_documents(documents.values())
        inputs = inputs.with_prices(prices.prices)
        inputs = replace(inputs, history=update.history)
        generation = generate_into(project, inputs, progress, write_specs=write_specs)
        for endpoint_id in sorted(removed):
            progress.say(f"{endpoint_id} no longer exists: fal-codegen remove {endpoint_id}")
        is_complete = are_all_usable and not update.report.failures
        return generation.exit_code if is_complete else ExitCode.FAILURE
