"""Every host of fal's is served: by path prefix, by Host header, and by the JavaScript proxy."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from fal_codegen.emulator import Emulator

from .conftest import PAINT

KEY = {"Authorization": "Key any"}
INPUT = {"prompt": "a red fox"}


def ask(emulator: Emulator, method: str, host: str, path: str, **kwargs: Any) -> httpx.Response:
    headers = {**KEY, "Host": host, **kwargs.pop("headers", {})}
    return httpx.request(method, emulator.base_url + path, headers=headers, **kwargs)


@pytest.mark.parametrize("host", ["queue.fal.run", "queue.falrun.com"])
def test_the_queue_is_served_at_its_host(emulator: Emulator, host: str) -> None:
    job = ask(emulator, "POST", host, f"/{PAINT}", json=INPUT).json()
    url = f"http://queue.fal.run/acme/paint/requests/{job['request_id']}"
    assert job["response_url"] == url
    assert job["cancel_url"] == f"{url}/cancel"
    path = f"/acme/paint/requests/{job['request_id']}/status"
    assert ask(emulator, "GET", host, path).status_code in (200, 202)
    assert emulator.journal.count("submit", path=f"/queue/{PAINT}") == 1
    assert emulator.journal[0].host == host


def test_https_and_ports_are_kept(emulator: Emulator) -> None:
    # As from a proxy on loopback that terminates TLS.
    headers = {"X-Forwarded-Proto": "https"}
    host = "queue.fal.run:8443"
    job = ask(emulator, "POST", host, f"/{PAINT}", json=INPUT, headers=headers).json()
    assert job["status_url"].startswith("https://queue.fal.run:8443/acme/paint/requests/")


def test_every_host_of_fal_is_served(emulator: Emulator) -> None:
    result = ask(emulator, "POST", "fal.run", f"/{PAINT}", json=INPUT).json()
    assert result["image"]["url"].startswith("http://v3.fal.media/files/results/")
    path = httpx.URL(result["image"]["url"]).path
    assert ask(emulator, "GET", "v3.fal.media", path).status_code == 200

    body = {"file_name": "a.txt", "content_type": "text/plain"}
    path = "/storage/upload/initiate"
    urls = ask(emulator, "POST", "rest.fal.ai", path, json=body).json()
    assert urls["upload_url"].startswith("http://v3.fal.media/files/")
    assert ask(emulator, "GET", "rest.fal.ai", "/.well-known/jwks.json").json()["keys"]

    path = f"/api/openapi/queue/openapi.json?endpoint_id={PAINT}"
    assert ask(emulator, "GET", "fal.ai", path).status_code == 200
    page = ask(emulator, "GET", "api.fal.ai", "/v1/models").json()
    assert page["models"][0]["metadata"]["model_url"] == f"http://fal.run/{PAINT}"


def test_the_proxy_of_the_javascript_client_is_served(emulator: Emulator) -> None:
    target = f"https://queue.fal.run/{PAINT}?fal_webhook=http%3A%2F%2F127.0.0.1%3A9%2F"
    headers = {**KEY, "x-fal-target-url": target}
    job = httpx.post(emulator.base_url, json=INPUT, headers=headers).json()
    assert job["status_url"].startswith(f"{emulator.base_url}/queue/acme/paint/requests/")
    (entry,) = emulator.journal.select("submit")
    assert entry.path == f"/queue/{PAINT}"
    assert entry.query == "fal_webhook=http%3A%2F%2F127.0.0.1%3A9%2F"
