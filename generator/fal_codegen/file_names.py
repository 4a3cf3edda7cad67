"""File names that Linux, macOS and Windows all accept, and that mean the same file there."""

from __future__ import annotations

from functools import cache

from fal_codegen.text.invisible import is_visible

DEVICES = frozenset(
    [
        *("aux", "con", "conin$", "conout$", "nul", "prn"),
        *(f"{port}{number}" for port in ("com", "lpt") for number in "0123456789¹²³"),
    ]
)
"""Names of devices on Windows, in lower case; with a suffix, they still are devices."""

_SPECIAL = frozenset('<>:"|?*\\/')
_LONGEST = 255
"""Bytes of a name. Windows counts characters, and a name never has more of those than bytes."""


def is_device(name: str) -> bool:
    """Return whether Windows treats a file of this name as a device, such as `con.txt`."""
    return name.partition(".")[0].rstrip(" ").lower() in DEVICES


@cache  # most files share their folders
def problem_of(name: str) -> str | None:
    """Return why a file cannot have a name on every system, such as `is empty`; None if it can."""
    if not name or name.endswith((".", " ")):
        return "is empty, or ends with a dot or a space"
    if not is_visible(name) or not _SPECIAL.isdisjoint(name):
        return "has a character that file names cannot have everywhere"
    if is_device(name):
        return "is a device on Windows"
    if len(name.encode(errors="replace")) > _LONGEST:
        return f"is longer than {_LONGEST} bytes"
    return None
