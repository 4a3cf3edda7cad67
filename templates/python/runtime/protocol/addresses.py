"""The URLs of fal's services."""

from __future__ import annotations

import os
from typing import NamedTuple

from ..errors import ConfigurationError
from ..text import short
from ..transport.urls import is_loopback, origin

_OF_FAL = ("https://queue.fal.run", "https://fal.run", "https://rest.fal.ai")


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
    allow_http: bool = False
    """Whether URLs of hosts beyond loopback may start with http://."""

    @classmethod
    def configured(
        cls,
        base: str | None = None,
        queue: str | None = None,
        run: str | None = None,
        rest: str | None = None,
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
        )
        configured = cls(*addresses, allow_http)
        for address in addresses:
            if "@" in address.partition("://")[2].partition("/")[0]:
                # It would be shown in logs and errors, so this message leaves it out.
                raise ConfigurationError(
                    "base_url and FAL_BASE_URL must not contain a user name or password; "
                    "remove them: the API key authenticates you"
                )
            if not configured.accepts(address):
                raise ConfigurationError(_rejection(address))
        return configured

    @property
    def server(self) -> str:
        """The name of the queue's host; loopback is one host on all ports."""
        host = origin(self.queue)[1]
        return "localhost" if is_loopback(host) else host

    @property
    def are_of_fal(self) -> bool:
        """Return whether all of them are fal's own, rather than a proxy's or an emulator's."""
        return self[:3] == _OF_FAL

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
