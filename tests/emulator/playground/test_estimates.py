"""The price that the playground estimates for an input."""

from __future__ import annotations

import httpx
import pytest

from emulator.conftest import PAINT
from emulator.documents import Schema

from .documents import (
    CHOICES,
    FILM,
    IMAGES,
    OPTIONAL,
    PIKA,
    SHAPES,
    UNPLANNED,
)


@pytest.mark.parametrize(
    ("endpoint_id", "input", "price"),
    [
        (IMAGES, {}, "0.035 USD"),
        (IMAGES, {"num_images": 4}, "0.14 USD"),
        (IMAGES, {"num_images": 0}, "unknown"),
        (IMAGES, {"num_images": "4"}, "unknown"),
        (IMAGES, {"num_images": 1.5}, "unknown"),
        (FILM, {}, "unknown"),
        (FILM, {"duration": "10s"}, "0.4 USD"),
        (FILM, {"duration": 2.5}, "0.1 USD"),
        (FILM, {"duration": "1e9"}, "unknown"),
        (FILM, {"duration": 0}, "unknown"),
        (PIKA, {}, "0.2 USD"),  # its output is one video
        (PAINT, {}, "0.1 USD"),
        (SHAPES, {}, "unknown"),  # a price of 0 is not what a call costs
        (CHOICES, {}, "unknown"),
        (OPTIONAL, {}, "unknown"),
        (UNPLANNED, {}, "unknown"),
    ],
)
def test_a_price_is_estimated_where_its_units_are_known(
    served: httpx.Client, endpoint_id: str, input: Schema, price: str
) -> None:
    assert served.post(f"/playground/estimate/{endpoint_id}", json=input).json() == price


def test_without_an_input_or_an_endpoint_no_price_is_estimated(served: httpx.Client) -> None:
    assert served.post("/playground/estimate/acme/none", json={}).status_code == 404
    assert served.post(f"/playground/estimate/{PAINT}", content=b"[").status_code == 422
