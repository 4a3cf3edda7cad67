"""Bodies of responses, decoded within bounds: a response must not exhaust the memory."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Iterator
from math import inf

import httpx

from .io import HttpResponse, Unacceptable
from .redaction import headers_without_credentials, without_credentials

_GZIP = zlib.MAX_WBITS | 16  # zlib's name for it
_PIECE = 256 * 1024  # bytes decoded at a time


class _Decoder:
    """Decodes a body as it arrives: plain or gzip, the only encodings that are requested."""

    def __init__(self, headers: httpx.Headers, limit: float) -> None:
        encoding = headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("", "identity", "gzip", "x-gzip"):
            raise Unacceptable(f"the response's encoding, {encoding[:40]!r}, was not requested")
        self._gzip = zlib.decompressobj(_GZIP) if "gzip" in encoding else None
        self._is_cut = False
        self._left, self._limit = limit, limit

    def pieces(self, encoded: bytes) -> Iterator[bytes]:
        """Yield the decoded bytes of a piece of the body."""
        while encoded:
            piece, encoded = encoded, b""
            if self._gzip is not None:
                if self._gzip.eof:
                    self._gzip = zlib.decompressobj(_GZIP)  # gzip may consist of several parts
                try:
                    piece = self._gzip.decompress(piece, _PIECE)
                except zlib.error as error:
                    raise httpx.DecodingError(f"the response is not gzip ({error})") from error
                encoded = self._gzip.unconsumed_tail or self._gzip.unused_data
                self._is_cut = not self._gzip.eof
            self._left -= len(piece)
            if self._left < 0:
                raise Unacceptable(f"the response is longer than {self._limit:,.0f} bytes")
            if piece:
                yield piece

    def end(self) -> None:
        """Raise DecodingError if the body is not complete."""
        if self._is_cut:
            raise httpx.DecodingError("the response is incomplete")


def pieces(response: httpx.Response, limit: float = inf) -> Iterator[bytes]:
    """Yield the decoded body of a response piece by piece. Raises Unacceptable beyond `limit`."""
    if response.is_stream_consumed:  # a mock transport returned a finished response
        yield response.content
        return
    decoder = _Decoder(response.headers, limit)
    for encoded in response.iter_raw():
        yield from decoder.pieces(encoded)
    decoder.end()


async def async_pieces(response: httpx.Response, limit: float = inf) -> AsyncIterator[bytes]:
    """Yield the same on an event loop."""
    if response.is_stream_consumed:
        yield response.content
        return
    decoder = _Decoder(response.headers, limit)
    async for encoded in response.aiter_raw():
        for piece in decoder.pieces(encoded):
            yield piece
    decoder.end()


def http_response(response: httpx.Response, body: list[bytes] | None = None) -> HttpResponse:
    """Return what the protocol sees of a response; its body is streamed if it is left out."""
    reason, headers = response.reason_phrase, headers_without_credentials(response)
    content = b"".join(body or ())
    if not response.is_success:
        reason = without_credentials(reason.encode(), response.request).decode(errors="replace")
        content = without_credentials(content, response.request)
    return HttpResponse(response.status_code, reason, headers, content)
