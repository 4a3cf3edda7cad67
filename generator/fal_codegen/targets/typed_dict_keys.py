"""Keys of a `TypedDict`."""

from __future__ import annotations

import keyword
from collections.abc import Collection


def is_key(text: str, names: Collection[str]) -> bool:
    """Return whether a class can declare a key; names with two leading underscores are mangled.

    Args:
        text: The key.
        names: The names that the types of the class's keys refer to. A key would hide them.
    """
    is_name = text.isascii() and text.isidentifier() and not keyword.iskeyword(text)
    return is_name and not text.startswith("__") and text not in names
