"""Placeholders for the files of results: small and valid files of each type.

The extension of a file's name decides its type. Images have the width and height that the result
states. Most files contain their name, so that they differ from each other.
"""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

__all__ = [
    "VIDEO_SIZE",
    "Placeholder",
    "Size",
    "content_type_of",
    "extension_of_type",
    "placeholder",
]

Size = tuple[int, int]
"""Width and height, in pixels."""

VIDEO_SIZE: Size = (320, 180)
"""Width and height of every video."""

_LONGEST_MARK = 64
"""Characters of a file's name that the file contains."""

_RATE = 16000
"""Audio samples per second, one byte each."""


@dataclass(frozen=True)
class Placeholder:
    """The content of a file, and its type."""

    content: bytes
    content_type: str


@lru_cache(maxsize=64)
def placeholder(name: str, size: Size) -> Placeholder:
    """Return the file for a name; `size` applies to images."""
    kind = _KINDS.get(_extension(name))
    mark = name[-_LONGEST_MARK:].encode("utf-8", "replace")
    if kind is None:
        return Placeholder(mark, "application/octet-stream")
    return Placeholder(kind.make(mark, size), kind.content_type)


def content_type_of(name: str) -> str | None:
    """Return the content type for the name of a file; None if the extension is unknown."""
    kind = _KINDS.get(_extension(name))
    return kind.content_type if kind else None


def extension_of_type(content_type: str) -> str | None:
    """Return the extension for a content type; None if there is no placeholder of it."""
    wanted = content_type.partition(";")[0].strip().lower()
    return next((ext for ext, kind in _KINDS.items() if kind.content_type == wanted), None)


def _extension(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""


# Images -------------------------------------------------------------------------------------------


def _png(mark: bytes, size: Size) -> bytes:
    """Return a PNG with a gradient between two colours."""
    start, end = zlib.crc32(mark).to_bytes(4, "big")[:3], zlib.crc32(mark + b"2").to_bytes(4, "big")
    palette = bytes(
        from_ + (to - from_) * step // 255
        for step in range(256)
        for from_, to in zip(start, end, strict=False)
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (
            _chunk(b"IHDR", struct.pack(">2I5B", *size, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", palette),
            _chunk(b"tEXt", b"Title\0" + mark),
            _chunk(b"IDAT", _gradient(size)),
            _chunk(b"IEND", b""),
        )
    )


@lru_cache(maxsize=16)
def _gradient(size: Size) -> bytes:
    """Return the pixels of a PNG: a gradient over its palette."""
    width, height = size
    first = b"\0" + bytes(255 * x // width for x in range(width))
    same = b"\2" + bytes(width)  # each row equals the row above
    packer = zlib.compressobj(9)
    rows = packer.compress(first) + b"".join(packer.compress(same) for _ in range(height - 1))
    return rows + packer.flush()


def _chunk(kind: bytes, data: bytes) -> bytes:
    checked = kind + data
    return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))


def _jpeg(mark: bytes, size: Size) -> bytes:
    """Return a grey JPEG: each code table has one code, a 0, and a block is two codes."""
    width, height = size
    blocks = -(-width // 8) * -(-height // 8)
    whole, rest = divmod(2 * blocks, 8)
    pixels = bytes(whole) + (bytes((0xFF >> rest,)) if rest else b"")
    one_code = bytes((1, *[0] * 15))
    return b"".join(
        (
            b"\xff\xd8",
            _segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"),
            _segment(0xFE, mark),
            _segment(0xDB, b"\0" + bytes([1] * 64)),
            _segment(0xC0, struct.pack(">BHHBBBB", 8, height, width, 1, 1, 0x11, 0)),
            _segment(0xC4, b"\0" + one_code + b"\0" + b"\x10" + one_code + b"\0"),
            _segment(0xDA, b"\1\1\0\0\x3f\0"),
            pixels,
            b"\xff\xd9",
        )
    )


def _segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def _gif(mark: bytes, size: Size) -> bytes:
    """Return a GIF of one colour."""
    colour = zlib.crc32(mark).to_bytes(4, "big")[:3]
    packed = _one_colour(size[0] * size[1])
    blocks = b"".join(
        bytes((len(packed[at : at + 255]),)) + packed[at : at + 255]
        for at in range(0, len(packed), 255)
    )
    comment = b"!\xfe" + bytes((len(mark[:255]),)) + mark[:255] + b"\0"
    return b"".join(
        (
            struct.pack("<6sHHBBB", b"GIF89a", *size, 0x80, 0, 0) + colour + b"\0\0\0" + comment,
            struct.pack("<cHHHHBB", b",", 0, 0, *size, 0, 2) + blocks + b"\0;",
        )
    )


def _one_colour(pixels: int) -> bytes:
    """Return equal pixels in LZW: runs that get longer until the code table is full."""
    clear, end = 4, 5
    bits, used = clear, 3
    while pixels:
        run, width, following = 1, 3, end + 1
        while pixels and following < 4096:
            length = min(run, pixels)
            bits |= (0 if length == 1 else end + length - 1) << used
            used += width
            pixels -= length
            run += 1
            following += 1
            if following > 1 << width and width < 12:
                width += 1
        bits |= (clear if pixels else end) << used
        used += width
    return bits.to_bytes(-(-used // 8), "little")


def _webp(mark: bytes, size: Size) -> bytes:
    """Return a lossless WebP of one colour: a code with one symbol needs no bits per pixel."""
    bits, used = 0x2F, 8
    for value, width in ((size[0] - 1, 14), (size[1] - 1, 14), (0, 4), (0, 3)):
        bits, used = bits | value << used, used + width
    for symbol in (*zlib.crc32(mark).to_bytes(4, "big")[:3], 255, 0):  # green, red, blue, alpha
        bits, used = bits | (0b101 | symbol << 3) << used, used + 11
    picture = _riff_chunk(b"VP8L", bits.to_bytes(-(-used // 8), "little"))
    return _riff(b"WEBP", picture + _riff_chunk(b"note", mark))


def _svg(mark: bytes, size: Size) -> bytes:
    colour = f"#{zlib.crc32(mark) & 0xFFFFFF:06x}"
    shape = f'<rect width="100%" height="100%" fill="{colour}"/>'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{size[0]}" height="{size[1]}">'
    return f"{head}{shape}</svg>\n".encode()


# Sounds and videos --------------------------------------------------------------------------------


def _wav(mark: bytes) -> bytes:
    """Return a WAV: a soft tone."""
    period = 32 + zlib.crc32(mark) % 32
    wave = bytes(124 + 8 * (2 * at >= period) for at in range(period))
    sound = wave * (_RATE // period)
    form = struct.pack("<HHIIHH", 1, 1, _RATE, _RATE, 1, 8)
    chunks = (b"fmt ", form), (b"data", sound), (b"note", mark)
    return _riff(b"WAVE", b"".join(_riff_chunk(*chunk) for chunk in chunks))


def _riff(kind: bytes, chunks: bytes) -> bytes:
    return struct.pack("<4sI4s", b"RIFF", len(chunks) + 4, kind) + chunks


def _riff_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack("<4sI", name, len(data)) + data + b"\0" * (len(data) % 2)


def _mp3(mark: bytes) -> bytes:
    """Return an MP3: a second of silence, in frames that are 0 after the header."""
    title = b"TIT2" + struct.pack(">IH", len(mark) + 1, 0) + b"\3" + mark
    length = bytes(len(title) >> shift & 0x7F for shift in (21, 14, 7, 0))
    frame = b"\xff\xfb\x90\xc4" + bytes(413)  # MPEG-1 layer 3, 128 kbit/s, 44.1 kHz, mono
    return b"ID3\4\0\0" + length + title + frame * 38


def _webm(mark: bytes) -> bytes:
    """Return a WebM that ends with a void element."""
    return _shipped("placeholder.webm") + b"\xec" + (1 << 56 | len(mark)).to_bytes(8, "big") + mark


def _mp4(mark: bytes) -> bytes:
    """Return an MP4 that ends with a free box."""
    return _shipped("placeholder.mp4") + _free_box(mark)


def _m4a(mark: bytes) -> bytes:
    return _shipped("placeholder.m4a") + _free_box(mark)


def _free_box(mark: bytes) -> bytes:
    return struct.pack(">I4s", len(mark) + 8, b"free") + mark


def _ogg() -> bytes:
    return _shipped("placeholder.ogg")


def _flac() -> bytes:
    return _shipped("placeholder.flac")


def _shipped(name: str) -> bytes:
    return Path(__file__).with_name(name).read_bytes()


# Shapes, archives and texts -----------------------------------------------------------------------


def _glb(mark: bytes) -> bytes:
    """Return a binary glTF with an empty scene."""
    scene = _gltf(mark)
    scene += b" " * (-len(scene) % 4)
    chunk = struct.pack("<I4s", len(scene), b"JSON") + scene
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunk)) + chunk


def _gltf(mark: bytes) -> bytes:
    return json.dumps({"asset": {"version": "2.0", "copyright": mark.decode()}}).encode()


def _obj() -> bytes:
    return b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n"


def _stl(mark: bytes) -> bytes:
    corners = (0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0)
    return mark[:80].ljust(80, b"\0") + struct.pack("<I12fH", 1, *corners, 0)


def _ply() -> bytes:
    properties = b"".join(b"property float %c\n" % axis for axis in b"xyz")
    return b"ply\nformat ascii 1.0\nelement vertex 1\n" + properties + b"end_header\n0 0 0\n"


def _zip(mark: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo("placeholder.txt"), mark)
    return file.getvalue()


def _json(mark: bytes) -> bytes:
    return json.dumps({"name": mark.decode()}).encode()


def _text(mark: bytes) -> bytes:
    return mark.replace(b"\n", b" ") + b"\n"


def _csv() -> bytes:
    return b"name\nplaceholder\n"


def _vtt() -> bytes:
    return b"WEBVTT\n\n00:00.000 --> 00:01.000\nplaceholder\n"


def _srt() -> bytes:
    return b"1\n00:00:00,000 --> 00:00:01,000\nplaceholder\n"


def _safetensors(mark: bytes) -> bytes:
    head = json.dumps({"__metadata__": {"name": mark.decode()}}).encode()
    return struct.pack("<Q", len(head)) + head


@dataclass(frozen=True)
class _Kind:
    content_type: str
    make: Callable[[bytes, Size], bytes]


def _marked(content_type: str, make: Callable[[bytes], bytes]) -> _Kind:
    return _Kind(content_type, lambda mark, _: make(mark))


def _fixed(content_type: str, make: Callable[[], bytes]) -> _Kind:
    return _Kind(content_type, lambda *_: make())


_KINDS = {
    "png": _Kind("image/png", _png),
    "jpg": _Kind("image/jpeg", _jpeg),
    "jpeg": _Kind("image/jpeg", _jpeg),
    "webp": _Kind("image/webp", _webp),
    "gif": _Kind("image/gif", _gif),
    "svg": _Kind("image/svg+xml", _svg),
    "mp4": _marked("video/mp4", _mp4),
    "m4v": _marked("video/mp4", _mp4),
    "mov": _marked("video/quicktime", _mp4),
    "webm": _marked("video/webm", _webm),
    "wav": _marked("audio/wav", _wav),
    "mp3": _marked("audio/mpeg", _mp3),
    "ogg": _fixed("audio/ogg", _ogg),
    "flac": _fixed("audio/flac", _flac),
    "m4a": _marked("audio/mp4", _m4a),
    "glb": _marked("model/gltf-binary", _glb),
    "gltf": _marked("model/gltf+json", _gltf),
    "obj": _fixed("model/obj", _obj),
    "stl": _marked("model/stl", _stl),
    "ply": _fixed("application/ply", _ply),
    "zip": _marked("application/zip", _zip),
    "json": _marked("application/json", _json),
    "txt": _marked("text/plain", _text),
    "md": _marked("text/markdown", _text),
    "csv": _fixed("text/csv", _csv),
    "vtt": _fixed("text/vtt", _vtt),
    "srt": _fixed("application/x-subrip", _srt),
    "safetensors": _marked("application/octet-stream", _safetensors),
}
"""The types of files, by extension."""
