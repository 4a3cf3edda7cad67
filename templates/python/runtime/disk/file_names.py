"""File names from URLs, made safe for every folder."""

from __future__ import annotations

import os
import re
from pathlib import Path

_LONGEST = 255  # bytes; the limit of most file systems
_LONGEST_SUFFIX = 32
_RESERVED = frozenset('<>:"/\\|?*')  # on Windows
_DEVICE = re.compile(
    r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$) *(\.|$)", re.IGNORECASE
)
_TEMPORARY = (".part", ".part.origin")
"""The suffixes of unfinished downloads."""


def name_from(path: str) -> str:
    """Return the last part of a URL's path as a file name.

    The name is not hidden, does not look like an option of a command, is not a Windows device, and
    has no characters that are special to a terminal or a file system.
    """
    name = re.split(r"[/\\]", path)[-1]
    name = "".join(char if _is_plain(char) else "_" for char in name).lstrip(" .-").rstrip(" .")
    if name.lower().endswith(_TEMPORARY):
        name += "_"
    return numbered(f"_{name}" if _DEVICE.match(name) else name or "download", 0)


def numbered(name: str, number: int) -> str:
    """Return a name with a number before its suffix, unless that is 0: `out-1.mp4`."""
    suffix = Path(name).suffix
    if len(suffix.encode()) > _LONGEST_SUFFIX:
        suffix = ""
    stem = name.removesuffix(suffix)
    end = f"-{number}{suffix}" if number else suffix
    return shortened(stem, _LONGEST - len(end.encode())) + end


def shortened(name: str, length: int) -> str:
    """Return the beginning of a name, cut to a number of bytes."""
    return os.fsencode(name)[:length].decode(errors="ignore").rstrip(" .")


def _is_plain(char: str) -> bool:
    return char.isprintable() and char not in _RESERVED
