"""fal.ai and api.fal.ai: the document of an endpoint, and the listing of all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fal_codegen.emulator import Emulator

from .conftest import PAINT
from .documents import document

CHAIN = "workflows/acme/chain/last"


@pytest.fixture
def public(emulator: Emulator) -> Iterator[httpx.Client]:
    """A client without a key: the catalogue asks for none."""
    with httpx.Client(base_url=emulator.base_url) as client:
        yield client


def models(public: httpx.Client, **params: Any) -> Any:
    response = public.get("/api/v1/models", params=params)
    assert response.status_code == 200
    return response.json()


def ids(page: Any) -> list[str]:
    return [model["endpoint_id"] for model in page["models"]]


def test_the_document_of_an_endpoint(public: httpx.Client) -> None:
    response = public.get("/api/openapi/queue/openapi.json", params={"endpoint_id": PAINT})
    assert response.json() == document(PAINT)
    response = public.get("/api/openapi/queue/openapi.json", params={"endpoint_id": "acme/nothing"})
    assert response.status_code == 404
    assert response.json() == {"detail": "Endpoint 'acme/nothing' not found"}


def test_the_listing(emulator: Emulator, public: httpx.Client) -> None:
    page = models(public)
    assert ids(page) == [PAINT, "acme/paint", CHAIN]
    assert (page["next_cursor"], page["has_more"]) == (None, False)
    model = page["models"][0]
    assert "openapi" not in model
    assert model["metadata"]["category"] == "text-to-image"
    assert model["metadata"]["description"] == "Paints a picture."
    assert model["metadata"]["model_url"] == f"{emulator.base_url}/run/{PAINT}"


def test_pages(public: httpx.Client) -> None:
    first = models(public, limit=2)
    assert ids(first) == [PAINT, "acme/paint"]
    assert first["has_more"]
    assert first["next_cursor"] == "Mg"
    for cursor in ("Mg", "Mg=="):
        second = models(public, limit=2, cursor=cursor)
        assert ids(second) == [CHAIN]
        assert (second["next_cursor"], second["has_more"]) == (None, False)
    for wrong in ({"cursor": "?"}, {"limit": 0}, {"limit": "x"}, {"cursor": "MA"}):
        response = public.get("/api/v1/models", params=wrong)
        assert response.status_code == 400
        assert response.json()["error"]["type"] == "validation_error"


def test_finding_and_searching(public: httpx.Client) -> None:
    assert ids(models(public, endpoint_id=[CHAIN, PAINT])) == [PAINT, CHAIN]
    assert ids(models(public, q="paints PICTURE")) == [PAINT, CHAIN]
    assert ids(models(public, category="workflow")) == [CHAIN]
    assert ids(models(public, status="active", q="short")) == ["acme/paint"]
    assert ids(models(public, status="deprecated")) == []
    response = public.get("/api/v1/models", params={"endpoint_id": "acme/nothing"})
    assert response.status_code == 404
    assert response.json()["error"]["type"] == "not_found"


def test_documents_in_the_listing(public: httpx.Client) -> None:
    page = models(public, endpoint_id=PAINT, expand="openapi-3.0")
    assert page["models"][0]["openapi"] == document(PAINT)
