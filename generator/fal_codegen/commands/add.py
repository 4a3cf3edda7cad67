"""`add`: fetch documents, declare their endpoints, and generate."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from fal_codegen import catalogue_cache
from fal_codegen.commands.common_arguments import (
    add_catalogue,
    add_category,
    add_project,
    add_source_path,
    add_url,
    project_of,
)
from fal_codegen.commands.generation import generate_into
from fal_codegen.commands.sources import (
    fetch_settings,
    fetched_documents,
    listed_endpoints,
    paths_and_ids,
    reject_two_sources,
    usable_documents,
)
from fal_codegen.console import Console
from fal_codegen.document.metadata import DEPRECATED_STATUS
from fal_codegen.document.read import Document
from fal_codegen.endpoint_id import validate
from fal_codegen.errors import CodegenError, MissingEndpointError, UsageError
from fal_codegen.exit_codes import ExitCode
from fal_codegen.fetch.local_documents import documents_on_disk
from fal_codegen.fetch.results import FetchResult, FetchResults
from fal_codegen.fetch.selection import Selection
from fal_codegen.fetch.settings import FetchSettings
from fal_codegen.project import declaration as declare
from fal_codegen.project.declaration import Declaration
from fal_codegen.project.declaration_edits import with_endpoints
from fal_codegen.project.inputs import gather
from fal_codegen.project.run_lock import exclusive
from fal_codegen.project.vendoring import vendor
from fal_codegen.suggestions import did_you_mean
from fal_codegen.text import listing

if TYPE_CHECKING:
    from fal_codegen.commands.comparing import Update

_MOST_NAMED = 5
"""Endpoints that were not added and are named; the rest is counted."""

EXAMPLE = """\
fal-codegen add fal-ai/flux/dev fal-ai/flux/schnell
fal-codegen add --match 'fal-ai/pika/**'
fal-codegen add --from flux.json pika.json"""


def arguments(parser: ArgumentParser) -> None:
    """Add the arguments of `add`."""
    add_project(parser)
    parser.add_argument(
        "ids",
        nargs="*",
        type=_id_of_page,
        metavar="ID",
        help="endpoint id, or the address of the endpoint's page on fal.ai",
    )
    parser.add_argument(
        "--match",
        dest="pattern",
        default="",
        metavar="PATTERN",
        help="endpoints of the catalogue whose ids match: * is any part of a segment, "
        "** any part of an id",
    )
    parser.add_argument("--all", action="store_true", help="all endpoints of the catalogue")
    add_category(parser)
    add_source_path(parser)
    add_url(parser)
    add_catalogue(parser)


def run(options: Namespace, console: Console) -> ExitCode:
    """Vendor documents, declare their endpoints, and generate: all of it, or nothing.

    Changes in the documents of endpoints that are declared already are reported, and recorded in
    the history, as `update` does.
    """
    project = project_of(options)
    selection = _selection(options)
    with exclusive(project):
        declaration = declare.load(project)
        results, are_all_valid = _documents(options, selection, declaration, console)
        if not results:
            return ExitCode.SUCCESS if are_all_valid else ExitCode.FAILURE
        documents, are_all_usable = usable_documents(project, results, declaration, console)
        if not documents:
            return ExitCode.FAILURE
        redeclared = {id_: it for id_, it in documents.items() if id_ in declaration.endpoints}
        update = _reported_update(project, redeclared, console) if redeclared else None
        is_first = not declaration.endpoints
        declaration = with_endpoints(declaration, documents)

        def write_specs() -> None:
            if update:
                update.write_history(project)
            vendor(project, documents, console)
            declare.write(project, declaration)

        inputs = gather(project, declaration).with_documents(documents.values())
        if update:
            inputs = replace(inputs, history=update.history)
        generation = generate_into(project, inputs, console, write_specs=write_specs)
        is_compared = update is None or not update.report.failures
        is_complete = are_all_valid and are_all_usable and is_compared
        if is_first:
            _say_how_to_install(project, declaration, console)
        if left_out := [endpoint_id for endpoint_id in results if endpoint_id not in documents]:
            names = listing(left_out, _MOST_NAMED)
            console.say(f"{len(documents)} added, {len(left_out)} not: {names}")
        return generation.exit_code if is_complete else ExitCode.FAILURE


def _say_how_to_install(project: Path, declaration: Declaration, console: Console) -> None:
    """Print the next step after the first endpoints of a project were added."""
    for declared in declaration.targets:
        if declared.python_package:
            folder, here = project / declared.output, Path.cwd()
            shown = folder.relative_to(here) if folder.is_relative_to(here) else folder
            console.say(f"next: pip install -e {shown}")


def _selection(options: Namespace) -> Selection | None:
    """Return which endpoints of the catalogue to add; None if they are named, or on disk.

    Raises:
        UsageError: The arguments name nothing to add, or exclude each other.
    """
    selects = bool(options.all or options.category or options.pattern)
    is_named = bool(options.ids or options.sources)
    if not is_named and not selects:
        raise UsageError(
            "nothing to add",
            hint="name endpoint ids, or documents with --from, "
            "or select endpoints with --category, --match or --all",
        )
    reject_two_sources(options)
    if selects and is_named:
        raise UsageError("--category, --match and --all exclude endpoint ids and --from")
    if options.all and (options.category or options.pattern):
        raise UsageError("--all excludes --category and --match")
    return Selection(category=options.category, pattern=options.pattern) if selects else None


def _documents(
    options: Namespace, selection: Selection | None, declaration: Declaration, console: Console
) -> tuple[FetchResults, bool]:
    """Return the documents to add, and whether every selected endpoint has a valid id."""
    if options.sources:
        return documents_on_disk(*paths_and_ids(options)), True
    settings = fetch_settings(declaration, options)
    if selection is None:
        results = fetched_documents(list(map(validate, options.ids)), settings, console)
        return _with_suggestions(results, declaration, settings), True
    ids, are_all_valid = _selected_ids(selection, declaration, settings, console)
    # The catalogue has the document of every endpoint that it lists.
    results = fetched_documents(ids, replace(settings, many=1), console) if ids else {}
    return results, are_all_valid


def _with_suggestions(
    results: FetchResults, declaration: Declaration, settings: FetchSettings
) -> FetchResults:
    """Return the results with a similar id in the error of each endpoint that fal does not have."""

    def suggested(endpoint_id: str, result: FetchResult) -> FetchResult:
        if not isinstance(result, MissingEndpointError):
            return result
        known = {*declaration.endpoints, *catalogue_cache.remembered(settings.catalogue)}
        hint = did_you_mean(endpoint_id, known, "look up the id: fal-codegen search")
        return MissingEndpointError(result.message, endpoint=endpoint_id, hint=hint)

    return {endpoint_id: suggested(endpoint_id, result) for endpoint_id, result in results.items()}


def _selected_ids(
    selection: Selection, declaration: Declaration, settings: FetchSettings, console: Console
) -> tuple[list[str], bool]:
    """Return the ids of the selected endpoints to add, and whether all selected ids are valid.

    Raises:
        UsageError: Nothing in the catalogue is selected.
    """
    listed = listed_endpoints(selection, settings)
    if not listed:
        raise UsageError(
            f"no endpoint of the catalogue is selected{_by(selection)}",
            hint="list them: fal-codegen search",
        )
    selected: list[str] = []
    declared = 0
    are_all_valid = True
    for endpoint in listed:
        try:
            endpoint_id = validate(endpoint.endpoint_id)
        except CodegenError as error:
            console.problem(error)
            are_all_valid = False
            continue
        if endpoint_id in declaration.endpoints:
            declared += 1
        elif endpoint.metadata.status == DEPRECATED_STATUS:
            console.say(f"{endpoint_id}: not added, because fal has deprecated it")
        else:
            selected.append(endpoint_id)
    console.say(f"{len(listed)} found, {declared} already declared, {len(selected)} to add")
    return selected, are_all_valid


def _by(selection: Selection) -> str:
    """Return the end of a sentence about what the arguments select."""
    options = {"--category": selection.category, "--match": selection.pattern}
    stated = [f"{name} {value}" for name, value in options.items() if value]
    return f" by {' and '.join(stated)}" if stated else ""


def _reported_update(
    project: Path, documents: Mapping[str, Document], console: Console
) -> Update | None:
    """Report what changed in the documents of declared endpoints; None if nothing did."""
    from fal_codegen.commands.comparing import DriftContext, prepare_update
    from fal_codegen.drift.formats import render

    update = prepare_update(project, documents, documents, DriftContext.load(project))
    if not (update.report.reports or update.report.ignored or update.report.failures):
        return None
    console.write(render(update.report, "text", colour=console.is_coloured))
    return update


def _id_of_page(text: str) -> str:
    """Return the endpoint id of a page's address; any other text unchanged."""
    page = text.removeprefix("https://").removeprefix("fal.ai/models/")
    return page.removesuffix("/api").removesuffix("/playground") if page != text else text
