"""Tokens: how a session gets and replaces them, and `Fal.token`."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import (
    AuthenticationError,
    ConfigurationError,
    ConnectionFailed,
    Fal,
    InfrastructureError,
    SubmissionUncertain,
    UnexpectedResponse,
)

from client.collage import Collage
from client.given import client_of

from .sessions import Connect, exchanged, request


def test_an_expired_token_is_replaced(
    emulator: Emulator, collage: Collage, connect: Connect
) -> None:
    with connect(collage) as session:
        exchanged(session, request(collage))
        emulator.emulate("expired-token; on=input; times=1")
        session.send(request(collage))
        with pytest.raises(SubmissionUncertain, match="its token has expired"):
            session.receive()
        assert exchanged(session, request(collage)).width == 640
    assert emulator.journal.count("token") == 2


def test_an_input_that_met_an_expired_token_is_sent_again_if_that_does_no_harm(
    emulator: Emulator, impatient: Collage, connect: Connect
) -> None:
    with connect(impatient, idempotent=True) as session:
        exchanged(session, request(impatient))
        emulator.emulate("expired-token; on=input; times=1")
        assert exchanged(session, request(impatient)).width == 640
    assert emulator.journal.count("token") == 2


def test_a_token_that_never_worked_is_an_error(
    emulator: Emulator, collage: Collage, connect: Connect
) -> None:
    emulator.emulate("expired-token; on=realtime; times=1")
    with connect(collage) as session:
        with pytest.raises(AuthenticationError, match="unauthorized"):
            session.receive()
        assert exchanged(session, request(collage)).width == 640


def test_the_token_is_not_shown(
    emulator: Emulator, impatient: Collage, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), impatient.connect() as session:
        exchanged(session, request(impatient))
    emulator.emulate("proxy-error=503; on=realtime")
    with pytest.raises(InfrastructureError) as caught, impatient.connect():
        pass
    shown = caplog.text + str(caught.value) + str(caught.getrepr(showlocals=True))
    emulator.emulate("drop=before; on=realtime")
    with pytest.raises(ConnectionFailed) as failed, impatient.connect():
        pass
    shown += str(failed.value) + str(failed.getrepr(showlocals=True))
    tokens = [entry.query.partition("=")[2] for entry in emulator.journal.select("realtime")]
    assert len(set(tokens)) == 3
    assert not [token for token in tokens if token in shown]


def test_a_token_is_created(emulator: Emulator, client: Fal, call: Callable[..., Any]) -> None:
    assert call(client.token, Collage.endpoint_id).startswith("emulated-")
    call(client.token, ["workflows/acme/chain/last", "acme/collage", "paint"], expires_in=60)
    first, second = (entry.json for entry in emulator.journal.select("token"))
    assert first == {"allowed_apps": ["collage"], "token_expiration": 120}
    assert second == {"allowed_apps": ["chain", "collage", "paint"], "token_expiration": 60}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([],), "apps should be ids of endpoints"),
        (("",), "apps should be ids of endpoints"),
        (([1],), "apps should be ids of endpoints"),
        (("acme/collage", 0), "expires_in should be a whole number of seconds"),
        (("acme/collage", 1.5), "expires_in should be a whole number of seconds"),
    ],
)
def test_the_arguments_of_a_token_are_checked(
    client: Fal, call: Callable[..., Any], arguments: Any, message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        call(client.token, *arguments)


@pytest.mark.parametrize("answer", ["a", {"token": "a"}, {"detail": "a"}])
def test_a_token_may_be_wrapped(call: Callable[..., Any], answer: Any) -> None:
    client = client_of(lambda request: httpx.Response(200, json=answer))
    assert call(client.token, "acme/collage") == "a"


@pytest.mark.parametrize("answer", ["", 7, {"token": None}, ["a"]])
def test_a_response_without_a_token_is_an_error(call: Callable[..., Any], answer: Any) -> None:
    client = client_of(lambda request: httpx.Response(200, json=answer))
    with pytest.raises(UnexpectedResponse, match="returned no token") as caught:
        call(client.token, "acme/collage")
    assert caught.value.payload == answer
