"""Sample names of files."""

from __future__ import annotations

import re

__all__ = ["extension_for", "file_name"]

_EXTENSIONS = {"image": "png", "video": "mp4", "audio": "mp3", "mask": "png", "zip": "zip"}
"""Extension of a file, by a word in the name of its property."""


def extension_for(name: str) -> str | None:
    """Return the extension of the file that a property takes or has; None if it is unknown."""
    return next((extension for word, extension in _EXTENSIONS.items() if word in name), None)


def file_name(name: str) -> str:
    """Return a name for the file that a property takes: `image.png` for `image_url`."""
    words = name.removesuffix("s").removesuffix("_url") or "file"
    stem = re.sub("[^A-Za-z0-9]+", "-", words).strip("-") or "file"
    return f"{stem}.{extension_for(words) or 'bin'}"
