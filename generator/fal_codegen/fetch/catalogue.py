"""The catalogue: fal's listing of its endpoints, for searching and for fetching many documents.

fal documents it (https://fal.ai/docs/platform-apis/v1/models): its pages have cursors, up to 50
endpoints can be requested by id, and `expand=openapi-3.0` adds their documents. It needs no key; a
key raises the rate limit.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

import httpx

from fal_codegen.document.json_values import mapping
from fal_codegen.document.metadata import Metadata, of_listing
from fal_codegen.document.read import read_parsed
from fal_codegen.document.strict_json import parse_json
from fal_codegen.errors import CodegenError, FetchError, UsageError
from fal_codegen.fetch.batches import BATCH, batches, request_in_halves
from fal_codegen.fetch.download import Downloads, RejectedError, shown
from fal_codegen.fetch.results import FetchResult
from fal_codegen.fetch.routes import is_this_machine
from fal_codegen.fetch.selection import Selection
from fal_codegen.fetch.settings import FetchSettings
from fal_codegen.text import cut

_MOST_PAGES = 2000
"""Pages after which a listing counts as endless."""

_MOST_BYTES = 200_000_000
"""Bytes of all pages after which a listing counts as endless."""

_KEY_HOST = "api.fal.ai"

Keep = Callable[[str, FetchResult], None]


@dataclass(frozen=True)
class ListedEndpoint:
    """An endpoint in the catalogue. Its id comes from a server, and may be invalid."""

    endpoint_id: str
    metadata: Metadata


def search(
    selection: Selection, settings: FetchSettings, *, key: str | None = None
) -> list[ListedEndpoint]:
    """Return all endpoints that match, in the order of the catalogue.

    Args:
        selection: What to search for.
        settings: Address, limits and retries.
        key: A key for the catalogue, if there is one.

    Raises:
        FetchError: The catalogue could not be reached, or its response is invalid.
        UsageError: The key is malformed.
    """

    async def run() -> list[ListedEndpoint]:
        async with Downloads(settings) as downloads:
            listing = Catalogue(downloads, settings.catalogue, key)
            return await listing.search(selection)

    return asyncio.run(run())


class Catalogue:
    """fal's catalogue, at one address.

    Args:
        downloads: Sends its requests.
        address: Its URL.
        key: A key of fal's. It is only sent to fal's own catalogue and to loopback, because the
            address may come from a project that somebody else wrote.

    Raises:
        FetchError: The address is not a URL.
        UsageError: The key is malformed.
    """

    def __init__(self, downloads: Downloads, address: str, key: str | None) -> None:
        self._downloads = downloads
        self._url = catalogue_url(address)
        self._headers = key_headers(self._url, key)

    async def search(self, selection: Selection) -> list[ListedEndpoint]:
        """Return the endpoints that match, each once. Raises FetchError."""
        params = {
            "q": selection.text,
            "category": selection.category,
            "status": selection.status,
            "limit": str(BATCH),
        }
        found: dict[str, ListedEndpoint] = {}
        async for model in self._models({name: it for name, it in params.items() if it}):
            endpoint_id = model["endpoint_id"]
            if selection.includes(endpoint_id):
                listed = ListedEndpoint(endpoint_id, of_listing(model.get("metadata")))
                found.setdefault(endpoint_id, listed)
        return list(found.values())

    async def documents(
        self, ids: Sequence[str], keep: Keep, on_error: Callable[[FetchError], None]
    ) -> None:
        """Fetch the documents of endpoints, in as few requests as the catalogue allows.

        Endpoints that the catalogue does not deliver are skipped.

        Args:
            ids: Endpoint ids, each once.
            keep: Called with each id that the catalogue delivered, and its document, or why the
                document cannot be used.
            on_error: Called once with each different failure of the catalogue.
        """
        reported: set[str] = set()

        async def batch(part: Sequence[str]) -> None:
            try:
                await self._batch(part, keep)
            except FetchError as error:
                if error.message not in reported:
                    reported.add(error.message)
                    on_error(error)

        await asyncio.gather(*map(batch, batches(ids)))

    async def _batch(self, ids: Sequence[str], keep: Keep) -> None:
        """Fetch the documents of one batch. An endpoint that is rejected alone is skipped."""

        async def request(part: Sequence[str]) -> None:
            wanted = set(part)
            params = {"endpoint_id": list(part), "expand": "openapi-3.0", "limit": len(part)}
            async with aclosing(self._models(params)) as models:
                async for model in models:
                    endpoint_id = model["endpoint_id"]
                    if endpoint_id in wanted:
                        wanted.remove(endpoint_id)
                        keep(endpoint_id, self._document(model))
                    if not wanted:
                        break

        await request_in_halves(ids, request, on_rejected=lambda _id, _error: None)

    def _document(self, model: Mapping[str, Any]) -> FetchResult:
        """Read the document in a model of the catalogue."""
        endpoint_id = model["endpoint_id"]
        expanded = mapping(model.get("openapi"))
        if not expanded or "error" in expanded:
            failure = mapping(expanded.get("error"))
            reason = f"{failure.get('code', 'no document')}: {failure.get('message', 'no reason')}"
            return FetchError(
                f"the catalogue failed to deliver its document ({cut(reason, 300)})",
                endpoint=endpoint_id,
                hint=f"try again, or fetch it alone: fal-codegen add {endpoint_id}",
            )
        try:
            document = read_parsed(expanded, expect=endpoint_id)
        except CodegenError as error:
            return error
        address = self._url.copy_merge_params({"endpoint_id": endpoint_id, "expand": "openapi-3.0"})
        known = of_listing(model["metadata"]) if "metadata" in model else None
        return replace(document, url=str(address), metadata=known)

    async def _models(self, params: Mapping[str, Any]) -> AsyncGenerator[Mapping[str, Any]]:
        """Yield the models of all pages of a response."""
        cursors: set[str] = set()
        query: dict[str, Any] = dict(params)
        received = 0
        while True:
            try:
                url = self._url.copy_merge_params(query)
                data = await self._downloads.get(
                    url, setting="fetch.catalogue", headers=self._headers
                )
                received += len(data)
                page = mapping(parse_json(data))
            except (RejectedError, UsageError):
                raise
            except (httpx.InvalidURL, UnicodeError) as error:
                part = "its cursor" if "cursor" in query else "the search text"
                raise self._failed(f"{part} cannot be part of a URL") from error
            except CodegenError as error:
                raise self._failed(error.message, error.hint) from error
            models = page.get("models")
            if not isinstance(models, list):
                raise self._failed("its response has no list of models")
            for model in models:
                if isinstance(model, dict) and isinstance(model.get("endpoint_id"), str):
                    yield model
            cursor = page.get("next_cursor")
            if not cursor or not isinstance(cursor, str):
                return
            is_endless = len(cursors) >= _MOST_PAGES or received > _MOST_BYTES
            if cursor in cursors or is_endless:
                raise self._failed("its pages are circular or endless")
            cursors.add(cursor)
            query["cursor"] = cursor

    def _failed(self, message: str, hint: str | None = None) -> FetchError:
        return FetchError(
            f"the catalogue at {shown(self._url)}: {message}",
            hint=hint or "check fetch.catalogue in specs/endpoints.toml",
        )


def catalogue_url(address: str) -> httpx.URL:
    """Return the address of the catalogue. Raises FetchError if it is not a URL."""
    try:
        return httpx.URL(address)
    except httpx.InvalidURL as error:
        raise FetchError(
            f"fetch.catalogue is not a URL: {error}",
            hint="correct fetch.catalogue in specs/endpoints.toml",
        ) from error


def key_headers(url: httpx.URL, key: str | None) -> dict[str, str]:
    """Return the headers that carry a key, if the address is trusted with it.

    Raises:
        UsageError: The key is malformed.
    """
    is_trusted = is_this_machine(url.host) or (url.scheme == "https" and url.host == _KEY_HOST)
    return {"Authorization": f"Key {usable(key)}"} if key and is_trusted else {}


def usable(key: str) -> str:
    """Return a key that can be sent.

    Raises:
        UsageError: It is malformed; the message does not show it.
    """
    if key.isascii() and key.isprintable() and " " not in key:
        return key
    # Rejected here, because an error of the connection would show the key.
    raise UsageError("FAL_KEY has invalid characters", hint="copy the key again, or unset FAL_KEY")
