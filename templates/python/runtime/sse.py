"""Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

from __future__ import annotations

import codecs
from collections.abc import Iterator


class EventParser:
    """Finds the events in a stream that arrives in pieces; only their data is of interest here."""

    def __init__(self) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._text = ""
        self._data: list[str] = []

    def feed(self, piece: bytes) -> Iterator[str]:
        """Yield the data of each event that `piece` completes."""
        *lines, self._text = (self._text + self._decode(piece)).split("\n")
        for line in lines:
            field, _, value = line.rstrip("\r").partition(":")
            if field == "data":
                self._data.append(value.removeprefix(" "))
            elif not line.rstrip("\r") and self._data:
                yield "\n".join(self._data)
                self._data = []
