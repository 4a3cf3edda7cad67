"""HTTP clients, opened with the settings that this package needs."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager
from functools import cache
from ssl import SSLContext
from urllib.request import getproxies

import httpx

from ..errors import ConfigurationError

# A job must never wait for the connection of another job.
# An idle connection is closed before the server closes it (many do after 5 s): a submission on a
# connection that is just being closed ends as uncertain.
_LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=100, keepalive_expiry=4.0)


class _NoCookies(httpx.Cookies):
    """Cookies that stay empty: no response changes a later request."""

    def extract_cookies(self, response: httpx.Response) -> None:
        """Keep no cookie. A jar whose policy rejects all of them parses each response first."""


class _WithoutCookies:
    """Makes an HTTP client ignore cookies."""

    @property
    def cookies(self) -> httpx.Cookies:
        return _NO_COOKIES

    @cookies.setter
    def cookies(self, cookies: object) -> None:
        pass


_NO_COOKIES = _NoCookies()


class _Client(_WithoutCookies, httpx.Client):
    pass


class _AsyncClient(_WithoutCookies, httpx.AsyncClient):
    pass


def open_client(*, is_direct: bool) -> httpx.Client:
    """Return an HTTP client. It uses the proxies of the environment unless it is direct.

    Raises:
        ConfigurationError: The environment's settings of proxies or certificates cannot be used.
    """
    tls = tls_context()
    with _usable_proxies():
        return _Client(limits=_LIMITS, verify=tls, trust_env=not is_direct)


async def open_async_client(*, is_direct: bool) -> AsyncGenerator[httpx.AsyncClient, None]:
    """Yield an HTTP client for the running event loop."""
    # A generator, because `asyncio.run` closes open generators, which closes the pool.
    tls = tls_context()
    with _usable_proxies():
        pool = _AsyncClient(limits=_LIMITS, verify=tls, trust_env=not is_direct)
    try:
        yield pool
    finally:
        await pool.aclose()


@cache
def tls_context() -> SSLContext:
    """Return the settings of encrypted connections, with the certificates to trust."""
    # Cached, because reading the certificates takes longer than a request.
    try:
        return httpx.create_ssl_context()
    except OSError as error:  # SSLError is one too
        name = next(filter(os.getenv, ("SSL_CERT_FILE", "SSL_CERT_DIR")), "this machine")
        raise ConfigurationError(
            f"the certificates of {name} cannot be read ({error}): "
            "set SSL_CERT_FILE to a file of PEM certificates, or unset it"
        ) from error


if sys.platform != "win32":
    os.register_at_fork(
        after_in_child=tls_context.cache_clear
    )  # another thread may have been using it


@contextmanager
def _usable_proxies() -> Generator[None, None, None]:
    try:
        yield
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        socks = f"pip install '{httpx.__name__}[socks]'"
        hint = socks if isinstance(error, ImportError) else "correct it"
        raise ConfigurationError(
            f"the proxy setting {_unusable_setting()} cannot be used ({error}): {hint}, or unset it"
        ) from error


def _unusable_setting() -> str:
    """Return the name of the environment variable that httpx rejects."""
    settings = getproxies()
    for scheme in ("all", "http", "https"):
        address = settings.get(scheme)
        if address:
            try:
                httpx.HTTPTransport(
                    proxy=address if "://" in address else f"http://{address}", verify=tls_context()
                ).close()
            except (ImportError, ValueError, httpx.InvalidURL):
                return _spelling(f"{scheme}_proxy")
    return _spelling("no_proxy")


def _spelling(name: str) -> str:
    return name if name in os.environ else name.upper()
