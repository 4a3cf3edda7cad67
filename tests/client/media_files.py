"""Small media files, or their headers, with the facts that a limit can be about."""

from __future__ import annotations

import io
import struct
import wave


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII9x", 13, b"IHDR", width, height)


def gif(width: int, height: int) -> bytes:
    return b"GIF89a" + struct.pack("<HH3x", width, height)


def webp(width: int, height: int) -> bytes:
    size = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    return b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X" + struct.pack("<I4x", 10) + size


def jpeg(width: int, height: int, *, orientation: int = 1, padding: int = 0) -> bytes:
    """Return a JPEG image whose size follows `padding` empty segments."""
    tiff = b"MM\0*" + struct.pack(">IHHHIHxxI", 8, 1, 0x112, 3, 1, orientation, 0)
    exif = _segment(0xE1, b"Exif\0\0" + tiff)
    frame = _segment(0xC0, struct.pack(">BHHB9x", 8, height, width, 3))
    return b"\xff\xd8" + exif + _segment(0xE2, b"") * padding + frame + b"\xff\xd9"


def _segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def mp4(seconds: float, *, brand: bytes = b"isom", padding: int = 0) -> bytes:
    """Return an MP4 video whose duration follows `padding` empty boxes."""
    header = struct.pack(">12xII80x", 1000, round(seconds * 1000))
    movie = atom(b"moov", atom(b"mvhd", header)) + atom(b"mdat", bytes(round(seconds * 500)))
    return atom(b"ftyp", brand + b"\0\0\2\0") + atom(b"free", b"") * padding + movie


def atom(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content) + 8, name) + content


def wav(seconds: float) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(1)
        written.setframerate(8000)
        written.writeframes(bytes(round(seconds * 8000)))
    return file.getvalue()
