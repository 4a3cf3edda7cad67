"""Descriptions of models and properties for comments and docstrings, and limits in words."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping
from functools import cache

from fal_codegen.document.file_limits import FileLimits
from fal_codegen.document.schema import (
    Array,
    FileUrl,
    Keyword,
    Map,
    Scalar,
    Schema,
    String,
    constraints,
    inner,
)
from fal_codegen.exhaustive import assert_never
from fal_codegen.ir import Direction, Model, Property
from fal_codegen.text.blocks import dedented, mark_of, source_lines
from fal_codegen.text.escaping import json_text

_ROOTS = {"Input": "The endpoint's input.", "Output": "The endpoint's output."}


def model_description(model: Model) -> str:
    """Return a model's description; an Input and an Output always have one."""
    return model.description or _ROOTS.get(model.name, "")


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
        parts += (f"{limit[0].upper()}{limit[1:]}" for limit in limits(prop.schema))
        if with_default and prop.default is not None:
            parts.append(f"Default on the server: `{json_text(prop.default.value)}`")
        if with_default and prop.deprecated:
            parts.append("Deprecated")
    sentences = " ".join(map(_sentence, parts))
    description = _described(prop.description)
    between = "\n\n" if "\n" in description else " "
    return f"{description}{between}{sentences}".strip()


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
    if len(line) <= width:
        return [line.rstrip()]
    margin = line[: len(line) - len(line.lstrip(" "))]
    return textwrap.wrap(
        line.strip(),
        width,
        initial_indent=margin,
        subsequent_indent=margin + " " * len(mark),
        break_long_words=False,
        break_on_hyphens=False,
    )


def limits(schema: Schema) -> Iterator[str]:
    """Yield the limits of a schema's values, and of the values inside them, in words."""
    given = constraints(schema)
    yield from dict.fromkeys(filter(None, (_limit(keyword, given, schema) for keyword in given)))
    if isinstance(schema, FileUrl):
        yield from _file_limits(schema.file_limits)
    inside = {Array: "each item: ", Map: "each value: "}.get(type(schema), "")
    for part in inner(schema):
        yield from (f"{inside}{limit}" for limit in limits(part))


def pattern_of(schema: Schema) -> str | None:
    """Return the regular expression that a string must match; None if any string will do."""
    return schema.pattern if isinstance(schema, String) else None


def _limit(keyword: Keyword, given: Mapping[Keyword, Scalar], schema: Schema) -> str:
    """Return a constraint in words; empty for a pattern, which `pattern_of` returns."""
    match keyword:
        case "minimum" | "maximum":
            return _range(given.get("minimum"), given.get("maximum"))
        case "exclusiveMinimum":
            return f"more than {json_text(given[keyword])}"
        case "exclusiveMaximum":
            return f"less than {json_text(given[keyword])}"
        case "multipleOf":
            return f"a multiple of {json_text(given[keyword])}"
        case "minItems" | "maxItems":
            return _range(given.get("minItems"), given.get("maxItems"), "item")
        case "uniqueItems":
            return "no duplicates"
        case "minLength" | "maxLength":
            size = _range(given.get("minLength"), given.get("maxLength"), "character")
            return f"a URL of {size}" if isinstance(schema, FileUrl) else size
        case "pattern":
            return ""
        case _:
            assert_never(keyword)


def _file_limits(limits: FileLimits) -> Iterator[str]:
    """Yield the limits of a file in words: as one limit, if there are any."""
    size, pixels = limits.max_file_size, limits.max_pixels
    ratio = _range(limits.min_aspect_ratio, limits.max_aspect_ratio)
    parts = (
        f"at most {_bytes(size)}" if size is not None else "",
        _range(limits.min_width, limits.max_width, "pixel", " in width"),
        _range(limits.min_height, limits.max_height, "pixel", " in height"),
        _range(None, pixels, "pixel", " in all"),
        f"an aspect ratio of {ratio}" if ratio else "",
        _range(limits.min_duration, limits.max_duration, "second"),
        _range(limits.min_fps, limits.max_fps, "frame", " per second"),
    )
    if words := ", ".join(filter(None, parts)):
        yield f"a file of {words}"


def _bytes(size: float) -> str:
    """Return a number of bytes in the largest unit that states it exactly."""
    for unit, power in (("MiB", 1 << 20), ("MB", 10**6), ("KiB", 1 << 10), ("kB", 1000)):
        if size % power == 0:
            return f"{int(size // power)} {unit}"
    return f"{json_text(size)} bytes"


def _range(least: Scalar | None, most: Scalar | None, noun: str = "", what: str = "") -> str:
    """Return a range in words; empty without bounds."""
    if least is None and most is None:
        return ""
    single = most if least is None or least == most else least if most is None else None
    words = "at least" if most is None else "at most" if least is None else "exactly"
    size = (
        f"{json_text(least)} to {json_text(most)}"
        if single is None
        else f"{words} {json_text(single)}"
    )
    return f"{size} {noun if single == 1 else f'{noun}s'}{what}" if noun else size


@cache  # many endpoints have the same properties
def _described(text: str) -> str:
    """Return a description, with a full stop unless it ends in code or in a list."""
    description = "\n".join(dedented(text))
    *_, (last, is_code) = [("", True), *source_lines(description)]
    return description if is_code or mark_of(last) else _sentence(description)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
