"""Webhooks: whether fal sent one, and what it says."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic

from .connection import Addresses
from .errors import APIError, FalError, body_of, failure
from .exchange import ask
from .io import NEVER, Call, Io
from .json_values import json_array, json_object
from .operation import Operation, Output

_TOLERANCE = 300.0  # seconds by which the sender's clock may differ (fal's documentation)
_KEYS_LAST = 3600.0  # seconds; fal's documentation allows 24 hours


class WebhookError(FalError):
    """The webhook is not one that fal signed just now."""


@dataclass(frozen=True)
class Webhook(Generic[Output]):
    """What a webhook says of a request that is over: its output or its error."""

    request_id: str
    output: Output | None
    error: APIError | None


def parse_webhook(operation: Operation[Output], payload: object) -> Webhook[Output]:
    """Return the typed content of a webhook's decoded body."""
    content = json_object(payload)
    request_id = str(content.get("request_id"))
    about, result = operation.about(request_id), content.get("payload")
    if content.get("status") == "OK" and content.get("payload_error") is None:
        return Webhook(request_id, operation.parse(result, about), None)
    said = content.get("error") or content.get("payload_error") or "the request failed"
    return Webhook(request_id, None, failure(str(said), result, about))


class WebhookKeys:
    """fal's public keys, fetched when they are needed."""

    def __init__(self) -> None:
        self._keys: list[object] = []
        self._expire = 0.0

    async def verify(
        self, io: Io, headers: Mapping[str, str], body: bytes, addresses: Addresses
    ) -> None:
        """Check that fal signed `body`, and did so just now."""
        message, signature = _signed(headers, body)
        if time.monotonic() >= self._expire:
            call = Call("GET", f"{addresses.rest}/.well-known/jwks.json", keyed=False)
            answer = body_of(await ask(io, call, NEVER))
            keys = map(json_object, json_array(json_object(answer).get("keys")))
            self._keys = [key.get("x") for key in keys]
            self._expire = time.monotonic() + _KEYS_LAST
        if not any(_is_valid(key, signature, message) for key in self._keys):
            raise WebhookError("the webhook's signature is not fal's")


def _signed(headers: Mapping[str, str], body: bytes) -> tuple[bytes, bytes]:
    """Return the message that fal signs (its documentation, "Webhooks") and the signature."""
    lower = {name.lower(): value for name, value in headers.items()}
    try:
        request_id, user_id, timestamp, signature = (
            lower[f"x-fal-webhook-{name}"]
            for name in ("request-id", "user-id", "timestamp", "signature")
        )
        age, signed = abs(time.time() - int(timestamp)), bytes.fromhex(signature)
    except (KeyError, ValueError) as error:
        raise WebhookError(f"the webhook has no valid signature headers ({error})") from error
    if age > _TOLERANCE:
        raise WebhookError(f"the webhook was signed {age:.0f} seconds from now")
    digest = hashlib.sha256(body).hexdigest()
    return "\n".join([request_id, user_id, timestamp, digest]).encode(), signed


def _is_valid(key: object, signature: bytes, message: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        raw = base64.urlsafe_b64decode(f"{key}==")  # more padding than it takes does no harm
        Ed25519PublicKey.from_public_bytes(raw).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
