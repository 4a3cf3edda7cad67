"""What targets say of a property in words, and how words are laid out in lines."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator

from fal_codegen.ir import Direction, Property
from fal_codegen.text.blocks import dedented, mark_of, source_lines
from fal_codegen.text.positions import json_text

ROOTS = {"Input": "What the endpoint takes.", "Output": "What the endpoint returns."}
"""What is said of an endpoint's Input and Output if the document says nothing."""

_RANGE = (
    ("minimum", "At least"),
    ("exclusiveMinimum", "More than"),
    ("maximum", "At most"),
    ("exclusiveMaximum", "Less than"),
    ("multipleOf", "A multiple of"),
    ("minItems", "Items at least:"),
    ("maxItems", "Items at most:"),
    ("minLength", "Characters at least:"),
    ("maxLength", "Characters at most:"),
)


def documentation(prop: Property, direction: Direction, *, tells_default: bool = True) -> str:
    """Return what is said of a property: its description, and of an input what values it takes.

    Args:
        prop: The property.
        direction: Which way it travels.
        tells_default: Whether an input's default on the server, and that it is deprecated, are part
            of the text; a language may have a place of its own for them.
    """
    parts: list[str] = []
    if direction is Direction.INPUT:
        if not prop.description and prop.examples:
            parts.append(f"For example: `{shown(prop.examples[0])}`")
        parts.extend(_range(prop))
        if tells_default and prop.default is not None:
            parts.append(f"Default on the server: `{shown(prop.default.value)}`")
        if tells_default and prop.deprecated:
            parts.append("Deprecated")
    said = " ".join(map(_sentence, parts))
    description = "\n".join(dedented(prop.description))
    between = "\n\n" if "\n" in description else " "
    return f"{_described(description)}{between}{said}".strip()


def shown(value: object) -> str:
    """Return a value as JSON."""
    return json_text(value)


def wrapped(text: str, width: int, escape: Callable[[str, bool], str]) -> list[str]:
    """Return the lines of a text: prose wrapped between words, code and lists as they stand.

    Args:
        text: The text.
        width: Columns to wrap at.
        escape: Makes a line safe before it is measured, given whether it is one of code.
    """
    lines: list[str] = []
    for line, is_code in source_lines(text):
        shown = escape(line, is_code)
        lines += [shown] if is_code or not line.strip() else _wrapped(shown, mark_of(line), width)
    return lines


def _wrapped(line: str, mark: str, width: int) -> list[str]:
    margin = line[: len(line) - len(line.lstrip(" "))]
    return textwrap.wrap(
        line.strip(),
        width,
        initial_indent=margin,
        subsequent_indent=margin + " " * len(mark),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _range(prop: Property) -> Iterator[str]:
    whose = "Of its URL, c" if prop.schema.get("format") == "file" else "C"
    for keyword, words in _RANGE:
        if keyword in prop.schema:
            yield f"{words.replace('C', whose)} {prop.schema[keyword]}"


def _described(description: str) -> str:
    """Return a description, as sentences unless it ends in code or in a list."""
    *_, (last, is_code) = [("", True), *source_lines(description)]
    return description if is_code or mark_of(last) else _sentence(description)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
