"""Renames: which of the names that are gone came back as one of those that are new."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from difflib import SequenceMatcher

MAX_NAMES = 50
"""Names that are gone, or new, above which an object is another one; no genuine one has as many."""

_CLOSE = 0.75
"""How much of two names has to be the same (see `difflib`) for them to be close."""

_OPPOSITES = (
    ({"min", "minimum", "least", "lower"}, {"max", "maximum", "most", "upper"}),
    ({"start", "first", "begin", "head"}, {"end", "last", "tail"}),
    ({"input", "in", "source", "src"}, {"output", "out", "target", "dst"}),
    ({"enable", "enabled"}, {"disable", "disabled"}),
    ({"width", "x", "horizontal"}, {"height", "y", "vertical"}),
    ({"left"}, {"right"}),
    ({"top"}, {"bottom"}),
    ({"before", "previous", "prev"}, {"after", "next"}),
)
"""Words of which one names another thing than the other."""

_TURNING = frozenset({"negative", "mask", "no", "not", "without", "disable", "disabled"})
"""Words that make another thing of what they are added to, such as `negative_prompt`."""


def renamed(
    gone: Collection[str], new: Collection[str], may_be: Callable[[str, str], bool]
) -> dict[str, str]:
    """Return the new name of each name that was probably renamed.

    A name with several candidates on either side is not among them: it could be any of these.

    Args:
        gone: Names that are no longer there.
        new: Names that were not there before.
        may_be: Whether a name may have become another.
    """
    if max(len(gone), len(new)) > MAX_NAMES:
        return {}
    pairs = [(old, now) for old in gone for now in new if may_be(old, now)]
    olds, nows = [old for old, _ in pairs], [now for _, now in pairs]
    return {old: now for old, now in pairs if olds.count(old) == nows.count(now) == 1}


def are_close(one: str, other: str) -> bool:
    """Return whether two names look like names of the same thing: `image` and `image_url` do.

    Names that differ in a number name different things, such as `image_1` and `image_2`.
    """
    a, b = _words(one), _words(other)
    if _numbers(a) != _numbers(b) or are_opposed(one, other):
        return False
    if (set(a) <= set(b) or set(b) <= set(a)) and abs(len(a) - len(b)) <= 1:
        return True
    return SequenceMatcher(None, "".join(a), "".join(b)).ratio() >= _CLOSE


def are_opposed(one: str, other: str) -> bool:
    """Return whether two names surely name different things: `min_value` and `max_value` do."""
    a, b = set(_words(one)), set(_words(other))
    if a & _TURNING != b & _TURNING:
        return True
    a, b = a - b, b - a
    return any((a & left and b & right) or (a & right and b & left) for left, right in _OPPOSITES)


def are_respelled(one: str, other: str) -> bool:
    """Return whether two texts differ only in case and in how their words are set apart."""
    return one != other and "".join(_words(one)) == "".join(_words(other)) != ""


def _words(name: str) -> list[str]:
    """Return the words of a name in small letters, however they are set apart."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return re.findall(r"[^\W_]+", apart.lower())


def _numbers(words: list[str]) -> list[str]:
    return re.findall(r"\d+", " ".join(words))
