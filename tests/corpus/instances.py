"""Values made up for a schema: valid ones, and such as differ from a valid one in one place.

Deterministic: one seed always gives the same values.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .contract import Contract, Path, Schema

_DEEP = 6
"""Steps into a schema after which only what is required is filled in, for recursion to end."""

_TEXTS = (
    "a cat",
    "https://example.test/a.png",
    "folder/a file.png",
    "data:text/plain,1",
    "ünï 日本 🎨",
    'quotes " and \\ and\nnew lines',
    " ",
    "0",
)

_ONE_OF_EACH = (True, False, 7, -0.5, "a text", [], ["a text"], {}, {"a name": 1})
"""Values of every type of JSON but null."""


class Place(NamedTuple):
    """A place in a value, and the schema that the value there was made for."""

    path: Path
    schema: Schema


@dataclass(frozen=True)
class Made:
    """A value, and every place in it."""

    value: Any
    places: list[Place] = field(default_factory=list)


class Change(NamedTuple):
    """A value that differs from a valid one in one place.

    Attributes:
        kind: How it differs, such as `null` or `above maximum`.
        given: What stands at the place; None if nothing does.
    """

    kind: str
    path: Path
    given: Any
    value: Any


class Instances:
    """Makes values for the schemas of one document."""

    def __init__(self, contract: Contract, *, seed: str) -> None:
        self._contract = contract
        self._choose = random.Random(seed)
        self._optional = 0.0

    def valid(self, schema: Schema, *, optional: float) -> Made:
        """Return a value that is valid, with so much of what may be left out."""
        places: list[Place] = []
        self._optional = optional
        return Made(self._value(schema, (), places), places)

    def changes(self, made: Made) -> Iterator[Change]:
        """Yield the value with one thing changed, for every place and every thing to change."""
        for place in made.places:
            value = _at(made.value, place.path)
            for kind, given in self._others(place.schema, value):
                yield Change(kind, place.path, given, with_changed(made.value, place.path, given))
            if isinstance(value, dict):
                unknown = {**value, "no_such_name": 1}
                path = (*place.path, "no_such_name")
                if "additionalProperties" in place.schema:
                    yield Change("unknown", path, 1, with_changed(made.value, place.path, unknown))
                for name in place.schema.get("required", ()):
                    rest = {key: item for key, item in value.items() if key != name}
                    path = (*place.path, name)
                    yield Change("missing", path, None, with_changed(made.value, place.path, rest))

    def _value(self, schema: Schema, path: Path, places: list[Place]) -> Any:
        schema = self._contract.resolved(schema)
        for union in ("anyOf", "oneOf", "allOf"):
            if schema.get(union):
                beside = {key: item for key, item in schema.items() if key != union}
                member = self._contract.resolved(self._choose.choice(schema[union]))
                return self._value({**beside, **member}, path, places)
        places.append(Place(path, schema))
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._choose.choice(schema["enum"])
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = self._choose.choice(kind)
        match kind:
            case "object":
                return self._object(schema, path, places)
            case "array":
                return self._array(schema, path, places)
            case "string":
                return self._string(schema)
            case "integer" | "number":
                return self._number(schema, whole=kind == "integer")
            case "boolean":
                return self._choose.random() < 0.5
            case "null":
                return None
            case _:
                return self._choose.choice(_ONE_OF_EACH)

    def _object(self, schema: Schema, path: Path, places: list[Place]) -> Schema:
        required = schema.get("required", ())
        listed = schema.get("properties", {})
        made = {}
        for name in dict.fromkeys([*listed, *required]):
            if name in required or (len(path) < _DEEP and self._choose.random() < self._optional):
                made[name] = self._value(listed.get(name, {}), (*path, name), places)
        others = schema.get("additionalProperties")
        if isinstance(others, dict) and len(path) < _DEEP:
            made["other"] = self._value(others, (*path, "other"), places)
        return made

    def _array(self, schema: Schema, path: Path, places: list[Place]) -> list[Any]:
        first = schema.get("prefixItems", [])
        fewest = schema.get("minItems", 0 if len(path) >= _DEEP or "items" not in schema else 1)
        count = min(max(fewest, len(first)), schema.get("maxItems", math.inf))
        if self._choose.random() < 0.3 and len(path) < _DEEP:
            count = min(count + 1, schema.get("maxItems", math.inf))
        schemas = [*first, *[schema.get("items", {})] * int(count)][: int(count)]
        made: list[Any] = []
        for item in schemas:
            inside: list[Place] = []
            value = self._value(item, (*path, len(made)), inside)
            if not (schema.get("uniqueItems") and value in made):
                made.append(value)
                places.extend(inside)
        return made

    def _string(self, schema: Schema) -> str:
        if "pattern" in schema:
            return "word_1"
        text = self._choose.choice(_TEXTS)
        text = text.ljust(schema.get("minLength", 0), "x")
        return text[: schema.get("maxLength", len(text))]

    def _number(self, schema: Schema, *, whole: bool) -> float:
        step = schema.get("multipleOf", 1 if whole else None)
        gap = step or 1e-3
        low = max(schema.get("minimum", -math.inf), schema.get("exclusiveMinimum", -math.inf) + gap)
        high = min(schema.get("maximum", math.inf), schema.get("exclusiveMaximum", math.inf) - gap)
        low = low if math.isfinite(low) else min(high, 0) - 100
        high = high if math.isfinite(high) else max(low, 0) + 100
        value = self._choose.choice((low, high, self._choose.uniform(low, high)))
        if step is not None:
            value = min(math.ceil(value / step), math.floor(high / step)) * step
        return int(value) if whole or float(value).is_integer() else round(value, 6)

    def _others(self, schema: Schema, value: Any) -> Iterator[tuple[str, Any]]:
        yield "null", None
        for other in _ONE_OF_EACH:
            if type(other) is not type(value):
                yield "other type", other
        if isinstance(value, str):
            yield from self._other_texts(schema, value)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            yield from self._other_numbers(schema, value)
        elif isinstance(value, list):
            yield from self._other_lengths(schema, value)

    def _other_texts(self, schema: Schema, value: str) -> Iterator[tuple[str, Any]]:
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

    def _other_numbers(self, schema: Schema, value: float) -> Iterator[tuple[str, Any]]:
        kinds = schema.get("type", "number" if isinstance(value, float) else "integer")
        if "integer" in kinds:
            yield "whole fraction", float(value)
            yield "fraction", value + 0.5
        yield "huge", 2**70
        yield "huge", -(2**70)
        gap = 1 if "integer" in kinds else 1e-3
        for keyword in ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"):
            if keyword in schema:
                out = -gap if "inimum" in keyword else gap
                for by in (out, 0, -out):
                    yield _outside(keyword, by), schema[keyword] + by
        if "multipleOf" in schema:
            yield "between steps", value + schema["multipleOf"] / 2
            yield "next step", value + schema["multipleOf"]
        for member in schema.get("enum", ()):
            yield "other member", member + 1

    def _other_lengths(self, schema: Schema, value: list[Any]) -> Iterator[tuple[str, Any]]:
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
            yield _outside(keyword, by), length


def _outside(keyword: str, by: float) -> str:
    return f"{keyword} itself" if by == 0 else f"beside {keyword}"


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def with_changed(value: Any, path: Path, given: Any) -> Any:
    """Return a copy of a value with something else at a place."""
    if not path:
        return given
    step, *rest = path
    copied: Any = list(value) if isinstance(value, list) else dict(value)
    copied[step] = with_changed(value[step], tuple(rest), given) if rest else given
    return copied
