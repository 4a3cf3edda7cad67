"""Every request gets an answer of fal's, never a failure of the emulator itself."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from fal_codegen.emulator import Emulator, Limits, create_app
from fal_codegen.emulator.emulation import Emulation
from hypothesis import example, given, settings
from hypothesis import strategies as st

from .conftest import PAINT
from .documents import document
from .test_queue import INPUT, submit, wait

PATHS = [
    f"/queue/{PAINT}",
    f"/run/{PAINT}",
    f"/run/{PAINT}/stream",
    "/queue/acme/paint/requests/{id}",
    "/queue/acme/paint/requests/{id}/status",
    "/queue/acme/paint/requests/{id}/cancel",
    "/rest/storage/upload/initiate",
    "/rest/storage/upload/initiate-multipart",
    "/rest/storage/auth/token",
    "/rest/tokens/",
    "/rest/tokens/realtime",
    "/rest/.well-known/jwks.json",
    "/files/upload",
    "/files/upload/multipart",
    "/files/a/b/multipart/c/1",
    "/files/a/b/multipart/c/" + "9" * 5000,
    "/files/a/b/multipart/c/complete",
    "/files/a/b",
    "/files/results/1/99999x99999/a.png",
    "/files/results/",
    "/api/v1/models",
    "/api/openapi/queue/openapi.json",
    f"/playground/snippets/{PAINT}",
    f"/playground/{PAINT}",
    "/playground",
    "/",
    "",
]

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)

NAMES = ["prompt", "steps", "style", "size", "seed", "tags", "width"]
NAMES += ["file_name", "content_type", "parts", "partNumber", "allowed_apps", "token_expiration"]

ODD_VALUES = st.sampled_from(
    [float("nan"), float("inf"), 10**400, -(10**30), "\ud800", "\x00", "a\r\nb: c", [[[[]]]], 1e308]
)

BODIES = st.one_of(
    st.binary(max_size=60),
    JSON.map(lambda value: json.dumps(value).encode()),
    st.dictionaries(st.sampled_from(NAMES), JSON | ODD_VALUES).map(
        lambda value: json.dumps(value).encode()
    ),
    st.sampled_from([b"", b"[" * 50_000, b'{"a":' * 50_000, b'{"prompt": "a", "prompt": 1}']),
)

HEADERS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                *(b"authorization", b"x-emulate", b"range", b"if-range", b"content-type"),
                *(b"content-length", b"accept", b"x-fal-target-url", b"x-fal-file-name"),
                *(b"x-fal-request-timeout", b"x-fal-request-start-timeout", b"upgrade"),
                *(b"x-fal-queue-priority", b"origin", b"sec-fetch-site", b"host", b"x-odd"),
            ]
        ),
        st.one_of(
            st.binary(max_size=30),
            st.sampled_from(
                [
                    *(b"Key any", b"bytes=0-", b"bytes=5-1", b"bytes=--", b"bytes=0-1,3-4"),
                    *(b"http://[", b"https://queue.fal.run", b"https://fal.run:x/", b"text/html"),
                    *(b"1e999", b"nan", b"-1", b"websocket", b"unknown-field=a", b"times=1"),
                    *(b"logs=1; times=x", b"queued=0, running=0", b"unknown-enum=\xff"),
                ]
            ),
        ),
    ),
    max_size=4,
)

QUERIES = st.binary(max_size=30) | st.sampled_from(
    [
        *(b"cursor=%ff", b"limit=" + b"9" * 5000, b"cursor=" + b"OTk5" * 3000, b"logs=1"),
        *(b"fal_webhook=http://[", b"fal_webhook=%00", b"fal_max_queue_length=1e9", b"expand=x"),
        *(b"endpoint_id=" + PAINT.encode(), b"q=%ed%a0%80", b"to=fal"),
    ]
)


@pytest.fixture(scope="module")
def app() -> Any:
    return create_app(Emulation([document(PAINT)], faults="queued=0, running=0"))


@pytest.mark.exhaustive
@settings(max_examples=400, deadline=None)
@given(
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "ODD"]),
    path=st.sampled_from(PATHS) | st.text(max_size=20).map(lambda text: f"/{text}"),
    query=QUERIES,
    headers=HEADERS,
    body=BODIES,
)
@example("GET", "/", b"", [(b"x-fal-target-url", b"http://[")], b"")
@example("PUT", "/files/a/b/multipart/c/" + "9" * 5000, b"", [], b"")
@example("GET", "/playground", b"\x80", [], b"")
@example("POST", f"/queue/{PAINT}", b"", [], b'{"seed": 1e999}')
def test_any_request_gets_a_clean_response(
    app: Any, method: str, path: str, query: bytes, headers: Any, body: bytes
) -> None:
    sent = [(b"host", b"localhost"), (b"authorization", b"Key any"), *headers]
    status, answered, content = asyncio.run(_ask(app, method, path, query, sent, body))
    assert status < 500, content
    for name, value in answered.items():
        assert b"\r" not in value, name
        assert b"\n" not in value, name
    if answered.get(b"content-type", b"").startswith(b"application/json") and content:
        json.loads(content, parse_constant=pytest.fail)


async def _ask(
    app: Any, method: str, path: str, query: bytes, headers: Any, body: bytes
) -> tuple[int, dict[bytes, bytes], bytes]:
    """Send one request as a server that accepts everything."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path.encode("utf-8", "replace").decode(),
        "raw_path": path.encode("utf-8", "replace"),
        "query_string": query,
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "state": {"close_connection": lambda: None},
    }
    messages: list[Any] = []
    unread = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Any:
        return unread.pop() if unread else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        messages.append(message)

    await app(scope, receive, send)
    start = messages[0]
    content = b"".join(message.get("body", b"") for message in messages[1:])
    return start["status"], dict(start["headers"]), content


@pytest.mark.parametrize("kind", ["websocket", "lifespan"])
def test_a_scope_that_is_no_request_is_handled(app: Any, kind: str) -> None:
    messages: list[Any] = []
    received = {
        "websocket": [{"type": "websocket.connect"}],
        "lifespan": [{"type": "lifespan.shutdown"}, {"type": "lifespan.startup"}],
    }[kind]

    async def receive() -> Any:
        return received.pop()

    async def send(message: Any) -> None:
        messages.append(message["type"])

    scope = {"type": kind, "path": f"/run/{PAINT}/realtime", "headers": [], "query_string": b""}
    asyncio.run(app({**scope, "asgi": {}, "root_path": "", "state": {}}, receive, send))
    assert messages[-1] in ("websocket.close", "lifespan.shutdown.complete")


@pytest.mark.parametrize(
    "request_",
    [
        f"GET /run/{PAINT}/realtime HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eHg=\r\n\r\n",
        "GET /%ff%fe%ed%a0%80 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /%00/../..//etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "GET http://[ HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n",
        f"POST /run/{PAINT} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Key any\r\n"
        "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        "\0\1\2\r\n\r\n",
    ],
)
def test_any_bytes_on_the_wire_leave_the_server_running(
    emulator: Emulator, http: httpx.Client, request_: str, caplog: pytest.LogCaptureFixture
) -> None:
    address = urlsplit(emulator.base_url)
    with socket.create_connection((address.hostname or "", address.port or 80)) as connection:
        connection.sendall(request_.encode("latin-1"))
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    assert not answer.startswith(b"HTTP/1.1 5")
    assert "Traceback" not in caplog.text
    wait(http, submit(http))  # it is as well as before


def test_a_form_is_no_json_and_no_failure(http: httpx.Client) -> None:
    for files in (None, {"image": b"x"}):
        answer = http.post(f"/run/{PAINT}", data={"prompt": "a red fox"}, files=files)
        assert answer.status_code == 422
    answer = http.post(f"/run/{PAINT}", json=INPUT, headers={"Content-Type": "text/plain"})
    assert answer.status_code == 200


def test_the_body_of_a_call_has_a_limit() -> None:
    with Emulator([document(PAINT)], limits=Limits(body=1000)) as emulator:
        for way in ("run", "queue"):
            answer = httpx.post(
                f"{emulator.base_url}/{way}/{PAINT}",
                json={"prompt": "a" * 2000},
                headers={"Authorization": "Key any"},
            )
            assert answer.status_code == 413
            assert "1000 bytes" in answer.json()["detail"]
