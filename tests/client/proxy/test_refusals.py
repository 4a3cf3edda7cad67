"""What the proxy refuses: other hosts, operations, methods and callers."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import httpx
import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import ConfigurationError, Fal
from fal_endpoints.proxy import Proxy, ProxyCall
from starlette.exceptions import HTTPException
from starlette.requests import Request

from client.conftest import KEY

from .proxied import (
    APP,
    ID,
    INPUT,
    JOB,
    QUEUE,
    REQUEST_ID,
    REST,
    RUN,
    Proxied,
    answer,
    call,
    nobody_asks,
    submit,
)

ATTACKS = [
    # Other hosts, and what some parsers take for fal's.
    "https://evil.example/fal-ai/pika",
    f"https://queue.fal.run@evil.example/{ID}",
    f"https://user:password@queue.fal.run/{ID}",
    f"https://queue.fal.run.evil.example/{ID}",
    f"https://queue.fal.run\\@evil.example/{ID}",
    f"https://evil.example#https://queue.fal.run/{ID}",
    f"https://evil.example?https://queue.fal.run/{ID}",
    f"https:/queue.fal.run/{ID}",
    f"//queue.fal.run/{ID}",
    f"https://queue.fal.run%2f{ID}",
    f"https://queue.fal.run%00.evil.example/{ID}",
    f"https://ｑueue.fal.run/{ID}",
    f"https://queue。fal。run/{ID}",
    f"https://quеue.fal.run/{ID}",  # with a Cyrillic letter
    f"https://xn--queue-fal.run/{ID}",
    f"https://169.254.169.254/{ID}",
    f"https://[::1]/{ID}",
    f"https://evil.fal.run/{ID}",
    f"https://evilfal.run/{ID}",
    "https://fal.ai/api/openapi/queue/openapi.json",
    # Other ports and schemes.
    f"https://queue.fal.run:8443/{ID}",
    f"https://queue.fal.run:443/{ID}",
    f"http://queue.fal.run/{ID}",
    f"ftp://queue.fal.run/{ID}",
    f"file://queue.fal.run/{ID}",
    f"javascript:https://queue.fal.run/{ID}",
    "file:///etc/passwd",
    # Other paths.
    f"{QUEUE}/acme/undeclared",
    f"{QUEUE}/{APP}",
    f"{QUEUE}/{ID}/more",
    f"{QUEUE}/{ID}/",
    f"{QUEUE}//{ID}",
    f"{QUEUE}/{ID}/../../../../acme/undeclared",
    f"{QUEUE}/acme/../{ID}",
    f"{QUEUE}/./{ID}",
    f"{QUEUE}/{ID.replace('/', '%2F')}",
    f"{QUEUE}/{ID.replace('/', '%2f')}",
    f"{QUEUE}/{ID.replace('pika', 'p%69ka')}",
    f"{QUEUE}/{ID.replace('pika', 'PIKA')}",
    f"{QUEUE}/{ID}%2f..%2f..",
    f"{QUEUE}/{ID};x=1",
    f"{QUEUE}/{ID}#part",
    f"{QUEUE}/{ID}\\..\\undeclared",
    f"{QUEUE}/{ID}%0d%0aX-Evil: 1",
    f"{RUN}/acme/undeclared",
    f"{RUN}/{ID}/realtime",
    f"{REST}/tokens/",
    f"{REST}/tokens/realtime",
    f"{REST}/storage/auth/token",
    f"{REST}/storage/upload/initiate/../../../tokens/",
    "https://api.fal.ai/v1/models/requests/x/payloads",
    "https://api.fal.ai/v1/storage/files/sign",
    # Other parameters.
    f"{QUEUE}/{ID}?fal_webhook=https://evil.example/",
    f"{QUEUE}/{ID}?fal_max_queue_length=1",
    f"{RUN}/{ID}?fal_jwt_token=x",
    f"{REST}/storage/upload/initiate?storage_type=gcs",
    "",
]


def test_no_other_url_is_called(browser: httpx.Client, emulator: Emulator) -> None:
    for target in ATTACKS:
        headers = [(b"x-fal-target-url", target.encode())]
        refused = browser.post("/fal/", headers=headers, json=INPUT)
        assert refused.status_code == 403, target
        assert "x-fal-target-url" in refused.json()["detail"]
    assert len(emulator.journal) == 0


OTHER_OPERATIONS = [
    ("GET", f"{QUEUE}/{ID}"),
    ("GET", f"{RUN}/{ID}"),
    ("PUT", f"{RUN}/{ID}"),
    ("POST", JOB),
    ("POST", f"{JOB}/cancel"),
    ("GET", f"{JOB}/cancel"),
    ("PUT", f"{JOB}/status"),
    ("GET", f"{JOB}/status?logs=1&fal_jwt_token=x"),
    ("GET", f"{JOB}/status?logs=1#part"),
    ("GET", f"{JOB}?logs=1"),
    ("GET", f"{JOB}/status/stream/more"),
    ("GET", f"{JOB}/../other"),
    ("GET", f"{JOB}%2Fstatus"),
    ("GET", f"{QUEUE}/{APP}/requests/.."),
    ("GET", f"{QUEUE}/{APP}/requests/../../acme/undeclared/requests/{REQUEST_ID}"),
    ("GET", f"{QUEUE}/acme/undeclared/requests/{REQUEST_ID}"),
    ("GET", f"{QUEUE}/{APP}/requests/"),
    ("GET", f"{QUEUE}/{APP}/requests/é"),
    ("GET", f"{REST}/.well-known/jwks.json"),
    ("PUT", "https://v3.fal.media/files/a"),
]


def test_no_other_operation_of_fal_is_called(browser: httpx.Client, emulator: Emulator) -> None:
    for method, target in OTHER_OPERATIONS:
        headers = [(b"x-fal-target-url", target.encode())]
        refused = browser.request(method, "/fal/", headers=headers)
        assert refused.status_code == 403, (method, target)
    assert len(emulator.journal) == 0


def test_no_other_method_is_forwarded(browser: httpx.Client, emulator: Emulator) -> None:
    for method in ("OPTIONS", "DELETE", "PATCH", "HEAD", "TRACE"):
        refused = call(browser, f"{QUEUE}/{ID}", method)
        assert refused.status_code == 405
        assert refused.headers["allow"] == "GET, POST, PUT"
    assert len(emulator.journal) == 0


def test_a_call_names_one_url(browser: httpx.Client) -> None:
    for headers in ([], [("x-fal-target-url", f"{QUEUE}/{ID}"), ("X-Fal-Target-Url", "https://a")]):
        refused = browser.post("/fal/", headers=headers, json=INPUT)
        assert refused.status_code == 400
        assert "proxyUrl" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [("GET", JOB, 502), ("PUT", f"{JOB}/cancel", 502), ("POST", f"{QUEUE}/{ID}", 500)],
)
def test_redirects_are_not_followed(
    proxied: Proxied, browser: httpx.Client, method: str, target: str, status: int
) -> None:
    proxied.upstream.answer = answer(307, location=f"{proxied.upstream.url}/elsewhere")
    response = call(browser, target, method, "/scripted/")
    assert response.status_code == status
    assert "location" not in response.headers
    assert len(proxied.upstream.requests) == 1


def test_a_call_is_made_only_if_it_is_authorized(
    proxied: Proxied, browser: httpx.Client, emulator: Emulator
) -> None:
    def blocking(call: ProxyCall) -> bool:
        assert threading.current_thread() is not threading.main_thread()
        return Request(dict(call.scope)).cookies.get("session") == "good"

    async def waiting(call: ProxyCall) -> bool:
        await asyncio.sleep(0)
        return blocking(call)

    async def careless(call: ProxyCall) -> Any:
        return "no bool"

    def raising(call: ProxyCall) -> bool:
        raise HTTPException(401, "log in")

    for authorize in (blocking, waiting):
        proxied.authorize = authorize
        assert submit(browser, headers={"cookie": "session=bad"}).status_code == 403
        assert len(emulator.journal) == 0
        assert submit(browser, headers={"Cookie": "session=good"}).status_code == 200
        emulator.reset()
    proxied.authorize = careless
    assert submit(browser).status_code == 403
    proxied.authorize = raising
    assert (submit(browser).status_code, submit(browser).text) == (401, "log in")
    assert len(emulator.journal) == 0


def test_authorize_gets_the_call(proxied: Proxied, browser: httpx.Client) -> None:
    call(browser, JOB, headers={"Authorization": "Bearer 1"})
    (made,) = proxied.calls
    assert (made.action, made.endpoint_id, made.request_id) == ("result", APP, REQUEST_ID)
    assert made.headers["AUTHORIZATION"] == "Bearer 1"
    assert "Bearer" not in repr(made)


def test_a_websocket_is_rejected(proxied: Proxied) -> None:
    from websockets.exceptions import InvalidStatus
    from websockets.sync.client import connect

    with pytest.raises(InvalidStatus, match="403"):
        connect(proxied.url.replace("http", "ws") + "/fal/", proxy=None)


def test_a_server_goes_on_without_lifespan_events() -> None:
    async def nothing(*_: Any) -> Any:
        raise AssertionError("it neither receives nor sends")

    with pytest.raises(ValueError, match="'lifespan'"):
        asyncio.run(Proxy(Fal(KEY), nobody_asks)({"type": "lifespan"}, nothing, nothing))


def test_arguments_are_checked() -> None:
    for options in ({"authorize": None}, {"uploads": 1}, {"max_body": 0}, {"max_body": True}):
        arguments: dict[str, Any] = {"authorize": nobody_asks, **options}
        with pytest.raises(ConfigurationError, match=next(iter(options))):
            Proxy(Fal(KEY), **arguments)
