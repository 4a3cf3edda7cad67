"""The URLs of fal that pass through one local origin, and their local paths.

A recording has fal's own URLs. A client of a local server needs the server's: `/queue/…` for
`https://queue.fal.run/…`, as on the emulator, and `/host/NAME/…` for hosts without such a prefix.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from starlette.types import Scope

from fal_codegen.emulator.network.hosts import BY_HOST, at_fal, caller_of, is_of_fal

__all__ = [
    "Origin",
    "fal_url",
    "host_of",
    "is_known",
    "local_path",
    "origin_of",
    "target_of",
]

_OTHER_HOST = "/host/"
"""The prefix of hosts that share a service's prefix with another, or have none."""

_CDN = "v3.fal.media"

_HOST = re.compile(r"[a-z0-9.-]+(:[0-9]+)?|\[[0-9a-f:.]+\](:[0-9]+)?")

_URL = re.compile(r"https?://[^\s\"'<>\\]+")


def target_of(scope: Scope) -> str:
    """Return the local path of a request, with its query if it has one."""
    query = scope["query_string"].decode("latin-1")
    return quote(scope["path"], safe="/:@!$&'()*+,;=~") + (f"?{query}" if query else "")


def fal_url(path: str) -> str:
    """Return fal's URL for a local path, with its query if it has one."""
    if path.startswith(_OTHER_HOST):
        return f"https://{path.removeprefix(_OTHER_HOST)}"
    host, path_there = at_fal(path) or (_CDN, path)
    return f"https://{host}{path_there}"


def local_path(url: str) -> str:
    """Return the local path for a URL, with its query if it has one."""
    host, slash, rest = url.partition("://")[2].partition("/")
    path = f"{slash}{rest}" or "/"
    service = BY_HOST.get(host)
    if service and host == service.hosts[0]:  # the others have no URL of their own here
        return service.local_path(path)
    return f"{_OTHER_HOST}{host}{path}"


def host_of(url: str) -> str:
    """Return the host of a URL, with its port if it has one; an invalid URL has none."""
    try:
        host = urlsplit(url).netloc.lower()
    except ValueError:
        return ""
    return host if _HOST.fullmatch(host) else ""


def is_known(url: str, others: Collection[str] = ()) -> bool:
    """Return whether a URL leads to fal's interfaces or files, or to one of the other hosts."""
    host = host_of(url)
    if host == "fal.ai":  # the rest of that host are pages for people
        return urlsplit(url).path.startswith("/api/openapi/")
    return is_of_fal(host) or host.endswith(".fal.media") or host in others


@dataclass(frozen=True)
class Origin:
    """Where fal is reached: at its own hosts, or at one origin such as an emulator's."""

    base: str | None = None
    """Scheme, host and port; None for fal's own hosts."""

    def url(self, path: str) -> str:
        """Return the URL here of a local path."""
        return fal_url(path) if self.base is None else self.base + path

    def with_fal_urls(self, text: str) -> str:
        """Return text in which URLs of this origin are replaced by fal's."""
        if self.base is None:
            return text
        base = self.base
        return _replace_urls(
            text, lambda url: fal_url(url.removeprefix(base)) if url.startswith(f"{base}/") else url
        )

    def with_urls_here(self, text: str, others: Collection[str] = ()) -> str:
        """Return text in which URLs of fal and of other hosts are replaced by this origin's."""
        if self.base is None:
            return text
        base = self.base
        return _replace_urls(
            text, lambda url: base + local_path(url) if is_known(url, others) else url
        )


def origin_of(scope: Scope) -> Origin:
    """Return the origin that the caller of a request used."""
    caller = caller_of(scope)
    return Origin(None if caller.by_host else f"{caller.scheme}://{caller.host}")


def _replace_urls(text: str, replaced: Callable[[str], str]) -> str:
    return _URL.sub(lambda match: replaced(match[0]), text)
