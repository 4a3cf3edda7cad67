"""Values that differ from a valid one in one place, by kind of difference."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from .contract import Place, Schema
from .instances import ONE_OF_EACH, Made


class Change(NamedTuple):
    """A value that differs from a valid one in one place.

    Attributes:
        kind: How it differs, such as `null` or `missing`.
        given: The value at the place; None if there is none.
    """

    kind: str
    place: Place
    given: Any
    value: Any


def changes(made: Made) -> Iterator[Change]:
    """Yield a changed value for every place and every kind of difference."""
    for part in made.parts:
        value = at(made.value, part.place)
        for kind, given in _others(part.schema, value):
            yield changed(made, kind, part.place, given)
        if isinstance(value, dict):
            yield _with_names(
                made, "unknown", part.place, "no_such_name", {**value, "no_such_name": 1}
            )
            for name in part.schema.get("required", ()):
                rest = {key: item for key, item in value.items() if key != name}
                yield _with_names(made, "missing", part.place, name, rest)


def changed(made: Made, kind: str, place: Place, given: Any) -> Change:
    """Return a value with another one at a place."""
    return Change(kind, place, given, put(made.value, place, given))


def _with_names(made: Made, kind: str, place: Place, name: str, given: Schema) -> Change:
    return Change(kind, (*place, name), given.get(name), put(made.value, place, given))


def _others(schema: Schema, value: Any) -> Iterator[tuple[str, Any]]:
    yield "null", None
    for other in ONE_OF_EACH:
        if type(other) is not type(value):
            yield "other type", other
    if isinstance(value, str):
        yield from _other_texts(schema, value)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield from _other_numbers(schema, value)
    elif isinstance(value, list):
        yield from _other_lengths(schema, value)


def _other_texts(schema: Schema, value: str) -> Iterator[tuple[str, Any]]:
    yield "empty text", ""
    yield "other text", value + "?"
    yield "other scheme", f"ftp://example.test/{len(value)}"
    if "enum" in schema or "const" in schema:
        yield "other member", value.swapcase() + "-"
    if "pattern" in schema:
        yield "other pattern", value + " "
        yield "other pattern", value + "\n"
        yield "other pattern", value + "ü"
    for kind, length in _lengths(schema, "Length"):
        yield kind, value.ljust(length, "🎨")[:length]


def _other_numbers(schema: Schema, value: float) -> Iterator[tuple[str, Any]]:
    kinds = schema.get("type", "number" if isinstance(value, float) else "integer")
    if "integer" in kinds:
        yield "whole fraction", float(value)
        yield "fraction", value % 1000 + 0.5
    yield "huge", 2**70
    yield "huge", -(2**70)
    gap = 1 if "integer" in kinds else 1e-3
    for keyword in ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"):
        if keyword in schema:
            out = -gap if "inimum" in keyword else gap
            for by in (out, 0, -out):
                yield _near(keyword, by), schema[keyword] + by
    if "multipleOf" in schema:
        yield "between steps", value + schema["multipleOf"] / 2
        yield "next step", value + schema["multipleOf"]
    if "enum" in schema:
        yield from (("other member", value + by) for by in (-1, 1, 0.5))


def _other_lengths(schema: Schema, value: list[Any]) -> Iterator[tuple[str, Any]]:
    if not value:
        return
    for kind, length in _lengths(schema, "Items"):
        yield kind, (value * (length // len(value) + 1))[:length]
    yield "twice the same", [*value, value[-1]]


def _lengths(schema: Schema, noun: str) -> Iterator[tuple[str, int]]:
    for keyword, by in (
        (f"min{noun}", -1),
        (f"min{noun}", 0),
        (f"max{noun}", 0),
        (f"max{noun}", 1),
    ):
        length = schema.get(keyword, -1) + by
        if keyword in schema and length >= 0:
            yield _near(keyword, by), length


def _near(keyword: str, by: float) -> str:
    return f"{keyword} itself" if by == 0 else f"near {keyword}"


def at(value: Any, place: Place) -> Any:
    """Return the part of a value at a place."""
    for step in place:
        value = value[step]
    return value


def put(value: Any, place: Place, given: Any) -> Any:
    """Return a copy of a value with another one at a place."""
    if not place:
        return given
    step, *rest = place
    copied: Any = list(value) if isinstance(value, list) else dict(value)
    copied[step] = put(
        value.get(step) if isinstance(value, dict) else value[step], tuple(rest), given
    )
    return copied
