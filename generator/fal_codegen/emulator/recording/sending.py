"""Send an answer to the caller of a recorder or of recordings: whole, cut, or in parts."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.types import Send

from fal_codegen.emulator.recording.recordings import Ending

__all__ = ["content_length", "end", "part", "start"]


def content_length(status: int, size: int, ending: Ending) -> list[tuple[str, str]]:
    """Return the header for a body of some bytes, if an answer with this status has one."""
    # One byte more than there is makes the caller notice that the answer was cut.
    return [] if status in (204, 304) else [("content-length", str(size + (ending == "cut")))]


async def start(send: Send, status: int, headers: Iterable[tuple[str, str]]) -> None:
    """Send the status and the headers."""
    pairs = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    await send({"type": "http.response.start", "status": status, "headers": pairs})


async def part(send: Send, content: bytes) -> None:
    """Send a part of the body."""
    await send({"type": "http.response.body", "body": content, "more_body": True})


async def end(send: Send) -> None:
    """End the body."""
    await send({"type": "http.response.body", "body": b""})
