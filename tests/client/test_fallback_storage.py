"""The fallback storage, which takes files that fal's CDN cannot store."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import APIError, ConnectionFailed, Fal, FalError, InfrastructureError, Progress

from .collage import Collage
from .conftest import Call
from .tuned import IMPATIENT, tuned_client
from .uploaded import LARGE, sent, served

Failure = Callable[[httpx.Request], httpx.Response]


def unreachable(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no route", request=request)


def responding(status: int) -> Failure:
    return lambda request: httpx.Response(status, json={"detail": "no"}, request=request)


class Failing(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Passes requests on, except uploads to some folders."""

    def __init__(self, failures: dict[str, Failure]) -> None:
        self._failures = failures
        self._transport, self._async_transport = httpx.HTTPTransport(), httpx.AsyncHTTPTransport()

    def _failure(self, request: httpx.Request) -> Failure | None:
        folder = request.url.path.split("/")[1]
        return self._failures.get(folder) if request.method == "PUT" else None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        failure = self._failure(request)
        if failure is None:
            return self._transport.handle_request(request)
        assert isinstance(request.stream, httpx.SyncByteStream)
        list(request.stream)
        return failure(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        failure = self._failure(request)
        if failure is None:
            return await self._async_transport.handle_async_request(request)
        assert isinstance(request.stream, httpx.AsyncByteStream)
        async for _ in request.stream:
            pass
        return failure(request)


@pytest.fixture
def failures() -> dict[str, Failure]:
    """Return how uploads to each folder fail."""
    return {}


@pytest.fixture
def client(emulator: Emulator, failures: dict[str, Failure]) -> Iterator[Fal]:
    transport = Failing(failures)
    with httpx.Client(transport=transport) as http:
        yield tuned_client(
            IMPATIENT,
            base_url=emulator.base_url,
            http_client=http,
            async_http_client=httpx.AsyncClient(transport=transport),
        )


@pytest.mark.parametrize("failure", [unreachable, responding(500), responding(503)])
def test_a_file_that_the_cdn_cannot_store_goes_to_the_fallback_storage(
    client: Fal,
    call: Call,
    emulator: Emulator,
    failures: dict[str, Failure],
    caplog: pytest.LogCaptureFixture,
    failure: Failure,
) -> None:
    failures["files"] = failure
    seen: list[Progress] = []
    with caplog.at_level(logging.WARNING):
        url = call(client.upload, LARGE, file_name="a.png", on_progress=seen.append)
    assert url.startswith(f"{emulator.base_url}/fallback-files/")
    assert served(url) == (LARGE, "image/png")
    assert "a.png goes to fal's fallback storage, because its CDN failed" in caplog.text
    assert seen[-1] == Progress("a.png", len(LARGE), len(LARGE))


def test_a_request_takes_files_from_the_fallback_storage(
    client: Fal, call: Call, emulator: Emulator, failures: dict[str, Failure]
) -> None:
    failures["files"] = responding(500)
    call(Collage(client)(layers=[{"image_url": LARGE}]).submit)
    assert sent(emulator)["layers"][0]["image_url"].startswith(f"{emulator.base_url}/fallback")


@pytest.mark.parametrize("options", [{"expires_in": 60}, {"acl": "forbid"}])
def test_a_file_that_expires_or_is_private_goes_to_the_cdn_only(
    client: Fal,
    call: Call,
    emulator: Emulator,
    failures: dict[str, Failure],
    options: dict[str, Any],
) -> None:
    failures["files"] = responding(500)
    with pytest.raises(APIError, match="500"):
        call(client.upload, LARGE, **options)
    assert [entry.query for entry in emulator.journal.select("upload", method="POST")] == [
        "storage_type=fal-cdn-v3"
    ]


def test_a_cdn_that_works_is_the_only_one_asked(
    client: Fal, call: Call, emulator: Emulator
) -> None:
    assert call(client.upload, LARGE).startswith(f"{emulator.base_url}/files/")
    assert emulator.journal.count("upload") == 2


@pytest.mark.parametrize("status", [403, 413, 422])
def test_a_file_that_the_cdn_rejects_is_not_sent_elsewhere(
    client: Fal, call: Call, emulator: Emulator, failures: dict[str, Failure], status: int
) -> None:
    failures["files"] = responding(status)
    with pytest.raises(APIError, match=str(status)):
        call(client.upload, LARGE)
    assert emulator.journal.count("upload") == 1


@pytest.mark.parametrize(
    ("first", "second", "kind", "messages"),
    [
        (unreachable, responding(500), ConnectionFailed, ("no route", "HTTP 500")),
        (responding(500), unreachable, InfrastructureError, ("HTTP 500", "no route")),
        (responding(503), responding(403), InfrastructureError, ("HTTP 503", "HTTP 403")),
    ],
)
def test_the_error_names_both_failures(
    client: Fal,
    call: Call,
    failures: dict[str, Failure],
    first: Failure,
    second: Failure,
    kind: type[FalError],
    messages: tuple[str, str],
) -> None:
    failures |= {"files": first, "fallback-files": second}
    with pytest.raises(kind) as error:
        call(client.upload, LARGE)
    own, _, other = str(error.value).partition("; fal's fallback storage failed too: ")
    assert messages[0] in own
    assert messages[1] in other
    assert "\n" not in str(error.value)


def test_a_failed_front_door_is_final(client: Fal, call: Call, emulator: Emulator) -> None:
    emulator.emulate("refuse=internal_error; on=upload")
    with pytest.raises(InfrastructureError):
        call(client.upload, LARGE)
    assert emulator.journal.count("upload") == 1
