"""Strings that match a regular expression.

The strings are built from left to right, and lookarounds are ignored. The caller has to check
whether a string matches.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from string import ascii_letters, digits

from fal_codegen.document.patterns.parser import UnsupportedPatternError, parse
from fal_codegen.document.patterns.tree import (
    Anchor,
    Characters,
    Concatenation,
    Group,
    PatternNode,
    Ranges,
    Repeat,
)
from fal_codegen.document.samples.budget import Budget
from fal_codegen.exhaustive import assert_never

__all__ = ["matching_strings"]

_LONGEST = 10_000
"""Repetitions of a node, and characters of a string."""

_MOST_NODES = 2 * _LONGEST
"""Nodes of a pattern to visit for one string."""

_GROWTHS = (0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
"""Repetitions beyond the fewest, tried in this order."""

_VARIANTS = 64
"""Strings of one growth."""

_FIRST = f"{ascii_letters}{digits}_-.:/ "
_USUAL = _FIRST + "".join(sorted(set(map(chr, range(33, 127))) - set(_FIRST)))
"""Characters to choose from where a pattern allows them, the plainest first."""

_MOST_CHOICES = 256
"""Characters to choose from if none of them is usual."""


def matching_strings(pattern: str, budget: Budget) -> Iterator[str]:
    """Yield different strings that probably match, short ones first; none if it is too hard."""
    budget.spend(len(pattern) // 10)
    seen = set()
    try:
        node, _ = parse(pattern)
        for growth in _GROWTHS:
            for variant in range(_VARIANTS):
                builder = _Builder(variant, growth)
                text = builder.build(node)
                budget.spend(1 + builder.nodes // 10)
                if budget.is_spent:
                    return
                if builder.variant:  # fewer choices than variants
                    break
                if text not in seen:
                    seen.add(text)
                    yield text
    except (UnsupportedPatternError, RecursionError):
        return


class _Builder:
    """Builds one string. Each choice takes a digit of the variant's number.

    Attributes:
        variant: What is left of the number.
        nodes: Nodes visited so far.
    """

    def __init__(self, variant: int, growth: int) -> None:
        self.variant = variant
        self._growth = growth
        self.nodes = 0

    def build(self, node: PatternNode) -> str:
        self.nodes += 1
        if self.nodes > _MOST_NODES:
            raise UnsupportedPatternError
        match node:
            case Anchor():
                return ""
            case Characters(_, ranges):
                choices = _choices(ranges)
                if not choices:
                    raise UnsupportedPatternError
                return choices[self._choose(len(choices))]
            case Concatenation(items):
                return "".join(map(self.build, items))
            case Group(options):
                return self.build(options[self._choose(len(options))])
            case Repeat(body, low, high, _):
                if low > _LONGEST:
                    raise UnsupportedPatternError
                times = min(_LONGEST if high is None else high, low + self._growth)
                return "".join(self.build(body) for _ in range(times))
            case _:
                assert_never(node)

    def _choose(self, choices: int) -> int:
        self.variant, choice = divmod(self.variant, choices)
        return choice


@lru_cache
def _choices(ranges: Ranges) -> str:
    """Return some characters of a set, the plainest first."""
    usual = [char for char in _USUAL if any(low <= ord(char) <= high for low, high in ranges)]
    codes = (code for low, high in ranges for code in range(low, high + 1))
    others = (chr(code) for code in codes if not 0xD800 <= code <= 0xDFFF)  # no lone surrogate
    return "".join(usual or islice(others, _MOST_CHOICES))
