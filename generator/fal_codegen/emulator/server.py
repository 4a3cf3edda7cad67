"""The emulator on a socket: in a thread for tests, or in the foreground for a terminal."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from fal_codegen.emulator.access import Access
from fal_codegen.emulator.app import create_app
from fal_codegen.emulator.documents import Document
from fal_codegen.emulator.exchange import FAULTS_HEADER
from fal_codegen.emulator.folders import sweep
from fal_codegen.emulator.jobs import Queue
from fal_codegen.emulator.journal import Journal
from fal_codegen.emulator.state import Fal
from fal_codegen.errors import UsageError
from fal_codegen.text.positions import line

__all__ = ["Emulator", "how_to_use", "serve"]

_LOOPBACK = "127.0.0.1"

_START_TIMEOUT = 10.0
"""Seconds after which a server that has not started is given up."""


class Emulator:
    """A local fal, serving from a thread while the `with` block runs.

    Attributes:
        base_url: Its origin; fal's hosts are path prefixes of it (`/queue`, `/run`, `/rest`,
        `/api/v1`, `/files`).
    """

    base_url: str

    def __init__(
        self,
        documents: Iterable[Document],
        *,
        faults: str = "",
        key: str | None = None,
        listing: Mapping[str, Mapping[str, Any]] | None = None,
        allow_hosts: Iterable[str] = (),
        allow_origins: Iterable[str] = (),
    ) -> None:
        """Serve these documents.

        Args:
            documents: See `state.Fal`, as for `faults`, `key` and `listing`.
            faults: Directives for every request.
            key: The only key accepted.
            listing: What the listing says about endpoints that their documents do not.
            allow_hosts: Names, besides those of this machine, by which it may be called.
            allow_origins: Origins of web pages, besides its own, that may call it.

        Raises:
            DocumentError: A document is not one of a fal endpoint, or two are of the same.
            UsageError: The faults, a host or an origin cannot be read.
        """
        self._fal = Fal(documents, faults=faults, key=key, listing=listing)
        self._access = Access.of(_LOOPBACK, allow_hosts, allow_origins)

    @property
    def journal(self) -> Journal:
        """Every request so far."""
        return self._fal.journal

    @property
    def queue(self) -> Queue:
        """Every job so far."""
        return self._fal.queue

    def emulate(self, directives: str) -> None:
        """Put directives in force from now on, in the language of `faults`. Raises UsageError."""
        self._fal.faults.add(directives)

    def reset(self) -> None:
        """Return to the start: no jobs, no files, an empty journal, the initial faults."""
        self._fal.reset()

    def __enter__(self) -> Emulator:
        sweep()
        listener = socket.create_server((_LOOPBACK, 0))
        self.base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self._server = _ThreadServer(_config(self._fal, self._access))
        self._thread = threading.Thread(
            target=self._server.run, args=([listener],), name="fal-emulator", daemon=True
        )
        self._thread.start()
        if not self._server.ready.wait(_START_TIMEOUT):
            raise RuntimeError(f"the emulator did not start within {_START_TIMEOUT:.0f} s")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.stop()
        self._thread.join()
        self._fal.storage.clear()


class _ThreadServer(uvicorn.Server):
    """A server that says when it is ready, and stops without waiting for its connections."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    def stop(self) -> None:
        """Ask it to stop, from any thread."""
        self.should_exit = self.force_exit = True


class _Connection(H11Protocol):
    """A connection that the application can close, for faults to be emulated.

    h11 and not the faster httptools, because it is there wherever uvicorn is.
    """

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        super().connection_made(transport)
        # asyncio does this only on sockets that name their protocol. Without it, each answer waits
        # 40 ms for the client's delayed acknowledgement.
        connection: socket.socket = transport.get_extra_info("socket")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.app_state = {**self.app_state, "close_connection": transport.close}


def serve(
    documents: Iterable[Document],
    *,
    host: str = "127.0.0.1",
    port: int = 8321,
    faults: str = "",
    key: str | None = None,
    listing: Mapping[str, Mapping[str, Any]] | None = None,
    package: str = "fal_endpoints",
    allow_hosts: Iterable[str] = (),
    allow_origins: Iterable[str] = (),
) -> None:
    """Serve these documents until interrupted, saying how to point a client here and what is asked.

    Args:
        documents: Parsed OpenAPI documents, one per endpoint.
        host: Address to listen on; anything but loopback lets others in.
        port: Port to listen on; 0 for any that is free.
        faults: Directives for every request, in the language of `faults`.
        key: The only key accepted; by default any is, as long as there is one.
        listing: What the listing says about endpoints that their documents do not, by id.
        package: Import name of the Python client that the playground's programs use.
        allow_hosts: Names, besides `host` and those of this machine, by which it may be called.
        allow_origins: Origins of web pages, besides its own, that may call it.

    Raises:
        DocumentError: A document is not one of a fal endpoint, or two are of the same.
        UsageError: `faults`, a host or an origin cannot be read, or the address cannot be
            listened on.
    """
    fal = Fal(
        documents,
        faults=faults,
        key=key,
        listing=listing,
        package=package,
    )
    access = Access.of(host, allow_hosts, allow_origins)
    sweep()
    listener = _listen(host, port)
    authority = f"[{host}]" if ":" in host else host
    print(how_to_use(f"http://{authority}:{listener.getsockname()[1]}", list(fal.endpoints)))
    requests_log = logging.getLogger("uvicorn.access")
    requests_log.addHandler(logging.StreamHandler())
    config = _config(fal, access, log_level="info", access_log=True)
    try:
        uvicorn.Server(config).run([listener])
    except KeyboardInterrupt:  # uvicorn hands on the signal that stopped it
        pass
    finally:
        fal.storage.clear()


def how_to_use(base_url: str, endpoint_ids: Sequence[str]) -> str:
    """Say in a few lines how to point a client at an emulator."""
    example = line(endpoint_ids[0]) if endpoint_ids else "ENDPOINT_ID"
    count = "1 endpoint" if len(endpoint_ids) == 1 else f"{len(endpoint_ids)} endpoints"
    return f"""\
fal is emulated at {base_url} ({count}). Any key will do, such as FAL_KEY=any.

  a browser       {base_url}/playground/
  fal_endpoints   Fal(base_url="{base_url}"), or FAL_BASE_URL={base_url}
  @fal-ai/client  fal.config({{ credentials: "any",
                               proxyUrl: {{ url: "{base_url}/", when: "always" }} }})
  fal-client      fal_client.client.QUEUE_URL_FORMAT = "{base_url}/queue/"
                  fal_client.client.RUN_URL_FORMAT = "{base_url}/run/"
                  fal_client.client.REST_URL = "{base_url}/rest"
                  fal_client.client.CDN_URL = "{base_url}"
  fal-codegen     fal-codegen search --catalogue {base_url}/api/v1/models
  curl            curl -H "Authorization: Key any" {base_url}/queue/{example} -d @input.json

Ask for faults with a header, for example "{FAULTS_HEADER}: running=5, logs=20"."""


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens on an address. Raises UsageError if there is none."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except UnicodeError:
        reason = "this is no name of a host"
    except OSError as error:
        # `create_server` adds the address, which is in the message already.
        reason = str(error.strerror).partition(" (while ")[0]
    raise UsageError(
        f"cannot listen on {host} port {port}: {reason}",
        hint="choose another: --port 0 takes one that is free",
    )


def _config(
    fal: Fal, access: Access, *, log_level: str = "error", access_log: bool = False
) -> uvicorn.Config:
    return uvicorn.Config(
        create_app(fal, access),
        http=_Connection,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        log_level=log_level,
        access_log=access_log,
    )
