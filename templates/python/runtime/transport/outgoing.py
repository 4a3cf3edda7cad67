"""Requests as the HTTP library sends them: with their headers and their timeouts."""

from __future__ import annotations

import time
from collections.abc import AsyncIterable, Callable, Iterable
from math import inf
from typing import TypeVar

import httpx

from ..tuning import Tuning
from .io import LONGEST_WAIT, HttpRequest, Policy
from .permit import Permit, PermittedBody
from .user_agent import user_agent

ClientT = TypeVar("ClientT", httpx.Client, httpx.AsyncClient)

_EMPTY = httpx.ByteStream(b"")


def outgoing_request(
    client_for: Callable[[httpx.URL], ClientT],
    request: HttpRequest,
    body: bytes | Iterable[bytes] | AsyncIterable[bytes],
    policy: Policy,
    tuning: Tuning,
    end: float = inf,
    permit: Permit | None = None,
) -> tuple[ClientT, httpx.Request]:
    """Return the HTTP client for the URL of a request, and the request with its body.

    The client's own `build_request` does the same, and takes longer.
    """
    limits = (
        inf if policy.timeout == inf else tuning.timeout,
        tuning.timeout if policy.timeout is None else policy.timeout,
        max(end - time.monotonic(), 0.001),
    )
    seconds = min(limits) if min(limits) < LONGEST_WAIT else None
    connect = min(*limits, tuning.connect_timeout)
    timeouts = {"connect": connect, "read": seconds, "write": seconds, "pool": seconds}
    try:
        url = httpx.URL(request.url)
        client = client_for(url)
        return client, httpx.Request(
            request.method,
            url,
            params=client.params or None,
            headers=_headers(client, request, policy, url),
            cookies=client.cookies,
            content=body,
            stream=_stream(request, body, permit),
            extensions={"timeout": timeouts},
        )
    except (httpx.InvalidURL, UnicodeError) as error:
        raise httpx.LocalProtocolError(f"it cannot be sent: {error}") from error


def _stream(
    request: HttpRequest,
    body: bytes | Iterable[bytes] | AsyncIterable[bytes],
    permit: Permit | None,
) -> httpx.ByteStream | PermittedBody | None:
    """Return the body if its length is known; `None` lets httpx look for it."""
    if permit is not None:
        assert isinstance(body, bytes)  # a submission, whose headers state its length
        return PermittedBody(permit, body)
    return _EMPTY if request.method == "GET" else None


def _headers(
    client: httpx.Client | httpx.AsyncClient, request: HttpRequest, policy: Policy, url: httpx.URL
) -> httpx.Headers:
    """Return the headers of a client, of this package and of a request; later ones replace."""
    headers = client.headers.copy()
    if "Host" not in headers:
        headers["Host"] = url.netloc.decode("ascii")
    headers["User-Agent"] = user_agent()
    # A compressor would hold back a body that is read as it arrives.
    headers["Accept-Encoding"] = "identity" if policy.streamed else "gzip"
    for name, value in request.headers.items():
        headers[name] = value
    return headers
