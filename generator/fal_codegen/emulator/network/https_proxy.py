"""An HTTPS proxy on loopback: programs that call fal's own addresses reach a local server instead.

A program needs no change and no option for it. `HTTPS_PROXY` and the variables that name trusted
authorities suffice: HTTP libraries of most languages read them. Connections to other hosts
pass through unread.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
from collections.abc import Callable, Mapping

from fal_codegen.emulator.folders import create_folder
from fal_codegen.emulator.network.hosts import LOOPBACK, is_in_domain_of_fal
from fal_codegen.text.escaping import line

__all__ = ["HttpsProxy"]

_CONNECT = re.compile(rb"CONNECT (\[[0-9A-Fa-f:.]+\]|[^\s:/\[\]]+):([0-9]{1,5}) HTTP/1\.[01]\r\n")
_END = b"\r\n\r\n"
_LARGEST_HEAD = 1 << 16
_CHUNK = 1 << 16

_DIRECT = "localhost,127.0.0.1,::1"
"""Hosts that programs reach directly. With the user's own list, they might reach fal itself."""

_ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"


class HttpsProxy:
    """A proxy that is open while the `with` block runs; a server's event loop runs `serve`.

    Attributes:
        url: Its address, for `HTTPS_PROXY`.
        environment: The variables that lead a program here. They make it trust the certificates
            of this proxy, besides those that are usual.
    """

    url: str
    environment: Mapping[str, str]

    def __enter__(self) -> HttpsProxy:
        # Imported here, because `cryptography` takes long and most emulators open no proxy.
        from fal_codegen.emulator.network.certificates import write_certificates

        self._folder = create_folder()
        self._tls, authority, bundle = write_certificates(self._folder.path)
        self._listener = socket.create_server((LOOPBACK, 0))
        self._listener.setblocking(False)
        self.url = f"http://{LOOPBACK}:{self._listener.getsockname()[1]}"
        self.environment = {
            **dict.fromkeys(("HTTPS_PROXY", "https_proxy"), self.url),
            **dict.fromkeys(("NO_PROXY", "no_proxy"), _DIRECT),
            **dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"), str(bundle)),
            "NODE_EXTRA_CA_CERTS": str(authority),
            "NODE_USE_ENV_PROXY": "1",  # needed by the `fetch` of Node
        }
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self._folder.remove()

    async def serve(self, protocol: Callable[[], asyncio.Protocol]) -> None:
        """Accept connections until cancelled.

        Args:
            protocol: Returns what serves a connection to one of fal's hosts.
        """
        loop = asyncio.get_running_loop()
        connections: set[asyncio.Task[None]] = set()
        try:
            while True:
                client, _ = await loop.sock_accept(self._listener)
                client.setblocking(False)
                connection = loop.create_task(self._connect(client, protocol))
                connections.add(connection)
                connection.add_done_callback(connections.discard)
        finally:
            for connection in connections:
                connection.cancel()

    async def _connect(
        self, client: socket.socket, protocol: Callable[[], asyncio.Protocol]
    ) -> None:
        """Connect a client to the host that it names."""
        loop = asyncio.get_running_loop()
        # It is the client's own affair if it leaves, or does not trust the certificate.
        with contextlib.suppress(OSError), contextlib.ExitStack() as owned:
            owned.enter_context(client)
            target = _CONNECT.match(await _head(client))
            if target is None:
                await loop.sock_sendall(client, _refusal("405 Method Not Allowed"))
                return
            host, port = target[1].decode("latin-1").strip("[]"), int(target[2])
            if is_in_domain_of_fal(host):
                await loop.sock_sendall(client, _ESTABLISHED)
                owned.pop_all()  # the transport closes it
                await loop.connect_accepted_socket(protocol, client, ssl=self._tls)
                return
            try:
                upstream = await asyncio.open_connection(host, port)
            except (OSError, ValueError, OverflowError) as error:  # ValueError: no valid host name
                await loop.sock_sendall(client, _refusal(_unreachable(host, error)))
                return
            await loop.sock_sendall(client, _ESTABLISHED)
            owned.pop_all()
            downstream = await asyncio.open_connection(sock=client)
            try:
                copies = _copy(upstream[0], downstream[1]), _copy(downstream[0], upstream[1])
                await asyncio.gather(*copies)
            finally:
                upstream[1].close()
                downstream[1].close()


async def _head(client: socket.socket) -> bytes:
    """Return what a client sends before it waits for an answer."""
    loop, head = asyncio.get_running_loop(), b""
    while _END not in head and len(head) < _LARGEST_HEAD:
        received = await loop.sock_recv(client, _CHUNK)
        if not received:
            break
        head += received
    return head


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """Copy what arrives, and then its end, which leaves the other direction open."""
    while data := await source.read(_CHUNK):
        target.write(data)
        await target.drain()
    target.write_eof()


def _unreachable(host: str, error: Exception) -> str:
    """Return the status of a host that cannot be reached; programs show its reason."""
    cause = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    reason = f"{host} could not be reached: {cause}"
    return f"502 {line(reason).encode('ascii', 'backslashreplace').decode()}"


def _refusal(status: str) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
