"""Backtracking: which patterns a backtracking engine matches in linear time.

Such an engine tries all ways to match a string one after another. At any index of the string, the
ways lead to positions in the pattern. This module counts the ways per position, for all strings at
once, as the states of an automaton with multiplicities. If the count stays small for every string,
so does the time. Nested repetitions, adjacent repetitions and overlapping alternatives make it
grow. A pattern counts as slow if a bounded number of steps does not show that it is fast.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TypeAlias

from fal_codegen.document.patterns.tree import (
    Anchor,
    Characters,
    Concatenation,
    Group,
    PatternNode,
    Ranges,
    Repeat,
)

_COPIES = (8, 64)
"""Copies of a repeated part to look at one by one; a higher bound counts as no bound.

Few suffice if the pattern fixes where a part starts: `^[a-z]{1,63}$`. More are needed if only the
bound keeps the ways from growing: `[0-9a-f]{32}`.
"""

_MAX_POSITIONS = 400
_MAX_STEPS = 20_000
_MAX_WAYS = 64
"""Ways to continue at one index of a string."""


def is_linear(tree: Group) -> bool:
    """Return whether every string has only a few ways to match the start of a pattern."""
    return any(_is_linear(tree, copies) for copies in _COPIES)


def _is_linear(tree: Group, copies: int) -> bool:
    automaton = _Automaton(copies)
    try:
        parts = list(map(automaton.part, tree.options))
    except _RiskyError:
        return False
    first = tuple(at for part in parts for at in part.firsts)
    anywhere = tuple(
        at
        for part, option in zip(parts, tree.options, strict=True)
        for at in part.firsts
        if not _is_anchored(option)
    )
    known: set[_Ways] = set()
    waiting: list[Sequence[int]] = [first]
    steps = 0
    alphabet = automaton.alphabet()
    while waiting:
        candidates = waiting.pop()
        for matching in alphabet:
            ways = _counted(at for at in candidates if at in matching)
            steps += 1
            if steps > _MAX_STEPS or sum(count for _, count in ways) > _MAX_WAYS:
                return False
            if ways not in known:
                known.add(ways)
                following = (automaton.follows[at] * count for at, count in ways)
                waiting.append([*chain.from_iterable(following), *anywhere])
    return True


_Ways: TypeAlias = "tuple[tuple[int, int], ...]"
"""Positions, each with the number of ways that lead there."""


def _counted(positions: Iterable[int]) -> _Ways:
    return tuple(sorted(Counter(positions).items()))


class _RiskyError(Exception):
    """A pattern may match in more ways than this module can count."""


@dataclass(frozen=True)
class _Part:
    """A part of a pattern, as positions: characters of it, numbered.

    Attributes:
        is_empty: Whether it matches the empty string, in just one way.
        firsts: Where a match of it may start, once for each way.
        lasts: Where it may end.
    """

    is_empty: bool
    firsts: tuple[int, ...] = ()
    lasts: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Automaton:
    """The positions of a pattern, and what may follow each, once for each way to get there.

    Attributes:
        most: Copies of a repeated part, at most.
        sets: The characters of each position.
        follows: The positions that may follow each.
    """

    most: int
    sets: list[Ranges] = field(default_factory=list)
    follows: list[list[int]] = field(default_factory=list)

    def part(self, node: PatternNode) -> _Part:
        """Add a part of a pattern."""
        match node:
            case Anchor():
                return _Part(is_empty=True)
            case Characters(_, ranges):
                if len(self.sets) == _MAX_POSITIONS:
                    raise _RiskyError
                self.sets.append(ranges)
                self.follows.append([])
                here = (len(self.sets) - 1,)
                return _Part(False, here, here)
            case Concatenation(items):
                return self._one_after_another(self.part(item) for item in items)
            case Group(options):
                return self._any(list(map(self.part, options)))
            case Repeat(body, low, high, _):
                return self._repeated(body, low, high)

    def alphabet(self) -> set[frozenset[int]]:
        """Return, for each character that makes a difference, the positions that match it."""
        edges = {edge for ranges in self.sets for low, high in ranges for edge in (low, high + 1)}
        return {
            frozenset(
                at
                for at, ranges in enumerate(self.sets)
                if any(low <= code <= high for low, high in ranges)
            )
            for code in edges
        }

    def _one_after_another(self, parts: Iterator[_Part]) -> _Part:
        whole = _Part(is_empty=True)
        for part in parts:
            for last in whole.lasts:
                self.follows[last] += part.firsts
            whole = _Part(
                whole.is_empty and part.is_empty,
                whole.firsts + part.firsts * whole.is_empty,
                part.lasts + whole.lasts * part.is_empty,
            )
        return whole

    def _any(self, parts: Sequence[_Part]) -> _Part:
        if sum(part.is_empty for part in parts) > 1:
            raise _RiskyError
        return _Part(
            any(part.is_empty for part in parts),
            tuple(first for part in parts for first in part.firsts),
            tuple(last for part in parts for last in part.lasts),
        )

    def _repeated(self, body: PatternNode, low: int, high: int | None) -> _Part:
        if low > self.most:
            low, high = 1, None
        if high is not None and high > self.most:
            high = None

        def copies() -> Iterator[_Part]:
            for _ in range(low):
                yield self._copy(body)
            if high is None:
                part = self._copy(body)
                for last in part.lasts:
                    self.follows[last] += part.firsts
                yield _Part(True, part.firsts, part.lasts)
            else:
                yield self._optional(body, high - low)

        return self._one_after_another(copies())

    def _optional(self, body: PatternNode, most: int) -> _Part:
        """Add optional copies, each of which needs all copies before it."""
        if not most:
            return _Part(is_empty=True)
        pair = iter((self._copy(body), self._optional(body, most - 1)))
        part = self._one_after_another(pair)
        return _Part(True, part.firsts, part.lasts)

    def _copy(self, body: PatternNode) -> _Part:
        part = self.part(body)
        if part.is_empty:
            raise _RiskyError
        return part


def _is_anchored(node: PatternNode) -> bool:
    """Return whether a match can only start where the string does."""
    match node:
        case Anchor(source):
            return source == "^"
        case Concatenation(items):
            return bool(items) and _is_anchored(items[0])
        case Group(options):
            return all(map(_is_anchored, options))
        case Repeat(body, low):
            return low > 0 and _is_anchored(body)
        case Characters():
            return False
