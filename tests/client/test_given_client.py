"""A given HTTP client sends everything, and a deadline does not need a thread per request."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any, NoReturn

import httpx
import pytest
from fal_endpoints import Fal, FalError, SubmissionUncertain, WebhookError

from .collage import Collage
from .conftest import Call
from .given import client_of

OUTPUT = {"image": {"url": "https://files.test/a.png"}, "width": 1}
SIGNED = {
    "x-fal-webhook-request-id": "1",
    "x-fal-webhook-user-id": "1",
    "x-fal-webhook-signature": "f" * 128,
}
LARGE = bytes(100_000)


class Everything:
    """Answers every request, and records where it went and in which thread."""

    def __init__(self, looks: int = 0) -> None:
        self.seen: list[str] = []
        self.threads: list[threading.Thread] = []
        self.looks = looks

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.seen.append(f"{request.method} {path}")
        self.threads.append(threading.current_thread())
        if "/storage/" in path:
            urls = {"upload_url": "https://files.test/put", "file_url": "https://files.test/b.png"}
            return httpx.Response(200, json=urls)
        if path == "/.well-known/jwks.json":
            return httpx.Response(200, json={"keys": [{"kty": "OKP", "x": "A" * 43}]})
        if path.endswith("/v1/layers/stream"):
            event = f"data: {json.dumps(OUTPUT)}\n\n"
            return httpx.Response(200, headers={"content-type": "text/event-stream"}, text=event)
        if path.endswith("/status/stream") and not self.looks:
            event = 'data: {"status": "COMPLETED"}\n\n'
            return httpx.Response(200, headers={"content-type": "text/event-stream"}, text=event)
        if path.endswith("/status/stream"):
            return httpx.Response(404, headers={"x-fal-request-id": "1"})
        if path.endswith("/status"):
            self.looks -= 1
            state = "IN_PROGRESS" if self.looks > 0 else "COMPLETED"
            return httpx.Response(200, json={"status": state})
        if request.url.host == "files.test":
            return httpx.Response(200, content=b"content")
        queued = {"request_id": "1"} if request.url.host == "queue.fal.run" else {}
        return httpx.Response(200, json={**OUTPUT, **queued})


@pytest.fixture(autouse=True)
def no_other_client(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> NoReturn:
        raise AssertionError("another HTTP client sent a request")

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", refuse)
    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", refuse)


@pytest.mark.parametrize("client_timeout", [None, 60.0], ids=["patient", "deadline"])
def test_a_given_client_sends_every_request(
    call: Call, tmp_path: Path, client_timeout: float | None
) -> None:
    server = Everything()
    client = client_of(server)
    collage = Collage(client)
    request = collage(layers=[], mask_urls=[LARGE, LARGE + b"1"])

    output = call(request.subscribe, client_timeout=client_timeout)
    assert call(request.run, client_timeout=client_timeout).width == 1
    assert [item.width for item in call(request.stream)] == [1]
    handle = call(request.submit)
    assert call(handle.result, client_timeout=client_timeout).width == 1
    call(handle.status)
    call(handle.events)
    call(handle.cancel)
    call(output.image.download, tmp_path)
    call(client.upload, LARGE)
    with pytest.raises(WebhookError):
        signed_now = {**SIGNED, "x-fal-webhook-timestamp": f"{time.time():.0f}"}
        call(client.verify_webhook, signed_now, b"{}")

    queue = "/acme/collage/requests/1"
    assert set(server.seen) == {
        "POST /storage/upload/initiate",
        "PUT /put",
        "POST /acme/collage/v1/layers",
        "POST /acme/collage/v1/layers/stream",
        f"GET {queue}/status/stream",
        f"GET {queue}/status",
        f"GET {queue}",
        f"PUT {queue}/cancel",
        "GET /a.png",
        "GET /.well-known/jwks.json",
    }
    assert server.seen.count("PUT /put") == 9
    assert server.seen.count("GET /a.png") == 1


def test_a_given_client_sends_the_requests_of_a_batch() -> None:
    server = Everything()
    client = client_of(server)
    outcomes = list(client.map([Collage(client)(layers=[]) for _ in range(5)]))
    assert [outcome.error for outcome in outcomes] == [None] * 5
    assert len(server.seen) == 15


def test_a_given_client_sends_its_own_settings_with_each_request(call: Call) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"request_id": "1", "status": "COMPLETED"})

    own: dict[str, Any] = {
        "transport": httpx.MockTransport(answer),
        "headers": {"X-Team": "film", "User-Agent": "film/1", "Host": "gateway.test"},
        "cookies": {"session": "1"},
        "params": {"team": "film"},
    }
    with httpx.Client(**own) as http_client:
        client = Fal("key", http_client=http_client, async_http_client=httpx.AsyncClient(**own))
        collage = Collage(client)
        call(collage.handle("1").status)
        call(collage(layers=[]).submit)
    for request in seen:
        headers = request.headers
        assert headers["x-team"] == "film"
        assert headers["cookie"] == "session=1"
        assert headers.get_list("host") == ["gateway.test"]
        assert request.url.params["team"] == "film"
        # The rest of this client relies on these, so they are its own.
        assert headers["accept-encoding"] == "gzip"
        assert headers.get_list("user-agent")[0].startswith("fal-endpoints/")
    assert [request.method for request in seen] == ["GET", "POST"]


class Resending(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Sends every body twice, as a transport that retries by itself."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        assert isinstance(request.stream, httpx.SyncByteStream)
        for _ in range(2):
            self.sent.append(b"".join(request.stream))
        return httpx.Response(200, json={"request_id": "1"})

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        assert isinstance(request.stream, httpx.AsyncByteStream)
        for _ in range(2):
            self.sent.append(b"".join([piece async for piece in request.stream]))
        return httpx.Response(200, json={"request_id": "1"})


def test_a_given_client_cannot_send_a_submission_twice(call: Call) -> None:
    transport = Resending()
    with httpx.Client(transport=transport) as http_client:
        async_http_client = httpx.AsyncClient(transport=transport)
        client = Fal("key", http_client=http_client, async_http_client=async_http_client)
        with pytest.raises(SubmissionUncertain, match="StreamConsumed"):
            call(Collage(client)(layers=[]).submit)
    assert transport.sent == [b'{"layers":[]}']


def test_a_deadline_needs_one_thread_for_all_requests_of_a_job() -> None:
    server = Everything(looks=3)
    client = client_of(server)
    request = Collage(client)(layers=[])
    assert request.subscribe(client_timeout=60).width == 1
    assert len(server.seen) == 6
    submission, *others = server.threads
    assert len({id(thread) for thread in others}) == 1
    assert submission is others[0]
    assert request.subscribe(client_timeout=60).width == 1
    assert server.threads[-1] is submission  # it waits for the next job
    client.close()
    submission.join(10)
    assert not submission.is_alive()


def test_a_client_that_is_closed_during_a_call_keeps_no_thread() -> None:
    server = Everything()

    def answer(request: httpx.Request) -> httpx.Response:
        client.close()
        return server(request)

    client = client_of(answer)
    handle = Collage(client)(layers=[]).submit(client_timeout=60)
    assert handle.request_id == "1"
    (thread,) = server.threads
    thread.join(10)
    assert not thread.is_alive()


@pytest.mark.parametrize("seconds", [None, 60])
def test_a_job_needs_no_thread_where_none_can_be_started(
    monkeypatch: pytest.MonkeyPatch, seconds: float | None
) -> None:
    """Python 3.12 starts no thread for functions that run at exit."""

    def start(_: threading.Thread) -> NoReturn:
        raise RuntimeError("can't create new thread at interpreter shutdown")

    monkeypatch.setattr(threading.Thread, "start", start)
    server = Everything()
    assert Collage(client_of(server))(layers=[]).subscribe(client_timeout=seconds).width == 1
    assert set(server.threads) == {threading.current_thread()}


def test_without_a_deadline_the_callers_thread_sends() -> None:
    server = Everything()
    Collage(client_of(server))(layers=[]).subscribe()
    assert set(server.threads) == {threading.current_thread()}


def test_the_fixture_would_see_another_client() -> None:
    with pytest.raises(FalError, match="another HTTP client"):
        Fal("key").upload(LARGE)
