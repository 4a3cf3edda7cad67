"""The URLs of fal's services."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

from ..errors import ConfigurationError
from ..text import short
from ..transport.urls import has_credentials, is_loopback, origin

_FILE_HOST = "fal.media"  # files are on it, and on its subdomains

Service: TypeAlias = Literal["queue", "run", "rest", "api"]

_SERVICES: tuple[Service, ...] = ("queue", "run", "rest", "api")
_OF_FAL = (
    "https://queue.fal.run",
    "https://fal.run",
    "https://rest.fal.ai",
    "https://api.fal.ai/v1",
)


_BACKUPS = (
    ("https://queue.fal.run/", "https://queue.falrun.com/"),
    ("https://fal.run/", "https://falrun.com/"),
)
"""The backup of each of fal's hosts that has one (source: fal-client)."""


class Addresses(NamedTuple):
    """The URLs of fal's services, without a trailing slash."""

    queue: str
    run: str
    rest: str
    api: str
    files: str
    """Where an emulator or a gateway serves files; fal has hosts of their own for them."""
    allow_http: bool = False
    """Whether URLs of hosts beyond loopback may start with http://."""

    @classmethod
    def configured(
        cls,
        base: str | None = None,
        queue: str | None = None,
        run: str | None = None,
        rest: str | None = None,
        api: str | None = None,
        allow_http: bool | None = None,
    ) -> Addresses:
        """Return the URLs from the arguments, else the environment, else fal's defaults.

        In each of them, the URL of a single service takes precedence over the base URL.
        `FAL_RUN_HOST` and `FAL_QUEUE_RUN_HOST` mean the same as in fal-client.
        """
        if allow_http is None:
            allow_http = os.getenv("FAL_ALLOW_HTTP", "").lower() in ("1", "true", "yes", "on")
        if base is None:
            run_host, queue_host = os.getenv("FAL_RUN_HOST"), os.getenv("FAL_QUEUE_RUN_HOST")
            queue_host = queue_host or (run_host and f"queue.{run_host}")
            run = run or (run_host and f"https://{run_host}")
            queue = queue or (queue_host and f"https://{queue_host}")
            base = os.getenv("FAL_BASE_URL")
        base = base and base.rstrip("/")
        addresses = (
            (queue or (f"{base}/queue" if base else _OF_FAL[0])).rstrip("/"),
            (run or (f"{base}/run" if base else _OF_FAL[1])).rstrip("/"),
            (rest or (f"{base}/rest" if base else _OF_FAL[2])).rstrip("/"),
            (api or (f"{base}/api/v1" if base else _OF_FAL[3])).rstrip("/"),
        )
        written = (queue or base, run or base, rest or base, api or base)
        files = f"{base}/files" if base else f"https://v3.{_FILE_HOST}/files"
        configured = cls(*addresses, files, allow_http)
        for address, value in zip(addresses, written, strict=True):
            if has_credentials(address):
                # It would be shown in logs and errors, so this message leaves it out.
                raise ConfigurationError(
                    "base_url and FAL_BASE_URL must not contain a user name or password; "
                    "remove them: the API key authenticates you"
                )
            if "?" in address or "#" in address:  # which would swallow the paths of requests
                raise ConfigurationError(
                    "base_url and FAL_BASE_URL must not contain a query (?) or a fragment (#)"
                )
            if not configured.accepts(address):
                raise ConfigurationError(_rejection(value or address))
        return configured

    @property
    def with_key(self) -> tuple[str, ...]:
        """The URLs of the services that the key is sent to."""
        return self.queue, self.run, self.rest, self.api

    @property
    def server(self) -> str:
        """The name of the queue's host; loopback is one host on all ports."""
        host = origin(self.queue)[1]
        return "localhost" if is_loopback(host) else host

    @property
    def are_of_fal(self) -> bool:
        """Return whether all of them are fal's own, rather than a proxy's or an emulator's."""
        return self.with_key == _OF_FAL

    def services_of(self, url: str) -> Iterator[tuple[Service, str]]:
        """Yield each service that a URL names, with the rest of the URL after the slash.

        The URL names a service by fal's own address or by the configured one, letter for letter:
        other spellings of a host, such as another case or its default port, are not recognized.
        """
        for service, configured, of_fal in zip(_SERVICES, self.with_key, _OF_FAL, strict=True):
            for address in dict.fromkeys((configured, of_fal)):
                if url.startswith(f"{address}/"):
                    yield service, url.removeprefix(f"{address}/")

    def is_file(self, url: str) -> bool:
        """Return whether a URL is that of a file on fal's storage."""
        scheme, host, port = origin(url)
        is_of_fal = host == _FILE_HOST or host.endswith(f".{_FILE_HOST}")
        return url.startswith(f"{self.files}/") or (
            (scheme, port) == ("https", 443) and is_of_fal and not has_credentials(url)
        )

    def accepts(self, url: str) -> bool:
        """Return whether a request may go to a URL: https, or http where that is allowed."""
        scheme, host, _ = origin(url)
        if scheme == "http":
            return bool(host) and (self.allow_http or is_loopback(host))
        return scheme == "https" and bool(host)


def on_other_host(url: str) -> str:
    """Return a URL of fal on its backup host, or one on the backup host on fal's own again.

    A URL of any other host stays as it is.
    """
    for pair in _BACKUPS:
        for here, there in (pair, pair[::-1]):
            if url.startswith(here):
                return there + url.removeprefix(here)
    return url


def _rejection(address: str) -> str:
    if origin(address)[0] == "http":
        return (
            f"{short(address)} is not encrypted: use https://, or allow http:// beyond loopback "
            "with allow_http=True or FAL_ALLOW_HTTP=1"
        )
    return (
        f"{short(address)} must start with https:// (http:// is allowed on loopback only): "
        "check base_url and FAL_BASE_URL"
    )
