"""The proxy for browsers: what it forwards, what it refuses, and what it never shows."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import ConfigurationError, Fal
from fal_endpoints._runtime.tuning import Tuning
from fal_endpoints.proxy import Proxy, ProxyCall
from guide.served_app import listening, serving, url_of
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import Mount

from .conftest import KEY
from .tuned import tuned_client
from .waiting import until

ID = "fal-ai/pika/v2.2/image-to-video"
APP = "fal-ai/pika"
INPUT = {"image_url": "https://example.com/a.png", "prompt": "a wave"}
QUEUE, RUN, REST = "https://queue.fal.run", "https://fal.run", "https://rest.fal.ai"
REQUEST_ID = "019f0d2c-6d2f-7b1a-9a44-0c3f2b6f2b7e"
PATIENCE = 30.0  # seconds on a slow machine


@dataclass
class Upstream:
    """A server in the place of fal, which answers as a test says."""

    url: str = ""
    answer: Callable[[Any, Any, Any], Any] | None = None
    requests: list[httpx.Request] = field(default_factory=list[httpx.Request])

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path = scope["path"]
        self.requests.append(httpx.Request(scope["method"], path, headers=scope["headers"]))
        assert self.answer is not None
        await self.answer(scope, receive, send)


def answer(status: int = 200, body: bytes = b"{}", **headers: str) -> Callable[..., Any]:
    """Return an ASGI application that reads its request, and answers."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        named = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": named})
        await send({"type": "http.response.body", "body": body})

    return app


@dataclass
class Proxied:
    """Proxies that are served: in front of the emulator, and of an `Upstream`."""

    url: str
    upstream: Upstream
    authorize: Callable[[ProxyCall], Any]
    calls: list[ProxyCall]


def nobody_asks(call: ProxyCall) -> bool:
    return True


@pytest.fixture(scope="module")
def served(running_emulator: Emulator) -> Iterator[Proxied]:
    proxied = Proxied("", Upstream(), nobody_asks, [])

    def authorize(call: ProxyCall) -> Any:
        proxied.calls.append(call)
        return proxied.authorize(call)

    tuning = Tuning(longest_response=100_000)
    emulated = Fal(KEY, base_url=running_emulator.base_url, store_io=False, tags={"of": "proxy"})
    with serving(proxied.upstream, listening()) as url, emulated:
        proxied.upstream.url = url
        with tuned_client(tuning, key=KEY, base_url=url) as scripted:
            app = Starlette(
                routes=[
                    Mount("/fal", Proxy(emulated, authorize, uploads=True)),
                    Mount("/scripted", Proxy(scripted, authorize, max_body=1000)),
                    Mount("/nowhere", Proxy(unreachable(), authorize)),
                ]
            )
            with serving(app, listening()) as proxied.url:
                yield proxied


def unreachable() -> Fal:
    with listening() as closed:
        return Fal(KEY, base_url=url_of(closed))


@pytest.fixture
def proxied(served: Proxied, emulator: Emulator) -> Proxied:
    served.authorize = nobody_asks
    served.calls.clear()
    served.upstream.requests.clear()
    served.upstream.answer = answer()
    return served


@pytest.fixture
def browser(proxied: Proxied) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=proxied.url, timeout=PATIENCE) as client:
        yield client


def call(
    browser: httpx.Client, target: str, method: str = "GET", at: str = "/fal/", **options: Any
) -> httpx.Response:
    headers = {"x-fal-target-url": target, **options.pop("headers", {})}
    return browser.request(method, at, headers=headers, **options)


def submit(browser: httpx.Client, **options: Any) -> httpx.Response:
    return call(browser, f"{QUEUE}/{ID}", "POST", json=INPUT, **options)


def test_a_job_goes_from_the_submission_to_its_result(
    proxied: Proxied, browser: httpx.Client, emulator: Emulator
) -> None:
    submitted = submit(browser)
    assert submitted.status_code == 200
    job = f"{QUEUE}/{APP}/requests/{submitted.json()['request_id']}"
    events = call(browser, f"{job}/status/stream?logs=1", headers={"accept": "text/event-stream"})
    assert events.headers["content-type"].startswith("text/event-stream")
    assert '"COMPLETED"' in events.text
    assert call(browser, f"{job}/status?logs=1").json()["status"] == "COMPLETED"
    result = call(browser, job)
    assert result.json()["video"]["url"]
    assert result.headers["x-fal-request-id"] == submitted.json()["request_id"]
    assert call(browser, f"{job}/response").json() == result.json()
    assert call(browser, f"{job}/cancel", "PUT").status_code == 400  # it is completed
    assert call(browser, job.replace(APP, ID)).json() == result.json()  # as documents have it
    assert [made.action for made in proxied.calls] == [
        *("submit", "stream_status", "status", "result", "result", "cancel", "result")
    ]
    assert len(emulator.journal) == 7
    assert {entry.headers["authorization"] for entry in emulator.journal} == {f"Key {KEY}"}


def test_models_run_and_stream_without_the_queue(browser: httpx.Client) -> None:
    assert call(browser, f"{RUN}/{ID}", "POST", json=INPUT).json()["video"]["url"]
    events = call(browser, f"{RUN}/{ID}/stream", "POST", json=INPUT)
    assert events.text.startswith("data: ")


def test_files_are_uploaded_where_that_is_allowed(
    proxied: Proxied, browser: httpx.Client, emulator: Emulator
) -> None:
    initiate = f"{REST}/storage/upload/initiate?storage_type=fal-cdn-v3"
    file = {"file_name": "a.txt", "content_type": "text/plain"}
    there = call(browser, initiate, "POST", json=file).json()
    httpx.put(there["upload_url"], content=b"hello")
    assert httpx.get(there["file_url"]).text == "hello"
    in_parts = initiate.replace("initiate", "initiate-multipart")
    assert call(browser, in_parts, "POST", json=file).status_code == 200
    assert [made.endpoint_id for made in proxied.calls] == [None, None]
    assert call(browser, initiate, "POST", "/scripted/", json=file).status_code == 403
    assert proxied.upstream.requests == []


def test_the_options_of_the_client_apply(browser: httpx.Client, emulator: Emulator) -> None:
    submit(browser, headers={"x-fal-store-io": "1", "x-fal-tags": "of=browser"})
    assert emulator.journal[0].headers["x-fal-store-io"] == "0"
    assert emulator.journal[0].headers["x-fal-tags"] == "of=proxy"


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


JOB = f"{QUEUE}/{APP}/requests/{REQUEST_ID}"


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


class Steps:
    """Two events, for one side to wait until the other has got a part of a body."""

    def __init__(self) -> None:
        self.first, self.second = threading.Event(), threading.Event()

    def wait(self, event: threading.Event) -> None:
        assert event.wait(PATIENCE), "it did not arrive"


def test_the_body_of_a_request_is_streamed(proxied: Proxied, browser: httpx.Client) -> None:
    steps = Steps()
    arrived = bytearray()

    async def upstream(scope: Any, receive: Any, send: Any) -> None:
        has_more = True
        while has_more:
            message = await receive()
            arrived.extend(message["body"])
            has_more = message["more_body"]
            steps.first.set()
        await answer()(scope, lambda: asyncio.sleep(0, {}), send)

    def pieces() -> Iterator[bytes]:
        yield b'{"prompt": '
        steps.wait(steps.first)
        yield b'"a wave"}'

    proxied.upstream.answer = upstream
    sent = call(browser, f"{QUEUE}/{ID}", "POST", "/scripted/", content=pieces())
    assert sent.status_code == 200
    assert arrived == b'{"prompt": "a wave"}'


def test_the_body_of_a_response_is_streamed(proxied: Proxied, browser: httpx.Client) -> None:
    steps = Steps()

    async def upstream(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b"data: 1\n\n", "more_body": True})
        await asyncio.to_thread(steps.wait, steps.first)
        await send({"type": "http.response.body", "body": b"data: 2\n\n"})

    proxied.upstream.answer = upstream
    headers = {"x-fal-target-url": f"{RUN}/{ID}/stream"}
    with browser.stream("POST", "/scripted/", headers=headers, json=INPUT) as response:
        pieces = response.iter_raw()
        assert next(pieces) == b"data: 1\n\n"
        steps.first.set()
        assert list(pieces) == [b"data: 2\n\n"]


@pytest.mark.parametrize("has_length", [True, False])
def test_a_body_that_is_too_long_is_rejected(
    proxied: Proxied, browser: httpx.Client, has_length: bool
) -> None:
    body: Any = b" " * 1001 if has_length else iter([b" " * 999, b"  "])
    rejected = call(browser, f"{QUEUE}/{ID}", "POST", "/scripted/", content=body)
    assert rejected.status_code == 413
    assert "1,000 bytes" in rejected.json()["detail"]


def test_a_response_that_is_too_long_is_cut(proxied: Proxied, browser: httpx.Client) -> None:
    proxied.upstream.answer = answer(body=b" " * 100_001)
    with pytest.raises(httpx.RemoteProtocolError):
        call(browser, JOB, at="/scripted/")
    proxied.upstream.answer = answer(body=b" " * 100_000)
    assert len(call(browser, JOB, at="/scripted/").content) == 100_000


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("POST", f"{QUEUE}/{ID}"),
        ("POST", f"{RUN}/{ID}/stream"),
        ("GET", JOB),
        ("GET", f"{JOB}/status/stream"),
    ],
)
def test_a_browser_that_leaves_ends_the_request_to_fal(
    proxied: Proxied, caplog: pytest.LogCaptureFixture, method: str, target: str
) -> None:
    steps = Steps()

    async def upstream(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        if target.endswith("/stream"):
            await send({"type": "http.response.start", "status": 200})
            await send({"type": "http.response.body", "body": b"data: 1\n\n", "more_body": True})
        steps.first.set()
        assert (await receive())["type"] == "http.disconnect"
        steps.second.set()

    async def leave() -> None:
        headers = {"x-fal-target-url": target}
        async with httpx.AsyncClient(base_url=proxied.url) as client:
            calling = asyncio.ensure_future(client.request(method, "/scripted/", headers=headers))
            await asyncio.to_thread(steps.wait, steps.first)
            calling.cancel()

    proxied.upstream.answer = upstream
    asyncio.run(leave())
    steps.wait(steps.second)
    if target == f"{QUEUE}/{ID}":
        until(lambda: "it may still be running" in caplog.text)


def test_a_call_that_fal_may_have_accepted_is_not_worth_a_retry(
    browser: httpx.Client, emulator: Emulator, proxied: Proxied
) -> None:
    # fal's JavaScript client submits again after 429, 502, 503 and 504.
    emulator.emulate("drop=after; on=submit")
    assert submit(browser).status_code == 500
    proxied.upstream.answer = answer(503, b"<html>")
    assert submit(browser, at="/scripted/").status_code == 500
    assert call(browser, f"{RUN}/{ID}", "POST", "/scripted/").status_code == 500
    proxied.upstream.answer = answer(503, x_fal_error_type="runner_scheduling_failure")
    assert submit(browser, at="/scripted/").status_code == 503
    assert submit(browser, at="/nowhere/").status_code == 502
    assert call(browser, JOB, at="/nowhere/").status_code == 502


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


def test_a_websocket_is_rejected(proxied: Proxied) -> None:
    from websockets.exceptions import InvalidStatus
    from websockets.sync.client import connect

    with pytest.raises(InvalidStatus, match="403"):
        connect(proxied.url.replace("http", "ws") + "/fal/", proxy=None)


def test_arguments_are_checked() -> None:
    for options in ({"authorize": None}, {"uploads": 1}, {"max_body": 0}, {"max_body": True}):
        arguments: dict[str, Any] = {"authorize": nobody_asks, **options}
        with pytest.raises(ConfigurationError, match=next(iter(options))):
            Proxy(Fal(KEY), **arguments)
