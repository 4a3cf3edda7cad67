"""Prices of endpoints from fal's platform API, which lists them next to the catalogue.

It needs a key (https://fal.ai/docs/platform-apis/v1/models/pricing).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import httpx

from fal_codegen.document.json_values import mapping
from fal_codegen.document.price import PriceList, UnitPrice, of_listing
from fal_codegen.document.strict_json import parse_json
from fal_codegen.errors import CodegenError, FetchError, UsageError
from fal_codegen.fetch.batches import batches, request_in_halves
from fal_codegen.fetch.catalogue import catalogue_url, key_headers
from fal_codegen.fetch.download import Downloads, RejectedError, shown
from fal_codegen.fetch.settings import FetchSettings


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
    url = pricing_url(settings)
    found: dict[str, UnitPrice | None] = {}
    errors: dict[str, FetchError] = {}

    async with Downloads(settings) as downloads:

        async def request(part: Sequence[str]) -> None:
            data = await downloads.get(
                url.copy_merge_params({"endpoint_id": list(part)}),
                setting="fetch.catalogue",
                headers=key_headers(url, key),
            )
            listed = mapping(parse_json(data)).get("prices")
            if not isinstance(listed, list):
                raise FetchError(
                    f"the response of {shown(url)} has no list of prices",
                    hint="check fetch.catalogue in specs/endpoints.toml",
                )
            prices = {mapping(each).get("endpoint_id"): of_listing(each, date) for each in listed}
            found.update({id_: prices.get(id_) for id_ in part})

        def on_rejected(id_: str, error: RejectedError) -> None:
            if error.status != 404:
                raise error
            found[id_] = None  # fal does not know the endpoint

        async def batch(part: Sequence[str]) -> None:
            try:
                await request_in_halves(part, request, on_rejected)
            except UsageError:
                raise
            except CodegenError as error:
                message = f"its price could not be fetched: {error.message}"
                for id_ in part:
                    if id_ not in found:
                        errors[id_] = FetchError(message, endpoint=id_, hint=error.hint)

        await asyncio.gather(*map(batch, batches(ids)))
    return PriceList(found, errors)


def pricing_url(settings: FetchSettings) -> httpx.URL:
    """Return the address of the prices, which is below that of the catalogue.

    Raises:
        FetchError: The address of the catalogue is not a URL.
    """
    catalogue = catalogue_url(settings.catalogue)
    return catalogue.copy_with(path=f"{catalogue.path.rstrip('/')}/pricing", query=None)
