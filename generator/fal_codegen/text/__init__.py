"""Text from outside, made safe for where it is read.

Endpoint ids, descriptions, responses of servers and file names are written by others. `escaping`
and `markdown` have one function for each context in which such text is read, such as a line of a
terminal or a cell of a table. Each returns text in which nothing is special in that context, and no
character is invisible (see `invisible`). `blocks` parses the layout of a description, `brackets`
breaks source text into lines, and `merge_conflicts` finds what git left.
"""

from __future__ import annotations


def cut(text: str, limit: int) -> str:
    """Return text of at most `limit` characters; the last is an ellipsis if there were more."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
