"""Temporary tokens, as both official clients request them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest


@pytest.mark.parametrize("path", ["/rest/tokens/realtime", "/rest/tokens/"])
def test_a_token_is_a_string(http: httpx.Client, path: str) -> None:
    body = {"allowed_apps": ["paint"], "token_expiration": 120}
    tokens = [http.post(path, json=body).json() for _ in range(2)]
    assert all(isinstance(token, str) for token in tokens)
    assert tokens[0] != tokens[1]


@pytest.mark.parametrize(
    ("body", "places"),
    [
        ({}, [["body", "allowed_apps"]]),
        ({"allowed_apps": "paint"}, [["body", "allowed_apps"]]),
        ({"allowed_apps": [1], "token_expiration": "5"}, ["allowed_apps", "token_expiration"]),
        ({"allowed_apps": [], "token_expiration": True}, ["token_expiration"]),
    ],
)
def test_an_invalid_request_for_a_token_is_rejected(
    http: httpx.Client, body: Any, places: list[Any]
) -> None:
    answer = http.post("/rest/tokens/", json=body)
    assert answer.status_code == 422
    assert [item["loc"][-1] for item in answer.json()["detail"]] == [
        place[-1] if isinstance(place, list) else place for place in places
    ]


def test_a_token_takes_a_key(http: httpx.Client) -> None:
    del http.headers["authorization"]
    assert http.post("/rest/tokens/", json={}).status_code == 401
