"""Webhooks are checked, and their content is typed."""

from __future__ import annotations

import json
import queue
from collections.abc import Iterator
from typing import Any

import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import Fal, ModelError, UnexpectedResponse, WebhookError

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


def test_a_genuine_webhook_is_accepted_and_typed(
    client: Fal, collage: Collage, call: Call, webhook: Asked
) -> None:
    call(client.verify_webhook, webhook.headers, webhook.body)
    said = collage.parse_webhook(webhook.body)
    assert said.error is None
    assert said.output is not None
    assert said.output.width == 640
    assert said.request_id == json.loads(webhook.body)["request_id"]


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
    ],
)
def test_a_forged_webhook_is_refused(
    client: Fal, call: Call, webhook: Asked, change: dict[str, str]
) -> None:
    with pytest.raises(WebhookError):
        call(client.verify_webhook, {**webhook.headers, **change}, webhook.body)


def test_a_changed_body_is_refused(client: Fal, call: Call, webhook: Asked) -> None:
    with pytest.raises(WebhookError, match="signature"):
        call(client.verify_webhook, webhook.headers, webhook.body + b" ")
    with pytest.raises(WebhookError, match="headers"):
        call(client.verify_webhook, {}, webhook.body)


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
