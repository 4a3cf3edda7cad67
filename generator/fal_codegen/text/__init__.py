"""Text from outside, made safe for where it is read.

Endpoint ids, descriptions, responses of servers and file names are written by others. `escaping`
and `markdown` have one function for each context in which such text is read, such as a line of a
terminal or a cell of a table. Each returns text in which nothing is special in that context, and no
character is invisible (see `invisible`). `blocks` parses the layout of a description, `brackets`
breaks source text into lines, and `merge_conflicts` finds what git left.
"""

from __future__ import annotations

from collections.abc import Sequence


def cut(text: str, limit: int) -> str:
    """Return text of at most `limit` characters; the last is an ellipsis if there were more."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def counted(number: int, noun: str) -> str:
    """Return a number with a noun, in the plural unless the number is 1."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def listing(names: Sequence[str], most: int) -> str:
    """Return the first `most` names, separated by commas, and the number of the others."""
    others = [f"{len(names) - most} more"] if len(names) > most else []
    return ", ".join([*names[:most], *others])
