"""Errors of a realtime session: of the server, the connection, the input and the options."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from typing import Any

import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import (
    APIError,
    BalanceError,
    ClientTimeoutError,
    ConfigurationError,
    ConnectionFailed,
    Fal,
    InfrastructureError,
    ModelError,
    NotFoundError,
    UnexpectedResponse,
    ValidationError,
)
from websockets.sync.server import ServerConnection

from client.collage import Collage
from client.scripted import Answer, scripted

from .sessions import Connect, Mirror, exchanged, request, serving


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("balance; on=realtime", BalanceError),
        ("balance; on=token", BalanceError),
        ("refuse=runner_scheduling_failure; on=realtime", InfrastructureError),
    ],
)
def test_a_connection_that_is_refused_is_an_error(
    emulator: Emulator, collage: Collage, connect: Connect, fault: str, error: type[Exception]
) -> None:
    emulator.emulate(fault)
    with pytest.raises(error), connect(collage):
        pass


def test_an_endpoint_that_is_not_there_is_an_error(client: Fal, connect: Connect) -> None:
    with (
        pytest.raises(NotFoundError, match=r"acme/mirror/realtime.*not found"),
        connect(Mirror(client)),
    ):
        pass


def test_a_server_without_websockets_is_an_error(
    mirror: Callable[[str], Mirror], connect: Connect
) -> None:
    with (
        scripted(lambda asked: Answer(200, {"hello": 1})) as server,
        pytest.raises(UnexpectedResponse) as caught,
        connect(mirror(server.base_url)),
    ):
        pass
    assert caught.value.payload == {"hello": 1}


def test_a_server_that_repeats_the_token_does_not_bring_it_into_errors(
    mirror: Callable[[str], Mirror], connect: Connect
) -> None:
    with (
        scripted(lambda asked: Answer(400, {"detail": f"refused: {asked.path}"})) as server,
        pytest.raises(APIError, match=r"refused: .*fal_jwt_token=…") as caught,
        connect(mirror(server.base_url)),
    ):
        pass
    (asked,) = server.asked
    token = asked.path.partition("fal_jwt_token=")[2]
    assert len(token) >= 16
    assert token not in f"{caught.value} {caught.value.body}"


def test_a_redirect_is_not_followed(mirror: Callable[[str], Mirror], connect: Connect) -> None:
    def elsewhere(connection: ServerConnection) -> None:
        raise AssertionError("an input could have gone there")

    with serving(elsewhere) as url:
        redirect = Answer(302, headers={"Location": url.replace("http", "ws", 1)})
        with (
            scripted(lambda asked: redirect) as server,
            pytest.raises(APIError, match="HTTP 302"),
            connect(mirror(server.base_url)),
        ):
            pass


def test_a_server_that_is_not_there_is_an_error(
    mirror: Callable[[str], Mirror], connect: Connect
) -> None:
    with serving() as url:
        pass
    failed = r"GET ws://127\.0\.0\.1:\d+/acme/mirror/realtime failed 5 times"
    with pytest.raises(ConnectionFailed, match=failed), connect(mirror(url)):
        pass


@pytest.mark.parametrize(
    ("fault", "error", "error_type"),
    [
        ("model-error", InfrastructureError, "internal_error"),
        ("infrastructure-error=runner_disconnected", InfrastructureError, "runner_disconnected"),
    ],
)
def test_an_error_of_the_server_is_raised_and_the_session_goes_on(
    emulator: Emulator, collage: Collage, connect: Connect, fault: str, error: Any, error_type: str
) -> None:
    emulator.emulate(f"{fault}; on=input; times=1")
    with connect(collage) as session:
        session.send(request(collage))
        with pytest.raises(error) as caught:
            session.receive()
        assert caught.value.error_type == error_type
        assert caught.value.body["type"] == "x-fal-error"
        assert list(session) == []
        assert exchanged(session, request(collage)).width == 640


def test_other_errors_are_those_of_the_model(
    mirror: Callable[[str], Mirror], connect: Connect
) -> None:
    problems = [{"loc": ["frame"], "msg": "too dark", "type": "frame"}]

    def server(connection: ServerConnection) -> None:
        connection.recv()
        for reason in (problems, "too dark", {"code": 7}, None):
            error = {"type": "x-fal-error", "error": "BAD_FRAME", "reason": reason}
            connection.send(json.dumps(error))

    with serving(server) as url, connect(endpoint := mirror(url)) as session:
        session.send(endpoint())
        messages = []
        for _ in range(4):
            with pytest.raises(ModelError) as caught:
                session.receive()
            messages.append(str(caught.value))
            if "\n" in messages[-1]:
                assert caught.value.errors[0].field == "frame"
    assert [message.count("too dark") for message in messages] == [1, 1, 0, 0]
    assert "{'code': 7}" in messages[2]


def test_waiting_is_limited(emulator: Emulator, collage: Collage, connect: Connect) -> None:
    emulator.emulate("running=0.2; on=input; times=1")
    with connect(collage) as session:
        session.send(request(collage))
        with pytest.raises(ClientTimeoutError, match=r"no output within 0\.01 seconds"):
            session.receive(client_timeout=0.01)
        assert session.receive().width == 640
        with pytest.raises(ConfigurationError, match="client_timeout should be"):
            session.receive(client_timeout="long")  # type: ignore[arg-type]
        with pytest.raises(ConfigurationError, match="client_timeout should be a positive number"):
            session.receive(client_timeout=0)


def test_a_session_accepts_requests_of_its_endpoint_only(
    client: Fal, collage: Collage, connect: Connect
) -> None:
    other = client.fal_ai.pika.v2_2.image_to_video
    with connect(collage) as session, pytest.raises(ConfigurationError, match="another endpoint"):
        session.send(other(image_url="https://example.com/a.png", prompt="It waves"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_buffering": 0}, "an integer from 1 to 60"),
        ({"max_buffering": 61}, "an integer from 1 to 60"),
        ({"max_buffering": True}, "an integer from 1 to 60"),
        ({"idempotent": 1}, "True or False"),
    ],
)
def test_options_are_checked(
    collage: Collage, connect: Connect, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        connect(collage, **options)


def test_what_messagepack_lacks_is_invalid_input(collage: Collage, connect: Connect) -> None:
    with connect(collage) as session, pytest.raises(ValidationError, match="as MessagePack"):
        session.send(request(collage, extra={"large": 1 << 70}))


@pytest.mark.parametrize("package", ["msgpack", "websockets"])
def test_without_a_package_the_error_says_what_to_install(
    collage: Collage, connect: Connect, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    for name in list(sys.modules):
        is_of_extra = name.partition(".")[0] == package
        if is_of_extra or re.fullmatch(r"fal_endpoints\..*(conversation|messages|websocket)", name):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ConfigurationError, match="pip install 'websockets>=15' msgpack"):
        connect(collage)
