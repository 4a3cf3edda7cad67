"""`drift`: report what fal changed in the documents of declared endpoints; write nothing."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from functools import partial

from fal_codegen.commands.common_arguments import add_current_documents, add_project, project_of
from fal_codegen.commands.comparing import DriftContext, compare_with_vendored
from fal_codegen.commands.reporting import add_fail_on, add_format, exit_code, print_report
from fal_codegen.commands.sources import current_documents, current_prices
from fal_codegen.console import Console
from fal_codegen.document.read import Document
from fal_codegen.exit_codes import ExitCode
from fal_codegen.project import declaration as declare
from fal_codegen.project.vendoring import vendored_text

EXAMPLE = "fal-codegen drift --fail-on breaking"


def arguments(parser: ArgumentParser) -> None:
    """Add the arguments of `drift`."""
    add_project(parser)
    add_current_documents(parser)
    add_format(parser)
    add_fail_on(parser)


def run(options: Namespace, console: Console) -> ExitCode:
    """Compare the vendored documents with those that fal serves now."""
    project = project_of(options)
    declaration = declare.load(project)
    context = DriftContext.load(project)
    results = current_documents(project, declaration, options, console.aside)
    found = [endpoint_id for endpoint_id, it in results.items() if isinstance(it, Document)]
    prices = current_prices(found, declaration, options)
    report = compare_with_vendored(project, results, context, prices)
    print_report(report, project, partial(vendored_text, project), options, console)
    return exit_code(report, options)
