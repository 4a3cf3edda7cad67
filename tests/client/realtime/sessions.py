"""Realtime sessions in both forms behind one interface, and a server that follows a script."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from fal_endpoints import (
    AsyncRealtimeSession,
    Endpoint,
    InputModel,
    OutputModel,
    RealtimeSession,
    Request,
)
from websockets.sync.server import ServerConnection, serve

from client.collage import Collage

T = TypeVar("T")


class OnALoop:
    """An asynchronous session, whose event loop runs in a thread between the steps too."""

    def __init__(self, session: AsyncRealtimeSession[Any]) -> None:
        self._session = session
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def _run(self, step: Callable[[], Awaitable[T]]) -> T:
        async def run() -> T:
            return await step()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(timeout=60)

    def __enter__(self) -> OnALoop:
        self._thread.start()
        try:
            self._run(self._session.__aenter__)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._run(self._session.__aexit__)
        finally:
            self._end()

    def _end(self) -> None:
        self._run(self._loop.shutdown_asyncgens)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def send(self, request: Request[Any]) -> None:
        self._run(lambda: self._session.send(request))

    def receive(self, *, client_timeout: float | None = None) -> Any:
        return self._run(lambda: self._session.receive(client_timeout=client_timeout))

    def __iter__(self) -> Iterator[Any]:
        outputs = self._session.__aiter__()
        while True:
            try:
                yield self._run(outputs.__anext__)
            except StopAsyncIteration:
                return


Session = RealtimeSession[Any] | OnALoop


Connect = Callable[..., Session]


def connected(endpoint: Endpoint[Any, Any], **options: Any) -> Session:
    return endpoint.connect(**options)


def connected_on_a_loop(endpoint: Endpoint[Any, Any], **options: Any) -> Session:
    return OnALoop(endpoint.connect_async(**options))


@contextmanager
def serving(*scripts: Callable[[ServerConnection], object]) -> Generator[str, None, None]:
    """Serve each connection in turn by the next script; yield the URL of the server."""
    waiting = iter(scripts)

    def answer(connection: ServerConnection) -> None:
        next(waiting)(connection)

    with serve(answer, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.socket.getsockname()[1]}"
        finally:
            server.shutdown()
            thread.join()


class Input(InputModel):
    frame: bytes
    label: str | None = None


class Output(OutputModel):
    frame: bytes


class Mirror(Endpoint[Input, Output]):
    endpoint_id = "acme/mirror/realtime"

    def __call__(self, frame: bytes = b"\xff") -> Request[Output]:
        return self.bind(frame=frame)


def request(collage: Collage, **arguments: Any) -> Request[Any]:
    return collage(layers=[{"image_url": "https://example.com/a.png"}], **arguments)


def exchanged(session: Session, request: Request[Any]) -> Any:
    session.send(request)
    return session.receive(client_timeout=30)
