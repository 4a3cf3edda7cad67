"""How a realtime session ends, and to whom it belongs."""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
import threading
from collections.abc import Callable
from typing import Any

import fal_endpoints
import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import BalanceError, ConfigurationError
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection

from client.collage import Collage

from .sessions import Connect, Mirror, exchanged, request, serving


def code_of(closed: ConnectionClosed) -> int | None:
    """Return the code of the close frame that was received, if one was."""
    return None if closed.rcvd is None else closed.rcvd.code


def test_closing_a_session_ends_an_iteration(mirror: Callable[[str], Mirror]) -> None:
    is_waiting = threading.Event()
    codes: list[int | None] = []
    ended: list[Any] = []

    def server(connection: ServerConnection) -> None:
        connection.send(connection.recv())
        is_waiting.set()
        with pytest.raises(ConnectionClosed) as caught:
            connection.recv()
        codes.append(code_of(caught.value))

    with serving(server) as url:
        endpoint = mirror(url)
        with endpoint.connect() as session:
            session.send(endpoint())
            outputs = iter(session)
            next(outputs)
            waits = threading.Thread(target=lambda: ended.append(list(outputs)))
            waits.start()
            assert is_waiting.wait(30)
        waits.join(30)
    assert ended == [[]]
    assert codes == [1000]


def test_receiving_ends_when_another_thread_closes_the_session(
    mirror: Callable[[str], Mirror],
) -> None:
    is_waiting = threading.Event()
    ended: list[str] = []

    def server(connection: ServerConnection) -> None:
        is_waiting.set()
        for _ in connection:
            pass

    def receive() -> None:
        with pytest.raises(ConfigurationError, match=r"session is (closed|not open)") as caught:
            session.receive()
        ended.append(str(caught.value))

    with serving(server) as url:
        with mirror(url).connect() as session:
            waits = threading.Thread(target=receive)
            waits.start()
            assert is_waiting.wait(30)
        waits.join(30)
    assert len(ended) == 1


@pytest.mark.posix
def test_ctrl_c_closes_the_connection(mirror: Callable[[str], Mirror]) -> None:
    codes: list[int | None] = []

    def server(connection: ServerConnection) -> None:
        connection.recv()
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        with pytest.raises(ConnectionClosed) as caught:
            connection.recv()
        codes.append(code_of(caught.value))

    with serving(server) as url:
        endpoint = mirror(url)
        with pytest.raises(KeyboardInterrupt), endpoint.connect() as session:
            session.send(endpoint())
            session.receive()
    assert codes == [1000]


def test_a_cancelled_task_closes_the_connection(mirror: Callable[[str], Mirror]) -> None:
    codes: list[int | None] = []
    has_input = threading.Event()

    def server(connection: ServerConnection) -> None:
        connection.recv()
        has_input.set()
        with pytest.raises(ConnectionClosed) as caught:
            connection.recv()
        codes.append(code_of(caught.value))

    async def use(endpoint: Mirror) -> None:
        async with endpoint.connect_async() as session:
            await session.send(endpoint())
            await session.receive()

    async def program(endpoint: Mirror) -> None:
        task = asyncio.ensure_future(use(endpoint))
        await asyncio.to_thread(has_input.wait, 30)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with serving(server) as url:
        asyncio.run(program(mirror(url)))
    assert codes == [1000]


def test_a_session_that_could_not_be_opened_can_be_opened_again(
    emulator: Emulator, collage: Collage
) -> None:
    emulator.emulate("balance; on=realtime; times=1")
    session = collage.connect()
    with pytest.raises(BalanceError), session:
        pass
    with session:
        assert exchanged(session, request(collage)).width == 640
    with session:  # and once more after it was closed
        assert exchanged(session, request(collage)).width == 640


def test_a_session_is_used_inside_a_with_block(collage: Collage, connect: Connect) -> None:
    for session in (collage.connect(), collage.connect_async()):
        with pytest.raises(ConfigurationError, match=r"not open: use it as `.*with endpoint\."):
            session.send(request(collage)) if isinstance(
                session, fal_endpoints.RealtimeSession
            ) else asyncio.run(session.send(request(collage)))
    with connect(collage) as opened:
        exchanged(opened, request(collage))
    with (
        collage.connect() as session,
        pytest.raises(ConfigurationError, match="open already"),
        session,
    ):
        pass


@pytest.mark.posix
def test_a_session_belongs_to_the_process_that_opened_it(collage: Collage) -> None:
    context = multiprocessing.get_context("fork")
    messages = context.SimpleQueue()

    def use() -> None:
        try:
            session.receive()
        except ConfigurationError as error:
            messages.put(str(error))

    with collage.connect() as session:
        child = context.Process(target=use)
        child.start()
        child.join(30)
        assert "belongs to the process that opened it" in messages.get()
        assert exchanged(session, request(collage)).width == 640
