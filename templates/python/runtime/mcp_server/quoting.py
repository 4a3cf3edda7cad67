"""Text from outside for a language model: bounded, quoted, and without invisible characters.

The descriptions of an endpoint come from its document, which others wrote. An agent must be able to
tell them from what this server says.
"""

from __future__ import annotations

import json
import re

LONGEST_DESCRIPTION = 1000
_LONGEST_MESSAGE = 4000

# Characters that `str.isprintable` accepts and nobody sees, so that they can carry hidden text:
# fillers, joiners, blanks and variation selectors.
_HIDDEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]"
)


def quoted(text: str, longest: int = LONGEST_DESCRIPTION) -> str:
    """Return text of a document as a JSON string on one line, cut to a length."""
    return visible(json.dumps(_cut(" ".join(text.split()), longest), ensure_ascii=False))


def as_text(value: object) -> str:
    """Return a value as JSON without invisible characters."""
    return visible(json.dumps(value, ensure_ascii=False))


def message(text: str) -> str:
    """Return a message, which may repeat what a server answered, without invisible characters."""
    return "\n".join(map(visible, _cut(text, _LONGEST_MESSAGE).split("\n")))


def visible(text: str) -> str:
    """Return text in which invisible characters are escaped, as JSON escapes them."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        json.dumps(character)[1:-1] if _is_hidden(character) else character for character in text
    )


def _is_hidden(character: str) -> bool:
    return not character.isprintable() or _HIDDEN.match(character) is not None


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text)} characters)"
