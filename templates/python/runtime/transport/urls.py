"""The origins of URLs."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, ip_address

import httpx


def same_origin(one: str, other: str) -> bool:
    """Return whether two URLs have the same scheme, host and port."""
    # Usually one is below the other, which is fast to see; parsing a URL is slow.
    return one.startswith(f"{other}/") or origin(one) == origin(other)


def is_url(address: str) -> bool:
    """Return whether a request can be sent to a URL."""
    return bool(origin(address)[1])


def has_credentials(address: str) -> bool:
    """Return whether a URL contains a user name or a password."""
    return "@" in address.partition("://")[2].partition("/")[0]


@lru_cache
def is_loopback(host: str) -> bool:
    """Return whether a host, as a URL names it, is this machine's own loopback."""
    host = host.lower().rstrip(".")
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost"
    mapped = None if isinstance(address, IPv4Address) else address.ipv4_mapped
    return (mapped or address).is_loopback


def origin(address: str) -> tuple[str, str, int | None]:
    """Return the scheme, host and port of a URL; empty strings and None if it is not one."""
    try:
        url = httpx.URL(address)
        return url.scheme, url.host, url.port or {"https": 443, "http": 80}.get(url.scheme)
    except (httpx.InvalidURL, ValueError):  # ValueError: characters that cannot be encoded
        return "", "", None
