"""Realtime sessions, blocking and asynchronous: what is sent and received."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from typing import Any

import msgpack
import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import ConnectionFailed, Fal, UnexpectedResponse
from websockets.sync.server import ServerConnection

from client.collage import Collage
from client.conftest import KEY

from .sessions import Connect, Mirror, exchanged, request, serving


def test_outputs_are_typed(emulator: Emulator, collage: Collage, connect: Connect) -> None:
    with connect(collage) as session:
        assert exchanged(session, request(collage)).width == 640
        session.send(request(collage))
        session.send(request(collage))
        assert session.receive().image.url == session.receive().image.url
    assert emulator.journal.count("token") == emulator.journal.count("realtime") == 1
    assert emulator.journal.count("input") == 3


def test_an_input_is_messagepack_with_the_names_of_the_wire(
    emulator: Emulator, collage: Collage, connect: Connect
) -> None:
    with connect(collage, max_buffering=7) as session:
        exchanged(session, request(collage, aspect="4:3"))
    (received,) = emulator.journal.select("input")
    assert msgpack.unpackb(received.body) == {
        "layers": [{"image_url": "https://example.com/a.png"}],
        "aspect-ratio": "4:3",
    }
    assert "max_buffering=7" in received.query


def test_the_options_of_the_client_apply(emulator: Emulator, connect: Connect) -> None:
    client = Fal(KEY, base_url=emulator.base_url, store_io=False, tags={"team": "design"})
    with client, connect(Collage(client)):
        pass
    (handshake,) = emulator.journal.select("realtime")
    assert handshake.headers["x-fal-store-io"] == "0"
    assert handshake.headers["x-fal-tags"] == "team=design"


def test_json_and_notices_are_understood(mirror: Callable[[str], Mirror], connect: Connect) -> None:
    def server(connection: ServerConnection) -> None:
        assert connection.request is not None
        assert connection.request.path.startswith("/acme/mirror/realtime?fal_jwt_token=")
        connection.recv()
        connection.send('{"type":"x-fal-message","action":"timings","timing":1}')
        connection.send('{"frame":"text"}')
        connection.send(b"\xc1")
        connection.send("{")
        connection.send('{"unknown":1}')
        connection.send('{"frame":"more"}')

    with serving(server) as url, connect(endpoint := mirror(url)) as session:
        assert exchanged(session, endpoint()).frame == b"text"
        for payload in (b"\xc1", "{", {"unknown": 1}):
            with pytest.raises(UnexpectedResponse) as caught:
                session.receive()
            assert caught.value.payload == payload
        assert session.receive().frame == b"more"


def test_a_stream_of_outputs_is_iterated_to_its_end(
    mirror: Callable[[str], Mirror], connect: Connect
) -> None:
    def stream(connection: ServerConnection) -> None:
        connection.recv()
        for text in ("1", "2", "3"):
            connection.send(json.dumps({"frame": text}))
        connection.send('{"type":"x-fal-error","error":"TIMEOUT","reason":"no inputs"}')

    def breaks(connection: ServerConnection) -> None:
        connection.recv()
        connection.send('{"frame":"1"}')
        connection.close(1011)

    with serving(stream, breaks) as url, connect(endpoint := mirror(url)) as session:
        session.send(endpoint())
        assert [output.frame for output in session] == [b"1", b"2", b"3"]
        session.send(endpoint())
        outputs = iter(session)
        assert next(outputs).frame == b"1"
        with pytest.raises(ConnectionFailed, match="the connection broke"):
            next(outputs)


def test_one_output_may_answer_a_batch_of_inputs(
    mirror: Callable[[str], Mirror], connect: Connect
) -> None:
    def server(connection: ServerConnection) -> None:
        messages = [connection.recv() for _ in range(3)]
        connection.send(messages[-1])

    with serving(server) as url, connect(endpoint := mirror(url)) as session:
        for frame in (b"1", b"2", b"3"):
            session.send(endpoint(frame))
        assert [output.frame for output in session] == [b"3"]


def test_who_receives_waits_for_an_input_that_another_thread_sends(
    emulator: Emulator, collage: Collage
) -> None:
    emulator.emulate("idle=0.05; on=realtime; times=1")
    with collage.connect() as session:
        assert list(session) == []  # the server has ended the connection
        outputs: list[Any] = []
        receiver = threading.Thread(target=lambda: outputs.append(session.receive()))
        receiver.start()
        session.send(request(collage))
        receiver.join(30)
        assert outputs[0].width == 640


def test_tasks_send_and_receive_at_the_same_time(emulator: Emulator, collage: Collage) -> None:
    async def program() -> list[Any]:
        async with collage.connect_async() as session:
            receiving = asyncio.ensure_future(session.receive())
            also_receiving = asyncio.ensure_future(session.receive())
            await asyncio.gather(*(session.send(request(collage)) for _ in range(2)))
            return [await receiving, await also_receiving]

    assert [output.width for output in asyncio.run(program())] == [640, 640]
