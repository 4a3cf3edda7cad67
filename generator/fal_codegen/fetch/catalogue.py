"""Catalogue: fal's listing of its endpoints, searched, or asked for many documents at once.

Addresses and answers as published by fal (https://fal.ai/docs/platform-apis/v1/models): pages that
lead on by a cursor; up to 50 endpoints asked for by id; `expand=openapi-3.0` for their documents. A
key is not needed, and gets a higher rate limit.
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
from fal_codegen.document.read import Document, parse_json, read_parsed
from fal_codegen.errors import CodegenError, FetchError, UsageError
from fal_codegen.fetch.download import Downloads, RefusedError
from fal_codegen.fetch.routes import is_this_machine
from fal_codegen.fetch.selection import Selection
from fal_codegen.project.declaration import FetchSettings

_BATCH = 50
"""Endpoints that may be asked for by id at once."""

_MOST_PAGES = 2000
"""Pages after which a listing is taken to have no end."""

_MOST_BYTES = 200_000_000
"""Bytes of all pages of a listing after which it is taken to have no end."""

_MOST_REFUSALS = 15
"""Refusals of one batch and its halves after which the rest is not asked for: two or three of its
endpoints being gone are less."""

_ABOUT_THE_BATCH = frozenset({400, 404, 413, 414})
"""Statuses that one endpoint of a batch, or their number, can be the cause of."""

_KEY_HOST = "api.fal.ai"

Keep = Callable[[str, "Document | CodegenError"], None]


@dataclass(frozen=True)
class ListedEndpoint:
    """An endpoint in the catalogue; its id is text from a server, and may be none that is valid."""

    endpoint_id: str
    metadata: Metadata


def search(
    selection: Selection, settings: FetchSettings, *, key: str | None = None
) -> list[ListedEndpoint]:
    """Return the endpoints that fit, all pages of them, in the order of the catalogue.

    Args:
        selection: What to look for.
        settings: Address, limits and retries.
        key: A key for the catalogue, if there is one.

    Raises:
        FetchError: The catalogue could not be asked, or its answer is not one.
        UsageError: The key cannot be one.
    """

    async def run() -> list[ListedEndpoint]:
        async with Downloads(settings) as downloads:
            listing = Catalogue(downloads, settings.catalogue, key)
            return await listing.search(selection)

    return asyncio.run(run())


class Catalogue:
    """fal's catalogue, at one address.

    Args:
        downloads: What to ask it by.
        address: Its address.
        key: A key of fal's. It is sent to fal's own catalogue and to this machine, and nowhere
            else: the address may stem from a project that somebody else wrote.

    Raises:
        FetchError: The address is none.
        UsageError: The key cannot be one.
    """

    def __init__(self, downloads: Downloads, address: str, key: str | None) -> None:
        self._downloads = downloads
        try:
            self._url = httpx.URL(address)
        except httpx.InvalidURL as error:
            raise FetchError(
                f"{address} is not an address: {error}",
                hint="correct fetch.catalogue in specs/endpoints.toml",
            ) from error
        self._headers = {"Authorization": f"Key {_checked(key)}"} if key and self._trusts() else {}

    def _trusts(self) -> bool:
        url = self._url
        return is_this_machine(url.host) or (url.scheme == "https" and url.host == _KEY_HOST)

    async def search(self, selection: Selection) -> list[ListedEndpoint]:
        """Return the endpoints that fit, each once. Raises FetchError."""
        params = {
            "q": selection.text,
            "category": selection.category,
            "status": selection.status,
            "limit": str(_BATCH),
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
        """Get the documents of endpoints, in as few requests as the catalogue allows.

        An endpoint that the catalogue does not have, or not now, is passed over.

        Args:
            ids: Endpoint ids, each once.
            keep: Called with each id that the catalogue brought, and its document, or why the
                document cannot be used.
            on_error: Called with each different reason why endpoints were passed over, other
                than that the catalogue does not have them.
        """
        batches = [ids[start : start + _BATCH] for start in range(0, len(ids), _BATCH)]
        told: set[str] = set()

        async def batch(part: Sequence[str]) -> None:
            try:
                await self._batch(part, keep)
            except FetchError as error:
                if error.message not in told:
                    told.add(error.message)
                    on_error(error)

        await asyncio.gather(*map(batch, batches))

    async def _batch(self, ids: Sequence[str], keep: Keep) -> None:
        """Get the documents of one batch; one that is refused is asked for again in halves."""
        refused = 0
        parts = [list(ids)]
        while parts:
            wanted = dict.fromkeys(parts.pop())
            params = {"endpoint_id": list(wanted), "expand": "openapi-3.0", "limit": len(wanted)}
            try:
                async with aclosing(self._models(params)) as models:
                    async for model in models:
                        endpoint_id = model["endpoint_id"]
                        if endpoint_id in wanted:
                            del wanted[endpoint_id]
                            keep(endpoint_id, self._document(model))
                        if not wanted:
                            break
            except RefusedError as error:
                refused += 1
                if error.status not in _ABOUT_THE_BATCH or refused > _MOST_REFUSALS:
                    raise
                rest = list(wanted)
                if len(rest) > 1:
                    parts += [rest[len(rest) // 2 :], rest[: len(rest) // 2]]

    def _document(self, model: Mapping[str, Any]) -> Document | CodegenError:
        """Read the document in a model that was asked for with its document."""
        endpoint_id = model["endpoint_id"]
        expanded = mapping(model.get("openapi"))
        if not expanded or "error" in expanded:
            failure = mapping(expanded.get("error"))
            said = f"{failure.get('code', 'no document')}: {failure.get('message', 'no reason')}"
            return FetchError(
                f"the catalogue failed to give its document ({said[:300]})",
                endpoint=endpoint_id,
                hint=f"try again, or get it by itself: fal-codegen add {endpoint_id}",
            )
        try:
            document = read_parsed(expanded, expect=endpoint_id)
        except CodegenError as error:
            return error
        address = self._url.copy_merge_params({"endpoint_id": endpoint_id, "expand": "openapi-3.0"})
        known = of_listing(model["metadata"]) if "metadata" in model else None
        return replace(document, url=str(address), metadata=known)

    async def _models(self, params: Mapping[str, Any]) -> AsyncGenerator[Mapping[str, Any]]:
        """Yield the models of all pages that a request leads to."""
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
            except (RefusedError, UsageError):
                raise
            except (httpx.InvalidURL, UnicodeError) as error:
                what = "its cursor" if "cursor" in query else "what is looked for"
                raise self._failed(f"{what} cannot be part of an address") from error
            except CodegenError as error:
                raise self._failed(error.message, error.hint) from error
            models = page.get("models")
            if not isinstance(models, list):
                raise self._failed("its answer has no list of models")
            for model in models:
                if isinstance(model, dict) and isinstance(model.get("endpoint_id"), str):
                    yield model
            cursor = page.get("next_cursor")
            if not cursor or not isinstance(cursor, str):
                return
            is_endless = len(cursors) >= _MOST_PAGES or received > _MOST_BYTES
            if cursor in cursors or is_endless:
                raise self._failed("its pages lead in a circle, or do not end")
            cursors.add(cursor)
            query["cursor"] = cursor

    def _failed(self, message: str, hint: str | None = None) -> FetchError:
        return FetchError(
            f"the catalogue at {self._url.copy_with(query=None)}: {message}",
            hint=hint or "check fetch.catalogue in specs/endpoints.toml",
        )


def _checked(key: str) -> str:
    if key.isascii() and key.isprintable() and " " not in key:
        return key
    # Refused here, because an error of the connection's would show it.
    raise UsageError("FAL_KEY has characters that no key has", hint="set it again, or unset it")
