"""Webhooks: verifying that fal sent one, and reading it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple

from ..errors import NOTHING, APIError, ConfigurationError, FalError, UnexpectedResponse
from ..forks import renew_in_children
from ..json_values import json_array, json_object
from ..transport.io import NEVER, HttpRequest, Io
from .addresses import Addresses
from .bound_endpoint import BoundEndpoint, OutputT
from .policies import READ
from .request_id import is_request_id
from .responses import body_of, failure
from .retry import ask

_TOLERANCE = 300.0  # seconds by which the sender's clock may differ (fal's documentation)
_KEYS_ARE_FRESH = 3600.0  # seconds
_KEYS_LAST = 24 * 3600.0  # seconds, if newer keys cannot be fetched (fal's documentation)
_PAUSE = 60.0  # seconds between fetches because of unknown signatures

# fal signs these values joined by line breaks, so none may contain one.
_HEADERS = {
    "x-fal-webhook-request-id": r"[ -~]+",
    "x-fal-webhook-user-id": r"[ -~]+",
    "x-fal-webhook-timestamp": r"[0-9]{1,12}",
    "x-fal-webhook-signature": r"[0-9a-fA-F]{128}",
}


class WebhookError(FalError):
    """fal did not sign the webhook, or not within the last five minutes."""


@dataclass(frozen=True)
class Webhook(Generic[OutputT]):
    """The content of a webhook: the output or the error of a request that is over."""

    request_id: str
    output: OutputT | None
    """The result; `None` if the request failed."""
    error: APIError | None
    """The reason of the failure; `None` for success."""
    gateway_request_id: str | None = None
    """The id of the request at fal's gateway, if the webhook has it."""


def parse_webhook(endpoint: BoundEndpoint[OutputT], body: bytes | str) -> Webhook[OutputT]:
    """Return the typed content of a webhook's body. Raises UnexpectedResponse."""
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError) as unreadable:  # no JSON, or JSON that Python cannot read
        message = f"the webhook's body cannot be read as JSON: {unreadable}"
        raise UnexpectedResponse(message, body, endpoint.subject()) from unreadable
    content = json_object(payload)
    request_id, gateway_id = content.get("request_id"), content.get("gateway_request_id")
    if not is_request_id(request_id):
        raise UnexpectedResponse("the webhook has no request id", payload, endpoint.subject())
    if not isinstance(gateway_id, str):
        gateway_id = None
    subject, result = endpoint.subject(request_id), content.get("payload")
    if content.get("status") == "OK" and content.get("payload_error") is None:
        return Webhook(request_id, endpoint.parse(result, subject), None, gateway_id)
    reason = str(content.get("error") or content.get("payload_error") or "the request failed")
    code = re.search(r"Invalid status code: ([1-5][0-9]{2})\b", reason)
    error = failure(reason, result, subject, status_code=int(code[1]) if code else 200)
    return Webhook(request_id, None, error, gateway_id)


class _Keys(NamedTuple):
    """fal's public keys, with the time of fetching."""

    keys: tuple[bytes, ...]
    fetched: float


class _PendingFetch(NamedTuple):
    """A fetch of keys in progress, and its thread."""

    keys: Future[_Keys | None]
    thread: int


class WebhookKeys:
    """fal's public keys, fetched when needed, once for all flows that wait.

    Args:
        clock: Returns the seconds by which keys grow old.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._keys: _Keys | None = None
        self._fresh_until = self._may_ask_from = 0.0  # on the clock
        self.renew()
        renew_in_children(self)

    def renew(self) -> None:
        """Drop a fetch in progress in a child process."""
        self._lock = threading.Lock()
        self._pending: _PendingFetch | None = None

    async def verify(
        self, io: Io, headers: Mapping[str, str], body: bytes, addresses: Addresses
    ) -> None:
        """Raise WebhookError unless fal signed `body` within the last five minutes."""
        message, signature = _signed(headers, body)
        started = self._clock()
        keys = await self._current(io, addresses)
        if _is_by_one_of(keys, signature, message):
            return
        # fal may have a new key. Forged webhooks must not cause a fetch each.
        if keys.fetched < started and keys is self._keys and self._may_ask():
            await self._fetched(io, addresses)
        newer = self._keys
        if newer is None or newer is keys or not _is_by_one_of(newer, signature, message):
            raise WebhookError("the webhook's signature is not fal's")

    async def _current(self, io: Io, addresses: Addresses) -> _Keys:
        """Return fresh keys, or the last ones if newer ones cannot be fetched."""
        last, now = self._keys, self._clock()
        if last is not None and now < self._fresh_until:
            return last
        try:
            return await self._fetched(io, addresses)
        except FalError:
            if last is None or now >= last.fetched + _KEYS_LAST:
                raise
            self._fresh_until = self._clock() + _PAUSE
            return last

    def _may_ask(self) -> bool:
        """Return whether to fetch keys for an unknown signature: at most once in a while."""
        with self._lock:
            now = self._clock()
            if now < self._may_ask_from:
                return self._pending is not None  # whose keys cost nothing more
            self._may_ask_from = now + _PAUSE
            return True

    async def _fetched(self, io: Io, addresses: Addresses) -> _Keys:
        """Return newly fetched keys, from this flow or another one that is fetching."""
        while True:
            with self._lock:
                pending = self._pending
                # A blocking flow cannot wait for a flow of its own thread.
                if pending is None or (io.is_blocking and pending.thread == threading.get_ident()):
                    own = self._pending = _PendingFetch(Future(), threading.get_ident())
                    break
            keys = await io.wait(pending.keys)
            if keys is not None:  # else the other flow was interrupted
                return keys
        try:
            fetched = await _fetch(io, addresses)
            self._keys = keys = _Keys(fetched, self._clock())
            self._fresh_until = keys.fetched + _KEYS_ARE_FRESH
        except FalError as error:
            own.keys.set_exception(error)
            raise
        except BaseException:
            own.keys.set_result(None)
            raise
        else:
            own.keys.set_result(keys)
            return keys
        finally:
            with self._lock:
                if self._pending is own:
                    self._pending = None


async def _fetch(io: Io, addresses: Addresses) -> tuple[bytes, ...]:
    url = f"{addresses.rest}/.well-known/jwks.json"
    body = body_of(await ask(io, HttpRequest("GET", url), READ, NEVER))
    entries = map(json_object, json_array(json_object(body).get("keys")))
    keys = tuple(key for key in map(_public_key, entries) if key is not None)
    if not keys:
        raise UnexpectedResponse(f"{url} has no keys for webhooks", body, NOTHING)
    return keys


def _public_key(entry: dict[str, Any]) -> bytes | None:
    """Return the Ed25519 key in a JSON Web Key (RFC 8037), if it is one."""
    match entry:
        case {"kty": kind} if kind != "OKP":
            return None
        case {"x": str(text)} if re.fullmatch(r"[A-Za-z0-9_-]{43}=?", text):
            return base64.urlsafe_b64decode(f"{text[:43]}=")
        case _:
            return None


def _signed(headers: Mapping[str, str], body: bytes) -> tuple[bytes, bytes]:
    """Return the message that fal signs (its documentation, "Webhooks") and the signature."""
    found: dict[str, list[object]] = {name: [] for name in _HEADERS}
    for name, value in headers.items():
        found.get(str(name).lower(), []).append(value)
    values: list[str] = []
    for name, pattern in _HEADERS.items():
        match found[name]:
            case [str(value)] if re.fullmatch(pattern, value):
                values.append(value)
            case []:
                raise WebhookError(f"the webhook's headers lack {name}")
            case _:
                raise WebhookError(f"the webhook's header {name} does not have fal's format")
    *identity, timestamp, signature = values
    age = time.time() - int(timestamp)
    if abs(age) > _TOLERANCE:
        when = f"{age:.0f} seconds ago" if age > 0 else f"{-age:.0f} seconds in the future"
        raise WebhookError(f"the webhook was signed {when}; at most {_TOLERANCE:.0f} are allowed")
    try:
        digest = hashlib.sha256(body).hexdigest()
    except TypeError as error:
        raise WebhookError("the webhook's body must be bytes, as they were received") from error
    return "\n".join([*identity, timestamp, digest]).encode(), bytes.fromhex(signature)


def _is_by_one_of(keys: _Keys, signature: bytes, message: bytes) -> bool:
    """Return whether a signature was made with one of the keys."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError as error:
        raise ConfigurationError(
            "verifying webhooks needs the package cryptography, which the extra `webhooks` "
            "installs: pip install cryptography"
        ) from error
    for key in keys.keys:
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        except (InvalidSignature, ValueError):  # ValueError: these 32 bytes are not a key
            continue
        return True
    return False
