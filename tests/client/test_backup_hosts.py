"""fal's backup hosts: used if the caller asks for them, and only if no server was reached."""

from __future__ import annotations

import os
from typing import Any

import httpx
import pytest
from fal_endpoints import ConfigurationError, ConnectionFailed, Fal, Retries, SubmissionUncertain

from .collage import Collage
from .conftest import Call

DEFAULTS = Retries(pause=0)


@pytest.fixture(autouse=True)
def no_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("FAL_"):
            monkeypatch.delenv(name)


class Fals:
    """fal, some hosts of which cannot be reached; it notes each host that a request is sent to."""

    def __init__(self, *unreachable: str, error: type[httpx.TransportError]) -> None:
        self.unreachable, self.error = unreachable, error
        self.hosts: list[str] = []
        self.connect_timeouts: set[float] = set()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.hosts.append(request.url.host)
        self.connect_timeouts.add(request.extensions["timeout"]["connect"])
        assert request.headers["authorization"] == "Key key"
        assert request.headers["host"] == request.url.host
        if request.url.host in self.unreachable:
            raise self.error("down")
        if request.method == "POST" and request.url.host.startswith("queue."):
            ours = "https://queue.falrun.com/acme/collage/requests/1"
            return httpx.Response(200, json={"request_id": "1", "status_url": f"{ours}/status"})
        if request.url.path.endswith("/stream"):
            return httpx.Response(404)
        if "/status" in request.url.path:
            return httpx.Response(200, json={"status": "COMPLETED"})
        return httpx.Response(200, json={"image": {"url": "https://x.test/1"}, "width": 1})

    def collage(self, backup_hosts: bool, retries: Retries = DEFAULTS) -> Collage:
        transport = _Unreached(self)
        return Collage(
            Fal(
                "key",
                retries=retries,
                backup_hosts=backup_hosts,
                http_client=httpx.Client(transport=transport),
                async_http_client=httpx.AsyncClient(transport=transport),
            )
        )


class _Unreached(httpx.MockTransport):
    """Takes the body of a request only if its host is reached or breaks the connection."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        assert callable(self.handler)
        response = self.handler(request)
        assert isinstance(response, httpx.Response)
        request.read()
        return response

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = self.handler(request)
        assert isinstance(response, httpx.Response)
        await request.aread()
        return response


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ConnectTimeout])
def test_a_request_that_reaches_no_server_goes_to_the_backup(
    call: Call, error: type[httpx.TransportError]
) -> None:
    fal = Fals("queue.fal.run", "fal.run", error=error)
    collage = fal.collage(backup_hosts=True)
    assert call(call(collage(layers=[]).submit).result).width == 1
    assert fal.hosts[:2] == ["queue.fal.run", "queue.falrun.com"]
    assert set(fal.hosts) == {"queue.fal.run", "queue.falrun.com"}
    assert call(collage(layers=[]).run).width == 1
    assert fal.hosts[-2:] == ["fal.run", "falrun.com"]
    assert fal.connect_timeouts == {5.0}


def test_both_hosts_are_tried_within_the_attempts(call: Call) -> None:
    fal = Fals("queue.fal.run", "queue.falrun.com", error=httpx.ConnectError)
    with pytest.raises(ConnectionFailed, match="failed 5 times"):
        call(fal.collage(backup_hosts=True)(layers=[]).submit)
    assert fal.hosts == ["queue.fal.run", "queue.falrun.com"] * 2 + ["queue.fal.run"]
    fal.hosts.clear()
    with pytest.raises(ConnectionFailed):
        call(fal.collage(backup_hosts=True, retries=Retries(attempts=1))(layers=[]).submit)
    assert fal.hosts == ["queue.fal.run"]


def test_no_other_failure_leads_to_the_backup(call: Call) -> None:
    fal = Fals("queue.fal.run", error=httpx.ReadError)
    with pytest.raises(ConnectionFailed):
        call(fal.collage(backup_hosts=True).handle("1").status)
    assert set(fal.hosts) == {"queue.fal.run"}


def test_the_backup_is_not_used_by_default(call: Call) -> None:
    fal = Fals("queue.fal.run", error=httpx.ConnectError)
    with pytest.raises(ConnectionFailed):
        call(fal.collage(backup_hosts=False)(layers=[]).submit)
    assert set(fal.hosts) == {"queue.fal.run"}
    assert fal.connect_timeouts == {10.0}


def test_a_submission_that_may_have_been_accepted_does_not_go_to_the_backup(call: Call) -> None:
    class Lost(_Unreached):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            request.read()
            raise httpx.ConnectError("after the body was written")

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await request.aread()
            raise httpx.ConnectError("after the body was written")

    transport = Lost(lambda request: httpx.Response(500))
    client = Fal(
        "key",
        backup_hosts=True,
        http_client=httpx.Client(transport=transport),
        async_http_client=httpx.AsyncClient(transport=transport),
    )
    with pytest.raises(SubmissionUncertain):
        call(Collage(client)(layers=[]).submit)


@pytest.mark.parametrize("address", ["base_url", "queue_url", "run_url", "rest_url"])
def test_other_addresses_have_no_backup(address: str) -> None:
    addresses: Any = {address: "https://gateway.test"}
    with pytest.raises(ConfigurationError, match="backup_hosts is for fal's own addresses"):
        Fal("key", backup_hosts=True, **addresses)
