"""Webhooks are checked, and their content is typed."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fal_codegen.emulator import Emulator
from fal_endpoints import (
    ConfigurationError,
    Fal,
    ModelError,
    NotFoundError,
    UnexpectedResponse,
    WebhookError,
)
from fal_endpoints._runtime.protocol.webhooks import WebhookKeys

from .collage import Collage
from .conftest import Call
from .scripted import Answer, Asked, Scripted, scripted


@pytest.fixture
def delivered() -> queue.Queue[Asked]:
    return queue.Queue()


@pytest.fixture
def receiver(delivered: queue.Queue[Asked]) -> Iterator[Scripted]:
    def take(asked: Asked) -> Answer:
        delivered.put(asked)
        return Answer(200)

    with scripted(take) as server:
        yield server


@pytest.fixture
def webhook(collage: Collage, receiver: Scripted, delivered: queue.Queue[Asked]) -> Asked:
    """Return one as fal delivers it."""
    collage(layers=[]).submit(webhook_url=f"{receiver.base_url}/hook?job=1")
    return delivered.get(timeout=10)


@pytest.mark.parametrize("request_id", ["..", "a\nb", ""])
def test_a_webhook_must_name_what_can_be_a_request(collage: Collage, request_id: str) -> None:
    with pytest.raises(UnexpectedResponse, match="has no request id"):
        collage.parse_webhook(json.dumps({"request_id": request_id, "status": "ERROR"}))


def test_a_genuine_webhook_is_accepted_and_typed(
    client: Fal, collage: Collage, call: Call, webhook: Asked
) -> None:
    call(client.verify_webhook, webhook.headers, webhook.body)
    said = collage.parse_webhook(webhook.body)
    assert said.error is None
    assert said.output is not None
    assert said.output.width == 640
    sent = json.loads(webhook.body)
    assert said.request_id == sent["request_id"]
    assert said.gateway_request_id == sent["gateway_request_id"]


def test_the_keys_are_fetched_once(
    client: Fal, call: Call, webhook: Asked, emulator: Emulator
) -> None:
    for _ in range(3):
        call(client.verify_webhook, webhook.headers, webhook.body)
    (fetched,) = emulator.journal.select("jwks")
    assert "authorization" not in fetched.headers


@pytest.mark.parametrize(
    "change",
    [
        {"x-fal-webhook-timestamp": "1000000000"},
        {"x-fal-webhook-timestamp": "soon"},
        {"x-fal-webhook-user-id": "another"},
        {"x-fal-webhook-signature": "00" * 64},
        {"x-fal-webhook-signature": "no hex"},
        {"x-fal-webhook-signature": "00"},
        {"x-fal-webhook-signature": "00 " * 43},
        {"x-fal-webhook-timestamp": "9" * 400},
        {"x-fal-webhook-timestamp": "9" * 5000},
        {"x-fal-webhook-timestamp": "-1"},
        {"x-fal-webhook-timestamp": "nan"},
        {"x-fal-webhook-timestamp": "١٧٠٠٠٠٠٠٠٠"},
        {"x-fal-webhook-timestamp": "1_700_000_000"},
        {"x-fal-webhook-user-id": ""},
        {"x-fal-webhook-user-id": "\udcff"},
        {"x-fal-webhook-user-id": "é"},
        {"x-fal-webhook-user-id": "a\nb"},
        {"x-fal-webhook-user-id": None},
        {"x-fal-webhook-user-id": b"bytes"},
        {"x-fal-webhook-user-id": ["a", "list"]},
        {"X-Fal-Webhook-User-Id": "a second one"},
    ],
)
def test_a_forged_webhook_is_refused(
    client: Fal, call: Call, webhook: Asked, change: dict[str, Any]
) -> None:
    with pytest.raises(WebhookError):
        call(client.verify_webhook, {**webhook.headers, **change}, webhook.body)


@pytest.mark.parametrize(
    ("timestamp", "when"),
    [("1000000000", r"signed \d+ seconds ago; at most 300 are allowed"), ("9999999999", "future")],
)
def test_a_webhook_of_another_time_is_refused_with_its_age(
    client: Fal, call: Call, webhook: Asked, timestamp: str, when: str
) -> None:
    changed = {**webhook.headers, "x-fal-webhook-timestamp": timestamp}
    with pytest.raises(WebhookError, match=when):
        call(client.verify_webhook, changed, webhook.body)


def test_a_changed_body_is_refused(client: Fal, call: Call, webhook: Asked) -> None:
    with pytest.raises(WebhookError, match="signature"):
        call(client.verify_webhook, webhook.headers, webhook.body + b" ")
    with pytest.raises(WebhookError, match="headers"):
        call(client.verify_webhook, {}, webhook.body)
    with pytest.raises(WebhookError, match="headers"):
        call(
            client.verify_webhook,
            {name.encode(): value for name, value in webhook.headers.items()},
            webhook.body,
        )
    with pytest.raises(WebhookError, match="bytes"):
        call(client.verify_webhook, webhook.headers, webhook.body.decode())


def test_a_line_break_does_not_shift_what_is_signed(call: Call) -> None:
    with Signer() as fal:
        headers = fal.signed(BODY, request_id="a", user_id="b\nc")
        shifted = {"X-Fal-Webhook-Request-Id": "a\nb", "X-Fal-Webhook-User-Id": "c"}
        with pytest.raises(WebhookError):
            call(fal.client.verify_webhook, {**headers, **shifted}, BODY)


BODY = b'{"status": "OK"}'


class Signer:
    """fal's part: keys, what they sign, and where they are published."""

    def __init__(self, before: Callable[[Asked], object] = bool) -> None:
        self.key = Ed25519PrivateKey.generate()
        self.answer: Answer | None = None
        """Instead of the keys."""

        def answer(asked: Asked) -> Answer:
            before(asked)
            return self.answer or self.published()

        self._server = scripted(answer)

    def __enter__(self) -> Signer:
        self._running = self._server.__enter__()
        self.client = Fal("key", base_url=self._running.base_url)
        return self

    def __exit__(self, *error: Any) -> None:
        self.client.close()
        self._server.__exit__(*error)

    @property
    def fetches(self) -> int:
        return len(self._running.asked)

    def published(self) -> Answer:
        raw = self.key.public_key().public_bytes_raw()
        text = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
        return Answer(200, {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": text}]})

    def signed(self, body: bytes, request_id: str = "r", user_id: str = "u") -> dict[str, str]:
        now, digest = str(int(time.time())), hashlib.sha256(body).hexdigest()
        message = "\n".join([request_id, user_id, now, digest]).encode()
        return {
            "X-Fal-Webhook-Request-Id": request_id,
            "X-Fal-Webhook-User-Id": user_id,
            "X-Fal-Webhook-Timestamp": now,
            "X-Fal-Webhook-Signature": self.key.sign(message).hex(),
        }


@pytest.fixture
def fal() -> Iterator[Signer]:
    with Signer() as signer:
        yield signer


def test_a_new_key_is_fetched_at_once_but_not_for_every_forgery(fal: Signer, call: Call) -> None:
    verify = fal.client.verify_webhook
    call(verify, fal.signed(BODY), BODY)
    fal.key = Ed25519PrivateKey.generate()
    call(verify, fal.signed(BODY), BODY)
    assert fal.fetches == 2
    forged = {**fal.signed(BODY), "X-Fal-Webhook-Signature": "00" * 64}
    for _ in range(3):
        with pytest.raises(WebhookError, match="signature"):
            call(verify, forged, BODY)
    assert fal.fetches == 2


def test_keys_that_came_just_now_are_not_fetched_again(fal: Signer, call: Call) -> None:
    forged = {**fal.signed(BODY), "X-Fal-Webhook-Signature": "00" * 64}
    with pytest.raises(WebhookError, match="signature"):
        call(fal.client.verify_webhook, forged, BODY)
    assert fal.fetches == 1


@pytest.mark.parametrize(
    "body",
    [
        b"<html>maintenance</html>",
        [1],
        {"keys": {"a": 1}},
        {"keys": []},
        {"keys": [{}, 1, None]},
        {"keys": [{"x": "é"}, {"x": "\ud800"}, {"x": ["a"]}, {"x": "A"}, {"x": "!" * 43}]},
        {"keys": [{"kty": "RSA", "x": "A" * 43}]},
    ],
)
def test_an_answer_without_keys_is_not_kept(fal: Signer, call: Call, body: Any) -> None:
    fal.answer = Answer(200, body)
    with pytest.raises(UnexpectedResponse, match="no keys"):
        call(fal.client.verify_webhook, fal.signed(BODY), BODY)
    fal.answer = None
    call(fal.client.verify_webhook, fal.signed(BODY), BODY)
    assert fal.fetches == 2


def test_old_keys_serve_while_newer_ones_cannot_be_had(fal: Signer, call: Call) -> None:
    now = 1000.0
    keys, connection = WebhookKeys(clock=lambda: now), fal.client.connection

    def verify() -> None:
        headers, addresses = fal.signed(BODY), connection.addresses
        call(connection.execute, lambda io: keys.verify(io, headers, BODY, addresses))

    verify()
    fal.answer = Answer(404)
    now += 2 * 3600
    for _ in range(2):
        verify()
    assert fal.fetches == 2
    now += 23 * 3600
    with pytest.raises(NotFoundError):
        verify()


def test_many_threads_and_tasks_fetch_the_keys_once() -> None:
    is_asked, may_answer = threading.Event(), threading.Event()

    def before(asked: Asked) -> None:
        is_asked.set()
        may_answer.wait(30)

    with Signer(before) as fal, ThreadPoolExecutor(12) as threads:
        headers, verify = fal.signed(BODY), fal.client.verify_webhook_async

        async def tasks() -> None:
            await asyncio.gather(*(verify(headers, BODY) for _ in range(10)))

        verified = [threads.submit(fal.client.verify_webhook, headers, BODY) for _ in range(10)]
        verified.append(threads.submit(asyncio.run, tasks()))
        assert is_asked.wait(30)
        may_answer.set()
        for future in verified:
            future.result(30)
        assert fal.fetches == 1


def test_a_blocking_call_on_a_loop_does_not_wait_for_a_task_of_it() -> None:
    is_asked, may_answer = threading.Event(), threading.Event()

    def before(asked: Asked) -> None:
        if not is_asked.is_set():
            is_asked.set()
            may_answer.wait(30)

    with Signer(before) as fal:
        headers = fal.signed(BODY)

        async def main() -> None:
            task = asyncio.ensure_future(fal.client.verify_webhook_async(headers, BODY))
            await asyncio.to_thread(is_asked.wait, 30)
            fal.client.verify_webhook(headers, BODY)
            may_answer.set()
            await task

        asyncio.run(main())
        assert fal.fetches == 2


def test_without_cryptography_the_error_says_what_to_install(
    fal: Signer, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "cryptography"]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, "cryptography", None)
    headers = {**fal_headers(), "X-Fal-Webhook-Signature": "00" * 64}
    with pytest.raises(ConfigurationError, match="pip install cryptography"):
        call(fal.client.verify_webhook, headers, BODY)


def fal_headers() -> dict[str, str]:
    names = ("Request-Id", "User-Id", "Timestamp")
    return {f"X-Fal-Webhook-{name}": str(int(time.time())) for name in names}


def test_a_failure_is_an_error_in_the_webhook(
    collage: Collage, receiver: Scripted, delivered: queue.Queue[Asked]
) -> None:
    request = collage(layers=[], aspect="wide")
    request.submit(webhook_url=receiver.base_url)
    said = collage.parse_webhook(delivered.get(timeout=10).body)
    assert said.output is None
    assert isinstance(said.error, ModelError)
    assert said.error.errors[0].field == "aspect"


def test_a_webhook_whose_payload_is_lost_or_odd(collage: Collage) -> None:
    body: dict[str, Any] = {"request_id": "1", "status": "OK", "payload": None}
    said = collage.parse_webhook(json.dumps({**body, "payload_error": "too large"}))
    assert "too large" in str(said.error)
    with pytest.raises(UnexpectedResponse):
        collage.parse_webhook(json.dumps(body))


def test_the_code_in_a_failure_is_the_errors(collage: Collage) -> None:
    body = {"request_id": "1", "status": "ERROR", "error": "Invalid status code: 404"}
    error = collage.parse_webhook(json.dumps({**body, "payload": {"detail": "gone"}})).error
    assert isinstance(error, NotFoundError)
    assert error.status_code == 404
    error = collage.parse_webhook(json.dumps({**body, "error": "Invalid status code: 99999"})).error
    assert error is not None
    assert error.status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        "[]",
        "null",
        "{}",
        '"text"',
        '{"request_id": 1}',
        '{"request_id": null, "status": "OK"}',
        '{"request_id": "1", "status": "OK", "payload": {"image": 1}}',
        f'{{"request_id": {"1" * 5000}}}',
        '{"request_id": "1", "payload": ' + "[" * 100_000 + "]" * 100_000 + "}",
    ],
)
def test_any_json_that_is_no_webhook_is_an_error_of_ours(collage: Collage, body: str) -> None:
    with pytest.raises(UnexpectedResponse):
        collage.parse_webhook(body)


@pytest.mark.parametrize("body", ["", "{", b"\xff", "<html>"])
def test_what_is_no_json_is_no_webhook(collage: Collage, body: str | bytes) -> None:
    with pytest.raises(UnexpectedResponse, match="layers: the webhook's body cannot") as error:
        collage.parse_webhook(body)
    assert error.value.payload == body
