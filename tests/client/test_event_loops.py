"""One client on many event loops, one after the other, as `asyncio.run` makes them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from fal_endpoints import Fal

DESCRIPTORS = Path("/proc/self/fd")


@pytest.mark.skipif(not DESCRIPTORS.is_dir(), reason="counts open files in /proc")
def test_loops_that_ended_keep_no_connections_open(client: Fal) -> None:
    request = client.fal_ai.pika.v2_2.image_to_video(
        image_url="https://example.test/a.png", prompt="a cat"
    )

    def open_files() -> int:
        return len(list(DESCRIPTORS.iterdir()))

    asyncio.run(request.submit_async())
    before = open_files()
    for _ in range(20):
        asyncio.run(request.submit_async())
    assert open_files() < before + 10
