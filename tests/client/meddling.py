"""HTTP clients that can be told to answer a request themselves, instead of the server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator

import httpx

from .scripted import Answer


class Meddler:
    """Answers the first request that `fits`, if it was given an answer."""

    def __init__(self) -> None:
        self.answer: Answer | None = None
        self.fits: Callable[[httpx.Request], bool] = lambda request: True

    @property
    def has_answered(self) -> bool:
        return self.answer is None

    def client(self) -> httpx.Client:
        return httpx.Client(transport=_Transport(self))

    def async_client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=_AsyncTransport(self))

    def response(self, request: httpx.Request) -> httpx.Response | None:
        answer = self.answer
        if answer is None or not self.fits(request):
            return None
        self.answer = None
        assert isinstance(answer.body, bytes)
        headers = [
            (name.encode(), value.encode("latin-1"))
            for name, value in answer.headers.items()
            if name != "set-cookie"  # these clients keep cookies, and send odd ones ever after
        ]
        return httpx.Response(answer.status, headers=headers, stream=_Body(answer.body))


class _Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    def __init__(self, content: bytes) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        yield self._content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._content


# By default, httpx and the server both close idle connections after 5 s, and a submission on a
# connection that is just being closed ends as uncertain.
_LIMITS = httpx.Limits(keepalive_expiry=1)


class _Transport(httpx.HTTPTransport):
    def __init__(self, meddler: Meddler) -> None:
        super().__init__(limits=_LIMITS)
        self._meddler = meddler

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()  # as a server has that answers
        return self._meddler.response(request) or super().handle_request(request)


class _AsyncTransport(httpx.AsyncHTTPTransport):
    def __init__(self, meddler: Meddler) -> None:
        super().__init__(limits=_LIMITS)
        self._meddler = meddler

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        return self._meddler.response(request) or await super().handle_async_request(request)
