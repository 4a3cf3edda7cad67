"""A server on loopback that waits for one webhook."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Delivery:
    """A webhook; the names of its headers are in lower case."""

    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Inbox:
    """Where webhooks arrive."""

    url: str
    deliveries: queue.Queue[Delivery] = field(default_factory=queue.Queue)

    def wait(self, seconds: float) -> Delivery | None:
        """Return the next webhook; None if none arrives in time."""
        try:
            return self.deliveries.get(timeout=seconds)
        except queue.Empty:
            return None


@contextlib.contextmanager
def listening(port: int = 0, url: str | None = None) -> Iterator[Inbox]:
    """Run an inbox on a port; `url` is its public address, if it has one."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            inbox.deliveries.put(Delivery(headers, body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    inbox = Inbox(url or f"http://127.0.0.1:{server.server_port}/")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield inbox
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
