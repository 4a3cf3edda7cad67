"""api.fal.ai: unit prices, estimates, and the requests that are over."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from fal_codegen.emulator import Emulator

from .conftest import PAINT
from .test_queue import INPUT, submit, wait

OTHER = "acme/paint"
PRICES, ESTIMATE = "/api/v1/models/pricing", "/api/v1/models/pricing/estimate"
REQUESTS = "/api/v1/models/requests/by-endpoint"


def requests(http: httpx.Client, **params: Any) -> Any:
    response = http.get(REQUESTS, params={"endpoint_id": PAINT, **params})
    assert response.status_code == 200
    return response.json()


def test_prices_are_listed_for_the_endpoints_that_have_one(
    http: httpx.Client, emulator: Emulator
) -> None:
    emulator.emulate(f"unit-price=0.035, unit=second, unpriced={OTHER}")
    page = http.get(PRICES, params={"endpoint_id": f"{PAINT},{OTHER}"}).json()
    price = {"endpoint_id": PAINT, "unit_price": 0.035, "unit": "second", "currency": "USD"}
    assert page == {"prices": [price], "next_cursor": None, "has_more": False}


def test_an_estimate_counts_calls_or_units(http: httpx.Client, emulator: Emulator) -> None:
    emulator.emulate("unit-price=0.1, billable-units=5")

    def total(kind: str, **endpoints: Any) -> Any:
        response = http.post(ESTIMATE, json={"estimate_type": kind, "endpoints": endpoints})
        return response.json()["total_cost"]

    calls = {PAINT: {"call_quantity": 2}, OTHER: {"call_quantity": 1}}
    assert total("historical_api_price", **calls) == 1.5
    assert total("unit_price", **{PAINT: {"unit_quantity": 2.5}}) == 0.25
    emulator.emulate("past-cost=0.4")
    assert total("historical_api_price", **calls) == 1.2
    emulator.emulate("unpriced")
    assert total("historical_api_price", **calls) == 0


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"estimate_type": "unit_price", "endpoints": {}},
        {"estimate_type": "unit_price", "endpoints": {PAINT: {"call_quantity": 1}}},
        {"estimate_type": "historical_api_price", "endpoints": {PAINT: {"call_quantity": 0}}},
    ],
)
def test_an_invalid_estimate_is_rejected(http: httpx.Client, body: Any) -> None:
    response = http.post(ESTIMATE, json=body)
    assert (response.status_code, response.json()["error"]["type"]) == (400, "validation_error")


def test_requests_that_are_over_are_listed_with_their_payloads(http: httpx.Client) -> None:
    done = submit(http, faults="queued=0, running=0")
    submit(http, faults="running=600")  # in flight, so it is not listed
    wait(http, done)
    (item,) = requests(http, expand="payloads")["items"]
    assert item["request_id"] == done["request_id"]
    assert item["json_input"] == INPUT
    assert item["json_output"] == http.get(done["response_url"]).json()
    assert item["status_code"] == 200
    assert "json_input" not in requests(http)["items"][0]
    assert requests(http, status="error")["items"] == []
    assert requests(http, end="2026-01-01")["items"] == []


def test_requests_come_in_pages(http: httpx.Client) -> None:
    jobs = [submit(http, faults="queued=0, running=0") for _ in range(3)]
    for job in jobs:
        wait(http, job)
    first = requests(http, limit=2)
    last = requests(http, limit=2, cursor=first["next_cursor"])
    assert (first["has_more"], last["has_more"]) == (True, False)
    found = [item["request_id"] for item in (*first["items"], *last["items"])]
    assert found == [job["request_id"] for job in reversed(jobs)]


def test_an_input_that_must_not_be_stored_is_not_listed(http: httpx.Client) -> None:
    headers = {"X-Fal-Store-IO": "0", "X-Emulate": "queued=0, running=0"}
    wait(http, http.post(f"/queue/{PAINT}", json=INPUT, headers=headers).json())
    (item,) = requests(http, expand="payloads")["items"]
    assert not {"json_input", "json_output"} & set(item)


@pytest.mark.parametrize("path", [PRICES, REQUESTS])
def test_a_list_of_ids_is_checked(http: httpx.Client, path: str) -> None:
    for params in ({}, {"endpoint_id": [f"acme/{n}" for n in range(51)]}):
        response = http.get(path, params=params)
        assert response.status_code == 400
    response = http.get(path, params={"endpoint_id": PAINT}, headers={"Authorization": ""})
    assert response.json()["error"]["type"] == "authorization_error"


def test_an_unknown_endpoint_has_no_price(http: httpx.Client) -> None:
    response = http.get(PRICES, params={"endpoint_id": f"{PAINT},acme/nothing"})
    assert (response.status_code, response.json()["error"]["type"]) == (404, "not_found")
