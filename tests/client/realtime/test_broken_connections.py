"""Connections that end: which inputs are sent again, and which are uncertain."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import msgpack
import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import ConnectionFailed, SubmissionUncertain
from websockets.sync.server import ServerConnection

from client.collage import Collage

from .sessions import Connect, Mirror, exchanged, request, serving


def test_an_input_that_may_have_been_processed_is_not_sent_again(
    emulator: Emulator, collage: Collage, connect: Connect
) -> None:
    emulator.emulate("drop=after; on=input; times=1")
    with connect(collage) as session:
        session.send(request(collage))
        with pytest.raises(SubmissionUncertain, match="the output of 1 input;"):
            session.receive()
        assert emulator.journal.count("input") == 1
        assert exchanged(session, request(collage)).width == 640
    assert emulator.journal.count("token") == emulator.journal.count("realtime") == 2


def test_each_input_without_an_output_is_counted(
    mirror: Callable[[str], Mirror], connect: Connect
) -> None:
    def server(connection: ServerConnection) -> None:
        messages = [connection.recv() for _ in range(3)]
        connection.send(messages[0])
        connection.close(1011)

    with serving(server) as url, connect(endpoint := mirror(url)) as session:
        for _ in range(3):
            session.send(endpoint())
        session.receive()
        with pytest.raises(SubmissionUncertain, match="the output of 2 inputs;"):
            session.receive()


def test_an_idempotent_input_is_sent_again(
    emulator: Emulator, impatient: Collage, connect: Connect
) -> None:
    emulator.emulate("drop=before; on=input; times=2")
    with connect(impatient, idempotent=True) as session:
        assert exchanged(session, request(impatient)).width == 640
    inputs = emulator.journal.select("input")
    assert [entry.body for entry in inputs] == [inputs[0].body] * 3
    assert emulator.journal.count("realtime") == 3


def test_an_idempotent_input_is_not_sent_again_for_ever(
    emulator: Emulator, impatient: Collage, connect: Connect
) -> None:
    emulator.emulate("drop=after; on=input; times=5")
    with connect(impatient, idempotent=True) as session:
        session.send(request(impatient))
        with pytest.raises(ConnectionFailed, match="broke 5 times before the output"):
            session.receive()
        assert emulator.journal.count("input") == 5
        assert exchanged(session, request(impatient)).width == 640


def test_only_inputs_without_an_output_are_sent_again(
    mirror: Callable[[str], Mirror], connect: Connect
) -> None:
    again: list[Any] = []

    def breaks(connection: ServerConnection) -> None:
        messages = [connection.recv() for _ in range(3)]
        connection.send(messages[0])
        connection.close(1011)

    def works(connection: ServerConnection) -> None:
        for message in connection:
            again.append(message)
            connection.send(message)

    with (
        serving(breaks, works) as url,
        connect(endpoint := mirror(url), idempotent=True) as session,
    ):
        for frame in (b"1", b"2", b"3"):
            session.send(endpoint(frame))
        assert [session.receive().frame for _ in range(3)] == [b"1", b"2", b"3"]
    assert [msgpack.unpackb(message)["frame"] for message in again] == [b"2", b"3"]


def test_an_idle_connection_ends_and_the_next_input_opens_another(
    emulator: Emulator, collage: Collage, connect: Connect
) -> None:
    emulator.emulate("idle=0.05")
    with connect(collage) as session:
        for _ in range(2):
            session.send(request(collage))
            assert [output.width for output in session] == [640]
    assert emulator.journal.count("token") == emulator.journal.count("realtime") == 2


def test_an_input_that_the_server_did_not_wait_for_is_uncertain(
    mirror: Callable[[str], Mirror], connect: Connect
) -> None:
    def server(connection: ServerConnection) -> None:
        connection.recv()

    with serving(server) as url, connect(endpoint := mirror(url)) as session:
        session.send(endpoint())
        with pytest.raises(SubmissionUncertain, match="1 input;"):
            list(session)


def test_a_connection_that_broke_is_read_before_the_next_one(
    mirror: Callable[[str], Mirror], connect: Connect
) -> None:
    is_broken = threading.Event()

    def breaks(connection: ServerConnection) -> None:
        connection.send(connection.recv())
        connection.send(json.dumps({"frame": "late"}))
        connection.close(1011)
        is_broken.set()

    def works(connection: ServerConnection) -> None:
        connection.send(connection.recv())

    with serving(breaks, works) as url, connect(endpoint := mirror(url)) as session:
        assert exchanged(session, endpoint(b"1")).frame == b"1"
        assert is_broken.wait(30)
        session.send(endpoint(b"2"))
        assert [session.receive().frame for _ in range(2)] == [b"late", b"2"]


@pytest.mark.parametrize("fault", ["rate-limit=0", "proxy-error", "drop=before"])
def test_a_connection_is_tried_again(
    emulator: Emulator, impatient: Collage, connect: Connect, fault: str
) -> None:
    emulator.emulate(f"{fault}; on=realtime; times=2")
    with connect(impatient) as session:
        assert exchanged(session, request(impatient)).width == 640
    assert emulator.journal.count("realtime") == 3
