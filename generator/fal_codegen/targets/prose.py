"""What targets say of a property in words, and how words are laid out in lines."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator

from fal_codegen.document.schema import FileUrl, Keyword, constraints
from fal_codegen.exhaustive import assert_never
from fal_codegen.ir import Direction, Property
from fal_codegen.text.blocks import dedented, mark_of, source_lines
from fal_codegen.text.escaping import json_text

ROOTS = {"Input": "What the endpoint takes.", "Output": "What the endpoint returns."}
"""What is said of an endpoint's Input and Output if the document says nothing."""


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
    is_file = isinstance(prop.schema, FileUrl)
    for keyword, value in constraints(prop.schema).items():
        if words := _limit(keyword, "Of its URL, characters" if is_file else "Characters"):
            yield f"{words} {value}"


def _limit(keyword: Keyword, characters: str) -> str:
    """Return what precedes the value of a constraint; empty for one that is not described."""
    match keyword:
        case "minimum":
            return "At least"
        case "exclusiveMinimum":
            return "More than"
        case "maximum":
            return "At most"
        case "exclusiveMaximum":
            return "Less than"
        case "multipleOf":
            return "A multiple of"
        case "minItems":
            return "Items at least:"
        case "maxItems":
            return "Items at most:"
        case "minLength":
            return f"{characters} at least:"
        case "maxLength":
            return f"{characters} at most:"
        case "pattern" | "uniqueItems":
            return ""
        case _:
            assert_never(keyword)


def _described(description: str) -> str:
    """Return a description, as sentences unless it ends in code or in a list."""
    *_, (last, is_code) = [("", True), *source_lines(description)]
    return description if is_code or mark_of(last) else _sentence(description)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
