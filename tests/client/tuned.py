"""Clients that wait less, or take less into memory, than those of users."""

from __future__ import annotations

import httpx
from fal_endpoints import Fal, Retries
from fal_endpoints._runtime.protocol.connection import Connection
from fal_endpoints._runtime.protocol.key import Key
from fal_endpoints._runtime.transport.pools import Pools
from fal_endpoints._runtime.tuning import Tuning

IMPATIENT = Tuning(retries=Retries(pause=0.001), status_pause=0.001)
"""Hardly pauses between requests."""

IN_PARTS = Tuning(largest_upload=100_000, upload_part=100_000)
"""Uploads even small files in parts."""


def tuned_client(
    tuning: Tuning,
    *,
    key: str = "key",
    base_url: str | None = None,
    http_client: httpx.Client | None = None,
    async_http_client: httpx.AsyncClient | None = None,
) -> Fal:
    """Return a client with these waits and sizes."""
    client = Fal(key, base_url=base_url)
    pools = Pools(tuning, http_client, async_http_client)
    client.connection = Connection(client.connection.addresses, Key(key), pools)
    return client
