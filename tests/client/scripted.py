"""A server that answers as a test says, for what the emulator does not do."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any

from fal_endpoints._runtime.tuning import DEFAULTS, Tuning

from .collage import Collage
from .tuned import tuned_client


@dataclass(frozen=True)
class Asked:
    """A request that arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    port: int = 0
    """The client's own, which tells its connections apart."""


@dataclass(frozen=True)
class Answer:
    """An answer; a body that is not bytes is sent as JSON."""

    status: int = 200
    body: Any = b""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass
class Scripted:
    """The running server."""

    base_url: str
    asked: list[Asked]

    def count(self, method: str) -> int:
        return sum(asked.method == method for asked in self.asked)


@contextmanager
def scripted(answer: Callable[[Asked], Answer]) -> Generator[Scripted, None, None]:
    """Serve `answer` on a free port of loopback."""
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _respond(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            body, port = self.rfile.read(length), self.client_address[1]
            asked.append(Asked(self.command, self.path, headers, body, port))
            reply = answer(asked[-1])
            is_raw = isinstance(reply.body, bytes)
            content = reply.body if is_raw else json.dumps(reply.body).encode()
            self.send_response(reply.status)
            defaults = {} if is_raw else {"Content-Type": "application/json"}
            sent = {**defaults, **reply.headers, "Content-Length": str(len(content))}
            for name, value in sent.items():
                self.send_header(name, value)
            with suppress(ConnectionError):  # of a client that did not wait
                self.end_headers()
                self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = _respond  # the names that http.server looks for

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield Scripted(f"http://127.0.0.1:{server.server_address[1]}", asked)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def dripping_headers() -> Generator[str, None, None]:
    """Serve answers whose headers have no end, a line each tenth of a second."""
    is_over = threading.Event()

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                self.wfile.write(b"HTTP/1.1 200 OK\r\n")
                while not is_over.wait(0.1):
                    self.wfile.write(b"X-More: 1\r\n")

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        is_over.set()
        server.shutdown()
        thread.join()


@contextmanager
def open_stream(
    events: bytes, result: bytes, beat: bytes = b"", headers: bytes = b""
) -> Generator[str, None, None]:
    """Serve streams that stay open after their events, and a result at every other address.

    A beat is sent on each stream 20 times a second.
    """
    is_over = threading.Event()

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            while line := self.rfile.readline():
                while self.rfile.readline().strip():
                    pass
                self.wfile.write(b"HTTP/1.1 200 OK\r\n")
                if b"/stream" in line:
                    self.wfile.write(b"Content-Type: text/event-stream\r\n" + headers)
                    self.wfile.write(b"\r\n" + events)
                    with suppress(OSError):  # of a client that has left
                        while not is_over.wait(0.05 if beat else 60):
                            self.wfile.write(beat)
                    return
                self.wfile.write(b"Content-Length: %d\r\n\r\n" % len(result) + result)

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True  # a client may keep its connections
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        is_over.set()
        server.shutdown()
        thread.join()


@contextmanager
def scripted_collage(
    answer: Callable[[Asked], Answer], tuning: Tuning = DEFAULTS
) -> Generator[tuple[Collage, Scripted], None, None]:
    """Serve `answer`, to a client of its own."""
    with scripted(answer) as server, tuned_client(tuning, base_url=server.base_url) as client:
        yield Collage(client), server
