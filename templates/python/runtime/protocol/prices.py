"""Unit prices and estimates of costs: fal's platform API."""

from __future__ import annotations

import json
from collections.abc import Iterable
from urllib.parse import urlencode

from ..costs import Cost, Price, amount_of
from ..errors import NOTHING, NotFoundError, Subject, UnexpectedResponse
from ..json_values import json_array, json_object
from ..transport.io import NEVER, HttpRequest, Io
from .connection import Connection
from .policies import READ
from .responses import body_of
from .retry import ask

_MOST_IDS = 50  # that one request can ask for


async def list_prices(
    io: Io, endpoint_ids: Iterable[str], connection: Connection
) -> dict[str, Price | None]:
    """Return the unit price of each endpoint; `None` for one without a price."""
    ids = list(dict.fromkeys(endpoint_ids))
    found: dict[str, Price] = {}
    for start in range(0, len(ids), _MOST_IDS):
        found |= await _listed(io, ids[start : start + _MOST_IDS], connection)
    return {endpoint_id: found.get(endpoint_id) for endpoint_id in ids}


async def _listed(io: Io, ids: list[str], connection: Connection) -> dict[str, Price]:
    """Return the prices that fal lists. It rejects a list with an unknown id as a whole."""
    url = f"{connection.addresses.api}/models/pricing"
    query = urlencode([("endpoint_id", endpoint_id) for endpoint_id in ids])
    request = HttpRequest("GET", f"{url}?{query}", auth=connection.key_for(url, NOTHING))
    try:
        body = body_of(await ask(io, request, READ, NEVER))
    except NotFoundError as error:
        if not _is_unknown_id(error):
            raise
        if len(ids) == 1:
            return {}
        half = len(ids) // 2
        first = await _listed(io, ids[:half], connection)
        return first | await _listed(io, ids[half:], connection)
    if not isinstance(json_object(body).get("prices"), list):
        raise UnexpectedResponse("the response does not list prices", body, NOTHING)
    prices = map(_price, json_array(json_object(body)["prices"]))
    return {price.endpoint_id: price for price in prices if price is not None}


def _price(entry: object) -> Price | None:
    found = json_object(entry)
    match found.get("endpoint_id"), found.get("unit"), found.get("currency"):
        case str(endpoint_id), str(unit), str(currency):
            amount = amount_of(found.get("unit_price"))
            return None if amount is None else Price(endpoint_id, amount, unit, currency)
        case _:
            return None


async def average_cost(
    io: Io, endpoint_id: str, connection: Connection, subject: Subject
) -> Cost | None:
    """Return what past calls of an endpoint cost on average; `None` if fal does not know it."""
    url = f"{connection.addresses.api}/models/pricing/estimate"
    endpoints = {endpoint_id: {"call_quantity": 1}}
    content = {"estimate_type": "historical_api_price", "endpoints": endpoints}
    request = HttpRequest(
        "POST",
        url,
        {"Content-Type": "application/json"},
        json.dumps(content).encode(),
        connection.key_for(url, subject),
        subject,
    )
    try:  # safe to repeat: it changes nothing
        body = body_of(await ask(io, request, READ, NEVER))
    except NotFoundError as error:
        if not _is_unknown_id(error):
            raise
        return None
    found = json_object(body)
    amount, currency = amount_of(found.get("total_cost")), found.get("currency")
    if amount is None or not isinstance(currency, str):
        raise UnexpectedResponse("the response has no estimate", body, subject)
    # fal has no past calls of some endpoints. Their sum is 0, which is not what a call costs.
    return Cost(amount, currency) if amount else None


def _is_unknown_id(error: NotFoundError) -> bool:
    """Return whether fal's platform API itself does not know an endpoint."""
    return error.error_type == "not_found"
