"""Quoting: document text in each position of a Markdown page that it may take.

Text from a document is hostile. It reaches a template as `Untrusted`, which a template cannot
print; only the filters of this module turn it into Markdown. Pages are read by parsers that
disagree (CommonMark's, and Python-Markdown for the site), but all of them take a numeric character
reference for the character and never for structure, so that is how characters are escaped.
"""

from __future__ import annotations

import html
import json
import re

from fal_codegen.render import Filter

_UNSEEN = re.compile(
    "[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]"
)
"""Control characters, and marks that reorder what a reader sees."""

_SPECIAL = re.compile(r"[<*`\[\]|\\{~^$]|&(?=[#\w])|(?<![^\W_])_|_(?![^\W_])")
"""What may mean something within a line; an underscore within a word does not."""

_NO_WORD = re.compile(r"[^\w ]|_")

_ITEM = re.compile(r"([-*+•]|\d+[.)])\s")
"""How a line of a list begins."""

_CODE = r"(?<!`)(?P<ticks>`+)(?!`)(?P<code>.+?)(?<!`)(?P=ticks)(?!`)"
_ADDRESS = r"https?://[A-Za-z0-9._~:/?#@&+=%-]+[A-Za-z0-9/]"
_LINK = rf"\[(?P<label>[^\[\]]+)\]\((?P<target>{_ADDRESS})\)"
_LINKED = re.compile(r"[@#]|:(?=//)|\bwww(?=\.)|\bGH(?=-\d)", re.IGNORECASE)
_CODE_SPAN = re.compile(_CODE)
_KEPT = re.compile(rf"{_CODE}|{_LINK}|(?P<bare>{_ADDRESS})")
"""Markup of descriptions that is kept: code, and links to the web."""


def text(value: str) -> str:
    """Return text as one line of Markdown: a heading, an item of a list, a cell of a table.

    Code spans and links to the web stay what they are; all other markup is shown as it is written.
    """
    paragraphs = [_paragraph(lines) for lines in _paragraphs(value)]
    return "<br>".join(paragraphs)


def unlinked(value: str) -> str:
    """Return text as one line of Markdown in which code spans are the only markup.

    Addresses, mentions and numbers of issues are parted by a space of no width, because what shows
    Markdown may make links of them that the text did not ask for.
    """
    line = _LINKED.sub(lambda found: f"{found[0]}\N{ZERO WIDTH SPACE}", _one_line(value))
    return _at_start(_inline(line, kept=_CODE_SPAN))


def block(value: str) -> str:
    """Return text as paragraphs of Markdown."""
    return "\n\n".join(_paragraph(lines) for lines in _paragraphs(value))


def code(value: str) -> str:
    """Return text as code within a line."""
    shown = _clean(value).replace("\n", " ")
    is_plain = shown and shown == shown.strip() and not re.search(r"[`|\\]", shown)
    return f"`{shown}`" if is_plain else code_in_html(value)


def code_in_html(value: str) -> str:
    """Return text as code that neither Markdown nor HTML reads anything into."""
    shown = _clean(value).replace("\n", " ")
    return f"<code>{_NO_WORD.sub(_reference, shown)}</code>"


def fence(source: str, language: str) -> str:
    """Return source text as a block of code, with the end of its last line."""
    longest = max(map(len, re.findall("`+", source)), default=0)
    ticks = "`" * max(3, longest + 1)
    return f"{ticks}{language}\n{source.rstrip()}\n{ticks}\n"


def address(value: str) -> str:
    """Return the target of a link: an address of the web, or nothing if the text is none."""
    if not re.match(r"https?://[^\s/]", value):
        return ""
    return re.sub(r"[^A-Za-z0-9._~:/?#@&+=%,;!$-]", _percent, _clean(value))


def yaml(value: str) -> str:
    """Return text as a string of YAML, on one line."""
    quoted = json.dumps(_one_line(value), ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in quoted)


def meta(value: str) -> str:
    """Return text as a string of YAML that themes put into HTML as it is."""
    return yaml(html.escape(_one_line(value)))


def _paragraphs(value: str) -> list[list[str]]:
    """Return the lines of each paragraph; what is no item of a list continues the line before."""
    paragraphs: list[list[str]] = [[]]
    for line in map(str.strip, _clean(value).split("\n")):
        if not line:
            paragraphs.append([])
        elif paragraphs[-1] and not _ITEM.match(line):
            paragraphs[-1][-1] += f" {line}"
        else:
            paragraphs[-1].append(line)
    return [lines for lines in paragraphs if lines]


def _paragraph(lines: list[str]) -> str:
    return "<br>".join(_at_start(_inline(line)) for line in lines)


def _inline(line: str, kept: re.Pattern[str] = _KEPT) -> str:
    made, at = "", 0
    for found in kept.finditer(line):
        made += _escape(line[at : found.start()]) + _kept(found)
        at = found.end()
    return made + _escape(line[at:])


def _kept(found: re.Match[str]) -> str:
    if found["code"]:
        return code(found["code"].strip())
    if found["bare"]:
        return f"<{found['bare']}>"
    label = found["label"].strip() or found["target"]
    return f"[{_escape(label)}]({address(found['target'])})"


def _escape(part: str) -> str:
    return _SPECIAL.sub(_reference, part)


def _at_start(line: str) -> str:
    """Escape what would be the mark of a block at the start of a line."""
    line = re.sub(r"^(\d+)([.)])", lambda found: found[1] + _reference(found[2]), line)
    return re.sub(r"^[^\w\s&`<\[]", _reference, line)


def _reference(found: re.Match[str] | str) -> str:
    return f"&#{ord(found[0])};"


def _percent(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode())


def _one_line(value: str) -> str:
    return " ".join(_clean(value).split())


def _clean(value: str) -> str:
    lines = re.sub("\r\n|[\r\x0b\x0c\x85\u2028\u2029]", "\n", value)
    return _UNSEEN.sub("", lines.replace("\t", " "))


FILTERS: dict[str, Filter] = {
    "text": text,
    "block": block,
    "code": code,
    "code_in_html": code_in_html,
    "fence": fence,
    "address": address,
    "yaml": yaml,
    "meta": meta,
}
