"""Descriptions of properties, as comments and docstrings have them, wrapped into lines."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator

from fal_codegen.document.schema import FileUrl, Keyword, constraints
from fal_codegen.exhaustive import assert_never
from fal_codegen.ir import Direction, Property
from fal_codegen.text.blocks import dedented, mark_of, source_lines
from fal_codegen.text.escaping import json_text

ROOTS = {"Input": "What the endpoint takes.", "Output": "What the endpoint returns."}
"""Descriptions of an endpoint's Input and Output, if the document has none."""


def documentation(prop: Property, direction: Direction, *, with_default: bool = True) -> str:
    """Return the documentation of a property: its description, and the constraints of an input.

    Args:
        prop: The property.
        direction: The direction it travels in.
        with_default: Whether to state an input's default and deprecation; a language may have its
            own syntax for them.
    """
    parts: list[str] = []
    if direction is Direction.INPUT:
        if not prop.description and prop.examples:
            parts.append(f"For example: `{json_text(prop.examples[0])}`")
        parts.extend(_range(prop))
        if with_default and prop.default is not None:
            parts.append(f"Default on the server: `{json_text(prop.default.value)}`")
        if with_default and prop.deprecated:
            parts.append("Deprecated")
    sentences = " ".join(map(_sentence, parts))
    description = "\n".join(dedented(prop.description))
    between = "\n\n" if "\n" in description else " "
    return f"{_described(description)}{between}{sentences}".strip()


def wrapped(text: str, width: int, escape: Callable[[str, bool], str]) -> list[str]:
    """Return the lines of a text: prose is wrapped between words, code is kept as it is.

    Args:
        text: The text.
        width: The column to wrap at.
        escape: Escapes a line before it is measured; called with the line and whether it is code.
    """
    lines: list[str] = []
    for line, is_code in source_lines(text):
        escaped = escape(line, is_code)
        lines += (
            [escaped] if is_code or not line.strip() else _wrapped(escaped, mark_of(line), width)
        )
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
    """Return the words before the value of a constraint; empty for a constraint left out."""
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
    """Return a description, with a full stop unless it ends in code or in a list."""
    *_, (last, is_code) = [("", True), *source_lines(description)]
    return description if is_code or mark_of(last) else _sentence(description)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
