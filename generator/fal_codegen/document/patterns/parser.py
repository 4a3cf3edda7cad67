"""Parse patterns: the syntax that Rust and JavaScript share, and some that only one of them has."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

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


class Pattern(NamedTuple):
    """A pattern that was parsed.

    Attributes:
        tree: Its syntax tree.
        is_portable: Whether JavaScript has every part of it, and reads it as Rust does.
    """

    tree: Group
    is_portable: bool


class UnsupportedPatternError(ValueError):
    """A pattern has a part that is not parsed."""


def parse(pattern: str) -> Pattern:
    """Parse a pattern.

    Raises:
        UnsupportedPatternError: It has a part that is not parsed.
    """
    parser = _Parser(pattern)
    return Pattern(parser.tree(), parser.is_portable)


_WORD = r"\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}"
_BEYOND: Ranges = ((0x80, LAST),)
_ASCII: dict[str, Ranges] = {
    "d": ((0x30, 0x39),),
    "w": ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)),
    "s": ((0x09, 0x0D), (0x20, 0x20)),
}
_PROPERTIES: dict[str, Ranges] = {
    "L": ((0x41, 0x5A), (0x61, 0x7A)),
    "Lu": ((0x41, 0x5A),),
    "Ll": ((0x61, 0x7A),),
    "N": ((0x30, 0x39),),
    "Nd": ((0x30, 0x39),),
    "P": ((0x2D, 0x2E),),
    "Zs": ((0x20, 0x20),),
}
"""Characters of ASCII with a property of Unicode."""

_IN_CLASS = {"d": r"\p{Nd}", "D": r"\P{Nd}", "w": _WORD, "s": r"\p{White_Space}"}
_IN_CLASS["S"] = r"\P{White_Space}"
_ALONE = {**_IN_CLASS, "w": f"[{_WORD}]", "W": f"[^{_WORD}]"}
"""Rust's classes, which cover Unicode, in JavaScript."""

_CONTROLS = {"t": 0x09, "n": 0x0A, "v": 0x0B, "f": 0x0C, "r": 0x0D}
_QUANTIFIER = re.compile(r"([*+?]|\{(\d{1,4})(?:(,)(\d{0,4}))?\})\??")
_ESCAPE = re.compile(
    r"\\(?:(?P<set>[dDwWsS])|(?P<control>[tnvfr])|(?P<sign>[\^$\\.*+?()\[\]{}|/])"
    r"|p\{(?P<property>[A-Z][a-z]?)\}"
    r"|x(?P<hex>[0-9A-Fa-f]{2})|u(?P<unit>[0-9A-Fa-f]{4})|[ux]\{(?P<point>[0-9A-Fa-f]{1,6})\}"
    r"|(?P<other>[^A-Za-z0-9]))"
)
_GROUP = re.compile(r"\((?:\?:|\?P?<[A-Za-z_]\w*>)?(?!\?)", re.ASCII)
_LOOKAROUND = re.compile(r"\(\?<?[=!]")
_BOUNDARY = re.compile(r"\\[bBAz]|\(\?[a-z]+\)")
"""A boundary of a word or of the string, or flags: like anchors, they match no character."""
_SIGNS = frozenset("\\[(){|*+?^$")
_LITERAL_IN_RUST = frozenset("]}")


class _Parser:
    """Parses a pattern by recursive descent."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0
        self._groups = 0
        self.is_portable = True

    def tree(self) -> Group:
        options = self._options()
        if self._at < len(self._pattern):
            raise UnsupportedPatternError
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
        if found := _BOUNDARY.match(self._pattern, self._at):
            self.is_portable = False
            self._at = found.end()
            return Anchor(found[0])
        if found := _LOOKAROUND.match(self._pattern, self._at):
            self.is_portable = False
            self._group(found)
            return Anchor(found[0])
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
            return self._group(_GROUP.match(self._pattern, self._at))
        if sign == "[":
            return self._class()
        if sign == "\\":
            source, ranges, _ = self._escape(_ALONE)
            return Characters(source, ranges)
        self._at += 1
        if sign == ".":
            return Characters(r"[^\n]", _complement(((0x0A, 0x0A),)))
        if sign in _SIGNS:
            raise UnsupportedPatternError
        self.is_portable &= sign not in _LITERAL_IN_RUST
        return Characters(sign, ((ord(sign), ord(sign)),))

    def _group(self, found: re.Match[str] | None) -> PatternNode:
        """Parse a group whose opening was found."""
        if not found:
            raise UnsupportedPatternError
        self._at = found.end()
        self._groups += 1
        if self._groups > _MAX_GROUPS:
            raise UnsupportedPatternError
        options = self._options()
        if self._next() != ")":
            raise UnsupportedPatternError
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
            raise UnsupportedPatternError  # from or to a set
        return f"{source}-{last_source}", ((low, high),), ((low, high),)

    def _single(self) -> tuple[str, Ranges, Ranges]:
        sign = self._next()
        if sign == "\\":
            if self._pattern[self._at + 1 : self._at + 2] == "-":
                self._at += 2
                return r"\-", ((0x2D, 0x2D),), ((0x2D, 0x2D),)
            return self._escape(_IN_CLASS)
        if sign in ("", "[", "]"):
            raise UnsupportedPatternError
        self._at += 1
        ranges = ((ord(sign), ord(sign)),)
        return sign, ranges, ranges

    def _escape(self, sets: dict[str, str]) -> tuple[str, Ranges, Ranges]:
        """Return the source of an escape, the characters it may match, and those it must."""
        found = _ESCAPE.match(self._pattern, self._at)
        if not found:
            raise UnsupportedPatternError
        self._at = found.end()
        if found["property"]:
            self.is_portable = False
            listed = _PROPERTIES.get(found["property"])
            if listed is None:
                raise UnsupportedPatternError
            return found[0], _union([*listed, *_BEYOND]), listed
        self.is_portable &= found["other"] is None
        name = found["set"]
        if name is None:
            digits = found["hex"] or found["unit"] or found["point"]
            sign = found["sign"] or found["other"] or chr(_CONTROLS.get(found["control"] or "", 0))
            code = int(digits, 16) if digits else ord(sign)
            if code > LAST:
                raise UnsupportedPatternError
            source = f"\\u{{{found['point']}}}" if found["point"] else found[0]
            return source, ((code, code),), ((code, code),)
        if name not in sets:
            raise UnsupportedPatternError
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
