"""Clients whose HTTP client is given: a function answers, without a socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator

import httpx
from fal_endpoints import Fal, File

from .collage import Collage

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


def client_of(answer: Answers, key: str = "key") -> Fal:
    """Return a client of fal itself, whose requests `answer` gets."""
    transport = httpx.MockTransport(answer)
    return Fal(
        key,
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
