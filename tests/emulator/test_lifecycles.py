"""Files that expire or are private, signed URLs, and deleted payloads, as callers ask for them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fal_codegen.emulator import Emulator

from .conftest import PAINT
from .test_queue import INPUT

PREFERENCE = "X-Fal-Object-Lifecycle-Preference"
OF_UPLOADS = "X-Fal-Object-Lifecycle"
FORBIDDEN = json.dumps({"initial_acl": {"default": "forbid"}})
UPLOADS: dict[str, dict[str, Any]] = {
    "/rest/storage/upload/initiate": {"json": {"file_name": "a.txt", "content_type": "text/plain"}},
    "/files/upload": {"content": b"hello", "headers": {"X-Fal-File-Name": "a.txt"}},
}


@pytest.fixture
def clock(emulator: Emulator) -> Iterator[list[float]]:
    now = [float(int(time.time()))]
    emulator.emulate("queued=0, running=0")
    emulator.queue.clock = lambda: now[0]
    yield now
    emulator.queue.clock = time.time


def uploaded(http: httpx.Client, path: str, header: str, preference: str) -> str:
    options = UPLOADS[path]
    headers = {**options.get("headers", {}), header: preference}
    urls = http.post(path, **{**options, "headers": headers}).json()
    if "upload_url" in urls:
        httpx.put(urls["upload_url"], content=b"hello")
    url: str = urls.get("file_url") or urls["access_url"]
    return url


def status(url: str) -> int:
    return httpx.get(url).status_code


def sign(http: httpx.Client, url: str, seconds: object = 60) -> httpx.Response:
    body = {"expiration_seconds": seconds}
    return http.post("/api/v1/storage/files/sign", params={"url": url}, json=body)


@pytest.mark.parametrize("path", UPLOADS)
@pytest.mark.parametrize("header", [PREFERENCE, OF_UPLOADS])
def test_uploads_have_a_lifecycle_under_both_names(
    http: httpx.Client, clock: list[float], path: str, header: str
) -> None:
    assert status(uploaded(http, path, header, FORBIDDEN)) == 403
    url = uploaded(http, path, header, '{"expiration_duration_seconds": 5}')
    assert httpx.get(url).text == "hello"
    clock[0] += 5
    assert status(url) == 404


def test_results_have_a_lifecycle_from_their_completion(
    http: httpx.Client, emulator: Emulator, clock: list[float]
) -> None:
    emulator.emulate("queued=10, running=10")
    headers = {PREFERENCE: '{"expiration_duration_seconds": 5}'}
    job = http.post(f"/queue/{PAINT}", json=INPUT, headers=headers).json()
    clock[0] += 20
    url = http.get(job["response_url"]).json()["image"]["url"]
    clock[0] += 4
    assert status(url) == 200
    clock[0] += 1
    assert status(url) == 404


def test_equal_inputs_share_their_files_unless_these_are_restricted(http: httpx.Client) -> None:
    def image(**headers: str) -> str:
        url: str = http.post(f"/run/{PAINT}", json=INPUT, headers=headers).json()["image"]["url"]
        return url

    assert image() == image()
    private = image(**{PREFERENCE: FORBIDDEN})
    assert private != image()
    assert len(private) == len(image())
    assert [status(private), status(image())] == [403, 200]


@pytest.mark.parametrize(
    "preference",
    [
        "{",
        "[]",
        "null",
        '{"expiration_duration_seconds": 0}',
        '{"expiration_duration_seconds": "60"}',
        f'{{"expiration_duration_seconds": 1{"0" * 400}}}',
        '{"initial_acl": {}}',
        '{"initial_acl": {"default": "private"}}',
        '{"initial_acl": "forbid"}',
        "[" * 5000,
    ],
)
@pytest.mark.parametrize("path", [f"/queue/{PAINT}", f"/run/{PAINT}", *UPLOADS])
def test_a_lifecycle_that_is_not_understood(http: httpx.Client, path: str, preference: str) -> None:
    options = UPLOADS.get(path, {"json": INPUT})
    headers = {**options.get("headers", {}), PREFERENCE: preference}
    response = http.post(path, **{**options, "headers": headers})
    assert response.status_code == 400
    assert response.json() == {"detail": f"Invalid {PREFERENCE} header"}


def test_a_signature_is_for_one_file_and_cannot_be_forged(http: httpx.Client) -> None:
    mine, other = (uploaded(http, "/files/upload", OF_UPLOADS, FORBIDDEN) for _ in range(2))
    signed = sign(http, mine).json()["signed_url"]
    assert httpx.get(signed).text == "hello"
    assert status(signed.replace(mine, other)) == 403
    until, _, digest = signed.partition("identity=")[2].rpartition(".")
    for identity in (f"{float(until) + 9:.3f}.{digest}", "", "é", f"{until}.", "9" * 40):
        assert httpx.get(mine, params={"identity": identity}).status_code == 403


@pytest.mark.parametrize("url", ["", "x", "https://x.test/files/a.png", "http://[", "{}?a=1"])
def test_what_cannot_be_signed(http: httpx.Client, url: str) -> None:
    mine = uploaded(http, "/files/upload", OF_UPLOADS, FORBIDDEN)
    response = sign(http, url.format(mine))
    assert response.status_code == 400
    assert response.json()["error"]["type"] == "validation_error"
    assert sign(http, f"{mine}.png").json()["error"]["type"] == "not_found"
    for seconds in (0, 604_801, "60", True, None):
        assert sign(http, mine, seconds).status_code == 400


def test_the_platform_api_needs_a_key(emulator: Emulator) -> None:
    with httpx.Client(base_url=emulator.base_url) as anyone:
        for response in (
            sign(anyone, f"{emulator.base_url}/files/results/1/a.png"),
            anyone.delete("/api/v1/models/requests/1/payloads"),
        ):
            assert response.status_code == 401
            assert response.json()["error"]["type"] == "authorization_error"


def test_payloads_are_deleted_once(http: httpx.Client, clock: list[float]) -> None:
    job = http.post(f"/queue/{PAINT}", json=INPUT).json()
    image = http.get(job["response_url"]).json()["image"]["url"]
    path = f"/api/v1/models/requests/{job['request_id']}/payloads"
    headers = {"Idempotency-Key": "one"}
    first, again = (http.delete(path, headers=headers) for _ in range(2))
    assert first.json() == {"cdn_delete_results": [{"link": image, "exception": None}]}
    assert again.json() == first.json()
    assert http.delete(path).json()["error"]["type"] == "not_found"
    assert http.get(job["response_url"]).json() == {"status": "NOT_FOUND"}
    assert http.get(job["status_url"]).json()["status"] == "COMPLETED"
    assert status(image) == 404


def test_a_running_request_has_no_payloads_yet(http: httpx.Client, emulator: Emulator) -> None:
    emulator.emulate("running=60")
    job = http.post(f"/queue/{PAINT}", json=INPUT).json()
    path = f"/api/v1/models/requests/{job['request_id']}/payloads"
    assert http.delete(path).status_code == 404
    assert len(emulator.queue.unfinished()) == 1
