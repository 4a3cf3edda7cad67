"""Invisible characters: those that a reader cannot see, or sees in another order.

The table is the union of these properties of Unicode 16. `str.isprintable` differs between versions
of Python:

- General_Category `Cc`, `Zl` and `Zp`: C0 and C1 controls, line and paragraph separators
- General_Category `Cf`, except visible marks (Prepended_Concatenation_Mark): marks of the writing
  direction, joiners, interlinear annotation, the byte order mark, tags
- Default_Ignorable_Code_Point: soft hyphen, variation selectors, fillers, and code points reserved
  for such characters
- General_Category `Cs` and Noncharacter_Code_Point: lone surrogates and noncharacters
- White_Space other than the space, and U+2800, which looks like a blank
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

_CONTROLS = "\x00-\x1f\x7f-\x9f\u2028\u2029"
_FORMATS = (
    "\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
)
_IGNORABLE = (
    "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8"
    "\U000e0000-\U000e0fff"
)
_NO_CHARACTERS = "\ud800-\udfff\ufdd0-\ufdef" + "".join(
    f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(17)
)
BLANKS = (
    "\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u202f\u205f\u2800\u3000"
)
"""Characters that look like a space and are not."""

_HIDDEN = f"{_CONTROLS}{_FORMATS}{_IGNORABLE}{_NO_CHARACTERS}"
_UNCLEAR = f"{_HIDDEN}{BLANKS}"
_ASCII = "\x00-\x1f\x7f"

Escape = Callable[[int], str]
"""Returns the escape of a code point."""


def visible(text: str, escape: Escape, *, keep: str = "") -> str:
    """Return text in which invisible characters are escaped.

    Args:
        text: Any text.
        escape: Returns the escape of a code point.
        keep: Invisible characters that are not escaped, such as line ends.
    """
    if text.isascii() and text.isprintable():  # as most
        return text
    return _any_in(text, _UNCLEAR, keep).sub(lambda match: escape(ord(match[0])), text)


def without_hidden(text: str) -> str:
    """Return text without invisible characters other than blanks."""
    return _any_in(text, _HIDDEN).sub("", text)


def is_visible(text: str) -> bool:
    """Return whether a text has no invisible characters."""
    return _any_in(text, _UNCLEAR).search(text) is None


def _any_in(text: str, table: str, keep: str = "") -> re.Pattern[str]:
    # A small character class is many times as fast, and most documents are ASCII.
    return _any_of(_ASCII if text.isascii() else table, keep)


@cache
def _any_of(table: str, keep: str) -> re.Pattern[str]:
    return re.compile(f"[{table}](?<![{keep}])" if keep else f"[{table}]")


def as_python(code: int) -> str:
    r"""Return an escape of Python string literals: `\x1b`, `\u200b`, `\U000e0041`."""
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def as_json(code: int) -> str:
    r"""Return an escape of JSON and JavaScript: `\u200b`, `\udb40\udc41`."""
    if code <= 0xFFFF:
        return f"\\u{code:04x}"
    high, low = divmod(code - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"


def as_yaml(code: int) -> str:
    r"""Return an escape of YAML strings: `\U0000200b`."""
    return f"\\U{code:08x}"
