"""Quoting: document text as source, for each position that it has in Python.

Text from a document is hostile. It reaches a template as `Untrusted`, which a template cannot
print; only the filters of this module turn it into source text.
"""

from __future__ import annotations

import re
import textwrap
from functools import cache

from fal_codegen.render import Filter
from fal_codegen.targets.prose import wrapped
from fal_codegen.text import markdown
from fal_codegen.text.escaping import python_source

_CLOSING = re.compile(r'"{3,}|"+\Z')
"""Quotes that would end a docstring, or merge with its closing quotes."""


def literal(value: object) -> str:
    """Return the source of a string, number, bool, None, or a list or dict of them."""
    return python_source(repr(value))


@cache  # the same text often stands in several places, and in many endpoints
def docstring(text: str, indent: int = 4) -> str:
    """Return text as the content of a docstring: wrapped, and indented after the first line."""
    escaped = "\n".join(wrapped(text, 96 - indent, lambda line, _: _escape(line)))
    escaped = _CLOSING.sub(lambda quotes: '\\"' * len(quotes[0]), escaped)
    return textwrap.indent(escaped, " " * indent).lstrip(" ")


def comment(text: str) -> str:
    """Return text as the content of a comment of one line."""
    return _escape(" ".join(text.split()))


def _escape(line: str) -> str:
    return python_source(line.replace("\\", "\\\\"))


FILTERS: dict[str, Filter] = {
    "literal": literal,
    "docstring": docstring,
    "comment": comment,
    "markdown": markdown.unlinked,
}
