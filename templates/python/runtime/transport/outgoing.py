"""Requests as the HTTP library sends them: with their headers and their timeouts."""

from __future__ import annotations

import time
from collections.abc import AsyncIterable, Callable, Iterable
from math import inf

import httpx

from ..tuning import Tuning
from .io import LONGEST_WAIT, HttpRequest, Policy
from .user_agent import user_agent


def outgoing_request(
    client: Callable[[httpx.URL], httpx.Client | httpx.AsyncClient],
    request: HttpRequest,
    body: bytes | Iterable[bytes] | AsyncIterable[bytes],
    policy: Policy,
    tuning: Tuning,
    end: float,
) -> httpx.Request:
    """Return a request with its body, for the HTTP client of its URL."""
    limits = (
        inf if policy.timeout == inf else tuning.timeout,
        tuning.timeout if policy.timeout is None else policy.timeout,
        max(end - time.monotonic(), 0.001),
    )
    seconds = min(limits) if min(limits) < LONGEST_WAIT else None
    headers = {
        "User-Agent": user_agent(),
        # A compressor would hold back a body that is read as it arrives.
        "Accept-Encoding": "identity" if policy.streamed else "gzip",
        **request.headers,
    }
    try:
        url = httpx.URL(request.url)
        return client(url).build_request(
            request.method,
            url,
            headers=headers,
            content=body,
            timeout=httpx.Timeout(seconds, connect=min(*limits, tuning.connect_timeout)),
        )
    except (httpx.InvalidURL, UnicodeError) as error:
        raise httpx.LocalProtocolError(f"it cannot be sent: {error}") from error
