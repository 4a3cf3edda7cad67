"""All of fal's hosts on one origin: by a path prefix, or by the Host header."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from fal_codegen.emulator.json_bodies import JsonResponse

__all__ = [
    "BY_HOST",
    "DOMAINS",
    "EVERY_ADDRESS",
    "HOST_VARIABLES",
    "LOOPBACK",
    "Caller",
    "HostMiddleware",
    "at_fal",
    "caller_of",
    "is_in_domain_of_fal",
    "is_of_fal",
    "takes_key",
]


LOOPBACK = "127.0.0.1"

EVERY_ADDRESS = {"": LOOPBACK, "0.0.0.0": LOOPBACK, "::": "::1"}
"""Hosts that stand for every address of a machine, with the one to call on the machine itself."""

HOST_VARIABLES = ("FAL_RUN_HOST", "FAL_QUEUE_RUN_HOST")
"""Variables of single services, which take precedence over `FAL_BASE_URL`."""


class Service(NamedTuple):
    """A host of fal's and its path prefix on the emulator."""

    prefix: str
    hosts: tuple[str, ...]
    """The host itself, then its backups and older names."""
    stands_for_host: bool
    """Whether the prefix replaces the host; otherwise fal's own paths begin with it."""

    def local_path(self, path: str) -> str:
        """Return the path on the emulator for a path at this host."""
        return self.prefix + path if self.stands_for_host else path


SERVICES = (
    Service("/queue", ("queue.fal.run", "queue.falrun.com"), True),
    Service("/run", ("fal.run", "falrun.com"), True),
    Service("/rest", ("rest.fal.ai", "rest.alpha.fal.ai"), True),
    Service("/files", ("v3.fal.media", "v3b.fal.media", "fal.media"), False),
    Service("/api/openapi", ("fal.ai",), False),
    Service("/api", ("api.fal.ai",), True),
)

DOMAINS = ("fal.run", "fal.ai", "fal.media", "falrun.com")
"""fal's domains; every host of `SERVICES` is in one of them."""

BY_HOST = {host: service for service in SERVICES for host in service.hosts}


def at_fal(path: str) -> tuple[str, str] | None:
    """Return fal's host and the path there for a path that begins with a service's prefix."""
    for service in SERVICES:
        if path.startswith(f"{service.prefix}/"):
            at_host = path.removeprefix(service.prefix) if service.stands_for_host else path
            return service.hosts[0], at_host
    return None


def is_of_fal(host: str) -> bool:
    """Return whether a host is one of fal's that the emulator serves."""
    return host in BY_HOST


def is_in_domain_of_fal(host: str) -> bool:
    """Return whether a host is fal's, even if the emulator does not serve it."""
    return f".{host.lower()}".endswith(tuple(f".{domain}" for domain in DOMAINS))


def takes_key(host: str) -> bool:
    """Return whether a host is an interface of fal's; files are stored and read without the key."""
    service = BY_HOST.get(host)
    return service is not None and service.stands_for_host


@dataclass(frozen=True)
class Caller:
    """The address that a caller used, which the URLs in the answer use too."""

    scheme: str
    host: str
    """The Host header, with its port if any."""
    by_host: bool
    """Whether that is a host of fal's, so that URLs have fal's hosts and no prefix."""

    def url(self, path: str) -> str:
        """Return the absolute URL of a path that begins with a service's prefix."""
        if self.by_host and (found := at_fal(path)):
            host, path_there = found
            _, colon, port = self.host.partition(":")
            return f"{self.scheme}://{host}{colon}{port}{path_there}"
        return f"{self.scheme}://{self.host}{path}"


class HostMiddleware:
    """ASGI middleware that gives every request its prefixed path, and stores its `Caller`.

    The official JavaScript client sends requests with `x-fal-target-url` to its `proxyUrl`. They
    are answered as if they had gone to that URL, but with the emulator's own URLs, because the
    client does not send uploads through its proxy.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        host = headers.get("host", "localhost")
        service = BY_HOST.get(host.partition(":")[0].lower())
        # The URLs in an answer are those of files, also over a WebSocket.
        scheme = scope.get("scheme", "ws").replace("ws", "http")
        caller = Caller(scheme, host, by_host=service is not None)
        scope = {**scope, "state": {**scope.get("state", {}), "caller": caller}}
        scope["query_string"] = _quoted(scope["query_string"])
        if target := headers.get("x-fal-target-url"):
            try:
                url = urlsplit(target)
            except ValueError:
                response = JsonResponse({"detail": "x-fal-target-url is not a URL"}, 400)
                await response(scope, receive, send)
                return
            service = BY_HOST.get(url.hostname or "")
            scope["path"] = unquote(url.path)
            scope["query_string"] = _quoted(url.query.encode())
        if service:
            scope["path"] = service.local_path(scope["path"])
        await self._app(scope, receive, send)


def _quoted(query: bytes) -> bytes:
    """Return a query string with every byte percent-encoded that is not visible ASCII."""
    return re.sub(rb"[^\x21-\x7e]", lambda byte: b"%%%02X" % ord(byte[0]), query)


def caller_of(scope: Scope) -> Caller:
    """Return the `Caller` of a request, as `HostMiddleware` stored it."""
    caller: Caller = scope["state"]["caller"]
    return caller
