"""Escaping of text from outside, for each context in a Markdown page.

The parsers of pages disagree: CommonMark's, GitHub's, and Python-Markdown for the site, which looks
for HTML before it looks for code. All of them read a numeric character reference as the character
and never as structure, so characters are escaped like that, even in code.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable

from fal_codegen.exhaustive import assert_never
from fal_codegen.text.blocks import Block, Code, Line, List, Paragraph, blocks
from fal_codegen.text.escaping import yaml_string
from fal_codegen.text.invisible import BLANKS, as_python, visible, without_hidden

_SPECIAL = re.compile(r"[<>*`\[\]|\\{~^$]|&(?=[#\w])|(?<![^\W_])_|_(?![^\W_])")
"""Characters that can be special within a line; an underscore within a word is not."""

_NO_WORD = re.compile(r"[^\w ]|_")

_NO_PLAIN_CODE = re.compile(r"[`|\\<>&]")
"""Characters that are escaped in code, for which Markdown has no escapes."""

_CODE = r"(?<!`)(?P<ticks>`+)(?!`)(?P<code>.+?)(?<!`)(?P=ticks)(?!`)"
_ADDRESS = r"https?://[A-Za-z0-9._~:/?#@&+=%-]+[A-Za-z0-9/]"
_LINK = rf"\[(?P<label>[^\[\]]+)\]\((?P<target>{_ADDRESS})\)"
_LINKED = re.compile(r"[@#]|:(?=//)|\bwww(?=\.)|\bGH(?=-\d)", re.IGNORECASE)
_CODE_SPAN = re.compile(_CODE)
_BOLD = r"(?<![\w*])\*\*(?=[^\s*])(?P<bold>(?:`[^`*]+`|[^*`])+)(?<!\s)\*\*(?![\w*])"
_KEPT = re.compile(rf"{_CODE}|{_LINK}|{_BOLD}|(?P<bare>{_ADDRESS})")
"""Markup of descriptions that is kept: code, bold text and links to the web."""


def text(value: str) -> str:
    """Return text as one line of Markdown: a heading, a list item or a table cell.

    Code spans, bold text and links to the web are kept. Lines, lists and code keep their layout.
    All other markup is escaped.
    """
    return "<br>".join(map(_one_line, blocks(value)))


def cell(value: str) -> str:
    """Return text as the content of a table cell: paragraphs, lists and code, on one line.

    A table of Markdown has no blocks in its cells, so they are elements of HTML.
    """
    found = blocks(value)
    is_plain = len(found) == 1 and isinstance(found[0], Paragraph)
    return text(value) if is_plain else "".join(map(_element, found))


def unlinked(value: str) -> str:
    """Return text as one line of Markdown in which code spans are the only markup.

    URLs, mentions and issue numbers are split by a zero-width space, because renderers turn them
    into links.
    """
    line = without_hidden(" ".join(value.split()))
    return _at_start(_inline(line, _CODE_SPAN, _unlinked, _code_span))


def block(value: str) -> str:
    """Return text as blocks of Markdown: paragraphs, lists and code."""
    return "\n\n".join(map(_block, blocks(value)))


def code(value: str) -> str:
    """Return text as code within a line."""
    shown = _one_line_of_code(value)
    is_plain = shown and shown == shown.strip() and not _NO_PLAIN_CODE.search(shown)
    return f"`{shown}`" if is_plain else code_in_html(value)


def code_in_html(value: str) -> str:
    """Return text as code within a line, without special characters of Markdown or HTML."""
    return f"<code>{_no_word_escaped(value)}</code>"


def fence(source: str, language: str) -> str:
    """Return source text as a fenced block of code that ends with a line end."""
    longest = max(map(len, re.findall("`+", source)), default=0)
    ticks = "`" * max(3, longest + 1)
    shown = visible(source.rstrip(), as_python, keep=f"\n{BLANKS}")
    return f"{ticks}{language}\n{shown}\n{ticks}\n"


def address(value: str) -> str:
    """Return the target of a link; empty if the text is not a URL of the web."""
    if not re.match(r"https?://[A-Za-z0-9\[]", value):
        return ""
    target = re.sub(r"[^A-Za-z0-9._~:/?#@&+=%,;!$-]", _percent, without_hidden(value))
    return target.replace("&", "&amp;")


def meta(value: str) -> str:
    """Return text as a string of YAML that themes insert into HTML without escaping it."""
    return yaml_string(html.escape(" ".join(value.split())))


def _one_line(found: Block) -> str:
    match found:
        case Paragraph(lines):
            return _lines(lines)
        case List():
            return _lines(found.lines())
        case Code(lines):
            return "<br>".join(map(_code_line, lines))
        case _:
            assert_never(found)


def _element(found: Block) -> str:
    match found:
        case Paragraph(lines):
            return f"<p>{_lines(lines)}</p>"
        case List():
            return _list(found)
        case Code(lines):
            return f"<pre><code>{'&#10;'.join(map(_no_word_escaped, lines))}</code></pre>"
        case _:
            assert_never(found)


def _block(found: Block) -> str:
    match found:
        case Paragraph(lines):
            return _lines(lines)
        case List():
            return _list(found)
        case Code(lines):
            return fence("\n".join(lines), "").removesuffix("\n")
        case _:
            assert_never(found)


def _list(found: List) -> str:
    """Return a list as an element, because parsers disagree on indentation and numbers."""
    tag = "ul" if found.start is None else "ol"
    start = f' start="{found.start}"' if found.start not in (None, 1) else ""
    items = "".join(
        f"<li>{_in_html(item.line.text)}{''.join(map(_list, item.lists))}</li>"
        for item in found.items
    )
    return f"<{tag}{start}>{items}</{tag}>"


def _lines(lines: Iterable[Line]) -> str:
    """Return lines of prose as one line of Markdown."""
    return "<br>".join(map(_line, lines))


def _line(line: Line) -> str:
    margin = "&#160;" * line.indent
    shown = f"{line.mark} {line.text}" if line.mark else line.text
    return margin + _at_start(_inline(without_hidden(shown), _KEPT, _escape, _kept))


def _code_line(line: str) -> str:
    shown = line.lstrip(" ")
    return "&#160;" * (len(line) - len(shown)) + (code(shown) if shown else "")


def _inline(
    line: str,
    kept: re.Pattern[str],
    quote: Callable[[str], str],
    shown: Callable[[re.Match[str]], str],
) -> str:
    made, at = "", 0
    for found in kept.finditer(line):
        made += quote(line[at : found.start()]) + shown(found)
        at = found.end()
    return made + quote(line[at:])


def _in_html(line: str) -> str:
    """Return a line of prose without any markup of Markdown."""
    return _inline(without_hidden(line), _KEPT, _escape, _kept_in_html)


def _unlinked(part: str) -> str:
    return _escape(_LINKED.sub(lambda found: f"{found[0]}\N{ZERO WIDTH SPACE}", part))


def _code_span(found: re.Match[str]) -> str:
    return code(found["code"].strip())


def _kept(found: re.Match[str]) -> str:
    if found["code"]:
        return _code_span(found)
    if found["bold"]:
        return f"<strong>{_inline(found['bold'], _KEPT, _escape, _kept)}</strong>"
    label, target = _link(found)  # parsers that look for HTML first would read <…> as a tag
    return f"[{label}]({target})"


def _kept_in_html(found: re.Match[str]) -> str:
    if found["code"]:
        return code_in_html(found["code"].strip())
    if found["bold"]:
        return f"<strong>{_in_html(found['bold'])}</strong>"
    label, target = _link(found)
    return f'<a href="{target}">{label}</a>'


def _link(found: re.Match[str]) -> tuple[str, str]:
    """Return the label of a link, escaped, and its target."""
    target = found["bare"] or found["target"]
    label = found["bare"] or found["label"].strip() or target
    return _escape(label).replace(":", "&#58;"), address(target)


def _escape(part: str) -> str:
    return _SPECIAL.sub(_reference, part)


def _at_start(line: str) -> str:
    """Escape the mark of a block at the start of a line."""
    line = re.sub(r"^(\d+)([.)])", lambda found: found[1] + _reference(found[2]), line)
    return re.sub(r"^[^\w\s&`<\[]", _reference, line)


def _reference(found: re.Match[str] | str) -> str:
    return f"&#{ord(found[0])};"


def _percent(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode())


def _no_word_escaped(value: str) -> str:
    return _NO_WORD.sub(_reference, _one_line_of_code(value))


def _one_line_of_code(value: str) -> str:
    line = re.sub("\r\n|[\r\n\t\x0b\x0c\x85\u2028\u2029]", " ", value)
    return visible(line, as_python, keep=BLANKS)


FILTERS: dict[str, Callable[..., str]] = {
    "text": text,
    "block": block,
    "cell": cell,
    "code": code,
    "code_in_html": code_in_html,
    "fence": fence,
    "address": address,
    "yaml": yaml_string,
    "meta": meta,
}
