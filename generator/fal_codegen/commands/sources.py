"""Where commands get documents from: fal, another address, or disk."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from fal_codegen import catalogue_cache
from fal_codegen.console import Console
from fal_codegen.document.overlay import correct
from fal_codegen.document.price import PriceList
from fal_codegen.document.read import Document
from fal_codegen.endpoint_id import is_valid
from fal_codegen.errors import (
    CodegenError,
    UsageError,
    with_causes_once,
)
from fal_codegen.fetch.local_documents import documents_on_disk
from fal_codegen.fetch.results import FetchResults
from fal_codegen.fetch.selection import Selection
from fal_codegen.fetch.settings import FetchSettings
from fal_codegen.paths import SPECS
from fal_codegen.pipeline import plan_endpoint
from fal_codegen.project.declaration import (
    Declaration,
    Overrides,
    reject_case_twin,
)
from fal_codegen.project.inputs import overlay_of
from fal_codegen.suggestions import did_you_mean

if TYPE_CHECKING:
    from fal_codegen.fetch.catalogue import ListedEndpoint


def fetch_settings(declaration: Declaration, options: Namespace) -> FetchSettings:
    """Return where to fetch from: the arguments' addresses, or else the declared ones.

    If the arguments name a catalogue and no address of documents, every document comes from that
    catalogue, even a single one.
    """
    declared = declaration.fetch
    url: str | None = getattr(options, "url", None)
    catalogue: str | None = options.catalogue
    return replace(
        declared,
        url=url or declared.url,
        catalogue=catalogue or declared.catalogue,
        many=1 if catalogue and not url else declared.many,
    )


def api_key() -> str | None:
    """Return the key for the catalogue, if the environment has one."""
    return os.environ.get("FAL_KEY", "").strip() or None


def reject_two_sources(options: Namespace) -> None:
    """Reject arguments that name both disk and an address.

    Raises:
        UsageError: The arguments name both.
    """
    if (options.url or options.catalogue) and options.sources:
        raise UsageError("--from reads from disk, so it excludes --url and --catalogue")


def paths_and_ids(options: Namespace) -> tuple[list[Path], list[str]]:
    """Return the files and folders after `--from`, and the endpoint ids.

    Ids may also follow the paths: an argument after the first is an id if it looks like one and is
    not on disk.
    """
    first, *others = options.sources
    ids = [text for text in others if is_valid(text) and not Path(text).exists()]
    paths = [Path(text) for text in others if text not in ids]
    return [Path(first), *paths], [*options.ids, *ids]


def require_declared(declaration: Declaration, ids: Collection[str]) -> None:
    """Reject endpoints that the project does not declare.

    Raises:
        UsageError: One of them is not declared.
    """
    for endpoint_id in ids:
        if endpoint_id in declaration.endpoints:
            continue
        hint = did_you_mean(
            endpoint_id, declaration.endpoints, "list declared endpoints: fal-codegen list"
        )
        if endpoint_id in catalogue_cache.remembered(declaration.fetch.catalogue):
            hint = f"declare it: fal-codegen add {endpoint_id}"
        raise UsageError("the endpoint is not declared", endpoint=endpoint_id, hint=hint)


def listed_endpoints(selection: Selection, settings: FetchSettings) -> list[ListedEndpoint]:
    """Search the catalogue, and keep the ids that it lists for suggestions and completion.

    Raises:
        FetchError: The catalogue could not be reached, or its response is invalid.
        UsageError: The key is malformed.
    """
    from fal_codegen.fetch.catalogue import search

    listed = search(selection, settings, key=api_key())
    ids = (endpoint.endpoint_id for endpoint in listed)
    catalogue_cache.remember(settings.catalogue, ids, is_complete=selection == Selection())
    return listed


def current_documents(
    project: Path, declaration: Declaration, options: Namespace, console: Console
) -> FetchResults:
    """Return the current documents of declared endpoints, from the source that the arguments name.

    Args:
        project: The project.
        declaration: The declaration.
        options: The arguments `ids`, `sources`, `url` and `catalogue`.
        console: Where to report progress.

    Raises:
        UsageError: An endpoint is not declared, or none is; or the documents are the vendored ones.
    """
    reject_two_sources(options)
    paths, ids = paths_and_ids(options) if options.sources else ([], options.ids)
    require_declared(declaration, ids)
    if not declaration.endpoints:
        raise UsageError("nothing is declared yet", hint="fal-codegen add fal-ai/flux/dev")
    if not paths:
        from fal_codegen.fetch.documents import without_unproven_removals

        settings = fetch_settings(declaration, options)
        results = fetched_documents(ids or [*declaration.endpoints], settings, console)
        return without_unproven_removals(results, settings)
    _reject_vendored(project / SPECS, paths)
    # A file is of one endpoint; a folder has to have all of them.
    are_files = all(path.is_file() for path in paths)
    results = documents_on_disk(paths, ids or ([] if are_files else [*declaration.endpoints]))
    require_declared(declaration, [id_ for id_, it in results.items() if isinstance(it, Document)])
    return results


def _reject_vendored(specs: Path, paths: Collection[Path]) -> None:
    """Reject sources that have the vendored documents, which never differ from themselves.

    Raises:
        UsageError: One of them is `specs/`, a part of it, or a folder that it is in.
    """
    own = specs.resolve()
    for path in paths:
        source = path.resolve()
        if source.is_relative_to(own) or own.is_relative_to(source):
            raise UsageError(
                f"--from {path} has the vendored documents of this project, "
                "which would be compared with themselves",
                hint="name other documents, or leave out --from to fetch them",
            )


def fetched_documents(
    ids: Sequence[str], settings: FetchSettings, console: Console
) -> FetchResults:
    """Fetch documents, showing progress."""
    from fal_codegen.fetch.documents import fetch

    wanted = list(dict.fromkeys(ids))
    catalogue_errors: list[CodegenError] = []
    with console.progress("fetching", len(wanted)) as advance:
        results = fetch(
            wanted,
            settings,
            key=api_key(),
            on_done=advance,
            on_catalogue_error=catalogue_errors.append,
        )
    for error in catalogue_errors:
        console.say(f"the catalogue failed, so documents were fetched one by one: {error.message}")
    return results


def current_prices(ids: Collection[str], declaration: Declaration, options: Namespace) -> PriceList:
    """Look up prices, if the project asks for them and there is a key.

    Documents on disk have no prices.

    Raises:
        FetchError: The address of the catalogue is not a URL.
        UsageError: The key is malformed.
    """
    settings = fetch_settings(declaration, options)
    is_on_disk = bool(getattr(options, "sources", None))
    if is_on_disk or not settings.prices:
        return PriceList()
    key = api_key()
    if key is None:
        notice = "prices were not looked up: set FAL_KEY (https://fal.ai/dashboard/keys)"
        return PriceList(notice=notice)
    from fal_codegen.fetch.prices import fetch_prices

    today = datetime.now(timezone.utc).date().isoformat()
    return fetch_prices(list(dict.fromkeys(ids)), settings, key=key, date=today)


def report_prices(prices: PriceList, console: Console) -> None:
    """Print why prices were not looked up."""
    if prices.notice:
        console.say(prices.notice)
    for error in with_causes_once(prices.errors.values()):
        console.problem(error)


def usable_documents(
    project: Path, results: FetchResults, declaration: Declaration, console: Console
) -> tuple[dict[str, Document], bool]:
    """Return the usable documents, and whether all of them are usable.

    Errors of the others are printed.
    """
    documents: dict[str, Document] = {}
    errors: list[CodegenError] = []
    spellings = {endpoint_id.lower(): endpoint_id for endpoint_id in declaration.endpoints}
    for endpoint_id, result in results.items():
        if isinstance(result, CodegenError):
            errors.append(result)
            continue
        try:
            overrides = declaration.endpoints.get(endpoint_id, Overrides())
            plan_endpoint(correct(result, overlay_of(project, endpoint_id)), overrides)
            reject_case_twin(endpoint_id, spellings)
            documents[endpoint_id] = result
        except CodegenError as error:
            errors.append(error)
    for failure in with_causes_once(errors):
        console.problem(failure)
    return documents, len(documents) == len(results)
