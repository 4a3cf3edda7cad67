"""Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from io import StringIO


class EventTooLong(ValueError):
    """An event, or a line of one, is longer than the limit."""


class EventParser:
    """Parses a stream of events that arrives in pieces, and keeps only their data.

    Its work grows with the length of the stream, not with the number of pieces of a line.

    Args:
        longest: The most characters of one event.
    """

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._decode = codecs.getincrementaldecoder("utf-8-sig")("replace").decode
        self._was_cr = False
        self._line = StringIO()
        """The current line so far."""
        self._data = StringIO()
        """The data of the current event, with a line feed after each line."""

    def feed(self, piece: bytes) -> Iterator[str]:
        """Yield the data of each event that `piece` completes. Raises EventTooLong."""
        text = self._decode(piece)
        if self._was_cr and text:
            text = text.removeprefix("\n")  # of a CR LF that two pieces divide
            self._was_cr = False
        self._was_cr = self._was_cr or text.endswith("\r")
        *lines, rest = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        for end in lines:
            self._line.write(end)
            line, self._line = self._line.getvalue(), StringIO()
            yield from self._take(line)
        self._line.write(rest)
        if self._line.tell() + self._data.tell() > self._longest:
            raise EventTooLong(
                f"an event of the stream is longer than {self._longest:,} characters"
            )

    def _take(self, line: str) -> Iterator[str]:
        field, _, value = line.partition(":")
        if field == "data":
            self._data.write(f"{value.removeprefix(' ')}\n")
        elif not line and self._data.tell():
            data, self._data = self._data.getvalue(), StringIO()
            yield data.removesuffix("\n")
