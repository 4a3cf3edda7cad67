"""Only this machine, and the allowed hosts and pages, may use an emulator."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fal_codegen.emulator import Emulator
from fal_codegen.errors import UsageError

from .conftest import PAINT
from .documents import document
from .test_queue import INPUT

KEY = {"Authorization": "Key any"}
PAGE = "http://localhost:3000"


@pytest.fixture(scope="module")
def open_emulator() -> Iterator[Emulator]:
    """An emulator that allows one more host and one more origin."""
    with Emulator(
        [document(PAINT)], allow_hosts=["fal-emulator", "192.0.2.7"], allow_origins=[f"{PAGE}/"]
    ) as emulator:
        yield emulator


def submit(emulator: Emulator, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    url = f"{emulator.base_url}/queue/{PAINT}"
    return httpx.post(url, json=INPUT, headers={**KEY, **named})


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:99", "app.localhost", "127.0.0.1", "127.9.9.9:1", "[::1]:80"]
)
def test_this_machine_is_answered_by_any_of_its_names(emulator: Emulator, host: str) -> None:
    assert submit(emulator, host=host).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        *("attacker.example", "attacker.example:8321", "localhost.attacker.example"),
        *("127.0.0.1.attacker.example", "192.168.0.1", "10.0.0.1:80", "[2001:db8::1]"),
        *("0.0.0.0", "user@localhost", "localhost:x", "x y", ""),
    ],
)
def test_a_name_that_was_rebound_to_this_machine_is_not(emulator: Emulator, host: str) -> None:
    for answer in (
        submit(emulator, host=host),
        httpx.get(f"{emulator.base_url}/playground/", headers={"host": host}),
        httpx.get(f"{emulator.base_url}/api/v1/models", headers={"host": host}),
    ):
        assert answer.status_code == 421
        assert "--allow-host" in answer.json()["detail"]
    assert len(emulator.queue) == 0


def test_only_allowed_hosts_are_served(open_emulator: Emulator) -> None:
    for host in ("fal-emulator:8321", "FAL-EMULATOR", "192.0.2.7"):
        assert submit(open_emulator, host=host).status_code == 200
    assert submit(open_emulator, host="other").status_code == 421
    job = submit(open_emulator, host="fal-emulator:8321").json()
    assert job["status_url"].startswith("http://fal-emulator:8321/queue/")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://attacker.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": PAGE},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
    ],
)
def test_pages_of_other_sites_are_rejected(emulator: Emulator, headers: dict[str, str]) -> None:
    for method, path in (
        ("POST", f"/queue/{PAINT}"),
        ("POST", f"/run/{PAINT}"),
        ("POST", f"/playground/snippets/{PAINT}"),
        ("PUT", "/files/a/b"),
        ("GET", "/files/results/1/a.png"),
        ("GET", "/api/v1/models"),
        ("GET", "/rest/.well-known/jwks.json"),
    ):
        url = emulator.base_url + path
        answer = httpx.request(method, url, json={}, headers={**KEY, **headers})
        assert answer.status_code == 403, path
        assert "--allow-origin" in answer.json()["detail"]
        assert "access-control-allow-origin" not in answer.headers
    assert len(emulator.queue) == len(emulator.journal) == 0


def test_a_preflight_of_another_site_is_rejected(emulator: Emulator) -> None:
    headers = {"Origin": PAGE, "Access-Control-Request-Method": "POST"}
    answer = httpx.options(f"{emulator.base_url}/queue/{PAINT}", headers=headers)
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


def test_a_link_on_another_site_may_lead_to_the_playground_and_nowhere_else(
    emulator: Emulator,
) -> None:
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    for path, destination, status in (
        ("/playground/", "document", 200),
        (f"/playground/{PAINT}", "document", 200),
        ("/playground/", "iframe", 403),
        ("/api/v1/models", "document", 403),
    ):
        headers = {**link, "Sec-Fetch-Dest": destination}
        assert httpx.get(emulator.base_url + path, headers=headers).status_code == status
    headers = {**link, "Sec-Fetch-Dest": "document"}
    url = f"{emulator.base_url}/playground/snippets/{PAINT}"
    assert httpx.post(url, json={}, headers=headers).status_code == 403


def test_the_emulators_own_pages_and_programs_are_answered(emulator: Emulator) -> None:
    for headers in (
        {"Origin": emulator.base_url, "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {},
    ):
        assert submit(emulator, **headers).status_code == 200


def test_pages_of_an_origin_that_is_allowed(open_emulator: Emulator) -> None:
    url = f"{open_emulator.base_url}/queue/{PAINT}"
    asked = {"Access-Control-Request-Method": "POST"}
    asked["Access-Control-Request-Headers"] = "authorization,content-type,x-emulate"
    answer = httpx.options(url, headers={"Origin": PAGE, **asked})
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert "POST" in answer.headers["access-control-allow-methods"]
    allowed = {name.strip() for name in answer.headers["access-control-allow-headers"].split(",")}
    assert {"authorization", "content-type", "x-emulate"} <= allowed

    for answer in (submit(open_emulator, origin=PAGE), httpx.post(url, headers={"Origin": PAGE})):
        assert answer.status_code in (200, 401)
        assert answer.headers["access-control-allow-origin"] == PAGE
        assert "origin" in answer.headers["vary"].lower()
        assert answer.headers["access-control-expose-headers"] == "*"
    assert submit(open_emulator, origin="http://localhost:3001").status_code == 403
    # A browser requests an image of a result on such a page without an Origin.
    picture = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    file = f"{open_emulator.base_url}/files/results/1/a.png"
    assert httpx.get(file, headers=picture).status_code == 200
    assert httpx.post(url, json=INPUT, headers={**KEY, **picture}).status_code == 403


def test_the_command_line_allows_hosts_and_origins(filled: Path) -> None:
    command = [sys.executable, "-u", "-m", "fal_codegen", "emulate", "--project", str(filled)]
    command += ["--port=0", "--allow-host=fal-emulator", "--allow-origin", PAGE]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert process.stdout is not None
        url = process.stdout.readline().decode().split()[4]
        for headers, status in (
            ({"Host": "fal-emulator"}, 200),
            ({"Host": "other"}, 421),
            ({"Origin": PAGE}, 200),
            ({"Origin": "http://localhost:3001"}, 403),
        ):
            assert httpx.get(f"{url}/api/v1/models", headers=headers).status_code == status
    finally:
        process.terminate()
        process.communicate()


@pytest.mark.parametrize("host", ["http://localhost", "a b", "a:80", "", "a/b"])
def test_hosts_that_cannot_be_allowed(host: str) -> None:
    with pytest.raises(UsageError, match="is not a host"):
        Emulator([document()], allow_hosts=[host])


@pytest.mark.parametrize("origin", ["*", "localhost:3000", "http://a/b", "file://", "http://", ""])
def test_origins_that_cannot_be_allowed(origin: str) -> None:
    with pytest.raises(UsageError, match="is not an origin"):
        Emulator([document()], port=0, allow_origins=[origin]).serve()
