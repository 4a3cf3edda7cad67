"""Compare a server, which is fal or stands for it, with the emulator."""

from __future__ import annotations

import contextlib
from decimal import Decimal
from typing import Any, NamedTuple

import httpx
from fal_codegen.emulator import Emulator
from fal_codegen.emulator.endpoints.served_endpoint import ServedEndpoint
from fal_codegen.emulator.recording.fal_urls import Origin
from fal_codegen.errors import DocumentError

from .facts import Difference, differences, facts
from .inbox import Inbox, listening
from .observer import Budget, Observer
from .steps import LIFE, stepping


def _cheapest(http: httpx.Client, origin: Origin) -> tuple[dict[str, Any], Decimal]:
    """Return the document of the cheapest text-to-image endpoint, with its price per unit.

    Raises:
        LookupError: The catalogue lists none.
    """
    query = {"category": "text-to-image", "status": "active", "limit": "50"}
    listed = http.get(origin.url("/api/v1/models"), params=query).raise_for_status().json()
    ids = [model["endpoint_id"] for model in listed["models"]]
    url = origin.url("/api/v1/models/pricing")
    priced = http.get(url, params={"endpoint_id": ids}).raise_for_status().json()
    prices = {entry["endpoint_id"]: Decimal(str(entry["unit_price"])) for entry in priced["prices"]}
    for endpoint_id in sorted(prices, key=lambda id: prices[id]):
        url = origin.url("/api/openapi/queue/openapi.json")
        answer = http.get(url, params={"endpoint_id": endpoint_id})
        if not answer.is_success or prices[endpoint_id] <= 0:
            continue
        with contextlib.suppress(DocumentError):
            document: dict[str, Any] = answer.json()
            if not ServedEndpoint(document).problems(ServedEndpoint(document).example_input):
                return document, prices[endpoint_id]
    raise LookupError("the catalogue lists no text-to-image endpoint with a price and a document")


class Comparison(NamedTuple):
    """Where a server differs from the emulator, and the facts that it did not show."""

    endpoint_id: str
    differences: list[Difference]
    missing: list[str]


def compare(origin: Origin, key: str, most: Decimal, inbox: Inbox | None) -> Comparison:
    """Compare a server with the emulator.

    Args:
        origin: Where the server is.
        key: A key of it.
        most: US dollars that may be spent.
        inbox: Where the server can deliver webhooks, if it can.

    Raises:
        TooExpensive: The comparison might cost more.
        LookupError: The server's catalogue lists no endpoint to compare.
    """
    with httpx.Client(headers={"Authorization": f"Key {key}"}, timeout=60) as http:
        document, price = _cheapest(http, origin)
    endpoint = ServedEndpoint(document)
    actual = Observer(origin, key, endpoint, Budget(most, price), inbox).observe()
    free = Budget(Decimal(0), Decimal(0))
    local_fal = stepping(Emulator([document], faults=LIFE, key=key))
    with local_fal as emulator, listening() as local:
        emulated = Observer(Origin(emulator.base_url), key, endpoint, free, local).observe()
    compared = {id for id, fact in facts().items() if fact.is_compared}
    found = differences(emulated, actual)
    return Comparison(endpoint.id, found, sorted(compared - actual.facts))
