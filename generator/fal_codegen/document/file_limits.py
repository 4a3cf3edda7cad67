"""The limits of a file's content, as documents annotate the URL of the file with them."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class FileLimits:
    """The limits of a file's content, by fal's names; None for each that a document omits.

    Attributes:
        max_file_size: Bytes.
        max_pixels: Width times height.
        min_aspect_ratio: Width divided by height.
        min_duration: Seconds.
    """

    max_file_size: float | None = None
    min_width: float | None = None
    max_width: float | None = None
    min_height: float | None = None
    max_height: float | None = None
    max_pixels: float | None = None
    min_aspect_ratio: float | None = None
    max_aspect_ratio: float | None = None
    min_duration: float | None = None
    max_duration: float | None = None
    min_fps: float | None = None
    max_fps: float | None = None

    def stated(self) -> dict[str, float]:
        """Return the limits that the document states."""
        every = ((name, getattr(self, name)) for name in LIMIT_NAMES)
        return {name: value for name, value in every if value is not None}

    def within(self, outer: FileLimits) -> FileLimits:
        """Return these limits, completed by those of a schema around this one."""
        return FileLimits(**(outer.stated() | self.stated()))


NO_LIMITS = FileLimits()

LIMIT_NAMES = tuple(field.name for field in fields(FileLimits))
"""fal's names for the limits of files."""
