"""Servers on loopback with scripted answers: of documents, and of a catalogue."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

PATH = "/api/openapi/queue/openapi.json"

Server = TypeVar("Server", bound="DocumentServer | CatalogueServer")


@dataclass(frozen=True)
class Answer:
    """An HTTP answer.

    Attributes:
        length: The `Content-Length`, if it is not the length of the body.
        drop: Whether to close the connection without an answer.
        wait: Called before the answer is sent.
    """

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    drop: bool = False
    wait: Callable[[], object] = lambda: None

    @classmethod
    def of(cls, content: object, **keywords: Any) -> Answer:
        """Return an answer with JSON."""
        return cls(json.dumps(content).encode(), **keywords)


class DocumentServer:
    """Serves `answers`: for each endpoint id, one after the other; the last one repeats.

    Attributes:
        requests: The number of requests for each id.
        most_at_once: The greatest number of concurrent requests.
    """

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}{PATH}"
        self.answers: dict[str, list[Answer]] = {}
        self.requests: Counter[str] = Counter()
        self.most_at_once = 0
        self._at_once = 0
        self._lock = threading.Lock()

    def address(self, endpoint_id: str) -> str:
        """Return the URL of an endpoint's document."""
        return f"{self.url}?endpoint_id={endpoint_id.replace('/', '%2F')}"

    @contextlib.contextmanager
    def answer(self, target: str, key: str | None) -> Iterator[Answer]:
        """Choose the answer to a request, which counts as concurrent until it is sent."""
        assert key is None, "the address of documents asks for no key"
        url = urlsplit(target)
        [endpoint_id] = parse_qs(url.query)["endpoint_id"]
        with self._lock:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            answers = self.answers.get(endpoint_id, [Answer(status=404)])
            chosen = answers[min(self.requests[endpoint_id], len(answers) - 1)]
            self.requests[endpoint_id] += 1
        try:
            yield chosen if url.path == PATH else Answer(status=404)
        finally:
            with self._lock:
                self._at_once -= 1


class CatalogueServer:
    """Serves a catalogue: each request gets the next of `answers`; the last one repeats.

    Attributes:
        asked: The query of each request.
        keys: The `Authorization` of each request, or None.
    """

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/v1/models"
        self.answers: list[Answer] = []
        self.asked: list[dict[str, list[str]]] = []
        self.keys: list[str | None] = []

    @contextlib.contextmanager
    def answer(self, target: str, key: str | None) -> Iterator[Answer]:
        """Choose the answer to a request."""
        chosen = self.answers[min(len(self.asked), len(self.answers) - 1)]
        self.asked.append(parse_qs(urlsplit(target).query))
        self.keys.append(key)
        yield chosen


class _Handler(BaseHTTPRequestHandler):
    server_of_answers: DocumentServer | CatalogueServer

    def do_GET(self) -> None:
        key = self.headers["Authorization"]
        with self.server_of_answers.answer(self.path, key) as answer:
            answer.wait()
            if answer.drop:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response(answer.status)
            length = len(answer.body) if answer.length is None else answer.length
            for name, value in {**answer.headers, "Content-Length": str(length)}.items():
                self.send_header(name, value)
            self.end_headers()
            with contextlib.suppress(OSError):  # the client had enough
                self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


@contextlib.contextmanager
def serving(kind: type[Server]) -> Iterator[Server]:
    """Run a server."""

    class Handler(_Handler):
        """The handler of this server alone."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    answers = kind(server.server_port)
    Handler.server_of_answers = answers
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield answers
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
