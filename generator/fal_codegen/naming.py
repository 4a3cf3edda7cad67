"""Names: identifiers from text of documents, by rules that depend on nothing but the text.

1. Each run of characters other than ASCII letters and digits becomes one underscore. Underscores at
   either end are removed.
2. A name that starts with a digit gets the prefix `n`: `14b` becomes `n14b`.
3. A reserved name gets a trailing underscore.
4. If several texts result in the same name, the text with the closest spelling keeps it, and each
   other one gets six digits of its own hash. Names never depend on the order of the texts.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Mapping

_SEPARATORS = re.compile(r"[^A-Za-z0-9]+")


def identifier(text: str) -> str:
    """Return text as an identifier (rules 1 and 2); `unnamed` if nothing is left of it."""
    name = _SEPARATORS.sub("_", text).strip("_")
    if not name:
        return "unnamed"
    return f"n{name}" if name[0].isdigit() else name


def class_name(text: str) -> str:
    """Return text as a class name: `image-to-video` becomes `ImageToVideo`.

    An underscore between digits is kept, so that `v2.2` (`V2_2`) and `v22` (`V22`) differ.
    """
    words = identifier(text).split("_")
    name = ""
    for word in words:
        joint = "_" if name[-1:].isdigit() and word[0].isdigit() else ""
        name += joint + word[0].upper() + word[1:]
    return name


def unique(
    texts: Mapping[str, str], *, taken: Collection[str], form: Callable[[str], str]
) -> dict[str, str]:
    """Return a unique name for each key that is not reserved (rules 3 and 4).

    Args:
        texts: The text of each name, by a stable key.
        taken: Reserved names.
        form: Returns the name of a text: `identifier` or `class_name`.
    """
    groups: dict[str, list[str]] = {}
    for key, text in texts.items():
        name = form(text)
        groups.setdefault(f"{name}_" if name in taken else name, []).append(key)
    names: dict[str, str] = {}
    for name, keys in groups.items():
        keeper = keys[0]
        if len(keys) > 1:
            keeper = min(keys, key=lambda key: (_distance(texts[key], name), key))
        names[keeper] = name
        for key in keys:
            if key != keeper:
                names[key] = _with_hash(name, key, taken=groups)
    return names


def _distance(text: str, name: str) -> int:
    return 0 if text == name else 1 if text.replace("-", "_") == name else 2


def _with_hash(name: str, key: str, *, taken: Collection[str]) -> str:
    digits = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
    for length in range(6, len(digits)):
        if f"{name}_{digits[:length]}" not in taken:
            return f"{name}_{digits[:length]}"
    return f"{name}_{digits}"
