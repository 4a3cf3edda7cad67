"""Patterns in JavaScript: a source that matches what Rust matches and is safe to run.

fal's servers and the Python client use the regular expressions of Rust, through pydantic. Those
take linear time for every string. JavaScript backtracks, so a pattern is translated only if
backtracking cannot take long (see `backtracking`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from fal_codegen.document.patterns.backtracking import is_linear
from fal_codegen.document.patterns.tree import (
    LAST,
    Anchor,
    Characters,
    Concatenation,
    Group,
    PatternNode,
    Ranges,
    Repeat,
)

_MAX_GROUPS = 50
"""Levels of nested groups."""


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
        tree = _Parser(pattern).tree()
    except _UnportableError:
        return Translation("", "unportable-pattern")
    for candidate in (tree, _shortest(tree)):
        if is_linear(candidate):
            return Translation(_source(candidate), "")
    return Translation("", "backtracking-pattern")


class _UnportableError(Exception):
    """JavaScript lacks a part of the pattern, or reads it differently."""


_WORD = r"\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}"
_BEYOND: Ranges = ((0x80, LAST),)
_ASCII: dict[str, Ranges] = {
    "d": ((0x30, 0x39),),
    "w": ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)),
    "s": ((0x09, 0x0D), (0x20, 0x20)),
}
_IN_CLASS = {"d": r"\p{Nd}", "D": r"\P{Nd}", "w": _WORD, "s": r"\p{White_Space}"}
_IN_CLASS["S"] = r"\P{White_Space}"
_ALONE = {**_IN_CLASS, "w": f"[{_WORD}]", "W": f"[^{_WORD}]"}
"""Rust's classes, which cover Unicode, in JavaScript."""

_CONTROLS = {"t": 0x09, "n": 0x0A, "v": 0x0B, "f": 0x0C, "r": 0x0D}
_QUANTIFIER = re.compile(r"([*+?]|\{(\d{1,4})(?:(,)(\d{0,4}))?\})\??")
_ESCAPE = re.compile(
    r"\\(?:(?P<set>[dDwWsS])|(?P<control>[tnvfr])|(?P<sign>[\^$\\.*+?()\[\]{}|/])"
    r"|x(?P<hex>[0-9A-Fa-f]{2})|u(?P<unit>[0-9A-Fa-f]{4})|[ux]\{(?P<point>[0-9A-Fa-f]{1,6})\})"
)
_GROUP = re.compile(r"\((?:\?:|\?<[A-Za-z_]\w*>)?(?!\?)", re.ASCII)
_SIGNS = frozenset("\\[](){}|*+?^$")


class _Parser:
    """Parses the syntax that JavaScript and Rust share, and rejects all other syntax."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0
        self._groups = 0

    def tree(self) -> Group:
        options = self._options()
        if self._at < len(self._pattern):
            raise _UnportableError
        return Group(options)

    def _options(self) -> tuple[PatternNode, ...]:
        options = [self._sequence()]
        while self._next() == "|":
            self._at += 1
            options.append(self._sequence())
        return tuple(options)

    def _sequence(self) -> PatternNode:
        items: list[PatternNode] = []
        while self._next() not in ("", "|", ")"):
            items.append(self._item())
        return Concatenation(tuple(items))

    def _item(self) -> PatternNode:
        if self._next() in ("^", "$"):
            self._at += 1
            return Anchor(self._pattern[self._at - 1])
        atom = self._atom()
        found = _QUANTIFIER.match(self._pattern, self._at)
        if not found:
            return atom
        self._at = found.end()
        sign, low, comma, high = found.groups()
        bounds = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(sign)
        if bounds is None:
            fewest = int(low)
            most = fewest if comma is None else int(high) if high else None
            bounds = fewest, most
        return Repeat(atom, *bounds, found[0])

    def _atom(self) -> PatternNode:
        sign = self._next()
        if sign == "(":
            return self._group()
        if sign == "[":
            return self._class()
        if sign == "\\":
            source, ranges, _ = self._escape(_ALONE)
            return Characters(source, ranges)
        self._at += 1
        if sign == ".":
            return Characters(r"[^\n]", _complement(((0x0A, 0x0A),)))
        if sign in _SIGNS:
            raise _UnportableError
        return Characters(sign, ((ord(sign), ord(sign)),))

    def _group(self) -> PatternNode:
        found = _GROUP.match(self._pattern, self._at)
        if not found:
            raise _UnportableError
        self._at = found.end()
        self._groups += 1
        if self._groups > _MAX_GROUPS:
            raise _UnportableError
        options = self._options()
        if self._next() != ")":
            raise _UnportableError
        self._at += 1
        self._groups -= 1
        return Group(options, "(" if found[0] == "(" else "(?:")

    def _class(self) -> PatternNode:
        self._at += 1
        is_negated = self._next() == "^"
        self._at += is_negated
        sources: list[str] = []
        within: list[tuple[int, int]] = []
        certain: list[tuple[int, int]] = []
        while self._next() != "]" or not sources:
            source, ranges, sure = self._member()
            sources.append(source)
            within += ranges
            certain += sure
        self._at += 1
        source = f"[{'^' * is_negated}{''.join(sources)}]"
        return Characters(source, _complement(certain) if is_negated else _union(within))

    def _member(self) -> tuple[str, Ranges, Ranges]:
        """Return the source of a class member, the characters it may match, and those it must."""
        source, ranges, sure = self._single()
        is_range = self._pattern[self._at : self._at + 1] == "-"
        if not is_range or self._pattern[self._at + 1 : self._at + 2] in ("]", ""):
            return source, ranges, sure
        self._at += 1
        last_source, last, _ = self._single()
        low, high = ranges[0][0], last[-1][1]
        if len(ranges) != 1 or ranges[0][1] != low or last[0][0] != high or low > high:
            raise _UnportableError  # from or to a set
        return f"{source}-{last_source}", ((low, high),), ((low, high),)

    def _single(self) -> tuple[str, Ranges, Ranges]:
        sign = self._next()
        if sign == "\\":
            if self._pattern[self._at + 1 : self._at + 2] == "-":
                self._at += 2
                return r"\-", ((0x2D, 0x2D),), ((0x2D, 0x2D),)
            return self._escape(_IN_CLASS)
        if sign in ("", "[", "]"):
            raise _UnportableError
        self._at += 1
        ranges = ((ord(sign), ord(sign)),)
        return sign, ranges, ranges

    def _escape(self, sets: dict[str, str]) -> tuple[str, Ranges, Ranges]:
        """Return the source of an escape, the characters it may match, and those it must."""
        found = _ESCAPE.match(self._pattern, self._at)
        if not found:
            raise _UnportableError
        self._at = found.end()
        name = found["set"]
        if name is None:
            digits = found["hex"] or found["unit"] or found["point"]
            sign = found["sign"] or chr(_CONTROLS.get(found["control"] or "", 0))
            code = int(digits, 16) if digits else ord(sign)
            if code > LAST:
                raise _UnportableError
            source = f"\\u{{{found['point']}}}" if found["point"] else found[0]
            return source, ((code, code),), ((code, code),)
        if name not in sets:
            raise _UnportableError
        listed = _ASCII[name.lower()]
        if name.isupper():
            listed = tuple(one for one in _complement(listed) if one[0] < 0x80)
            listed = tuple((low, min(high, 0x7F)) for low, high in listed)
        return sets[name], _union([*listed, *_BEYOND]), listed

    def _next(self) -> str:
        return self._pattern[self._at : self._at + 1]


def _union(ranges: Sequence[tuple[int, int]]) -> Ranges:
    merged: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = merged[-1][0], max(high, merged[-1][1])
        else:
            merged.append((low, high))
    return tuple(merged)


def _complement(ranges: Sequence[tuple[int, int]]) -> Ranges:
    gaps: list[tuple[int, int]] = []
    start = 0
    for low, high in _union(ranges):
        if start < low:
            gaps.append((start, low - 1))
        start = high + 1
    return (*gaps, (start, LAST)) if start <= LAST else tuple(gaps)


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
