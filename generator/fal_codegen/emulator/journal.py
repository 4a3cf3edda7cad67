"""The requests that the emulator received, in order, for a test to read."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fal_codegen.emulator.limits import Limits

__all__ = ["Journal", "JournalEntry", "JournalMiddleware", "entry_of"]

_BODY_KEPT = 1 << 20
"""Bytes of a request body that are kept; the file store has whole uploads."""

_SIZE_OF_ENTRY = 2048
"""Bytes that an entry counts for besides its strings: the memory that Python needs for it."""


@dataclass
class JournalEntry:
    """One request, and the status of its answer."""

    method: str
    """`MESSAGE` for an input on a realtime connection."""
    host: str
    path: str
    """Always with the emulator's prefix (`/queue/…`), whichever host was called."""
    query: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes = b""
    """Its first MiB."""
    operation: str | None = None
    """`submit`, `status`, …; None for a path that fal does not have, such as a page of
    the playground."""
    status: int | None = None
    """None until it is answered; stays None if the connection was dropped instead."""
    is_kept: bool = True
    """Whether it is still in the journal; it may be dropped while its body arrives."""

    @property
    def size(self) -> int:
        """Its approximate size in bytes."""
        headers = sum(len(name) + len(value) for name, value in self.headers.items())
        return _SIZE_OF_ENTRY + len(self.path) + len(self.query) + headers + len(self.body)

    @property
    def json(self) -> Any:
        """The body, parsed. Raises ValueError if it is not JSON."""
        return json.loads(self.body)


class Journal:
    """Every request since the start or the last `clear`, in order of arrival.

    An entry is added before its request is answered, so a test that has an answer finds a complete
    entry. If the entries take more than 64 MiB, the oldest are dropped.
    """

    def __init__(self, budget: int = Limits.journal) -> None:
        self._budget = budget
        self._entries: deque[JournalEntry] = deque()
        self._size = 0

    def __iter__(self) -> Iterator[JournalEntry]:
        return iter(tuple(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, index: int) -> JournalEntry:
        return self._entries[index]

    def select(
        self,
        *operations: str,
        method: str | None = None,
        path: str | None = None,
        status: int | None = None,
    ) -> list[JournalEntry]:
        """Return the requests that match everything given; `path` matches anywhere in the path."""
        return [
            entry
            for entry in self
            if (not operations or entry.operation in operations)
            and (method is None or entry.method == method)
            and (path is None or path in entry.path)
            and (status is None or entry.status == status)
        ]

    def count(
        self,
        *operations: str,
        method: str | None = None,
        path: str | None = None,
        status: int | None = None,
    ) -> int:
        """Count the requests that `select` would return."""
        return len(self.select(*operations, method=method, path=path, status=status))

    def clear(self) -> None:
        """Remove every entry."""
        for entry in self._entries:
            entry.is_kept = False
        self._entries.clear()
        self._size = 0

    def add(self, entry: JournalEntry) -> None:
        """Add a request."""
        self._entries.append(entry)
        self._grow(entry.size)

    def add_body(self, entry: JournalEntry, chunk: bytes) -> None:
        """Add a part of the body of a request, up to the size that is kept."""
        kept = chunk[: max(_BODY_KEPT - len(entry.body), 0)]
        entry.body += kept
        if entry.is_kept:
            self._grow(len(kept))

    def _grow(self, size: int) -> None:
        self._size += size
        while self._size > self._budget:
            oldest = self._entries.popleft()
            oldest.is_kept = False
            self._size -= oldest.size


class JournalMiddleware:
    """ASGI middleware that records every request in a journal."""

    def __init__(self, app: ASGIApp, journal: Journal) -> None:
        self._app = app
        self._journal = journal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Record one request."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        entry = JournalEntry(
            method=scope.get("method", "GET"),
            host=headers.get("host", ""),
            path=scope["path"],
            query=scope["query_string"].decode("latin-1"),
            headers=dict(headers),
        )
        self._journal.add(entry)
        scope["state"]["entry"] = entry

        async def recording_receive() -> Message:
            message = await receive()
            if message["type"] == "http.request":
                self._journal.add_body(entry, message.get("body", b""))
            return message

        async def recording_send(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                entry.status = message["status"]
            elif message["type"] == "websocket.accept":
                entry.status = 101
            await send(message)

        await self._app(scope, recording_receive, recording_send)


def entry_of(scope: Scope) -> JournalEntry:
    """Return the journal's entry for a request."""
    entry: JournalEntry = scope["state"]["entry"]
    return entry
