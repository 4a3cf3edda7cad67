"""Patterns: which regular expressions mean the same in JavaScript.

Plain schemas have patterns that Rust reads (see `schemas.is_pattern`); JavaScript reads most of
them, and what it does not read would fail when the module is imported.
"""

from __future__ import annotations

import re

_ESCAPE = r"\\(?:[dDwWsStnrfv^$\\.*+?()\[\]{}|/]|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4})"
_CLASS = rf"\[(?:{_ESCAPE}|\\-|[^\[\]\\])+\]"
_QUANTIFIER = r"(?:[*+?]|\{\d+(?:,\d*)?\})\??"
_PORTABLE = re.compile(
    rf"(?:\\[bB]|[\^$|]|\((?:\?:)?|(?:\)|{_ESCAPE}|{_CLASS}|[^\\\[\](){{}}|*+?^$])(?:{_QUANTIFIER})?)*"
)


def is_portable(pattern: str) -> bool:
    """Say whether JavaScript, with its flag `u`, reads a pattern as Rust does.

    The pattern is known to be one of Rust's. What only one of the two has is refused: flags, names
    of groups and classes, a quantifier after a quantifier or an assertion.
    """
    return _PORTABLE.fullmatch(pattern) is not None
