"""Facts that the headers of media files state, read by the packages of the extra `media`."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from .local_file import Content, Unreadable, sniffed_type

# Only formats whose headers state the facts: the duration of most MP3 files is an estimate.
_IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_TIMED = ("video/mp4", "video/quicktime", "audio/mp4", "audio/wav")

# A header states the facts within a few reads. A hostile one may point far ahead, or in circles.
_MOST_READS = 2_000
_MOST_BYTES = 8 << 20

_LOWEST_BITRATE = 4
"""Kilobits per second that every video and audio file has."""

_LEEWAY = 1.25
"""How much larger than the file its bitrate may make it: that is an average, or rounded."""

_SWAPPED = 5
"""The first of Exif's orientations that swap the width and the height."""


@dataclass(frozen=True)
class Media:
    """The facts about a media file that its header states."""

    sizes: tuple[tuple[int, int], ...] = ()
    """The width and the height; also the other way round if Exif rotates the image."""
    duration: float | None = None
    """Seconds."""
    kind: str = "video"
    """`video` or `audio`."""


NO_MEDIA = Media()


def media_of(content: Content) -> Media:
    """Return what the header of a file states: nothing if it cannot be read.

    A file is never rejected because its header is odd or its format unknown: the server decides.
    """
    try:
        with content.reader() as read:
            return _media(_View(read, content.size))
    except Unreadable:  # the upload will report it
        return NO_MEDIA


def _media(view: _View) -> Media:
    kind = sniffed_type(view.read(16))
    view.seek(0)
    try:
        if kind in _IMAGES:
            return Media(sizes=_sizes(view))
        if kind in _TIMED:
            return Media(duration=_duration(view), kind=kind.partition("/")[0])
    except Exception:  # from a parser that gave up, or because the extra is not installed
        return NO_MEDIA
    return NO_MEDIA


def _sizes(view: _View) -> tuple[tuple[int, int], ...]:
    info = import_module("imagesize").get_info(view, dpi=False, exif_rotation=False)
    width, height = int(info.width), int(info.height)
    if width <= 0 or height <= 0:
        return ()
    is_rotated = info.rotation >= _SWAPPED
    return ((width, height), (height, width)) if is_rotated else ((width, height),)


def _duration(view: _View) -> float | None:
    tag = import_module("tinytag").TinyTag.get(file_obj=view, tags=False)
    # A recorder that writes a stream does not know its duration: it states zero, or the largest
    # number, for which the file is too small.
    duration = float(tag.duration or 0)
    smallest = duration * (tag.bitrate or _LOWEST_BITRATE) * 1000 / 8
    return duration if 0 < smallest <= _LEEWAY * view.size else None


class _View:
    """A content as the file object that a parser reads, within bounds."""

    def __init__(self, read: Callable[[int, int], bytes], size: int) -> None:
        self.size = size
        self._read = read
        self._position = 0
        self._reads_left = _MOST_READS
        self._bytes_left = _MOST_BYTES

    def read(self, size: int = -1) -> bytes:
        rest = max(self.size - self._position, 0)
        size = rest if size < 0 else min(size, rest)
        self._reads_left -= 1
        self._bytes_left -= size
        if self._reads_left < 0 or self._bytes_left < 0:
            raise OSError("the header exceeds the bounds")
        data = self._read(self._position, size)
        self._position += len(data)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.size}[whence]
        if start + offset < 0:
            raise OSError("the position is before the start")
        self._position = start + offset
        return self._position

    def tell(self) -> int:
        return self._position
