"""The limits that an endpoint sets on the files that it accepts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from .media import Media

_LONGER = 0.5
"""Seconds by which a file may exceed the longest duration.

The duration of a file is that of its longest track, and the server may measure another one.
"""


class Violation(NamedTuple):
    """A limit that a file violates."""

    type: str
    """fal's type of the error."""
    message: str
    ctx: Mapping[str, Any]


@dataclass(frozen=True)
class FileLimits:
    """The limits of a file, as the endpoint's document states them; None for no limit.

    A local file is checked before it is uploaded: its size always, its width, height and duration
    if the extra `media` is installed and the file's header states them. The server checks the rest.
    """

    max_file_size: float | None = None
    """Bytes."""
    min_width: float | None = None
    max_width: float | None = None
    min_height: float | None = None
    max_height: float | None = None
    max_pixels: float | None = None
    """Width times height."""
    min_aspect_ratio: float | None = None
    """Width divided by height."""
    max_aspect_ratio: float | None = None
    min_duration: float | None = None
    """Seconds."""
    max_duration: float | None = None
    min_fps: float | None = None
    """Frames per second; only the server checks them."""
    max_fps: float | None = None

    def needs_header(self) -> bool:
        """Return whether there are limits other than that of the size in bytes."""
        return self != FileLimits(max_file_size=self.max_file_size)

    def violations(self, size: int, media: Media) -> list[Violation]:
        """Return the limits that a file violates, by its size in bytes and its header."""
        # A server may rotate the image or not.
        of_sizes = (list(self._of_size(*each)) for each in media.sizes)
        found = min(of_sizes, key=len, default=list[Violation]())
        if _is_above(size, self.max_file_size):
            message = f"has {size} bytes, but may have at most {self.max_file_size}"
            found.append(Violation("file_too_large", message, {"max_size": self.max_file_size}))
        if media.duration is not None:
            found += self._of_duration(media.duration, media.kind)
        return found

    def _of_size(self, width: int, height: int) -> Iterator[Violation]:
        is_small = _is_below(width, self.min_width) or _is_below(height, self.min_height)
        is_large = _is_above(width, self.max_width) or _is_above(height, self.max_height)
        size = f"is {width} x {height} pixels"
        if is_small:
            ctx = _stated(min_width=self.min_width, min_height=self.min_height)
            yield Violation("image_too_small", f"{size}, but should be at least {_size(ctx)}", ctx)
        if is_large:
            ctx = _stated(max_width=self.max_width, max_height=self.max_height)
            yield Violation("image_too_large", f"{size}, but may be at most {_size(ctx)}", ctx)
        elif _is_above(width * height, self.max_pixels):
            message = f"{size}, but may have at most {self.max_pixels} pixels in all"
            yield Violation("image_too_large", message, {"max_pixels": self.max_pixels})
        ratio, least, most = width / height, self.min_aspect_ratio, self.max_aspect_ratio
        if _is_below(ratio, least) or _is_above(ratio, most):
            ctx = _stated(min_aspect_ratio=least, max_aspect_ratio=most)
            limits = " and ".join(
                f"at {word} {limit}"
                for word, limit in (("least", least), ("most", most))
                if limit is not None
            )
            message = f"{size}, but its width divided by its height should be {limits}"
            yield Violation("aspect_ratio", message, ctx)

    def _of_duration(self, duration: float, kind: str) -> Iterator[Violation]:
        least, most = self.min_duration, self.max_duration
        lasts = f"lasts {duration:.2f} seconds"
        if least is not None and duration < least:
            message = f"{lasts}, but should last at least {least}"
            yield Violation(f"{kind}_duration_too_short", message, {"min_duration": least})
        if most is not None and duration > most + _LONGER:
            message = f"{lasts}, but may last at most {most}"
            yield Violation(f"{kind}_duration_too_long", message, {"max_duration": most})


def _is_below(value: float, limit: float | None) -> bool:
    return limit is not None and value < limit


def _is_above(value: float, limit: float | None) -> bool:
    return limit is not None and value > limit


def _stated(**limits: float | None) -> dict[str, float]:
    return {name: limit for name, limit in limits.items() if limit is not None}


def _size(limits: Mapping[str, float]) -> str:
    """Return the limits of a width and a height in words."""
    words = (f"{limit} in {name.partition('_')[2]}" for name, limit in limits.items())
    return " and ".join(words)
