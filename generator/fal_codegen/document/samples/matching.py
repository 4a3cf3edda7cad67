"""Strings that match a regular expression.

The strings are built from left to right, and lookarounds are ignored. The caller has to check
whether a string matches.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import TypeAlias

from fal_codegen.document.samples.budget import Budget

__all__ = ["matching_strings"]

_LONGEST = 10_000
"""Repetitions of a node, and characters of a string."""

_MOST_NODES = 2 * _LONGEST
"""Nodes of a pattern to visit for one string."""

_GROWTHS = (0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
"""Repetitions beyond the fewest, tried in this order."""

_VARIANTS = 64
"""Strings of one growth."""

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_DIGITS = "0123456789"
_WORDS = f"{_LETTERS}{_LETTERS.upper()}{_DIGITS}_"
_SPACES = " \t\n\r\f\v"
_ANY = _WORDS + "-.:/ " + "".join(sorted(set(map(chr, range(33, 127))) - set(_WORDS + "-.:/ ")))

_CLASSES = {"d": _DIGITS, "w": _WORDS, "s": _SPACES}
_PROPERTIES = {"L": "aA", "Ll": "a", "Lu": "A", "N": "0", "Nd": "0", "P": "-", "Zs": " "}
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "0": "\0"}

_QUANTIFIER = re.compile(r"(?:([*+?])|\{([0-9]*)(,?)([0-9]*)\})[?+]?")
_GROUP = re.compile(r"\?(?::|P?<[A-Za-z_][A-Za-z0-9_]*>)")
_ASSERTION = re.compile(r"\?(?:[=!]|<[=!])")
_FLAGS = re.compile(r"\?[a-z]+\)")
_CODE = re.compile(r"x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\}")
_PROPERTY = re.compile(r"p\{([A-Z][a-z]?)\}")


class _UnsupportedPattern(ValueError):
    """A pattern has a construct that no string is built for."""


@dataclass(frozen=True)
class _Chars:
    """One of some characters."""

    choices: str


@dataclass(frozen=True)
class _Sequence:
    """Nodes in a row."""

    nodes: tuple[_Node, ...]


@dataclass(frozen=True)
class _Either:
    """One of several nodes."""

    nodes: tuple[_Node, ...]


@dataclass(frozen=True)
class _Repeated:
    """A node several times."""

    node: _Node
    fewest: int
    most: int


_Node: TypeAlias = "_Chars | _Sequence | _Either | _Repeated"

_NOTHING = _Sequence(())


def matching_strings(pattern: str, budget: Budget) -> Iterator[str]:
    """Yield different strings that probably match, short ones first; none if it is too hard."""
    budget.spend(len(pattern) // 10)
    seen = set()
    try:
        node = _PatternParser(pattern).parse()
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
    except (_UnsupportedPattern, RecursionError):
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

    def build(self, node: _Node) -> str:
        self.nodes += 1
        if self.nodes > _MOST_NODES:
            raise _UnsupportedPattern
        match node:
            case _Chars(choices):
                if not choices:
                    raise _UnsupportedPattern
                return choices[self._choose(len(choices))]
            case _Sequence(nodes):
                return "".join(map(self.build, nodes))
            case _Either(nodes):
                return self.build(nodes[self._choose(len(nodes))])
            case _Repeated(inner, fewest, most):
                if fewest > _LONGEST:
                    raise _UnsupportedPattern
                times = min(most, fewest + self._growth)
                return "".join(self.build(inner) for _ in range(times))

    def _choose(self, choices: int) -> int:
        self.variant, choice = divmod(self.variant, choices)
        return choice


class _PatternParser:
    """Parses a pattern by recursive descent."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0

    def parse(self) -> _Node:
        node = self._either()
        if self._at < len(self._pattern):
            raise _UnsupportedPattern
        return node

    def _either(self) -> _Node:
        options = [self._sequence()]
        while self._take("|"):
            options.append(self._sequence())
        return options[0] if len(options) == 1 else _Either(tuple(options))

    def _sequence(self) -> _Node:
        nodes = []
        while self._at < len(self._pattern) and self._pattern[self._at] not in "|)":
            nodes.append(self._quantified(self._atom()))
        return _Sequence(tuple(nodes))

    def _quantified(self, node: _Node) -> _Node:
        match = _QUANTIFIER.match(self._pattern, self._at)
        if match is None or match[0].startswith(("{}", "{,}")):
            return node
        self._at = match.end()
        sign, fewest, comma, most = match.groups()
        if sign:
            return _Repeated(node, int(sign == "+"), 1 if sign == "?" else _LONGEST)
        if max(len(fewest), len(most)) > 9:
            raise _UnsupportedPattern
        least = int(fewest or 0)
        return _Repeated(node, least, int(most) if most else _LONGEST if comma else least)

    def _atom(self) -> _Node:
        char = self._next()
        match char:
            case "^" | "$":
                return _NOTHING
            case ".":
                return _Chars(_ANY)
            case "[":
                return _Chars(self._class())
            case "(":
                return self._group()
            case "\\":
                if self._take("b") or self._take("B") or self._take("A") or self._take("z"):
                    return _NOTHING
                return _Chars(self._escaped())
        return _Chars(char)

    def _group(self) -> _Node:
        if flags := _FLAGS.match(self._pattern, self._at):
            self._at = flags.end()
            return _NOTHING
        is_assertion = self._skip(_ASSERTION)
        if not is_assertion and not self._skip(_GROUP) and self._take("?"):
            raise _UnsupportedPattern
        node = self._either()
        if not self._take(")"):
            raise _UnsupportedPattern
        return _NOTHING if is_assertion else node

    def _escaped(self) -> str:
        """Return the characters that an escape stands for."""
        for form in (_CODE, _PROPERTY):
            if match := form.match(self._pattern, self._at):
                self._at = match.end()
                if form is _PROPERTY:
                    return _PROPERTIES.get(match[1]) or self._give_up()
                code = int(next(filter(None, match.groups())), 16)
                return chr(code) if code <= 0x10FFFF else self._give_up()
        char = self._next()
        if char.lower() in _CLASSES:
            choices = _CLASSES[char.lower()]
            return choices if char.islower() else _without(choices)
        if char in _CONTROLS:
            return _CONTROLS[char]
        return self._give_up() if char.isalnum() else char

    def _class(self) -> str:
        is_negated = self._take("^")
        choices: list[str] = []
        is_first = True
        while is_first or not self._take("]"):
            is_first = False
            one = self._member()
            if len(one) == 1 and self._pattern[self._at : self._at + 1] == "-":
                if self._pattern[self._at + 1 : self._at + 2] in ("]", ""):
                    choices.append(one)
                    continue
                self._at += 1
                last = self._member()
                if len(last) != 1 or not ord(one) <= ord(last):
                    raise _UnsupportedPattern
                one = "".join(map(chr, range(ord(one), min(ord(last), ord(one) + 255) + 1)))
            choices.append(one)
        known = "".join(dict.fromkeys(chain.from_iterable(choices)))
        return _without(known) if is_negated else known

    def _member(self) -> str:
        char = self._next()
        return self._escaped() if char == "\\" else char

    def _next(self) -> str:
        if self._at >= len(self._pattern):
            raise _UnsupportedPattern
        self._at += 1
        return self._pattern[self._at - 1]

    def _take(self, text: str) -> bool:
        is_next = self._pattern.startswith(text, self._at)
        self._at += len(text) if is_next else 0
        return is_next

    def _skip(self, form: re.Pattern[str]) -> bool:
        match = form.match(self._pattern, self._at)
        self._at = match.end() if match else self._at
        return match is not None

    def _give_up(self) -> str:
        raise _UnsupportedPattern


def _without(choices: str) -> str:
    return "".join(char for char in _ANY if char not in choices)
