"""The markup of descriptions: code, bold text and links to the web.

Descriptions are Markdown, or look like it. They are parsed into spans, which a template writes as
elements of its own; no text of a document is HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from fal_codegen.exhaustive import assert_never
from fal_codegen.text.blocks import Code, Line, List, Paragraph, blocks

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
    """Return the parts of a description, in order; lines that belong together are joined."""
    found: list[Span] = []
    for at, block in enumerate(blocks(text)):
        if at:
            found.append(Span("text", "\n\n"))
        match block:
            case Code(lines):
                found.append(Span("code", "\n".join(lines)))
            case Paragraph(lines):
                found += _inline(_prose(lines))
            case List():
                found += _inline(_prose(block.lines()))
            case _:
                assert_never(block)
    return [span for span in found if span.text]


def _prose(lines: Iterable[Line]) -> str:
    return "\n".join(f"{line.mark} {line.text}".strip() for line in lines)


def _inline(text: str) -> Iterator[Span]:
    at = 0
    for match in _MARKUP.finditer(text):
        yield Span("text", text[at : match.start()])
        yield _span(match)
        at = match.end()
    yield Span("text", text[at:])


def _span(found: re.Match[str]) -> Span:
    if found["code"]:
        return Span("code", found["code"])
    if found["bold"]:
        return Span("bold", found["bold"])
    target = found["target"] or found["address"]
    return Span("link", found["label"] or target, target)
