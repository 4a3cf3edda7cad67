"""How often a job is looked at where it cannot be followed, in virtual time."""

from __future__ import annotations

import contextlib
from typing import Any

import httpx
import pytest
from fal_endpoints import Fal
from fal_endpoints._runtime.protocol.submission import subscribe
from fal_endpoints._runtime.transport.io import HttpRequest, Policy
from fal_endpoints._runtime.tuning import DEFAULTS

from .collage import Collage


class VirtualIo:
    """Answers at once, in a time of its own."""

    tuning = DEFAULTS

    def __init__(self, seconds: float) -> None:
        self.seconds, self.now, self.requests = seconds, 0.0, 0

    async def sleep(self, seconds: float) -> None:
        self.now += seconds

    async def send(
        self, request: HttpRequest, policy: Policy, end: float, permit: object
    ) -> httpx.Response:
        self.requests += 1
        path = httpx.URL(request.url).path
        if request.method == "POST":
            return httpx.Response(200, json={"request_id": "1"})
        if path.endswith("/stream"):
            return httpx.Response(404)
        if path.endswith("/status"):
            state = "COMPLETED" if self.now >= self.seconds else "IN_PROGRESS"
            return httpx.Response(200, json={"status": state})
        return httpx.Response(200, json={"image": {"url": "https://x.test/1"}, "width": 1})


def live_through(client: Fal, seconds: float) -> tuple[int, float]:
    """Return the requests that a job of so many seconds costs, and when its end is noticed."""
    request, io = Collage(client)(layers=[]), VirtualIo(seconds)
    partial_io: Any = io  # it has only what `subscribe` uses here
    with contextlib.suppress(StopIteration):
        subscribe(partial_io, request.endpoint, request.arguments).send(None)
    return io.requests, io.now


DURATIONS = [0.1, 0.5, 1, 2, 3, 9, 10, 11, 30, 60, 300, 3600]


def test_a_job_of_ten_seconds_costs_at_most_fourteen_requests() -> None:
    client = Fal("key")
    costs = [live_through(client, 10)[0] for _ in range(6)]
    assert max(costs) <= 14  # one of them for the stream of states, which is not there


@pytest.mark.parametrize("seconds", DURATIONS)
def test_the_end_of_a_job_is_noticed_soon(seconds: float) -> None:
    _, noticed = live_through(Fal("key"), seconds)
    assert noticed - seconds <= max(1.25, min(seconds / 10, 5))


def test_a_job_of_an_hour_is_not_looked_at_all_the_time() -> None:
    requests, _ = live_through(Fal("key"), 3600)
    assert requests < 800
