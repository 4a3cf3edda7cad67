"""`search`: search fal's catalogue for endpoints."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Collection, Iterator, Sequence

from fal_codegen.commands.common_arguments import (
    add_catalogue,
    add_category,
    add_json,
    add_project,
    project_if_any,
)
from fal_codegen.commands.json_results import FoundEndpoint, SearchResult, print_json
from fal_codegen.commands.sources import fetch_settings, listed_endpoints
from fal_codegen.console import Console, columns
from fal_codegen.exit_codes import ExitCode
from fal_codegen.fetch.catalogue import ListedEndpoint
from fal_codegen.fetch.selection import STATUSES, Selection
from fal_codegen.project import declaration as declare
from fal_codegen.text import cut

EXAMPLE = "fal-codegen search pika --category image-to-video"


def arguments(parser: ArgumentParser) -> None:
    """Add the arguments of `search`."""
    add_project(parser)
    parser.add_argument(
        "words",
        nargs="*",
        metavar="TEXT",
        help="words of the name, description or category (default: all endpoints)",
    )
    add_category(parser)
    parser.add_argument("--status", choices=STATUSES, default="", help="endpoints of this status")
    add_json(parser)
    add_catalogue(parser)


def run(options: Namespace, console: Console) -> ExitCode:
    """List the endpoints of the catalogue that match, and whether they are declared here."""
    project = project_if_any(options)  # a search needs no project
    declaration = declare.load(project) if project else declare.parse("")
    selection = Selection(" ".join(options.words), options.category, options.status)
    listed = listed_endpoints(selection, fetch_settings(declaration, options))
    if options.json:
        print_json(_result(listed, declaration.endpoints), console)
    else:
        for line in _table(listed, declaration.endpoints):
            console.say(line)
    return ExitCode.SUCCESS


def _result(listed: Sequence[ListedEndpoint], declared: Collection[str]) -> SearchResult:
    return SearchResult(
        tuple(
            FoundEndpoint(
                id=endpoint.endpoint_id,
                title=endpoint.metadata.title,
                category=endpoint.metadata.category,
                status=endpoint.metadata.status,
                tags=endpoint.metadata.tags,
                description=endpoint.metadata.description,
                declared=endpoint.endpoint_id in declared,
            )
            for endpoint in listed
        )
    )


def _table(listed: Sequence[ListedEndpoint], declared: Collection[str]) -> Iterator[str]:
    """Yield the lines of a table of endpoints, and a last line with their number."""
    rows = [
        [
            cut(endpoint.endpoint_id, 200),
            cut(endpoint.metadata.title, 50),
            cut(endpoint.metadata.category, 30),
            cut(endpoint.metadata.status, 10),
            "declared" * (endpoint.endpoint_id in declared),
        ]
        for endpoint in listed
    ]
    if rows:
        yield from columns([["id", "title", "category", "status", ""], *rows])
    count = sum(endpoint.endpoint_id in declared for endpoint in listed)
    yield f"{len(listed)} found, {count} of them declared" if count else f"{len(listed)} found"
