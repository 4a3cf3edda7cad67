"""Who may use an emulator: programs on this machine, and the hosts and pages that you allow.

Any web page can make a browser send requests to loopback. The Host header reveals a page whose
name was rebound to loopback; `Origin` and `Sec-Fetch-Site` reveal the others.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from fal_codegen.emulator.json_bodies import JsonResponse
from fal_codegen.emulator.network.hosts import EVERY_ADDRESS, HostMiddleware, is_of_fal
from fal_codegen.errors import UsageError

__all__ = ["LOOPBACK_ONLY", "Access", "with_access"]

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:/?#@\\\[\]]+)(?::[0-9]{1,5})?")
_ORIGIN = re.compile(r"https?://(\[[0-9a-f:.]+\]|[^\s:/?#@\\\[\]*]+)(:[0-9]{1,5})?")

_PAGES = re.compile("/|/playground(/.*)?")
"""Paths that another site may link to."""

_FILES = re.compile("/files/.*")
"""Paths of embedded files, which a browser requests without an Origin."""


@dataclass(frozen=True)
class Access:
    """The hosts and origins that may use the emulator, besides this machine's own.

    Attributes:
        hosts: Names and addresses of hosts that may be called, besides loopback.
        origins: Origins of web pages that may call it, besides its own.
        any_address: Whether any IP address may be called, because the emulator listens on all.
            That is safe: only a name can be rebound.
    """

    hosts: Collection[str] = field(default=frozenset())
    origins: Collection[str] = field(default=frozenset())
    any_address: bool = False

    @classmethod
    def of(cls, listening: str, hosts: Iterable[str], origins: Iterable[str]) -> Access:
        """Return who may use an emulator that listens on an address.

        Raises:
            UsageError: A host or an origin is invalid.
        """
        return cls(
            frozenset({_host(host) for host in hosts} | {listening.lower()}),
            frozenset(_origin(origin) for origin in origins),
            any_address=listening in EVERY_ADDRESS,
        )

    def rejection(self, scope: Scope) -> tuple[int, str] | None:
        """Return the status and the reason for rejecting a request; None if it is allowed."""
        headers = Headers(scope=scope)
        host = headers.get("host", "localhost").lower()
        if not self._is_host(host):
            return 421, (
                f"The emulator does not answer to the host {host[:100]}. "
                "If it should, start it with --allow-host, or Emulator(…, allow_hosts=[…])."
            )
        origin = headers.get("origin")
        if origin is not None:
            # A page's own origin has the scheme of HTTP also for its WebSockets.
            scheme = scope.get("scheme", "ws").replace("ws", "http")
            if origin.lower() in (f"{scheme}://{host}", *self.origins):
                return None
            return 403, (
                f"Pages of {origin[:100]} may not use the emulator. "
                "If they should, start it with --allow-origin, or Emulator(…, allow_origins=[…])."
            )
        if headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            if self._is_harmless(scope, headers):
                return None
            return 403, (
                "Pages of other sites may not use the emulator. "
                "If they should, start it with --allow-origin, or Emulator(…, allow_origins=[…])."
            )
        return None

    def _is_host(self, host: str) -> bool:
        """Return whether a Host header names this machine, fal, or a host that is allowed."""
        match = _HOST.fullmatch(host)
        if match is None:
            return False
        name = match[1].strip("[]")
        if name == "localhost" or name.endswith(".localhost") or name in self.hosts:
            return True
        try:
            address = ip_address(name)
        except ValueError:
            return is_of_fal(name)
        return address.is_loopback or self.any_address

    def _is_harmless(self, scope: Scope, headers: Headers) -> bool:
        """Return whether a page of another site learns nothing from a request: a link or image."""
        if scope.get("method") not in ("GET", "HEAD"):  # a WebSocket has none
            return False
        match headers.get("sec-fetch-mode"):
            case "navigate":
                is_page = headers.get("sec-fetch-dest") == "document"
                return is_page and _PAGES.fullmatch(scope["path"]) is not None
            case "no-cors":
                return bool(self.origins) and _FILES.fullmatch(scope["path"]) is not None
        return False


LOOPBACK_ONLY = Access()


def with_access(app: ASGIApp, access: Access = LOOPBACK_ONLY) -> ASGIApp:
    """Return an application that serves callers with access, at any of fal's hosts."""
    across_origins = CORSMiddleware(
        HostMiddleware(app),
        allow_origins=list(access.origins),
        allow_methods=["*"],
        allow_headers=["*"],
        expose_headers=["*"],
        max_age=600,
    )
    return _AccessMiddleware(across_origins, access)


class _AccessMiddleware:
    """ASGI middleware that rejects requests without access."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, or reject it."""
        is_request = scope["type"] in ("http", "websocket")
        rejection = self._access.rejection(scope) if is_request else None
        if rejection is None:
            await self._app(scope, receive, send)
            return
        status, reason = rejection
        await JsonResponse({"detail": reason}, status)(scope, receive, send)


def _host(text: str) -> str:
    name = text.lower().removeprefix("[").removesuffix("]")
    if name and re.search(r"[\s/?#@\\\[\]]", name) is None and (":" not in name or _is_ip(name)):
        return name
    raise UsageError(
        f"{text!r} is not a host", hint="a name or an address, without scheme and port"
    )


def _origin(text: str) -> str:
    origin = text.lower().removesuffix("/")
    if _ORIGIN.fullmatch(origin):
        return origin
    raise UsageError(f"{text!r} is not an origin", hint="such as http://localhost:3000")


def _is_ip(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
