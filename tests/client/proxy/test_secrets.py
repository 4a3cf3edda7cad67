"""Which headers the proxy passes on, and what it never shows."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import httpx
import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import Fal
from fal_endpoints.proxy import Proxy
from guide.served_app import listening, serving

from client.conftest import KEY

from .proxied import (
    ID,
    INPUT,
    JOB,
    QUEUE,
    Proxied,
    answer,
    call,
    nobody_asks,
    submit,
)


def test_only_safe_headers_are_forwarded(proxied: Proxied, browser: httpx.Client) -> None:
    dropped = {
        "authorization": "Bearer of-the-browser",
        "cookie": "session=1",
        "forwarded": "for=1.2.3.4",
        "x-forwarded-for": "1.2.3.4",
        "x-forwarded-host": "evil.example",
        "origin": "https://app.example",
        "referer": "https://app.example/page",
        "te": "trailers",
        "x-fal-retry-config": "{}",
        "x-emulate": "balance",
    }
    kept = {
        "accept": "audio/mpeg",
        "x-fal-queue-priority": "low",
        "x-fal-runner-hint": "warm",
        "x-fal-request-timeout": "30",
        "x-fal-object-lifecycle-preference": '{"expiration_duration_seconds": 60}',
    }
    submit(browser, at="/scripted/", headers={**dropped, **kept})
    (arrived,) = proxied.upstream.requests
    assert arrived.headers["authorization"] == f"Key {KEY}"
    assert arrived.headers["host"] == httpx.URL(proxied.upstream.url).netloc.decode()
    assert arrived.headers["user-agent"].startswith("fal-endpoints/")
    assert kept.items() <= dict(arrived.headers).items()
    added = {"authorization", "connection", "content-length", "content-type", "host"}
    assert set(arrived.headers) == {*kept, *added, "accept-encoding", "user-agent"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-fal-runner-hint", b"warm\r\nx-evil: 1"),
        ("x-fal-runner-hint", b"warm\nx-evil: 1"),
        ("x-fal-runner-hint", b"warm\x00"),
        ("x-fal-queue-priority", "lów".encode()),
        ("accept", b"text/\x7fhtml"),
        ("content-length", b"-1"),
        ("content-length", b"1, 1"),
        ("content-length", "²".encode("latin-1")),
    ],
)
def test_headers_cannot_be_injected(proxied: Proxied, name: str, value: bytes) -> None:
    target = (b"x-fal-target-url", f"{QUEUE}/{ID}".encode())
    assert status_without_a_server(proxied, [target, (name.encode(), value)]) == 400


@pytest.mark.parametrize("end", ["\t", "\n", "\r\nx-evil: 1", "\0"])
def test_control_characters_do_not_end_a_url(proxied: Proxied, end: str) -> None:
    target = (b"x-fal-target-url", f"{QUEUE}/{ID}{end}".encode())
    assert status_without_a_server(proxied, [target]) == 403


def status_without_a_server(proxied: Proxied, headers: list[tuple[bytes, bytes]]) -> int:
    """Call the application with headers that a server would reject; return its status."""
    client = Fal(KEY, base_url=proxied.upstream.url)
    scope = {"type": "http", "method": "POST", "path": "/", "headers": headers}
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"{}"}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(Proxy(client, nobody_asks)(scope, receive, send))
    assert proxied.upstream.requests == []
    status: int = sent[0]["status"]
    return status


def test_an_error_that_repeats_the_key_does_not_show_it_to_the_browser(
    proxied: Proxied, browser: httpx.Client
) -> None:
    """Some gateways show the headers of a request that they reject."""
    body = f'{{"detail": "Key {KEY} may not do this"}}'.encode()
    proxied.upstream.answer = answer(403, body, content_length=str(len(body)))
    response = submit(browser, at="/scripted/")
    assert response.status_code == 403
    assert response.json() == {"detail": "Key … may not do this"}


@pytest.mark.parametrize("status", [200, 403])
def test_a_header_that_repeats_the_key_does_not_show_it_to_the_browser(
    proxied: Proxied, browser: httpx.Client, status: int
) -> None:
    proxied.upstream.answer = answer(status, x_fal_request=f"Key {KEY}")
    response = submit(browser, at="/scripted/")
    assert response.status_code == status
    assert response.headers["x-fal-request"] == "Key …"


def test_only_safe_headers_are_returned(proxied: Proxied, browser: httpx.Client) -> None:
    proxied.upstream.answer = answer(
        429,
        content_type="application/json",
        retry_after="3",
        x_fal_request_id="1",
        x_fal_note="…",
        set_cookie="a=1",
        access_control_allow_origin="*",
        strict_transport_security="max-age=1",
        location="https://evil.example/",
        trailer="x",
        keep_alive="timeout=9",
        alt_svc="h3",
    )
    response = submit(browser, at="/scripted/")
    assert response.status_code == 429
    assert {name: response.headers[name] for name in ("retry-after", "x-fal-request-id")} == {
        "retry-after": "3",
        "x-fal-request-id": "1",
    }
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-fal-note"] == "…"
    ours = {"x-fal-note", "cache-control", "content-type", "retry-after", "x-content-type-options"}
    of_the_server = {"date", "server", "transfer-encoding"}
    assert set(response.headers) == {*ours, "x-fal-request-id", *of_the_server}


def test_the_key_is_never_shown(
    proxied: Proxied,
    browser: httpx.Client,
    emulator: Emulator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    shown: list[httpx.Response] = []
    with caplog.at_level(logging.DEBUG, "fal_endpoints"), caplog.at_level(logging.INFO, "httpx"):
        shown += [
            submit(browser),
            submit(browser, at="/nowhere/"),
            submit(browser, at="/scripted/"),
        ]
        emulator.emulate("drop=after")
        shown += [submit(browser), call(browser, JOB)]
        proxied.upstream.answer = answer(302, location="/")
        shown += [call(browser, JOB, at="/scripted/")]
    text = "".join(f"{response.headers}{response.text}" for response in shown)
    text += caplog.text + repr([record.args for record in caplog.records])
    assert "failed" in caplog.text
    for part in (KEY, *KEY.split(":")):
        assert part not in text


def test_without_a_key_the_reason_is_in_the_log_only(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, emulator: Emulator
) -> None:
    for name in ("FAL_KEY", "FAL_KEY_ID", "FAL_KEY_SECRET"):
        monkeypatch.delenv(name, raising=False)
    with serving(Proxy(Fal(base_url=emulator.base_url), nobody_asks), listening()) as url:
        headers = {"x-fal-target-url": f"{QUEUE}/{ID}"}
        response = httpx.post(url, headers=headers, json=INPUT)
    assert response.status_code == 500
    assert "FAL_KEY" not in response.text
    assert "set FAL_KEY" in caplog.text
