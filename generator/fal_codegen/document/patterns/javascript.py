"""Patterns in JavaScript: a source that matches what Rust matches and is safe to run.

fal's servers and the Python client use the regular expressions of Rust, through pydantic. Those
take linear time for every string. JavaScript backtracks, so a pattern is translated only if
backtracking cannot take long (see `backtracking`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from fal_codegen.document.patterns.backtracking import is_linear
from fal_codegen.document.patterns.parser import UnsupportedPatternError, parse
from fal_codegen.document.patterns.tree import (
    Anchor,
    Characters,
    Concatenation,
    Group,
    PatternNode,
    Repeat,
)


class Translation(NamedTuple):
    """A pattern in JavaScript.

    Attributes:
        source: The source of a `RegExp` with the flag `u`; empty if there is none.
        refusal: The repair rule (see `repairs.REPAIR_RULES`) that explains why there is none.
    """

    source: str
    refusal: str


@lru_cache
def to_javascript(pattern: str) -> Translation:
    """Translate a pattern of Rust that is only tested for a match anywhere in a string."""
    try:
        tree, is_portable = parse(pattern)
    except UnsupportedPatternError:
        is_portable = False
    if not is_portable:
        return Translation("", "unportable-pattern")
    for candidate in (tree, _shortest(tree)):
        if is_linear(candidate):
            return Translation(_source(candidate), "")
    return Translation("", "backtracking-pattern")


def _source(node: PatternNode, *, is_top: bool = True) -> str:
    match node:
        case Characters(source) | Anchor(source):
            return source
        case Concatenation(items):
            return "".join(_source(item, is_top=False) for item in items)
        case Group(options, opening):
            inner = "|".join(_source(option, is_top=False) for option in options)
            return inner if is_top else f"{opening}{inner})"
        case Repeat(body, _, _, suffix):
            return _source(body, is_top=False) + suffix


def _shortest(tree: Group) -> Group:
    """Return the pattern without optional repetitions at its ends.

    A string that matches `a+b` also matches `ab`, because a match may start anywhere. The shorter
    pattern spares JavaScript from trying every start in a long run.
    """
    return Group(tuple(map(_shorter, tree.options)))


def _shorter(option: PatternNode) -> PatternNode:
    items: list[PatternNode] = list(option.items) if isinstance(option, Concatenation) else [option]
    for end in (0, -1):
        while items and isinstance(item := items[end], Repeat) and not item.low:
            del items[end]
        if items and isinstance(item := items[end], Repeat):
            items[end] = _fewest(item)
    return Concatenation(tuple(items))


def _fewest(repeat: Repeat) -> PatternNode:
    """Return the part repeated as few times as it may be."""
    low = repeat.low
    return repeat.body if low == 1 else Repeat(repeat.body, low, low, f"{{{low}}}")
