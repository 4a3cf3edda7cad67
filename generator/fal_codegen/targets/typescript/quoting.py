"""Quoting: document text as source, for each position that it has in TypeScript.

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
from fal_codegen.text.escaping import javascript_source, json_text
from fal_codegen.text.markdown import fence

STYLE = Style(width=100, step=2)
"""The layout of generated source: no formatter for TypeScript runs when generating."""

_IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
INHERITED = frozenset(
    """
    __defineGetter__ __defineSetter__ __lookupGetter__ __lookupSetter__ constructor hasOwnProperty
    isPrototypeOf propertyIsEnumerable toLocaleString toString valueOf
    """.split()
)
"""Names that every object inherits, so that a property of the name always has a value."""

_SENSITIVE = re.compile(r"</|<!--")
_TAG = re.compile(r"(?<![\w\\`])@")
"""The start of a TSDoc tag, except in an address and at the start of a code span, which would
show the backslash of `\\@`."""

_CODE_SPAN = re.compile(r"((?<!`)(?:`[^`]+`|``(?!`).+?(?<!`)``)(?!`))")
_MARKUP = re.compile(
    r"(?<!\\)(?P<escaped>(?:\\\\)*)"
    r"(?P<mark><(?=[A-Za-z/!?])|!(?=\[)|\](?=:)|(?<=\])\((?!https?://[^\s()]+\))"
    r"|(?<!\S)(?:~(?=~~)|`(?=``)))"
)
"""Unescaped Markdown that is not kept: elements, images, link definitions, fences, and links to
anything but the web."""

_UNBROKEN = "\0"
"""A placeholder for a space in a code span, so that wrapping does not break the span."""


def string(text: str) -> str:
    r"""Return text as a string literal of JavaScript, which is safe inside a `<script>` too.

    Characters that are invisible, end a line or change the writing direction become `\u…`.
    """
    quoted = json_text(text)
    return _SENSITIVE.sub(lambda found: f"\\u003c{found[0][1:]}", quoted)


def literal(value: object) -> str:
    """Return a string, number or bool as a literal."""
    return string(value) if isinstance(value, str) else json.dumps(value)


def property_name(name: str) -> str:
    """Return the name of a property, as a type declares it."""
    return name if _IDENTIFIER.fullmatch(name) else string(name)


def key(name: str) -> str:
    """Return the name of a property, as an object literal declares it.

    `__proto__` is computed there: as a plain name, it would set the object's prototype.
    """
    return f"[{string(name)}]" if name == "__proto__" else property_name(name)


def tsdoc(text: str, indent: int = 0) -> str:
    """Return text as the content of a TSDoc comment; its stars are one column after the indent."""
    margin = f"{' ' * indent} *"
    width = STYLE.width - len(margin) - 1
    # An unpaired backquote does not show which part of the line is code.
    prose = [line for line, is_code in source_lines(text) if not is_code]
    is_loose = any("`" in _CODE_SPAN.sub("", line) or "\\`" in line for line in prose)

    def escape(line: str, is_code: bool) -> str:
        return _comment(line) if is_code else _plain(_comment(line), has_code=not is_loose)

    lines = wrapped(text, width, escape)
    return (
        f"\n{margin}".join(f" {line}".rstrip() for line in lines).lstrip().replace(_UNBROKEN, " ")
    )


def code(text: str) -> str:
    """Return text as a code span of one line in a TSDoc comment."""
    return f"`{_comment(' '.join(text.split())).replace('`', chr(0x2019))}`"


def _plain(line: str, *, has_code: bool) -> str:
    """Escape a line of prose: editors and TypeDoc render it as Markdown with HTML."""
    parts = _CODE_SPAN.split(line) if has_code else [line]  # every other one is code
    return "".join(
        part.replace(" ", _UNBROKEN) if number % 2 else _MARKUP.sub(r"\g<escaped>\\\g<mark>", part)
        for number, part in enumerate(parts)
    )


def _comment(line: str) -> str:
    return _TAG.sub(r"\\@", javascript_source(line)).replace("*/", "*\\/")


FILTERS: dict[str, Filter] = {"string": string, "tsdoc": tsdoc, "code": code, "fence": fence}
