"""Permission to write the body of a request, which records whether the body was asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from threading import Lock

import httpx


class Permit:
    """Permission to write one request.

    A transport needs the body to write a request, whatever it is and whatever exceptions it
    raises. It gets the body through the permit, so a permit that was never used proves that the
    server cannot have acted. A permit that was withdrawn keeps a transport that is still
    connecting, in a thread that nobody waits for, from writing later.

    Args:
        on_use: Called right before the body is handed over.
    """

    def __init__(self, on_use: Callable[[], object]) -> None:
        self._on_use = on_use
        self._lock = Lock()
        self._is_used = self._is_withdrawn = False

    def use(self) -> None:
        """Allow the body to be read. Raises RuntimeError if the permit was withdrawn."""
        with self._lock:
            if self._is_withdrawn:
                raise RuntimeError("nobody waits for this request any more, so it is not sent")
            if not self._is_used:
                self._on_use()
            self._is_used = True

    def withdraw(self) -> bool:
        """Allow nothing from now on, and return whether the body was handed over."""
        with self._lock:
            self._is_withdrawn = True
            return self._is_used


class PermittedBody(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that a transport reads once, if it is permitted."""

    def __init__(self, permit: Permit, body: bytes) -> None:
        self._permit = permit
        self._body = body
        self._is_read = False

    def __iter__(self) -> Iterator[bytes]:
        yield self._read()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._read()

    def _read(self) -> bytes:
        if self._is_read:  # by a transport that sends a request again
            raise httpx.StreamConsumed
        self._is_read = True
        self._permit.use()
        return self._body
