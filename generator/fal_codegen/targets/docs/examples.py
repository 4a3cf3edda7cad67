"""Example values: those that the document gives, and the plainest valid ones where it gives none.

Deterministic: one endpoint always gets the same values.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fal_codegen.document.fits import fits
from fal_codegen.document.json_values import is_multiple, is_number
from fal_codegen.document.patterns.rust import matches
from fal_codegen.document.schema import (
    Anything,
    Array,
    Boolean,
    Enum,
    FileUrl,
    Integer,
    Map,
    Null,
    Number,
    Ref,
    Schema,
    String,
    Union,
)
from fal_codegen.exhaustive import assert_never
from fal_codegen.ir import Model, Property

_LONGEST = 1000
"""Characters that a made-up text may have."""

_DEEPEST = 20
"""Models in each other after which nothing is filled in: one that needs itself has no value."""

_MOST = 1000
"""Values that an example is made of, after which nothing is filled in either."""

_PATIENCE = 10_000
"""Schemas that a value is held against, after which it counts as none of them."""

_EXTENSIONS = {"image": "png", "video": "mp4", "audio": "mp3", "mask": "png", "zip": "zip"}
"""What a made-up file is, by a word in the name of the property that holds it."""

_TEXTS = ("text", "a", "A", "0", "00:00:00", "#000000", "1:1", "1x1", "en-US", "http://example.com")
"""Texts to try where there is a pattern to be matched."""


class Examples:
    """Example values of one endpoint.

    Args:
        models: Its models.
    """

    def __init__(self, models: Iterable[Model]) -> None:
        self._models = {model.name: model for model in models}
        self._values_left = self._checks_left = 0

    def of(self, model: str, *, complete: bool = False) -> dict[str, Any]:
        """Return a value of a model: what is required, and what the document has an example of.

        Args:
            model: The model's name.
            complete: Whether what has a default is there too.
        """
        self._values_left = _MOST
        return self._object(self._models[model], complete, depth=0)

    def given(self, schema: Schema) -> Any:
        """Return a value made of the document's own examples; None if they do not make one."""
        self._values_left = _MOST
        return self._from_examples(schema, depth=0)

    def accepts(self, value: object, schema: Schema) -> bool:
        """Say whether a value is one of a schema's, and one that a strict client would send."""
        self._checks_left = _PATIENCE
        return self._accepts(value, schema)

    def _accepts(self, value: object, schema: Schema) -> bool:
        self._checks_left -= 1
        if self._checks_left < 0:
            return False
        match schema:
            case Anything():
                return self._accepts_anything(value)
            case Ref(name):
                return isinstance(value, dict) and self._is_of(value, self._models[name])
            case Union(members):
                return any(self._accepts(value, member) for member in members)
            case Null():
                return value is None
            case Array(items, min_items, max_items):
                return (
                    isinstance(value, list)
                    and _is_within(len(value), min_items, max_items)
                    and all(self._accepts(item, items) for item in value)
                )
            case Map(values):
                return isinstance(value, dict) and all(
                    self._accepts(item, values) for item in value.values()
                )
            case FileUrl():
                return isinstance(value, str) and value.startswith(("https://", "http://", "data:"))
            case String():
                return isinstance(value, str) and _is_text(value, schema)
            case Integer() | Number():
                return is_number(value) and fits(value, schema) and _is_number(value, schema)
            case Boolean() | Enum():
                return fits(value, schema)
            case _:
                assert_never(schema)

    def _accepts_anything(self, value: object) -> bool:
        if isinstance(value, (list, dict)):
            inner = value if isinstance(value, list) else value.values()
            return all(self._accepts(item, Anything()) for item in inner)
        return fits(value, Anything())

    def _is_of(self, value: Mapping[str, Any], model: Model) -> bool:
        known = {prop.name: prop for prop in model.properties}
        return (
            all(prop.name in value for prop in model.properties if prop.required)
            and (model.is_open or value.keys() <= known.keys())
            and all(
                (known[name].nullable and item is None) or self._accepts(item, known[name].schema)
                for name, item in value.items()
                if name in known
            )
        )

    def _object(self, model: Model, complete: bool, depth: int) -> dict[str, Any]:
        if depth > _DEEPEST:
            return {}
        made: dict[str, Any] = {}
        for prop in model.properties:
            given = list(self._given(prop, with_default=complete or prop.required))
            if given:
                made[prop.name] = given[0]
            elif prop.required:
                made[prop.name] = self._plainest(prop.schema, prop.name, depth)
        return made

    def _given(self, prop: Property, *, with_default: bool) -> Iterator[Any]:
        """Yield what the document gives for a property, as far as it is valid."""
        given = list(prop.examples)
        if with_default and prop.default is not None:
            given.append(prop.default.value)
        for value in given:
            if self.accepts(value, prop.schema):
                yield value

    def _from_examples(self, schema: Schema, depth: int) -> Any:
        self._values_left -= 1
        if self._values_left < 0 or depth > _DEEPEST:
            return None
        match schema:
            case Union(members):
                values = (self._from_examples(member, depth) for member in members)
                return next((value for value in values if value is not None), None)
            case Array(items):
                item = self._from_examples(items, depth + 1)
                return None if item is None else [item]
            case Ref(name):
                return self._object_from_examples(self._models[name], depth)
            case _:
                return None

    def _object_from_examples(self, model: Model, depth: int) -> dict[str, Any] | None:
        made: dict[str, Any] = {}
        for prop in model.properties:
            value = next(self._given(prop, with_default=False), None)
            if value is None:
                value = self._from_examples(prop.schema, depth + 1)
            if value is not None:
                made[prop.name] = value
            elif prop.required:
                return None
        return made or None

    def _plainest(self, schema: Schema, name: str, depth: int) -> Any:
        self._values_left -= 1
        if self._values_left < 0:
            return None
        match schema:
            case Ref(model):
                return self._object(self._models[model], complete=False, depth=depth + 1)
            case Union(members):
                return self._plainest(members[0], name, depth)
            case Enum(values):
                return values[0]
            case Array(items, min_items, max_items):
                wanted = min(max(min_items or 0, 1), 1 << 31 if max_items is None else max_items)
                count = min(wanted, self._values_left) if depth < _DEEPEST else 0
                return [self._plainest(items, name, depth) for _ in range(count)]
            case String():
                return _text(schema, name)
            case FileUrl():
                return f"https://example.com/{file_name(name)}"
            case Integer() | Number():
                return _number(schema)
            case Boolean():
                return False
            case Null():
                return None
            case Anything() | Map():
                return {}
            case _:
                assert_never(schema)


def file_name(name: str) -> str:
    """Return a name for the file that a property takes."""
    words = name.removesuffix("s").removesuffix("_url") or "file"
    kind = next((found for word, found in _EXTENSIONS.items() if word in words), "bin")
    return f"{re.sub('[^A-Za-z0-9]+', '-', words).strip('-') or 'file'}.{kind}"


def _text(schema: String, name: str) -> str:
    own = " ".join(re.findall("[A-Za-z0-9]+", name)) or "text"
    least = min(schema.min_length or 0, _LONGEST)
    tried = (own, *_TEXTS)
    return next(
        (text for text in tried if _is_text(text, schema)),
        own.ljust(least, "x")[: schema.max_length],
    )


def _is_text(text: str, schema: String) -> bool:
    if not _is_within(len(text), schema.min_length, schema.max_length):
        return False
    return schema.pattern is None or matches(schema.pattern, text)


def _is_within(size: int, least: int | None, most: int | None) -> bool:
    return (least or 0) <= size and (most is None or size <= most)


def _number(schema: Integer | Number) -> float:
    """Return the number of a schema that is nearest to 0, if there is one that is."""
    whole = isinstance(schema, Integer)
    step = 1 if schema.multiple_of is None else schema.multiple_of
    lows = [bound for bound in (schema.minimum, schema.exclusive_minimum) if bound is not None]
    highs = [bound for bound in (schema.maximum, schema.exclusive_maximum) if bound is not None]
    low, high = max(lows, default=-math.inf), min(highs, default=math.inf)
    start = max(low, min(0, high))
    if not whole and _is_number(start, schema):
        return start
    if not math.isinf(start / step):
        nearest = math.floor(start / step)
        multiples = (steps * step for steps in range(nearest - 2, nearest + 3))
        for number in sorted(multiples, key=abs):
            if _is_number(number, schema):
                return number
    middle = max(low, start - 1) / 2 + min(high, start + 1) / 2
    return int(middle) if whole else middle


def _is_number(value: float, schema: Integer | Number) -> bool:
    return (
        (schema.minimum is None or value >= schema.minimum)
        and (schema.maximum is None or value <= schema.maximum)
        and (schema.exclusive_minimum is None or value > schema.exclusive_minimum)
        and (schema.exclusive_maximum is None or value < schema.exclusive_maximum)
        and (schema.multiple_of is None or is_multiple(value, schema.multiple_of))
    )
