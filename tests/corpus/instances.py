"""Valid values for a schema. Deterministic: a seed always results in the same values."""

from __future__ import annotations

import math
import random
import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .contract import Contract, Place, Schema

_DEEP = 6
"""Steps into a schema after which only required properties are set, so that recursion ends."""

_TEXTS = (
    "a cat",
    "https://example.test/a.png",
    "folder/a file.png",
    "data:text/plain,1",
    "ünï 日本 🎨",
    'quotes " and \\ and\nnew lines',
    " ",
    "0",
    "word_1",
    "abc",
)

ONE_OF_EACH: tuple[Any, ...] = (True, False, 7, -0.5, "a text", [], ["a text"], {}, {"a name": 1})
"""Values of every type of JSON but null."""


class Part(NamedTuple):
    """A part of a value: its place and its schema."""

    place: Place
    schema: Schema


@dataclass(frozen=True)
class Made:
    """A value, and every part of it."""

    value: Any
    parts: list[Part] = field(default_factory=list)


class Instances:
    """Makes values for the schemas of one document."""

    def __init__(self, contract: Contract, *, seed: str) -> None:
        self._contract = contract
        self._choose = random.Random(seed)
        self._optional = 0.0

    def valid(self, schema: Schema, *, optional: float) -> Made:
        """Return a valid value; `optional` is the share of optional properties that it has."""
        parts: list[Part] = []
        self._optional = optional
        return Made(self._value(schema, (), parts), parts)

    def _value(self, schema: Schema, place: Place, parts: list[Part]) -> Any:
        schema = self._contract.resolved(schema)
        for union in ("anyOf", "oneOf", "allOf"):
            if schema.get(union):
                beside = {key: item for key, item in schema.items() if key != union}
                member = self._contract.resolved(self._choose.choice(schema[union]))
                return self._value({**beside, **member}, place, parts)
        parts.append(Part(place, schema))
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._choose.choice(schema["enum"])
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = self._choose.choice(kind)
        match kind:
            case "object":
                return self._object(schema, place, parts)
            case "array":
                return self._array(schema, place, parts)
            case "string":
                return self._string(schema)
            case "integer" | "number":
                return self._number(schema, whole=kind == "integer")
            case "boolean":
                return self._choose.random() < 0.5
            case "null":
                return None
            case _:
                return self._choose.choice(ONE_OF_EACH)

    def _object(self, schema: Schema, place: Place, parts: list[Part]) -> Schema:
        required = schema.get("required", ())
        listed = schema.get("properties", {})
        made = {}
        for name in dict.fromkeys([*listed, *required]):
            if name in required or (len(place) < _DEEP and self._choose.random() < self._optional):
                made[name] = self._value(listed.get(name, {}), (*place, name), parts)
        others = schema.get("additionalProperties")
        if isinstance(others, dict) and len(place) < _DEEP:
            made["other"] = self._value(others, (*place, "other"), parts)
        return made

    def _array(self, schema: Schema, place: Place, parts: list[Part]) -> list[Any]:
        first = schema.get("prefixItems", [])
        fewest = schema.get("minItems", 0 if len(place) >= _DEEP or "items" not in schema else 1)
        count = min(max(fewest, len(first)), schema.get("maxItems", math.inf))
        if self._choose.random() < 0.3 and len(place) < _DEEP:
            count = min(count + 1, schema.get("maxItems", math.inf))
        schemas = [*first, *[schema.get("items", {})] * int(count)][: int(count)]
        made: list[Any] = []
        for item in schemas:
            inside: list[Part] = []
            value = self._value(item, (*place, len(made)), inside)
            if not (schema.get("uniqueItems") and value in made):
                made.append(value)
                parts.extend(inside)
        return made

    def _string(self, schema: Schema) -> str:
        fitting = [text for text in _TEXTS if re.search(schema.get("pattern", ""), text)]
        text = self._choose.choice(fitting)
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
            value = round(min(math.ceil(value / step), math.floor(high / step)) * step, 10)
        if whole or float(value).is_integer():
            return int(value)
        number: float = min(max(float(f"{value:.6g}"), low), high)
        return number
