"""fal.ai and api.fal.ai: the document of an endpoint, and the catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import Any

import httpx
import pytest
from fal_codegen.document.metadata import Metadata
from fal_codegen.emulator import Emulator

from .conftest import PAINT
from .documents import document

CHAIN = "workflows/acme/chain/last"


@pytest.fixture
def public(emulator: Emulator) -> Iterator[httpx.Client]:
    """A client without a key, which the catalogue does not require."""
    with httpx.Client(base_url=emulator.base_url) as client:
        yield client


def models(public: httpx.Client, **params: Any) -> Any:
    response = public.get("/api/v1/models", params=params)
    assert response.status_code == 200
    return response.json()


def ids(page: Any) -> list[str]:
    return [model["endpoint_id"] for model in page["models"]]


def test_any_mapping_is_a_document() -> None:
    with Emulator([MappingProxyType(document(PAINT))]) as emulator:
        url = f"{emulator.base_url}/api/openapi/queue/openapi.json"
        assert httpx.get(url, params={"endpoint_id": PAINT}).json() == document(PAINT)


def test_the_document_of_an_endpoint_is_served(public: httpx.Client) -> None:
    response = public.get("/api/openapi/queue/openapi.json", params={"endpoint_id": PAINT})
    assert response.json() == document(PAINT)
    response = public.get("/api/openapi/queue/openapi.json", params={"endpoint_id": "acme/nothing"})
    assert response.status_code == 404
    assert response.json() == {"detail": "Endpoint 'acme/nothing' not found"}


def test_the_listing_has_every_model(emulator: Emulator, public: httpx.Client) -> None:
    page = models(public)
    assert ids(page) == [PAINT, "acme/paint", CHAIN]
    assert (page["next_cursor"], page["has_more"]) == (None, False)
    model = page["models"][0]
    assert "openapi" not in model
    assert model["metadata"]["category"] == "text-to-image"
    assert model["metadata"]["description"] == "Paints a picture."
    assert model["metadata"]["model_url"] == f"{emulator.base_url}/run/{PAINT}"
    assert {"kind", "group", "license_type", "updated_at", "thumbnail_url"} <= set(
        model["metadata"]
    )
    assert set(model["metadata"]["group"]) == {"key", "label"}


def test_what_a_document_says_of_itself_may_be_anything() -> None:
    odd = document("acme/odd")
    odd["info"]["x-fal-metadata"] |= {"category": ["x"], "about": 5, "thumbnailUrl": {}}
    with (
        Emulator([odd, {**document("acme/bare"), "info": 5}]) as emulator,
        httpx.Client(base_url=emulator.base_url) as public,
    ):
        assert ids(models(public, q="odd")) == ["acme/odd"]
        assert models(public)["models"][0]["metadata"]["category"] == ""
        assert public.get("/playground/").status_code == 200
        for endpoint in ("acme/odd", "acme/bare"):
            assert public.get(f"/playground/{endpoint}").status_code == 200


def test_a_cursor_leads_to_the_next_page(public: httpx.Client) -> None:
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


def test_models_are_found_by_id_text_category_and_status(public: httpx.Client) -> None:
    assert ids(models(public, endpoint_id=[CHAIN, PAINT])) == [PAINT, CHAIN]
    assert ids(models(public, q="paints PICTURE")) == [PAINT, CHAIN]
    assert ids(models(public, category="workflow")) == [CHAIN]
    assert ids(models(public, status="active", q="short")) == ["acme/paint"]
    assert ids(models(public, status="deprecated")) == []
    response = public.get("/api/v1/models", params={"endpoint_id": "acme/nothing"})
    assert response.status_code == 404
    assert response.json()["error"]["type"] == "not_found"


def test_the_listing_has_documents_on_request(public: httpx.Client) -> None:
    page = models(public, endpoint_id=PAINT, expand="openapi-3.0")
    assert page["models"][0]["openapi"] == document(PAINT)


def test_what_the_listing_says_beside_the_documents() -> None:
    said = {"display_name": "Paint!", "status": "deprecated", "tags": ["new"]}
    known = Metadata("Paint!", status="deprecated", tags=("new",))
    with (
        Emulator([document(PAINT)], listing={PAINT: known}) as emulator,
        httpx.Client(base_url=emulator.base_url) as public,
    ):
        [found] = models(public, status="deprecated", q="paint!")["models"]
        assert said.items() <= found["metadata"].items()
        assert found["metadata"]["description"] == "Paints a picture."
        assert ids(models(public, status="active")) == []


def test_one_parameter_takes_several_ids(public: httpx.Client) -> None:
    assert ids(models(public, endpoint_id=f"{CHAIN},{PAINT}")) == [PAINT, CHAIN]
    response = public.get("/api/v1/models", params={"endpoint_id": ",".join([PAINT] * 51)})
    assert response.status_code == 400
    assert response.json()["error"]["message"] == "endpoint_id has more than 50 values"


@pytest.mark.parametrize("wrong", [{"status": "new"}, {"expand": "openapi-2.0"}])
def test_an_invalid_parameter_is_a_validation_error(
    public: httpx.Client, wrong: dict[str, str]
) -> None:
    response = public.get("/api/v1/models", params=wrong)
    assert (response.status_code, response.json()["error"]["type"]) == (400, "validation_error")


def test_a_page_has_its_limits_whatever_is_asked_for() -> None:
    tools = [document(f"acme/tool-{number}") for number in range(101)]
    with (
        Emulator(tools) as emulator,
        httpx.Client(base_url=emulator.base_url) as public,
    ):
        assert len(ids(models(public))) == 50
        assert len(ids(models(public, limit=1000))) == 100
        expanded = models(public, limit=1000, expand="enterprise_status")
        assert len(ids(expanded)) == 20
        assert expanded["models"][0]["enterprise_status"] == "pending"
        rest = models(
            public, limit=1000, expand="enterprise_status", cursor=expanded["next_cursor"]
        )
        assert ids(rest)[0] == "acme/tool-20"


def test_a_document_that_the_listing_fails_to_give(
    emulator: Emulator, public: httpx.Client
) -> None:
    emulator.emulate("expansion-failed=*/paint; times=1")
    first, second, _ = models(public, expand="openapi-3.0")["models"]
    assert first["openapi"] == document(PAINT)
    assert second["openapi"]["error"]["code"] == "expansion_failed"
    assert "error" not in models(public, expand="openapi-3.0")["models"][1]["openapi"]


def test_the_listing_fails_in_the_form_of_the_platform(public: httpx.Client) -> None:
    response = public.get("/api/v1/models", headers={"X-Emulate": "rate-limit=3"})
    assert (response.status_code, response.headers["Retry-After"]) == (429, "3")
    assert response.json()["error"]["type"] == "rate_limited"
    with (
        Emulator([document(PAINT)], key="right") as emulator,
        httpx.Client(base_url=emulator.base_url) as public,
    ):
        for key, status in (("right", 200), ("wrong", 401)):
            headers = {"Authorization": f"Key {key}"}
            assert public.get("/api/v1/models", headers=headers).status_code == status
        response = public.get("/api/v1/models", headers=headers)
        assert response.json()["error"]["type"] == "authorization_error"
        assert public.get("/api/v1/models").status_code == 200
