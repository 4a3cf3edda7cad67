"""Findings about the network: what would be fetched, on which route, and whether it arrives."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Collection, Iterator
from dataclasses import replace

import httpx

from fal_codegen.diagnosis import Finding, problem
from fal_codegen.errors import CodegenError
from fal_codegen.fetch.download import Downloads, RejectedError
from fal_codegen.fetch.routes import Routes, without_password
from fal_codegen.fetch.settings import FetchSettings
from fal_codegen.paths import DECLARATION
from fal_codegen.text import counted

_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_OF_OTHER_TOOLS = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")

_SECONDS = 15.0
"""Seconds after which an address counts as not answering."""


def network(ids: Collection[str], settings: FetchSettings) -> Iterator[Finding]:
    """Yield the findings about what would be fetched and how; nothing is sent."""
    yield Finding("fetch", "ok", _plan(len(ids), settings))
    for setting, address in _addresses(settings).items():
        yield _route(setting, address, settings)
    yield _certificates()
    if base := os.environ.get("FAL_BASE_URL"):
        yield Finding("client", "ok", f"FAL_BASE_URL sends calls to {_host(base)}")


def online(settings: FetchSettings) -> Iterator[Finding]:
    """Yield whether each address answers; this sends one request to each."""
    settings = replace(settings, attempts=1, timeout=min(settings.timeout, _SECONDS))
    for setting, address in _addresses(settings).items():
        try:
            asyncio.run(_request(setting, address, settings))
        except CodegenError as error:
            yield problem(f"{setting} online", error)
        else:
            yield Finding(f"{setting} online", "ok", f"{_host(address)} answers")


def _plan(count: int, settings: FetchSettings) -> str:
    """Return what `fetch` would fetch, and from where."""
    if count == 0:
        return "nothing is declared, so nothing would be fetched"
    documents = counted(count, "document")
    if count >= settings.many and settings.are_in_catalogue:
        return f"{documents}, in batches from the catalogue ({_host(settings.catalogue)})"
    return f"{documents}, one by one from {_host(settings.url)}"


def _addresses(settings: FetchSettings) -> dict[str, str]:
    """Return the addresses that documents are fetched from, by setting."""
    return {"fetch.url": settings.url, "fetch.catalogue": settings.catalogue}


async def _request(setting: str, address: str, settings: FetchSettings) -> None:
    try:
        async with Downloads(settings) as downloads:
            await downloads.get(httpx.URL(address), setting=setting)
    except RejectedError as error:
        if error.status >= 500 or error.status in (401, 403, 407):
            raise
        # A request that names no endpoint may be rejected: the server answers.


def _route(setting: str, address: str, settings: FetchSettings) -> Finding:
    """Return the finding about the route to an address."""
    try:
        url = httpx.URL(address)
        proxy = Routes(httpx.Limits(), allow_http=settings.allow_http).route(url)
    except httpx.InvalidURL as error:
        return Finding(setting, "problem", f"not a URL: {error}", f"correct {DECLARATION}")
    except CodegenError as error:
        return problem(setting, error)
    through = f"through the proxy {without_password(proxy)}" if proxy else "directly"
    return Finding(setting, "ok", f"{_host(address)}, {through}")


def _certificates() -> Finding:
    """Return the finding about certificates; `_route` reports those that cannot be read."""
    named = [f"{name}={os.environ[name]}" for name in _CERTIFICATES if os.environ.get(name)]
    if named:
        return Finding("certificates", "ok", ", ".join(named))
    others = [name for name in _OF_OTHER_TOOLS if os.environ.get(name)]
    if others:
        return Finding(
            "certificates",
            "warning",
            f"{others[0]} is set, which fal-codegen and the generated client do not read",
            f'export SSL_CERT_FILE="${others[0]}"',
        )
    return Finding("certificates", "ok", "those of the package certifi")


def _host(address: str) -> str:
    """Return the host and port of an address, without a user name and password."""
    try:
        host = httpx.URL(address).netloc.decode("ascii", "replace").rpartition("@")[2]
    except httpx.InvalidURL:
        host = ""
    return host or "(not a URL)"
