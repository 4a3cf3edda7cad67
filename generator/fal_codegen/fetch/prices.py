"""Prices of endpoints from fal's platform API, which lists them next to the catalogue.

It needs a key (https://fal.ai/docs/platform-apis/v1/models/pricing). Up to 50 endpoints can be
requested at once; it rejects a list with an id that it does not know as a whole.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import httpx

from fal_codegen.document.json_values import mapping
from fal_codegen.document.price import PriceList, UnitPrice, of_listing
from fal_codegen.document.strict_json import parse_json
from fal_codegen.errors import CodegenError, FetchError, UsageError
from fal_codegen.fetch.catalogue import catalogue_url, key_headers
from fal_codegen.fetch.download import Downloads, RejectedError, shown
from fal_codegen.fetch.settings import FetchSettings

_BATCH = 50
"""Endpoints that can be requested at once."""

_MOST_REJECTIONS = 15
"""Rejected requests for a batch and its parts, after which the rest is abandoned."""


def fetch_prices(ids: Sequence[str], settings: FetchSettings, *, key: str, date: str) -> PriceList:
    """Fetch the prices of endpoints.

    Args:
        ids: Endpoint ids, each once.
        settings: Addresses, limits and retries.
        key: A key of fal's, which the platform API needs.
        date: The date of the prices.

    Raises:
        FetchError: The address of the catalogue is not a URL.
        UsageError: The key is malformed.
    """
    return asyncio.run(_fetch(ids, settings, key, date))


async def _fetch(ids: Sequence[str], settings: FetchSettings, key: str, date: str) -> PriceList:
    found: dict[str, UnitPrice | None] = {}
    errors: dict[str, FetchError] = {}

    url = pricing_url(settings)
    async with Downloads(settings) as downloads:

        async def batch(part: Sequence[str]) -> None:
            try:
                await _batch(downloads, url, key, part, date, found)
            except UsageError:
                raise
            except CodegenError as error:
                message = f"its price could not be fetched: {error.message}"
                for id_ in part:
                    if id_ not in found:
                        errors[id_] = FetchError(message, endpoint=id_, hint=error.hint)

        parts = [ids[start : start + _BATCH] for start in range(0, len(ids), _BATCH)]
        await asyncio.gather(*map(batch, parts))
    return PriceList(found, errors)


def pricing_url(settings: FetchSettings) -> httpx.URL:
    """Return the address of the prices, which is below that of the catalogue.

    Raises:
        FetchError: The address of the catalogue is not a URL.
    """
    catalogue = catalogue_url(settings.catalogue)
    return catalogue.copy_with(path=f"{catalogue.path.rstrip('/')}/pricing", query=None)


async def _batch(
    downloads: Downloads,
    url: httpx.URL,
    key: str,
    ids: Sequence[str],
    date: str,
    found: dict[str, UnitPrice | None],
) -> None:
    """Find the prices of one batch. A rejected batch is requested again in halves."""
    rejected = 0
    parts = [list(ids)]
    while parts:
        part = parts.pop()
        try:
            data = await downloads.get(
                url.copy_merge_params({"endpoint_id": part}),
                setting="fetch.catalogue",
                headers=key_headers(url, key),
            )
        except RejectedError as error:
            rejected += 1
            if error.status not in (400, 404) or rejected > _MOST_REJECTIONS:
                raise
            if len(part) == 1:
                if error.status == 400:
                    raise
                found[part[0]] = None
            else:
                parts += [part[len(part) // 2 :], part[: len(part) // 2]]
            continue
        listed = mapping(parse_json(data)).get("prices")
        if not isinstance(listed, list):
            raise FetchError(
                f"the response of {shown(url)} has no list of prices",
                hint="check fetch.catalogue in specs/endpoints.toml",
            )
        prices = {mapping(entry).get("endpoint_id"): of_listing(entry, date) for entry in listed}
        found.update({endpoint_id: prices.get(endpoint_id) for endpoint_id in part})
