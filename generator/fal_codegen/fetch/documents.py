"""Fetch: the documents of endpoints from fal, with an error for each that cannot be fetched.

A few documents are fetched one by one from `fetch.url`, which needs no key and answers 404 for an
endpoint that does not exist. Many are fetched from the catalogue in batches; only documents that
the catalogue does not deliver are fetched one by one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

import httpx

from fal_codegen.document.read import Document, read
from fal_codegen.errors import (
    CodegenError,
    DocumentError,
    FetchError,
    MissingEndpointError,
    UsageError,
)
from fal_codegen.fetch import catalogue
from fal_codegen.fetch.download import Downloads, RejectedError, shown
from fal_codegen.fetch.results import FetchResult, FetchResults
from fal_codegen.fetch.settings import DOCUMENT_URL, FetchSettings


def fetch(
    ids: Sequence[str],
    settings: FetchSettings,
    *,
    key: str | None,
    on_done: Callable[[str], None],
    on_catalogue_error: Callable[[FetchError], None],
) -> FetchResults:
    """Fetch the documents of endpoints.

    Args:
        ids: Endpoint ids.
        settings: Addresses, limits and retries.
        key: A key for the catalogue, if there is one; with a key, it allows more requests.
        on_done: Called with each id when its document or error is known.
        on_catalogue_error: Called when the catalogue fails, before documents are fetched one by
            one.

    Returns:
        For each id, in the given order, its document or why there is none.
    """
    found: dict[str, FetchResult] = {}

    def keep(endpoint_id: str, result: FetchResult) -> None:
        found[endpoint_id] = result
        on_done(endpoint_id)

    async def run() -> None:
        async with Downloads(settings) as downloads:

            async def one(endpoint_id: str) -> None:
                keep(endpoint_id, await _fetch_one(downloads, endpoint_id, settings))

            if len(ids) >= settings.many and settings.are_in_catalogue:
                listing = catalogue.Catalogue(downloads, settings.catalogue, key)
                await listing.documents(ids, keep, on_catalogue_error)
            await asyncio.gather(*(one(id_) for id_ in ids if id_ not in found))

    asyncio.run(run())
    return {endpoint_id: found[endpoint_id] for endpoint_id in ids}


def without_unproven_removals(results: FetchResults, settings: FetchSettings) -> FetchResults:
    """Return the results, with a removal as a failure unless there is evidence for it.

    A wrong address answers 404 for every endpoint, so a 404 is evidence only if the same run got a
    document. Alone, it is one only from fal's own address.
    """
    is_fals_own = settings.url == DOCUMENT_URL and len(results) == 1
    if is_fals_own or any(isinstance(result, Document) for result in results.values()):
        return results

    def unproven(endpoint_id: str, result: FetchResult) -> FetchResult:
        if not isinstance(result, MissingEndpointError):
            return result
        return FetchError(
            f"{shown(httpx.URL(settings.url))} answered 404 for every endpoint, "
            "so it is probably the wrong address",
            endpoint=endpoint_id,
            hint="check --url and fetch.url in specs/endpoints.toml; "
            "if fal removed the endpoint: fal-codegen remove ID",
        )

    return {endpoint_id: unproven(endpoint_id, result) for endpoint_id, result in results.items()}


async def _fetch_one(
    downloads: Downloads, endpoint_id: str, settings: FetchSettings
) -> FetchResult:
    try:
        url = httpx.URL(settings.url).copy_merge_params({"endpoint_id": endpoint_id})
        data = await downloads.get(url, setting="fetch.url")
        return replace(read(data, expect=endpoint_id), url=str(url))
    except httpx.InvalidURL as error:
        return FetchError(
            f"fetch.url is not a URL: {error}",
            endpoint=endpoint_id,
            hint="correct fetch.url in specs/endpoints.toml",
        )
    except RejectedError as error:
        if error.status == 404:
            return MissingEndpointError(
                "fal has no such endpoint: the id is wrong, or fal has removed the endpoint",
                endpoint=endpoint_id,
                hint="look up the id: fal-codegen search",
            )
        return error.complete(endpoint=endpoint_id)
    except UsageError:  # the same for every endpoint, such as an unusable proxy
        raise
    except DocumentError as error:
        hint = f"try again, or check the address: {shown(httpx.URL(settings.url))}"
        return error.complete(endpoint=endpoint_id, hint=hint)
    except CodegenError as error:
        return error.complete(endpoint=endpoint_id)
