"""Fetch: endpoints' documents from fal, concurrently, each failure told apart.

Addresses and answers as published by fal: one document per endpoint, no key, 404 for an endpoint
that is unknown or retired.
"""

from __future__ import annotations

import asyncio
import email.utils
import random
import time
import zlib
from collections.abc import Callable, Mapping, Sequence

import httpx

from fal_codegen.declaration import FetchSettings
from fal_codegen.errors import CodegenError, FetchError
from fal_codegen.read import Document, read

_RETRIED = frozenset({429, 500, 502, 503, 504})
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "gzip"}
_FIRST_PAUSE = 0.25
_LONGEST_PAUSE = 30.0

OnDone = Callable[[str], None]


def fetch(
    ids: Sequence[str], settings: FetchSettings, on_done: OnDone = lambda _: None
) -> dict[str, Document | CodegenError]:
    """Fetch the documents of endpoints.

    Args:
        ids: Endpoint ids.
        settings: Address, limits and retries.
        on_done: Called with each id when it is done, whichever way.

    Returns:
        For each id, in the order given, its document or why there is none.
    """
    return asyncio.run(_fetch_all(ids, settings, on_done))


def source_url(settings: FetchSettings, endpoint_id: str) -> str:
    """Return the address of an endpoint's document."""
    return str(httpx.URL(settings.url).copy_merge_params({"endpoint_id": endpoint_id}))


async def _fetch_all(
    ids: Sequence[str], settings: FetchSettings, on_done: OnDone
) -> dict[str, Document | CodegenError]:
    bound = asyncio.Semaphore(settings.concurrency)
    limits = httpx.Limits(max_connections=settings.concurrency)
    async with httpx.AsyncClient(limits=limits, follow_redirects=True, timeout=20) as client:

        async def one(endpoint_id: str) -> Document | CodegenError:
            async with bound:
                try:
                    return await _fetch_one(client, endpoint_id, settings)
                except CodegenError as error:
                    return error
                except Exception as error:  # such as a redirect to a port that cannot be
                    cause = getattr(error, "exceptions", (error,))[0]  # of a group, the first
                    return FetchError(f"could not be fetched: {cause}", endpoint=endpoint_id)
                finally:
                    on_done(endpoint_id)

        return dict(zip(ids, await asyncio.gather(*map(one, ids)), strict=True))


async def _fetch_one(
    client: httpx.AsyncClient, endpoint_id: str, settings: FetchSettings
) -> Document:
    try:
        url = source_url(settings, endpoint_id)
    except httpx.InvalidURL as error:
        raise FetchError(
            f"{settings.url} is not an address: {error}",
            endpoint=endpoint_id,
            hint="correct fetch.url in specs/endpoints.toml",
        ) from error
    try:
        # asyncio.timeout would be shorter, and is not in Python 3.10.
        data = await asyncio.wait_for(
            _download(client, url, endpoint_id, settings), settings.timeout
        )
    except asyncio.TimeoutError as error:
        raise FetchError(
            f"no document within {settings.timeout:g} seconds from {url}",
            endpoint=endpoint_id,
            hint="try again, or raise fetch.timeout in specs/endpoints.toml",
        ) from error
    return read(data, expect=endpoint_id)


async def _download(
    client: httpx.AsyncClient, url: str, endpoint_id: str, settings: FetchSettings
) -> bytes:
    for attempt in range(1, settings.attempts + 1):
        is_last = attempt == settings.attempts
        try:
            async with client.stream("GET", url, headers=_HEADERS) as response:
                if response.status_code in _RETRIED and not is_last:
                    pause = _pause(attempt, response.headers)
                elif response.status_code == 200:
                    return await _body(response, endpoint_id, settings)
                else:
                    raise _refused(response, endpoint_id)
        except (httpx.HTTPError, zlib.error) as error:
            if is_last:
                raise FetchError(
                    f"no complete answer from {url}: {str(error) or type(error).__name__}",
                    endpoint=endpoint_id,
                    hint="check the connection and fetch.url in specs/endpoints.toml",
                ) from error
            pause = _pause(attempt, {})
        await asyncio.sleep(pause)
    raise AssertionError("the last attempt returns or raises")


async def _body(response: httpx.Response, endpoint_id: str, settings: FetchSettings) -> bytes:
    # Decompressed here and not by httpx, which has the whole of a small bomb in memory first.
    encoding = response.headers.get("content-encoding", "identity").lower()
    if encoding not in ("identity", "gzip"):
        raise FetchError(
            f"the answer is compressed in a way that was not asked for: {encoding[:80]}",
            endpoint=endpoint_id,
        )
    unpack = zlib.decompressobj(wbits=31)  # of gzip
    data = bytearray()
    async for chunk in response.aiter_raw():
        room = settings.max_bytes + 1 - len(data)
        data += unpack.decompress(chunk, room) if encoding == "gzip" else chunk
        if len(data) > settings.max_bytes:
            raise FetchError(
                f"the document is larger than {settings.max_bytes} bytes",
                endpoint=endpoint_id,
                hint="check the address, or raise fetch.max_bytes in specs/endpoints.toml",
            )
    return bytes(data)


def _refused(response: httpx.Response, endpoint_id: str) -> FetchError:
    status = response.status_code
    if status == 404:
        return FetchError(
            "fal has no such endpoint: the id is unknown, or the endpoint was retired",
            endpoint=endpoint_id,
            hint="check the id on fal.ai",
        )
    return FetchError(
        f"{response.url} answered {status} {response.reason_phrase}".rstrip(),
        endpoint=endpoint_id,
        hint="try again later" if status in _RETRIED else "check fetch.url in specs/endpoints.toml",
    )


def _pause(attempt: int, headers: Mapping[str, str]) -> float:
    """Return the seconds to wait: what the server asks for, or a growing, jittered time."""
    asked = _retry_after(headers.get("retry-after", ""))
    grown = _FIRST_PAUSE * 2 ** (attempt - 1) * random.uniform(0.8, 1.2)
    return min(_LONGEST_PAUSE, grown if asked is None else max(0.0, asked))


def _retry_after(value: str) -> float | None:
    if value.isdecimal():
        return float(value)
    try:
        return email.utils.parsedate_to_datetime(value).timestamp() - time.time()
    except (ValueError, OverflowError):
        return None
