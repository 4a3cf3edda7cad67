"""Routes: how a request gets to a host, straight or by a proxy, and whether it may go at all.

Every request of the tool goes through here, redirects too. This machine is reached straight,
whatever the proxy settings of the environment say. Another host is reached over https, or over
http if the user allowed it.
"""

from __future__ import annotations

import ipaddress
import os
import urllib.request
from http.cookiejar import CookieJar

import httpx

from fal_codegen.errors import FetchError, UsageError

ALLOW_HTTP = "FAL_ALLOW_HTTP"
"""The variable that allows http:// to other hosts than this machine."""


class NoCookies(CookieJar):
    """A jar that keeps nothing: answers cannot change later requests, or make them fail."""

    def extract_cookies(self, response: object, request: object) -> None:
        """Take nothing out of an answer."""

    def add_cookie_header(self, request: object) -> None:
        """Put nothing into a request."""


class Routes(httpx.AsyncBaseTransport):
    """The way to each host.

    Args:
        limits: Bounds on connections.
        allow_http: Whether http:// to other hosts than this machine is allowed.

    Raises:
        UsageError: The certificates that the environment names cannot be read.
    """

    _transports: dict[str | None, httpx.AsyncHTTPTransport]

    def __init__(self, limits: httpx.Limits, *, allow_http: bool) -> None:
        self._limits = limits
        self._allow_http = allow_http or os.environ.get(ALLOW_HTTP) == "1"
        try:
            self._transports = {None: httpx.AsyncHTTPTransport(limits=limits)}
        except OSError as error:
            names = [name for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if name in os.environ]
            raise UsageError(
                f"the certificates cannot be read: {error.strerror or error}",
                hint=f"correct or unset {' and '.join(names)}"
                if names
                else "install certifi again",
            ) from error

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request.

        Raises:
            FetchError: It would go unencrypted to another machine.
            UsageError: It would go by a proxy that cannot be used.
        """
        url = request.url
        is_here = is_this_machine(url.host)
        if url.scheme == "http" and not is_here and not self._allow_http:
            where = url.netloc.decode("ascii", "replace")
            raise FetchError(
                f"http://{where} is not encrypted, so nothing was sent",
                hint=f"use https://, or allow it: {ALLOW_HTTP}=1, or fetch.allow_http = true in "
                "specs/endpoints.toml",
            )
        proxy = None if is_here else _proxy(url)
        if proxy is not None and proxy not in self._transports:
            self._transports[proxy] = self._by(proxy)
        return await self._transports[proxy].handle_async_request(request)

    async def aclose(self) -> None:
        """Close all connections."""
        for transport in self._transports.values():
            await transport.aclose()

    def _by(self, proxy: str) -> httpx.AsyncHTTPTransport:
        try:
            if not 0 < (httpx.URL(proxy).port or 80) < 1 << 16:
                raise ValueError("there is no such port")
            return httpx.AsyncHTTPTransport(limits=self._limits, proxy=proxy)
        except (ImportError, ValueError, httpx.InvalidURL) as error:
            raise _unusable(proxy, error) from error


def is_this_machine(host: str) -> bool:
    """Return whether a host is the machine that this runs on: localhost, 127.0.0.0/8 or ::1."""
    name = host.lower().rstrip(".")
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def _proxy(url: httpx.URL) -> str | None:
    """Return the proxy that the environment, or the system, sets for an address."""
    if urllib.request.proxy_bypass(url.host if url.port is None else f"{url.host}:{url.port}"):
        return None
    proxies = urllib.request.getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    return proxy if proxy is None or "://" in proxy else f"http://{proxy}"


def _unusable(proxy: str, error: Exception) -> UsageError:
    spellings = (proxy, proxy.removeprefix("http://"))
    names = (one for one in os.environ if one.lower().endswith("_proxy"))
    name = next((one for one in names if os.environ[one] in spellings), "the system's settings")
    if isinstance(error, ImportError):
        problem = "SOCKS needs the package socksio"
        hint = "pip install 'httpx[socks]', or unset it"
    else:
        problem, hint = "it is not the address of a proxy", "correct it, or unset it"
    return UsageError(
        f"the proxy settings of the environment cannot be used ({name}={_shown(proxy)}): {problem}",
        hint=hint,
    )


def _shown(proxy: str) -> str:
    """Return the address of a proxy without the password that it may have."""
    scheme, _, rest = proxy.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"[:80]
