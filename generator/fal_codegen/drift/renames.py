"""Probable renames: which removed name became which added name."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from difflib import SequenceMatcher

MAX_NAMES = 50
"""Removed or added names above which no rename is assumed; genuine objects have fewer."""

_CLOSE = 0.75
"""The minimum ratio (see `difflib`) of close names."""

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
"""Words with opposite meanings."""

_TURNING = frozenset({"negative", "mask", "no", "not", "without", "disable", "disabled"})
"""Words that reverse the meaning of a name, as in `negative_prompt`."""


def renamed(
    removed: Collection[str], added: Collection[str], may_be: Callable[[str, str], bool]
) -> dict[str, str]:
    """Return the new name of each name that was probably renamed.

    A name with several candidates on either side is ambiguous and is left out.

    Args:
        removed: The removed names.
        added: The added names.
        may_be: Returns whether a removed name may have become an added one.
    """
    if max(len(removed), len(added)) > MAX_NAMES:
        return {}
    pairs = [(old, now) for old in removed for now in added if may_be(old, now)]
    olds, nows = [old for old, _ in pairs], [now for _, now in pairs]
    return {old: now for old, now in pairs if olds.count(old) == nows.count(now) == 1}


def are_close(one: str, other: str) -> bool:
    """Return whether two names look related, as `image` and `image_url` do.

    Names that differ in a number, such as `image_1` and `image_2`, are unrelated.
    """
    a, b = _words(one), _words(other)
    if _numbers(a) != _numbers(b) or are_opposed(one, other):
        return False
    if (set(a) <= set(b) or set(b) <= set(a)) and abs(len(a) - len(b)) <= 1:
        return True
    return SequenceMatcher(None, "".join(a), "".join(b)).ratio() >= _CLOSE


def are_opposed(one: str, other: str) -> bool:
    """Return whether two names have opposite meanings, as `min_value` and `max_value` do."""
    a, b = set(_words(one)), set(_words(other))
    if a & _TURNING != b & _TURNING:
        return True
    a, b = a - b, b - a
    return any((a & left and b & right) or (a & right and b & left) for left, right in _OPPOSITES)


def are_respelled(one: str, other: str) -> bool:
    """Return whether two strings differ only in case and word separators."""
    return one != other and "".join(_words(one)) == "".join(_words(other)) != ""


def _words(name: str) -> list[str]:
    """Return the words of a name in lower case, without separators."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return re.findall(r"[^\W_]+", apart.lower())


def _numbers(words: list[str]) -> list[str]:
    return re.findall(r"\d+", " ".join(words))
