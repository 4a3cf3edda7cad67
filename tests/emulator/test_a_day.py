"""A day's worth of jobs, in virtual time: results stay for an hour, and nothing piles up."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from fal_codegen.emulator import Emulator

from .conftest import PAINT
from .test_queue import INPUT

MINUTE = 60
DAY = 24 * 60 * MINUTE
EVERY, RUNNING, KEPT = 5 * MINUTE, 30 * MINUTE, 60 * MINUTE


@pytest.fixture
def clock(emulator: Emulator) -> Iterator[list[float]]:
    """The time, for a test to set."""
    real, now = emulator.queue.clock, [1.8e9]
    emulator.queue.clock = lambda: now[0]
    yield now
    emulator.queue.clock = real


def test_a_day_of_jobs(emulator: Emulator, http: httpx.Client, clock: list[float]) -> None:
    faults = {"X-Emulate": f"queued=0, running={RUNNING}"}
    urls: list[str] = []

    def submitted_before(seconds: int) -> str | None:
        """Return the path of the job that was submitted so long ago."""
        index = len(urls) - 1 - seconds // EVERY
        return urls[index] if index >= 0 else None

    for _ in range(DAY // EVERY):
        clock[0] += EVERY
        job = http.post(f"/queue/{PAINT}", json=INPUT, headers=faults).json()
        urls.append(job["response_url"])
        if running := submitted_before(RUNNING - EVERY):
            assert http.get(f"{running}/status").json()["status"] == "IN_PROGRESS"
        if completed := submitted_before(RUNNING):
            assert http.get(completed).json()["image"]["url"]
        if removed := submitted_before(RUNNING + KEPT):
            assert http.get(removed).status_code == 404
        assert len(emulator.queue.unfinished()) <= RUNNING // EVERY
        assert len(emulator.queue) <= (RUNNING + KEPT) // EVERY
    assert emulator.journal.count("submit") == DAY // EVERY == 288
