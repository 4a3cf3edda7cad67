"""Deliver webhooks: post the outcome of a job to the caller's URL, signed as fal signs it.

The payload and the number of attempts follow
https://fal.ai/docs/documentation/model-apis/inference/webhooks, with two exceptions: the emulator
does not wait hours between attempts, and it also posts to private addresses, where tests listen.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import logging
import time
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from fal_codegen.emulator.endpoints.results import absolute
from fal_codegen.emulator.queue.jobs import EmulatedJob, Queue
from fal_codegen.errors import CodegenError

if TYPE_CHECKING:
    import httpx
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = ["DELAYS", "WebhookDelivery"]

_logger = logging.getLogger("fal_codegen.emulator")

_USER_ID = "emulator"
_TICK = 0.05
"""Seconds between checks of a job, so that a cancellation is noticed."""

_TIMEOUT = 15.0
DELAYS = [0.0, *(0.1 * 2**n for n in range(9))]
"""Seconds before each attempt. fal makes up to 10 too, but within two hours."""


class WebhookDelivery:
    """The deliveries in progress, and the key that signs them: each emulator has its own."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._deliveries: set[asyncio.Task[None]] = set()

    def schedule(self, job: EmulatedJob, target: str, url: Callable[[str], str]) -> None:
        """Post the outcome of a job to `target`; `url` turns the path of a file into a URL."""
        delivery = asyncio.create_task(self._deliver(job, target, url))
        self._deliveries.add(delivery)
        delivery.add_done_callback(self._deliveries.discard)

    def jwks(self) -> dict[str, Any]:
        """Return the public key as a JSON Web Key Set."""
        public = self._key.public_key().public_bytes_raw()
        x = base64.urlsafe_b64encode(public).rstrip(b"=").decode()
        return {"keys": [{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "x": x}]}

    @cached_property
    def _key(self) -> Ed25519PrivateKey:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.generate()

    async def _deliver(self, job: EmulatedJob, target: str, url: Callable[[str], str]) -> None:
        import httpx

        from fal_codegen.fetch.routes import Routes

        ended = await self._end_of(job)
        if ended is None:
            return
        body = json.dumps(_payload(ended, url), sort_keys=True).encode()
        routes = Routes(httpx.Limits(), allow_http=True)
        async with httpx.AsyncClient(transport=routes, timeout=_TIMEOUT) as client:
            for delay in DELAYS:
                await asyncio.sleep(delay)
                if self._now(job) is None or await self._attempt(
                    client, job.request_id, target, body
                ):
                    return

    async def _end_of(self, job: EmulatedJob) -> EmulatedJob | None:
        """Wait until the job is completed; None if it is removed before."""
        clock = self._queue.clock
        while (now := self._now(job)) and not now.is_completed(clock()):
            await asyncio.sleep(min(max(now.completes_at - clock(), 0.0), _TICK))
        return now

    def _now(self, job: EmulatedJob) -> EmulatedJob | None:
        return self._queue.find(job.endpoint_id, job.request_id)

    async def _attempt(
        self, client: httpx.AsyncClient, request_id: str, target: str, body: bytes
    ) -> bool:
        """Post once. Return whether to stop: accepted, or redirected, which fal does not follow."""
        import httpx

        headers = {"Content-Type": "application/json", **self._signature(request_id, body)}
        try:
            response = await client.post(target, content=body, headers=headers)
        except (httpx.InvalidURL, ValueError):  # the address is invalid
            return True
        except CodegenError as error:  # no route leads there
            _logger.warning("a webhook was not sent: %s", error.message)
            return True
        except httpx.HTTPError:
            return False
        return response.status_code < 400

    def _signature(self, request_id: str, body: bytes) -> dict[str, str]:
        timestamp = str(int(time.time()))
        digest = hashlib.sha256(body).hexdigest()
        message = "\n".join([request_id, _USER_ID, timestamp, digest]).encode()
        return {
            "X-Fal-Webhook-Request-Id": request_id,
            "X-Fal-Webhook-User-Id": _USER_ID,
            "X-Fal-Webhook-Timestamp": timestamp,
            "X-Fal-Webhook-Signature": self._key.sign(message).hex(),
        }


def _payload(job: EmulatedJob, url: Callable[[str], str]) -> dict[str, Any]:
    outcome = job.outcome
    return {
        "request_id": job.request_id,
        "gateway_request_id": job.request_id,
        "status": "ERROR" if outcome.failure else "OK",
        "payload": outcome.body if outcome.failure else absolute(outcome.body, url),
        "error": outcome.failure,
    }
