"""Requests as the HTTP library sends them: with their headers and their timeouts."""

from __future__ import annotations

import time
from collections.abc import AsyncIterable, Callable, Iterable
from math import inf
from typing import TypeVar

import httpx

from ..tuning import Tuning
from .io import LONGEST_WAIT, HttpRequest, Policy
from .user_agent import user_agent

ClientT = TypeVar("ClientT", httpx.Client, httpx.AsyncClient)


def outgoing_request(
    client_for: Callable[[httpx.URL], ClientT],
    request: HttpRequest,
    body: bytes | Iterable[bytes] | AsyncIterable[bytes],
    policy: Policy,
    tuning: Tuning,
    end: float,
) -> tuple[ClientT, httpx.Request]:
    """Return the HTTP client for the URL of a request, and the request with its body."""
    limits = (
        inf if policy.timeout == inf else tuning.timeout,
        tuning.timeout if policy.timeout is None else policy.timeout,
        max(end - time.monotonic(), 0.001),
    )
    seconds = min(limits) if min(limits) < LONGEST_WAIT else None
    try:
        url = httpx.URL(request.url)
        client = client_for(url)
        return client, client.build_request(
            request.method,
            url,
            headers=_headers(client, request, policy),
            content=body or None,  # None takes less than an empty body
            timeout=httpx.Timeout(seconds, connect=min(*limits, tuning.connect_timeout)),
        )
    except (httpx.InvalidURL, UnicodeError) as error:
        raise httpx.LocalProtocolError(f"it cannot be sent: {error}") from error


def _headers(
    client: httpx.Client | httpx.AsyncClient, request: HttpRequest, policy: Policy
) -> dict[str, str]:
    """Return the headers of a request, without those that the HTTP client adds by itself."""
    own = {
        "User-Agent": user_agent(),
        # A compressor would hold back a body that is read as it arrives.
        "Accept-Encoding": "identity" if policy.streamed else "gzip",
    }
    # Comparing them is faster than replacing them.
    missing = {name: value for name, value in own.items() if client.headers.get(name) != value}
    return {**missing, **request.headers}
