"""Quoting: document text in each position of TypeScript source that it may take.

Text from a document is hostile. It reaches a template as `Untrusted`, which a template cannot
print; only the functions of this module turn it into source text.
"""

from __future__ import annotations

import json
import re

from fal_codegen.render import Filter
from fal_codegen.targets.prose import wrapped
from fal_codegen.text.blocks import source_lines
from fal_codegen.text.brackets import Style
from fal_codegen.text.positions import javascript_source, json_text

STYLE = Style(width=100, step=2)
"""There is no formatter for TypeScript to call when generating, so lines are broken here."""

_IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
INHERITED = frozenset(
    """
    __defineGetter__ __defineSetter__ __lookupGetter__ __lookupSetter__ constructor hasOwnProperty
    isPrototypeOf propertyIsEnumerable toLocaleString toString valueOf
    """.split()
)
"""Names that every object has, so that a property is never quite absent."""

_SENSITIVE = re.compile(r"</|<!--")
_TAG = re.compile(r"(?<![\w\\`])@")
"""Where a tag may begin; not in an address, nor first in a code span, where `\\@` would be seen."""

_CODE_SPAN = re.compile(r"((?<!`)(?:`[^`]+`|``(?!`).+?(?<!`)``)(?!`))")
_MARKUP = re.compile(
    r"(?<!\\)(?P<escaped>(?:\\\\)*)"
    r"(?P<mark><(?=[A-Za-z/!?])|!(?=\[)|\](?=:)|(?<=\])\((?!https?://[^\s()]+\))"
    r"|(?<!\S)(?:~(?=~~)|`(?=``)))"
)
"""Elements, images, definitions of links, targets of links but to the web, and fences, where no
backslash is before them that keeps them from being that."""

_UNBROKEN = "\0"
"""Stands for a space of a code span while lines are wrapped: in two lines, it may be none."""


def string(text: str) -> str:
    r"""Return text as a string literal of JavaScript, which may stand inside a `<script>` too.

    What cannot be seen, ends a line or turns the direction of writing is written as `\u…`.
    """
    quoted = json_text(text)
    return _SENSITIVE.sub(lambda found: f"\\u003c{found[0][1:]}", quoted)


def literal(value: object) -> str:
    """Return a string, number or bool as a literal."""
    return string(value) if isinstance(value, str) else json.dumps(value)


def property_name(name: str) -> str:
    """Return the name of a property as it stands in a type."""
    return name if _IDENTIFIER.fullmatch(name) else string(name)


def key(name: str) -> str:
    """Return the name of a property as it stands in an object.

    There `__proto__` would be no property but the object's prototype, unless it is computed.
    """
    return f"[{string(name)}]" if name == "__proto__" else property_name(name)


def tsdoc(text: str, indent: int = 0) -> str:
    """Return text as the inside of a TSDoc comment whose stars stand one right of the indent."""
    margin = f"{' ' * indent} *"
    width = STYLE.width - len(margin) - 1
    # A code span that goes on in the next line makes code and prose of one line trade places.
    prose = [line for line, is_code in source_lines(text) if not is_code]
    is_loose = any("`" in _CODE_SPAN.sub("", line) or "\\`" in line for line in prose)

    def escape(line: str, is_code: bool) -> str:
        return _comment(line) if is_code else _plain(_comment(line), has_code=not is_loose)

    lines = wrapped(text, width, escape)
    return (
        f"\n{margin}".join(f" {line}".rstrip() for line in lines).lstrip().replace(_UNBROKEN, " ")
    )


def code(text: str) -> str:
    """Return text as a code span in a TSDoc comment: one line."""
    return f"`{_comment(' '.join(text.split())).replace('`', chr(0x2019))}`"


def _plain(line: str, *, has_code: bool) -> str:
    """Escape a line of prose, which editors and TypeDoc read as Markdown, with HTML in it."""
    parts = _CODE_SPAN.split(line) if has_code else [line]  # every other one is code
    return "".join(
        part.replace(" ", _UNBROKEN) if number % 2 else _MARKUP.sub(r"\g<escaped>\\\g<mark>", part)
        for number, part in enumerate(parts)
    )


def _comment(line: str) -> str:
    return _TAG.sub(r"\\@", javascript_source(line)).replace("*/", "*\\/")


FILTERS: dict[str, Filter] = {"string": string, "tsdoc": tsdoc, "code": code}
