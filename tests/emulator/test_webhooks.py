"""Webhooks: posted when a job is completed, signed, and repeated until they are accepted."""

from __future__ import annotations

import base64
import hashlib
import json
import queue
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import httpx
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from fal_codegen.emulator import Emulator
from fal_codegen.emulator.queue import webhook_delivery

from .conftest import PAINT
from .test_queue import INPUT


class Delivery(NamedTuple):
    headers: dict[str, str]
    body: bytes


class Receiver:
    """A server that accepts webhooks: it answers with `statuses` first, then with 200."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self._deliveries: queue.Queue[Delivery] = queue.Queue()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                self.send_response(receiver.statuses.pop(0) if receiver.statuses else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()
                receiver._deliveries.put(Delivery(headers, body))

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    def next(self) -> Delivery:
        return self._deliveries.get(timeout=10)

    def is_quiet(self) -> bool:
        time.sleep(0.5)
        return self._deliveries.empty()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever, args=(0.01,))
    thread.start()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()
    thread.join()


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:9", "socks5://127.0.0.1:9", "http://h:port"])
def test_a_receiver_on_this_machine_is_reached_without_a_proxy(
    receiver: Receiver, http: httpx.Client, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    http.post(f"/queue/{PAINT}", json=INPUT, params={"fal_webhook": receiver.url})
    assert json.loads(receiver.next().body)["status"] == "OK"


def submit(http: httpx.Client, receiver: Receiver, payload: Any = INPUT, faults: str = "") -> Any:
    params = {"fal_webhook": receiver.url}
    headers = {"X-Emulate": faults}
    return http.post(f"/queue/{PAINT}", json=payload, params=params, headers=headers).json()


def test_a_success_is_delivered_with_its_output(http: httpx.Client, receiver: Receiver) -> None:
    job = submit(http, receiver)
    assert job["gateway_request_id"] == job["request_id"]
    body = json.loads(receiver.next().body)
    assert body == {
        "request_id": job["request_id"],
        "gateway_request_id": job["request_id"],
        "status": "OK",
        "payload": http.get(job["response_url"]).json(),
        "error": None,
    }
    assert list(body) == sorted(body)


def test_a_failure_is_delivered_with_its_problems(http: httpx.Client, receiver: Receiver) -> None:
    submit(http, receiver, payload={})
    body = json.loads(receiver.next().body)
    assert (body["status"], body["error"]) == ("ERROR", "Invalid status code: 422")
    assert body["payload"]["detail"][0]["type"] == "missing"


def test_a_cancellation_is_delivered_as_an_error(http: httpx.Client, receiver: Receiver) -> None:
    job = submit(http, receiver, faults="queued=60")
    http.put(job["cancel_url"])
    body = json.loads(receiver.next().body)
    assert (body["status"], body["error"]) == ("ERROR", "Client cancelled")


def test_a_delivery_is_signed_with_a_published_key(http: httpx.Client, receiver: Receiver) -> None:
    job = submit(http, receiver)
    delivery = receiver.next()
    (jwk,) = http.get("/rest/.well-known/jwks.json").json()["keys"]
    key = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(jwk["x"] + "="))
    headers = {
        name.removeprefix("x-fal-webhook-"): value
        for name, value in delivery.headers.items()
        if name.startswith("x-fal-webhook-")
    }
    assert headers["request-id"] == job["request_id"]
    assert abs(int(headers["timestamp"]) - time.time()) < 60
    digest = hashlib.sha256(delivery.body).hexdigest()
    message = "\n".join(
        [headers["request-id"], headers["user-id"], headers["timestamp"], digest]
    ).encode()
    key.verify(bytes.fromhex(headers["signature"]), message)
    with pytest.raises(InvalidSignature):
        key.verify(bytes.fromhex(headers["signature"]), message + b"x")


def test_a_webhook_is_tried_again_until_it_is_taken(http: httpx.Client, receiver: Receiver) -> None:
    receiver.statuses = [500, 404]
    submit(http, receiver)
    bodies = {receiver.next().body for _ in range(3)}
    assert len(bodies) == 1
    assert receiver.is_quiet()


def test_a_webhook_is_posted_ten_times_at_most(
    http: httpx.Client, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_delivery, "DELAYS", [0.0 for _ in webhook_delivery.DELAYS])
    receiver.statuses = [500] * 20
    submit(http, receiver)
    for _ in range(10):
        receiver.next()
    assert receiver.is_quiet()


def test_a_redirect_is_not_followed_and_not_tried_again(
    http: httpx.Client, receiver: Receiver
) -> None:
    receiver.statuses = [307]
    submit(http, receiver)
    receiver.next()
    assert receiver.is_quiet()


def test_a_webhook_that_cannot_be_delivered_is_no_matter(
    emulator: Emulator, http: httpx.Client
) -> None:
    for target in ("http://127.0.0.1:9/", "nonsense", "http://[", "mailto:a@b.c"):
        params = {"fal_webhook": target}
        assert http.post(f"/queue/{PAINT}", json=INPUT, params=params).status_code == 200
    emulator.reset()  # webhooks of removed jobs are not retried
