"""Clients whose HTTP client is given: a function answers, without a socket."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator

import httpx
from fal_endpoints import Fal, File
from fal_endpoints._runtime.tuning import DEFAULTS, Tuning

from .collage import Collage
from .tuned import tuned_client

CONTENT = os.urandom(300_000)

FILES = "https://files.test"

Answers = Callable[[httpx.Request], httpx.Response]


class Pieces(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that comes in pieces. A function among them is called, and may break it off."""

    def __init__(self, *pieces: bytes | Callable[[], object]) -> None:
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            if isinstance(piece, bytes):
                yield piece
            else:
                piece()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece


def cut() -> None:
    """Break a body off."""
    raise httpx.ReadError("cut")


def client_of(answer: Answers, key: str = "key", tuning: Tuning = DEFAULTS) -> Fal:
    """Return a client of fal itself, whose requests `answer` gets."""
    transport = httpx.MockTransport(answer)
    return tuned_client(
        tuning,
        key=key,
        http_client=httpx.Client(transport=transport),
        async_http_client=httpx.AsyncClient(transport=transport),
    )


def file_of(answer: Answers, path: str = "/a/video.mp4", key: str = "key") -> File:
    """Return a result's file, which `answer` serves."""

    def everything(request: httpx.Request) -> httpx.Response:
        if str(request.url).startswith(FILES):
            return answer(request)
        if "/status" in request.url.path:
            return httpx.Response(200, json={"status": "COMPLETED"})
        return httpx.Response(200, json={"image": {"url": f"{FILES}{path}"}, "width": 1})

    return Collage(client_of(everything, key)).handle("1").result().image


class Server:
    """Serves ranges of a content, the first answers cut off."""

    def __init__(self, content: bytes, headers: dict[str, str], cuts: int = 1) -> None:
        self.content, self.headers, self.cuts = content, headers, cuts
        self.ranges: list[tuple[str | None, str | None]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        asked = request.headers.get("range")
        self.ranges.append((asked, request.headers.get("if-range")))
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        total = len(self.content)
        headers = {**self.headers, "Content-Length": str(total - start)}
        if asked:
            headers["Content-Range"] = f"bytes {start}-{total - 1}/{total}"
        if len(self.ranges) <= self.cuts:
            body = Pieces(self.content[start : start + 100_000], cut)
        else:
            body = Pieces(self.content[start:])
        return httpx.Response(206 if asked else 200, headers=headers, stream=body)
