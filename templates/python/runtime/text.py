"""Parts of messages: values and strings from outside, cut and escaped for one line."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable

_LONGEST_TEXT = 500
_LONGEST_REPR = 200
_LEAST_SIMILARITY = 0.65  # difflib's own 0.6 would suggest `aclose` for `acme`

_repr = reprlib.Repr()
_repr.maxstring = _repr.maxother = 80


def short(value: object) -> str:
    """Return `repr(value)`, cut to fit on a line."""
    try:
        return line(_repr.repr(value), _LONGEST_REPR)
    except Exception:  # a number of thousands of digits, or the value's own `__repr__`
        return f"<{type(value).__name__}>"


def line(text: str, longest: int = _LONGEST_TEXT) -> str:
    """Return `text` cut to a length, with control characters escaped."""
    if len(text) > longest:
        text = f"{text[:longest]}… ({len(text)} characters)"
    return text if text.isprintable() else "".join(map(_printable, text))


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Return a question that suggests names close to `name`; empty if there are none."""
    import difflib  # seldom needed

    known = sorted(names)
    matches = difflib.get_close_matches(name, known, n=2, cutoff=_LEAST_SIMILARITY)
    matches = matches or [each for each in known if each in name.split("_")]  # `key` for `api_key`
    return f"; did you mean {' or '.join(matches)}?" if matches else ""


def _printable(character: str) -> str:
    if character.isspace():
        return " "
    if character.isprintable():
        return character
    return character.encode("unicode_escape").decode()
