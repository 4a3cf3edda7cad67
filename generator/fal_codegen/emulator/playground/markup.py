"""The markup of descriptions: code, bold text and links to the web.

Descriptions are Markdown, or look like it. They are parsed into spans, which a template writes as
elements of its own; no text of a document is HTML.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

__all__ = ["Span", "spans"]

_MARKUP = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|\*\*(?P<bold>[^*\s](?:[^*\n]*[^*\s])?)\*\*"
    r"|\[(?P<label>[^\[\]\n]+)\]\((?P<target>https?://[^\s()<>]+)\)"
    r"|(?P<address>https?://[^\s()<>\[\]\"'`]*[^\s()<>\[\]\"'`.,:;!?])"
)


@dataclass(frozen=True)
class Span:
    """A part of a text.

    Attributes:
        kind: How it is shown.
        text: The part, without its markup.
        target: For a link, its URL.
    """

    kind: Literal["text", "code", "bold", "link"]
    text: str
    target: str = ""


def spans(text: str) -> list[Span]:
    """Return the parts of a description, in order."""
    at, found = 0, list[Span]()
    for match in _MARKUP.finditer(text):
        found += [Span("text", text[at : match.start()]), _span(match)]
        at = match.end()
    found.append(Span("text", text[at:]))
    return [span for span in found if span.text]


def _span(found: re.Match[str]) -> Span:
    if found["code"]:
        return Span("code", found["code"])
    if found["bold"]:
        return Span("bold", found["bold"])
    target = found["target"] or found["address"]
    return Span("link", found["label"] or target, target)
