"""Routes: whether a request may be sent to a host, and whether directly or through a proxy.

Every request of the tool goes through here, including redirects. Loopback is reached directly,
without the proxies that the environment names. Other hosts are reached over https, or over
http if the user allows it.
"""

from __future__ import annotations

import ipaddress
import os
import re
import urllib.request
from http.cookiejar import CookieJar

import httpx

from fal_codegen.errors import FetchError, UsageError

ALLOW_HTTP = "FAL_ALLOW_HTTP"
"""The environment variable that allows http:// to hosts other than loopback."""


class NoCookies(CookieJar):
    """A cookie jar that stays empty: responses cannot change later requests, or make them fail."""

    def extract_cookies(self, response: object, request: object) -> None:
        """Ignore the cookies of a response."""

    def add_cookie_header(self, request: object) -> None:
        """Send no cookies."""


class Routes(httpx.AsyncBaseTransport):
    """A transport that chooses the route to each host.

    Args:
        limits: Bounds on connections.
        allow_http: Whether http:// to hosts other than loopback is allowed.

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
        """Send a request. Raises as `route` does."""
        proxy = self.route(request.url)
        try:
            return await self._transports[proxy].handle_async_request(request)
        except httpx.TransportError as error:
            if proxy is None:
                raise
            where = f"through the proxy {without_password(proxy)} of the environment"
            raise httpx.ProxyError(f"{where}: {str(error) or type(error).__name__}") from error

    def route(self, url: httpx.URL) -> str | None:
        """Return the proxy through which a URL is reached; None if it is reached directly.

        Raises:
            FetchError: The request would go unencrypted to another machine.
            UsageError: The proxy cannot be used.
        """
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
            self._transports[proxy] = self._through(proxy)
        return proxy

    async def aclose(self) -> None:
        """Close all connections."""
        for transport in self._transports.values():
            await transport.aclose()

    def _through(self, proxy: str) -> httpx.AsyncHTTPTransport:
        try:
            if not 0 < (httpx.URL(proxy).port or 80) < 1 << 16:
                raise ValueError("no such port")
            return httpx.AsyncHTTPTransport(limits=self._limits, proxy=proxy)
        except (ImportError, ValueError, httpx.InvalidURL) as error:
            raise _unusable(proxy, error) from error


def is_this_machine(host: str) -> bool:
    """Return whether a host is loopback: localhost, 127.0.0.0/8 or ::1."""
    name = host.lower().rstrip(".")
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def _proxy(url: httpx.URL) -> str | None:
    """Return the proxy that the environment or the system sets for a URL."""
    if urllib.request.proxy_bypass(url.host if url.port is None else f"{url.host}:{url.port}"):
        return None
    proxies = urllib.request.getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    return proxy if proxy is None or "://" in proxy else f"http://{proxy}"


def _unusable(proxy: str, error: Exception) -> UsageError:
    spellings = (proxy, proxy.removeprefix("http://"))
    names = (name for name in os.environ if name.lower().endswith("_proxy"))
    name = next((name for name in names if os.environ[name] in spellings), "(system)")
    if isinstance(error, ImportError):
        problem = "SOCKS needs the package socksio"
        hint = "pip install 'httpx[socks]', or unset the variable"
    else:
        problem, hint = "it is not the URL of a proxy", "correct or unset the variable"
    return UsageError(
        f"the proxy setting {name}={without_password(proxy)} cannot be used: {problem}",
        hint=hint,
    )


def without_password(proxy: str) -> str:
    """Return the scheme, host and port of a proxy's URL; the rest may be secret."""
    scheme, _, rest = proxy.partition("://")
    host, *_ = re.split("[/?#]", rest.rpartition("@")[2])
    return f"{scheme}://{host}"[:80]
