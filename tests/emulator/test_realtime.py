"""Realtime connections of the emulator, as a WebSocket sees them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import fal_client
import httpx
import msgpack
import pytest
from fal_codegen.emulator import Emulator
from websockets.exceptions import ConnectionClosed, ConnectionClosedError, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from .conftest import PAINT
from .documents import document
from .test_queue import INPUT

KEY = {"Authorization": "Key any"}


def opened(
    emulator: Emulator, path: str = f"{PAINT}/realtime", headers: Any = KEY, **options: Any
) -> ClientConnection:
    url = emulator.base_url.replace("http", "ws", 1) + f"/run/{path}"
    connection = connect(url, additional_headers=headers, proxy=None, **options)
    assert isinstance(connection, ClientConnection)
    return connection


def refused(emulator: Emulator, *arguments: Any, **options: Any) -> tuple[int, Any]:
    with pytest.raises(InvalidStatus) as caught:
        opened(emulator, *arguments, **options)
    body = caught.value.response.body
    return caught.value.response.status_code, json.loads(body or b"null")


def last_messages(connection: ClientConnection) -> tuple[list[Any], int | None]:
    """Return the remaining messages, and the code that the connection ended with."""
    messages: list[Any] = []
    while True:
        try:
            messages.append(json.loads(connection.recv()))
        except ConnectionClosed as closed:
            return messages, closed.rcvd.code if closed.rcvd else None


def token_for(http: httpx.Client, app: str, seconds: int = 60) -> str:
    body = {"allowed_apps": [app], "token_expiration": seconds}
    token: str = http.post("/rest/tokens/", json=body).json()
    return token


def test_an_input_is_answered_in_its_own_format(emulator: Emulator) -> None:
    with opened(emulator) as connection:
        connection.send(msgpack.packb(INPUT))
        packed = connection.recv()
        connection.send(json.dumps(INPUT))
        text = connection.recv()
    assert isinstance(packed, bytes)
    assert msgpack.unpackb(packed)["mood"] == "calm"
    assert json.loads(text) == msgpack.unpackb(packed)


def test_connections_and_inputs_are_in_the_journal(emulator: Emulator) -> None:
    with opened(emulator) as connection:
        connection.send(json.dumps(INPUT))
        connection.recv()
    opening, received = emulator.journal
    assert (opening.operation, opening.status) == ("realtime", 101)
    assert (received.method, received.operation, received.status) == ("MESSAGE", "input", 200)
    assert received.json == INPUT


def test_bytes_are_accepted_where_a_string_is(emulator: Emulator) -> None:
    with opened(emulator) as connection:
        connection.send(msgpack.packb({"prompt": b"\xff\xfe"}))
        assert isinstance(connection.recv(), bytes)


def test_an_endpoint_of_its_own_has_an_id_that_ends_in_realtime() -> None:
    live = "acme/live/realtime"
    with Emulator([document(live)]) as emulator, opened(emulator, live) as connection:
        connection.send(json.dumps(INPUT))
        assert json.loads(connection.recv())["mood"] == "calm"


@pytest.mark.parametrize("app", ["paint", "acme/paint", PAINT, f"{PAINT}/realtime"])
def test_a_token_opens_its_application(emulator: Emulator, http: httpx.Client, app: str) -> None:
    query = f"?fal_jwt_token={token_for(http, app)}"
    with opened(emulator, f"{PAINT}/realtime{query}", headers={}) as connection:
        connection.send(json.dumps(INPUT))
        assert json.loads(connection.recv())["mood"] == "calm"


@pytest.mark.parametrize(("app", "seconds"), [("sculpt", 60), ("paint", 0)])
def test_a_token_of_another_application_or_an_expired_one_opens_nothing(
    emulator: Emulator, http: httpx.Client, app: str, seconds: int
) -> None:
    query = f"?fal_jwt_token={token_for(http, app, seconds)}"
    with opened(emulator, f"{PAINT}/realtime{query}", headers={}) as connection:
        assert last_messages(connection) == ([{"status": "error", "error": "Unauthorized"}], 1008)


def test_the_documented_request_for_a_token_is_answered(http: httpx.Client) -> None:
    body = {"allowed_apps": ["acme/paint"], "duration": 60}
    answer = http.post("/rest/tokens/realtime", json=body).json()
    assert list(answer) == ["token"]
    body = {"allowed_apps": ["acme/paint"], "duration": "long"}
    assert http.post("/rest/tokens/realtime", json=body).status_code == 422


def test_what_cannot_be_opened_is_refused_as_a_request_is(emulator: Emulator) -> None:
    status, body = refused(emulator, headers={})
    assert status == 401
    assert body["detail"].startswith("Cannot access application 'acme/paint'")
    assert refused(emulator, "acme/sculpt/realtime") == (
        404,
        {"detail": "Application 'sculpt' not found"},
    )
    assert refused(emulator, f"{PAINT}/realtime?max_buffering=61")[0] == 422
    assert refused(emulator, headers={**KEY, "X-Emulate": "balance"})[0] == 403
    assert refused(emulator, headers={**KEY, "X-Emulate": "proxy-error=nothing"})[0] == 400


def test_pages_of_other_origins_open_nothing(emulator: Emulator) -> None:
    assert refused(emulator, origin="https://evil.test")[0] == 403
    assert refused(emulator, headers={**KEY, "Sec-Fetch-Site": "cross-site"})[0] == 403
    with opened(emulator, origin=emulator.base_url):
        pass


def test_an_idle_connection_ends(emulator: Emulator) -> None:
    emulator.emulate("idle=0.01")
    with opened(emulator) as connection:
        (message,), code = last_messages(connection)
    assert (message["type"], message["error"], code) == ("x-fal-error", "TIMEOUT", 1000)


@pytest.mark.parametrize(
    ("faults", "sent", "error", "reason"),
    [
        ("", {"steps": 5}, "INTERNAL_ERROR", "prompt"),
        ("", b"\xc1", "INTERNAL_ERROR", "cannot be decoded"),
        ("model-error; on=input", INPUT, "INTERNAL_ERROR", "Content policy violation"),
        ("infrastructure-error=runner_disconnected", INPUT, "RUNNER_DISCONNECTED", "Runner"),
    ],
)
def test_a_failed_input_ends_the_connection(
    emulator: Emulator, faults: str, sent: Any, error: str, reason: str
) -> None:
    emulator.emulate(faults)
    with opened(emulator) as connection:
        connection.send(sent if isinstance(sent, bytes) else json.dumps(sent))
        (message,), code = last_messages(connection)
    assert (message["type"], message["error"], code) == ("x-fal-error", error, 1000)
    assert reason in message["reason"]


@pytest.mark.parametrize(("when", "status"), [("before", None), ("after", 200)])
def test_a_connection_breaks_before_or_after_the_input_had_its_effect(
    emulator: Emulator, when: str, status: int | None
) -> None:
    emulator.emulate(f"drop={when}; on=input")
    with opened(emulator) as connection:
        connection.send(json.dumps(INPUT))
        with pytest.raises(ConnectionClosedError):
            connection.recv()
    assert emulator.journal[-1].status == status


def test_a_token_expires_on_demand(emulator: Emulator) -> None:
    emulator.emulate("expired-token; on=input")
    with opened(emulator) as connection:
        connection.send(json.dumps(INPUT))
        assert last_messages(connection)[1] == 1008


@pytest.fixture
def official(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Emulator:
    """The official Python client calls the emulator."""
    sockets = emulator.base_url.replace("http", "ws", 1)
    monkeypatch.setattr("fal_client.client.REALTIME_URL_FORMAT", f"{sockets}/run/")
    monkeypatch.setattr("fal_client.client.REST_URL", f"{emulator.base_url}/rest")
    return emulator


@pytest.mark.parametrize("use_jwt", [True, False])
def test_the_official_python_client_works(official: Emulator, use_jwt: bool) -> None:
    client = fal_client.SyncClient(key="any")
    with client.realtime(PAINT, use_jwt=use_jwt, max_buffering=2) as connection:
        for _ in range(2):
            connection.send(INPUT)
            answer = connection.recv()
            assert answer is not None
            assert answer["mood"] == "calm"
    assert official.journal.count("token") == use_jwt


def test_the_official_python_client_works_on_an_event_loop(official: Emulator) -> None:
    async def program() -> Any:
        client = fal_client.AsyncClient(key="any")
        async with client.realtime(PAINT) as connection:
            await connection.send(INPUT)
            return await connection.recv()

    assert asyncio.run(program())["mood"] == "calm"


def test_the_official_python_client_gets_an_error(official: Emulator) -> None:
    client = fal_client.SyncClient(key="any")
    with client.realtime(PAINT) as connection:
        connection.send({"steps": 5})
        with pytest.raises(fal_client.client.RealtimeError, match="INTERNAL_ERROR"):
            connection.recv()
