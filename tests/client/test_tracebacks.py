"""The traceback of a caller's mistake ends close to the caller's line."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fal_endpoints
import httpx
import pytest
from fal_endpoints import (
    AuthenticationError,
    ConfigurationError,
    FalError,
    ModelError,
    ValidationError,
)

from .collage import Collage
from .given import client_of

PACKAGE = str(Path(fal_endpoints.__file__).parent)

MOST_FRAMES = 3


def refuse(status: int) -> Callable[[httpx.Request], httpx.Response]:
    detail = [{"loc": ["body", "layers"], "msg": "too many", "type": "too_long"}]
    return lambda _: httpx.Response(status, json={"detail": detail if status == 422 else "no"})


def fail(request: httpx.Request) -> httpx.Response:
    """Accept a job, and answer that it failed."""
    if request.method == "POST":
        return httpx.Response(200, json={"request_id": "1"})
    if request.url.path.endswith("/status"):
        return httpx.Response(200, json={"status": "COMPLETED"})
    return httpx.Response(404) if "/stream" in request.url.path else refuse(422)(request)


def frames_of_ours(error: FalError) -> int:
    frames = traceback.extract_tb(error.__traceback__)
    return sum(frame.filename.startswith(PACKAGE) for frame in frames)


MISTAKES: list[tuple[type[FalError], Callable[[], Any]]] = [
    (ValidationError, lambda: Collage(client_of(fail))(layers="none")),  # type: ignore[arg-type]
    (ValidationError, lambda: fal_endpoints.LocalFile("a.png")),  # type: ignore[arg-type]
    (ValidationError, lambda: Collage(client_of(fail)).handle("")),
    (ConfigurationError, lambda: fal_endpoints.Fal("key", base_url="ftp://a")),
    (ConfigurationError, lambda: Collage(client_of(fail)).map([], concurrency=0)),
]


@pytest.mark.parametrize(("kind", "mistake"), MISTAKES)
def test_a_mistake_before_sending_shows_few_frames_of_ours(
    kind: type[FalError], mistake: Callable[[], Any]
) -> None:
    with pytest.raises(kind) as raised:
        mistake()
    assert 0 < frames_of_ours(raised.value) <= MOST_FRAMES


ANSWERED: list[tuple[type[FalError], Callable[[httpx.Request], httpx.Response]]] = [
    (AuthenticationError, refuse(401)),
    (ModelError, refuse(422)),
    (ModelError, fail),
]


@pytest.mark.parametrize(("kind", "answer"), ANSWERED)
@pytest.mark.parametrize("method", ["subscribe", "run"])
def test_a_mistake_that_the_server_reports(
    kind: type[FalError], answer: Callable[[httpx.Request], httpx.Response], method: str
) -> None:
    if (answer, method) == (fail, "run"):
        return  # which has no job that could fail
    request = Collage(client_of(answer))(layers=[])
    with pytest.raises(kind) as raised:
        getattr(request, method)()
    assert 0 < frames_of_ours(raised.value) <= MOST_FRAMES
    with pytest.raises(kind) as raised:
        asyncio.run(getattr(request, f"{method}_async")())
    assert 0 < frames_of_ours(raised.value) <= MOST_FRAMES


def test_a_mistake_in_a_stream_shows_few_frames_of_ours() -> None:
    request = Collage(client_of(refuse(401)))(layers=[])
    with pytest.raises(AuthenticationError) as raised:
        list(request.stream())
    assert 0 < frames_of_ours(raised.value) <= MOST_FRAMES

    async def consume() -> None:
        async for _ in request.stream_async():
            pass

    with pytest.raises(AuthenticationError) as raised:
        asyncio.run(consume())
    assert 0 < frames_of_ours(raised.value) <= MOST_FRAMES


def test_a_failed_outcome_of_a_batch_shows_few_frames_of_ours() -> None:
    request = Collage(client_of(refuse(401)))(layers=[])
    (outcome,) = client_of(refuse(401)).map([request])
    for _ in range(3):  # it can be raised again and again
        with pytest.raises(AuthenticationError) as raised:
            outcome.result()
        assert 0 < frames_of_ours(raised.value) <= MOST_FRAMES
