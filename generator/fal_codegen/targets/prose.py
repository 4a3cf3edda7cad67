"""What targets say of a property in words, and how words are laid out in lines."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator

from fal_codegen.ir import Direction, Property

ROOTS = {"Input": "What the endpoint takes.", "Output": "What the endpoint returns."}
"""What is said of an endpoint's Input and Output if the document says nothing."""

_LONGEST_VALUE = 200
"""Characters of a value that are shown."""

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
    parts = [prop.description]
    if direction is Direction.INPUT:
        if not prop.description and prop.examples:
            parts.append(f"For example: `{shown(prop.examples[0])}`")
        parts.extend(_range(prop))
        if tells_default and prop.default is not None:
            parts.append(f"Default on the server: `{shown(prop.default.value)}`")
        if tells_default and prop.deprecated:
            parts.append("Deprecated")
    return " ".join(_sentence(part) for part in parts if part)


def shown(value: object) -> str:
    """Return a value as JSON, cut if it is long."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


def wrapped(paragraph: str, width: int) -> list[str]:
    """Return the lines of a paragraph, which keep its indentation and break no word."""
    if not paragraph.strip():
        return [""]
    margin = paragraph[: len(paragraph) - len(paragraph.lstrip(" "))]
    return textwrap.wrap(
        paragraph.strip(),
        width,
        initial_indent=margin,
        subsequent_indent=margin,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _range(prop: Property) -> Iterator[str]:
    whose = "Of its URL, c" if prop.schema.get("format") == "file" else "C"
    for keyword, words in _RANGE:
        if keyword in prop.schema:
            yield f"{words.replace('C', whose)} {prop.schema[keyword]}"


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
