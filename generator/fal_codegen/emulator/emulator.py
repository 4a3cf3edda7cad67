"""A local fal on a socket: in a thread for tests, or in the foreground for a terminal."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from starlette.types import ASGIApp

from fal_codegen.document.metadata import Metadata
from fal_codegen.document.price import UnitPrice
from fal_codegen.emulator.app import create_app
from fal_codegen.emulator.emulation import Emulation
from fal_codegen.emulator.endpoints.document_files import OpenApiDocument
from fal_codegen.emulator.folders import remove_abandoned
from fal_codegen.emulator.journal import Journal
from fal_codegen.emulator.limits import Limits
from fal_codegen.emulator.network.access import Access
from fal_codegen.emulator.network.hosts import LOOPBACK
from fal_codegen.emulator.network.https_proxy import HttpsProxy
from fal_codegen.emulator.network.server import LocalServer
from fal_codegen.emulator.queue.jobs import Queue
from fal_codegen.emulator.request_handling import FAULTS_HEADER
from fal_codegen.text import counted
from fal_codegen.text.escaping import line

__all__ = ["Emulator", "how_to_use"]


class Emulator:
    """A local fal, served from a thread while the `with` block runs, or by `serve`.

    Attributes:
        base_url: Its origin; fal's hosts are path prefixes of it (`/queue`, `/run`, `/rest`,
        `/api/v1`, `/files`).
        emulation: Its state.
    """

    base_url: str
    emulation: Emulation

    def __init__(
        self,
        documents: Iterable[OpenApiDocument],
        *,
        faults: str = "",
        key: str | None = None,
        listing: Mapping[str, Metadata] | None = None,
        prices: Mapping[str, UnitPrice] | None = None,
        host: str = LOOPBACK,
        port: int = 0,
        package: str = "fal_endpoints",
        allow_hosts: Iterable[str] = (),
        allow_origins: Iterable[str] = (),
        limits: Limits | None = None,
        replay: Callable[[ASGIApp], ASGIApp] | None = None,
    ) -> None:
        """Create an emulator for these documents.

        Args:
            documents: See `Emulation`, as for `faults`, `key`, `listing` and `package`.
            faults: Directives for every request.
            key: The only accepted key.
            listing: Metadata of endpoints for the catalogue.
            prices: The prices of endpoints, by id; others cost 0.01 US dollars per image.
            host: Address to listen on; anything but loopback lets others in.
            port: Port to listen on; 0 for a free one.
            package: Import name of the Python client in the playground's examples.
            allow_hosts: Names of hosts that may be called, besides `host` and this machine's.
            allow_origins: Origins of web pages, besides its own, that may call it.
            limits: How much is kept.
            replay: Answers some requests from recordings; see `cassette.replaying`.

        Raises:
            DocumentError: A document does not describe a fal endpoint, or two describe the same.
            UsageError: The faults, a host or an origin is invalid.
        """
        self.emulation = Emulation(
            documents,
            faults=faults,
            key=key,
            listing=listing,
            prices=prices,
            package=package,
            limits=limits,
        )
        app = create_app(self.emulation, Access.of(host, allow_hosts, allow_origins), replay)
        largest = self.emulation.limits.body
        self._server = LocalServer(app, host=host, port=port, largest_message=largest)

    @property
    def journal(self) -> Journal:
        """Every request so far."""
        return self.emulation.journal

    @property
    def queue(self) -> Queue:
        """Every job so far."""
        return self.emulation.queue

    def emulate(self, directives: str) -> None:
        """Apply directives from now on, as `faults` describes them. Raises UsageError."""
        self.emulation.faults.add(directives)

    @contextlib.contextmanager
    def https_proxy(self) -> Iterator[HttpsProxy]:
        """Let programs reach this emulator at fal's own addresses, while the `with` block runs.

        They do if they run with the variables in `environment` of the proxy.
        """
        with HttpsProxy() as proxy, self._server.behind(proxy):
            yield proxy

    def reset(self) -> None:
        """Return to the initial state: no jobs, no files, an empty journal, the initial faults."""
        self.emulation.reset()

    def serve(self, *, https_proxy: bool = False) -> None:
        """Serve until interrupted; print how to connect a client, and each request.

        Args:
            https_proxy: Whether programs reach it at fal's own addresses too; see `HttpsProxy`.

        Raises:
            UsageError: The address is not available.
        """
        remove_abandoned()
        try:
            self._server.run(self._introduction, https_proxy=https_proxy)
        finally:
            self.emulation.files.clear()

    def __enter__(self) -> Emulator:
        remove_abandoned()
        self.base_url = self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()
        self.emulation.files.clear()

    def _introduction(self, base_url: str) -> str:
        return how_to_use(base_url, list(self.emulation.catalogue.endpoints))


def how_to_use(base_url: str, endpoint_ids: Sequence[str]) -> str:
    """Return a few lines on how to connect a client to an emulator."""
    example = line(endpoint_ids[0]) if endpoint_ids else "ENDPOINT_ID"
    count = counted(len(endpoint_ids), "endpoint")
    return f"""\
fal is emulated at {base_url} ({count}). Any key will do, such as FAL_KEY=any.

  a browser       {base_url}/playground/
  fal_endpoints   Fal(base_url="{base_url}"), or FAL_BASE_URL={base_url}
  @fal-ai/client  fal.config({{ credentials: "any",
                               proxyUrl: {{ url: "{base_url}/", when: "always" }} }})
  fal-client      fal_client.client.QUEUE_URL_FORMAT = "{base_url}/queue/"
                  fal_client.client.RUN_URL_FORMAT = "{base_url}/run/"
                  fal_client.client.REALTIME_URL_FORMAT = "{base_url.replace("http", "ws", 1)}/run/"
                  fal_client.client.REST_URL = "{base_url}/rest"
                  fal_client.client.CDN_URL = "{base_url}"
  fal-codegen     fal-codegen search --catalogue {base_url}/api/v1/models
  curl            curl -H "Authorization: Key any" {base_url}/queue/{example} -d @input.json

Ask for faults with a header, for example "{FAULTS_HEADER}: running=5, logs=20"."""
