"""Renames: which of the names that were removed probably became one of those that were added."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from difflib import SequenceMatcher

MAX_NAMES = 50
"""Names removed, or added, above which none counts as renamed; no genuine object has as many."""

_CLOSE = 0.75
"""The ratio (see `difflib`) from which on two names are close."""

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
"""Words for opposites."""

_TURNING = frozenset({"negative", "mask", "no", "not", "without", "disable", "disabled"})
"""Words that turn a name into that of another thing, as in `negative_prompt`."""


def renamed(
    removed: Collection[str], added: Collection[str], may_be: Callable[[str, str], bool]
) -> dict[str, str]:
    """Return the new name of each name that was probably renamed.

    A name with several candidates on either side is not among them, because it could be any.

    Args:
        removed: Names that are no longer there.
        added: Names that were not there before.
        may_be: Whether a name may have become another.
    """
    if max(len(removed), len(added)) > MAX_NAMES:
        return {}
    pairs = [(old, now) for old in removed for now in added if may_be(old, now)]
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
    """Return whether two names name different things, as `min_value` and `max_value` do."""
    a, b = set(_words(one)), set(_words(other))
    if a & _TURNING != b & _TURNING:
        return True
    a, b = a - b, b - a
    return any((a & left and b & right) or (a & right and b & left) for left, right in _OPPOSITES)


def are_respelled(one: str, other: str) -> bool:
    """Return whether two strings differ only in case and in how their words are separated."""
    return one != other and "".join(_words(one)) == "".join(_words(other)) != ""


def _words(name: str) -> list[str]:
    """Return the words of a name in lower case, however they are separated."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return re.findall(r"[^\W_]+", apart.lower())


def _numbers(words: list[str]) -> list[str]:
    return re.findall(r"\d+", " ".join(words))
