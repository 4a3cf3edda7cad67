"""Unit prices and estimates, as fal's platform API reports them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import httpx
import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import (
    APIError,
    AuthenticationError,
    Cost,
    Fal,
    NotFoundError,
    Price,
    UnexpectedResponse,
    ValidationError,
)

from .collage import Collage
from .conftest import Call
from .given import client_of

PIKA = "fal-ai/pika/v2.2/image-to-video"
COLLAGE = Collage.endpoint_id


def answering(body: Any, status: int = 200) -> Fal:
    """Return a client of a server that answers every request with a body."""
    return client_of(lambda request: httpx.Response(status, json=body))


def test_prices_are_exact_and_unknown_ones_are_none(
    client: Fal, call: Call, emulator: Emulator
) -> None:
    emulator.emulate("unit-price=0.035, unit=second")
    prices: Mapping[str, Price | None] = call(client.prices, PIKA, "acme/not-here", COLLAGE)
    price = Price(PIKA, Decimal("0.035"), "second", "USD")
    assert prices == {
        PIKA: price,
        "acme/not-here": None,
        COLLAGE: Price(COLLAGE, Decimal("0.035"), "second", "USD"),
    }
    assert str(price) == "0.035 USD per second"
    assert price.cost(5) == Cost(Decimal("0.175"), "USD")
    assert price.cost(0.1) == Cost(Decimal("0.0035"), "USD")
    assert price.cost(None) is None
    assert [price.cost(units) for units in (float("nan"), float("inf"), -1.0)] == [None] * 3
    emulator.emulate("unpriced")
    assert call(client.prices, PIKA) == {PIKA: None}


def test_many_prices_take_a_request_for_fifty(client: Fal, call: Call, emulator: Emulator) -> None:
    assert call(client.prices) == {}
    call(client.prices, *[PIKA] * 60, COLLAGE)
    assert emulator.journal.count("prices") == 1
    asked = [PIKA, *(f"acme/unknown-{n}" for n in range(50))]
    prices = call(client.prices, *asked)
    assert list(prices) == asked
    assert [id for id, price in prices.items() if price is not None] == [PIKA]


def test_an_estimate_is_what_past_calls_cost(
    collage: Collage, call: Call, emulator: Emulator
) -> None:
    request = collage(layers=[])
    emulator.emulate("past-cost=0.4")
    assert call(request.estimate) == Cost(Decimal("0.4"), "USD")
    assert str(call(request.estimate)) == "0.4 USD"
    (first, _) = emulator.journal.select("estimate")
    assert first.json == {
        "estimate_type": "historical_api_price",
        "endpoints": {COLLAGE: {"call_quantity": 1}},
    }
    emulator.emulate("unpriced")
    assert call(request.estimate) is None
    assert emulator.journal.count("submit") == 0


def test_an_endpoint_that_fal_does_not_know_has_no_estimate(client: Fal, call: Call) -> None:
    assert call(client.endpoint("acme/not-here")(x=1).estimate) is None


def test_an_invalid_id_is_not_sent(client: Fal, call: Call, emulator: Emulator) -> None:
    with pytest.raises(ValidationError):
        call(client.prices, "../admin")
    assert emulator.journal.count("prices") == 0


def test_a_rejected_key_is_named(client: Fal, call: Call, emulator: Emulator) -> None:
    emulator.emulate("balance; on=prices|estimate")
    with pytest.raises(APIError):
        call(client.prices, PIKA)
    denied = {"error": {"type": "authorization_error", "message": "no"}}
    with pytest.raises(AuthenticationError, match="FAL_KEY"):
        answering(denied, 401).prices(PIKA)


@pytest.mark.parametrize("body", [[], {}, {"prices": {}}, "x", None])
def test_an_answer_without_prices_is_unexpected(body: Any) -> None:
    with pytest.raises(UnexpectedResponse):
        answering(body).prices(PIKA)
    with pytest.raises(UnexpectedResponse):
        Collage(answering(body))(layers=[]).estimate()


def test_a_price_that_is_not_one_is_unknown() -> None:
    price: dict[str, Any] = {
        "endpoint_id": PIKA,
        "unit_price": 1,
        "unit": "image",
        "currency": "USD",
    }
    odd: list[Any] = [
        {"unit_price": None},
        {"unit_price": "1"},
        {"unit_price": True},
        {"unit_price": -1},
        {"unit": None},
        {"currency": 5},
        {"endpoint_id": None},
    ]
    for change in odd:
        assert answering({"prices": [{**price, **change}, 5]}).prices(PIKA) == {PIKA: None}


def test_a_page_of_a_proxy_is_not_an_unknown_price() -> None:
    with pytest.raises(NotFoundError):
        answering({"detail": "Not Found"}, 404).prices(PIKA)
