"""Downloads with limits of size, time, attempts and concurrency."""

from __future__ import annotations

import asyncio
import email.utils
import random
import time
import zlib
from collections.abc import Mapping
from types import TracebackType

import httpx

from fal_codegen.errors import CodegenError, FetchError
from fal_codegen.fetch.routes import NoCookies, Routes
from fal_codegen.fetch.settings import FetchSettings

_RETRIED = frozenset({429, 500, 502, 503, 504})
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "gzip"}
_FIRST_PAUSE = 0.25
_LONGEST_PAUSE = 30.0


class RejectedError(FetchError):
    """A server rejected a request.

    Attributes:
        status: The status of the response; 413 if the response is larger than allowed.
    """

    def __init__(self, message: str, *, status: int, hint: str) -> None:
        super().__init__(message, hint=hint)
        self.status = status


class Downloads:
    """Downloads that share connections and a limit on how many are under way.

    Args:
        settings: Limits and retries.
    """

    def __init__(self, settings: FetchSettings) -> None:
        self._settings = settings
        self._bound = asyncio.Semaphore(settings.concurrency)
        limits = httpx.Limits(max_connections=settings.concurrency)
        self._client = httpx.AsyncClient(
            transport=Routes(limits, allow_http=settings.allow_http),
            cookies=NoCookies(),
            follow_redirects=True,
            timeout=20,
        )

    async def __aenter__(self) -> Downloads:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._client.aclose()

    async def get(
        self, url: httpx.URL, *, setting: str, headers: Mapping[str, str] | None = None
    ) -> bytes:
        """Return the body of a response.

        A temporary failure is retried: after the time that the server asks for, or after growing
        pauses. `Authorization` does not follow a redirect to another origin.

        Args:
            url: The URL.
            setting: Name of the setting that the URL comes from, for hints.
            headers: Further headers of the request.

        Raises:
            RejectedError: The status is not 200, or the response is too large.
            FetchError: There was no complete response in time.
        """
        where = shown(url)
        async with self._bound:
            try:
                # Python 3.10 has no asyncio.timeout.
                return await asyncio.wait_for(
                    self._try(url, setting, {**_HEADERS, **(headers or {})}), self._settings.timeout
                )
            except CodegenError:
                raise
            except asyncio.TimeoutError as error:
                raise FetchError(
                    f"no complete response from {where} within {self._settings.timeout:g} seconds",
                    hint="try again, or raise fetch.timeout in specs/endpoints.toml",
                ) from error
            except (httpx.HTTPError, zlib.error) as error:
                raise FetchError(
                    f"no complete response from {where}: {str(error) or type(error).__name__}",
                    hint=f"check the connection and {setting} in specs/endpoints.toml",
                ) from error
            except Exception as error:  # such as a redirect to an invalid port
                cause = getattr(error, "exceptions", (error,))[0]  # of a group, the first
                raise FetchError(f"could not be fetched: {cause}") from error

    async def _try(self, url: httpx.URL, setting: str, headers: Mapping[str, str]) -> bytes:
        for attempt in range(1, self._settings.attempts + 1):
            is_last = attempt == self._settings.attempts
            try:
                async with self._client.stream("GET", url, headers=headers) as response:
                    if response.status_code == 200:
                        return await self._body(response)
                    if is_last or response.status_code not in _RETRIED:
                        raise _rejected(response, setting)
                    pause = _pause(attempt, response.headers)
            except (httpx.HTTPError, zlib.error):
                if is_last:
                    raise
                pause = _pause(attempt, {})
            await asyncio.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    async def _body(self, response: httpx.Response) -> bytes:
        # httpx would decompress a small bomb into memory as a whole.
        encoding = response.headers.get("content-encoding", "identity").lower()
        if encoding not in ("identity", "gzip"):
            raise FetchError(
                f"the response has a content encoding that was not requested: {encoding[:80]}"
            )
        unpack = zlib.decompressobj(wbits=31)  # of gzip
        data = bytearray()
        async for chunk in response.aiter_raw():
            room = self._settings.max_bytes + 1 - len(data)
            data += unpack.decompress(chunk, room) if encoding == "gzip" else chunk
            if len(data) > self._settings.max_bytes:
                raise RejectedError(
                    f"the response is larger than {self._settings.max_bytes} bytes",
                    status=413,
                    hint="check the address, or raise fetch.max_bytes in specs/endpoints.toml",
                )
        if encoding == "gzip" and not unpack.eof:
            raise zlib.error("the compressed response is incomplete")
        return bytes(data)


def shown(url: httpx.URL) -> httpx.URL:
    """Return a URL for a message, without the parts that may hold a password or a token."""
    return url.copy_with(userinfo=b"", query=None, fragment=None)


def _rejected(response: httpx.Response, setting: str) -> RejectedError:
    status = response.status_code
    where = shown(response.url)
    return RejectedError(
        f"{where} answered {status} {response.reason_phrase}".rstrip(),
        status=status,
        hint="try again later"
        if status in _RETRIED
        else f"check {setting} in specs/endpoints.toml",
    )


def _pause(attempt: int, headers: Mapping[str, str]) -> float:
    """Return the seconds to wait: as the server asks, or a growing time with jitter."""
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
