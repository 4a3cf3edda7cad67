"""The files that results point at: made up, of one size, and such that a browser can show them.

Browsers go by what is in a picture, a video or a sound, so one kind of each stands for all.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from functools import cache
from pathlib import Path

__all__ = ["PLACEHOLDER_SIZE", "placeholder"]

PLACEHOLDER_SIZE = 65536
"""Bytes in every placeholder."""

_WIDTH, _HEIGHT = 320, 180

_RATE = 16000
"""Samples of sound per second, a byte each."""


def placeholder(name: str, content_type: str) -> bytes:
    """Return a file: its bytes depend on its name, and what it shows on its type."""
    digest = hashlib.sha256(name.encode()).digest()
    match content_type.partition("/")[0]:
        case "image" if content_type != "image/svg+xml":
            return _picture(digest)
        case "video":
            return _video(digest)
        case "audio":
            return _sound(digest)
        case _:
            return _filler(digest, PLACEHOLDER_SIZE)


def _filler(digest: bytes, size: int) -> bytes:
    return (digest * (size // len(digest) + 1))[:size]


def _picture(digest: bytes) -> bytes:
    """Return a PNG: two colours that run into each other."""
    start, end = digest[:3], digest[3:6]
    row = bytes(
        from_ + (to - from_) * x // _WIDTH
        for x in range(_WIDTH)
        for from_, to in zip(start, end, strict=True)
    )
    shape = struct.pack(">2I5B", _WIDTH, _HEIGHT, 8, 2, 0, 0, 0)
    begin = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", shape)
    picture = _chunk(b"IDAT", zlib.compress((b"\0" + row) * _HEIGHT))
    finish = _chunk(b"IEND", b"")
    room = PLACEHOLDER_SIZE - len(begin + picture + finish) - len(_chunk(b"fiLl", b""))
    return begin + _chunk(b"fiLl", _filler(digest, room)) + picture + finish


def _chunk(kind: bytes, data: bytes) -> bytes:
    checked = kind + data
    return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))


def _video(digest: bytes) -> bytes:
    """Return a WebM, always of the same pictures, with an element at its end that is void."""
    pictures = _pictures()
    room = PLACEHOLDER_SIZE - len(pictures) - 9
    return pictures + b"\xec" + (1 << 56 | room).to_bytes(8, "big") + _filler(digest, room)


@cache
def _pictures() -> bytes:
    return Path(__file__).with_name("placeholder.webm").read_bytes()


def _sound(digest: bytes) -> bytes:
    """Return a WAV: a soft tone."""
    size = PLACEHOLDER_SIZE - 44
    period = 32 + digest[0] % 32
    wave = bytes(124 + 8 * (2 * at >= period) for at in range(period))
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, _RATE, _RATE, 1, 8)
    head = struct.pack("<4sI4s", b"RIFF", size + 36, b"WAVE") + form
    return head + struct.pack("<4sI", b"data", size) + _filler(wave, size)
