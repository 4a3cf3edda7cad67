"""Example values: those that the document gives, and the plainest valid ones where it gives none.

Deterministic: one endpoint always gets the same values.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fal_codegen.document.plain import NULL, fits, is_multiple
from fal_codegen.document.schemas import matches
from fal_codegen.ir import REF, Model, PlainSchema, Property

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

    def given(self, schema: PlainSchema) -> Any:
        """Return a value made of the document's own examples; None if they do not make one."""
        self._values_left = _MOST
        return self._from_examples(schema, depth=0)

    def accepts(self, value: object, schema: PlainSchema) -> bool:
        """Say whether a value is one of a schema's, and one that a strict client would send."""
        self._checks_left = _PATIENCE
        return self._accepts(value, schema)

    def _accepts(self, value: object, schema: PlainSchema) -> bool:
        self._checks_left -= 1
        if self._checks_left < 0:
            return False
        if "$ref" in schema:
            model = self._models[schema["$ref"].removeprefix(REF)]
            return isinstance(value, dict) and self._is_of(value, model)
        if "anyOf" in schema:
            return any(self._accepts(value, member) for member in schema["anyOf"])
        if schema == NULL:
            return value is None
        if isinstance(value, list):
            return (
                schema.get("type", "array") == "array"
                and _is_within(len(value), schema, "Items")
                and all(self._accepts(item, schema.get("items", {})) for item in value)
            )
        if isinstance(value, dict):
            values = schema.get("additionalProperties", {})
            return schema.get("type", "object") == "object" and all(
                self._accepts(item, values) for item in value.values()
            )
        if schema.get("format") == "file":
            return isinstance(value, str) and value.startswith(("https://", "http://", "data:"))
        if isinstance(value, str):
            return fits(value, schema) and _is_text(value, schema)
        return fits(value, schema) and (isinstance(value, bool) or _is_number(value, schema))

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

    def _from_examples(self, schema: PlainSchema, depth: int) -> Any:
        self._values_left -= 1
        if self._values_left < 0 or depth > _DEEPEST:
            return None
        if "anyOf" in schema:
            members = (self._from_examples(member, depth) for member in schema["anyOf"])
            return next((value for value in members if value is not None), None)
        if schema.get("type") == "array":
            item = self._from_examples(schema["items"], depth + 1)
            return None if item is None else [item]
        if "$ref" not in schema:
            return None
        made: dict[str, Any] = {}
        for prop in self._models[schema["$ref"].removeprefix(REF)].properties:
            value = next(self._given(prop, with_default=False), None)
            if value is None:
                value = self._from_examples(prop.schema, depth + 1)
            if value is not None:
                made[prop.name] = value
            elif prop.required:
                return None
        return made or None

    def _plainest(self, schema: PlainSchema, name: str, depth: int) -> Any:
        self._values_left -= 1
        if self._values_left < 0:
            return None
        if "$ref" in schema:
            model = self._models[schema["$ref"].removeprefix(REF)]
            return self._object(model, complete=False, depth=depth + 1)
        if "anyOf" in schema:
            return self._plainest(schema["anyOf"][0], name, depth)
        if "enum" in schema:
            return schema["enum"][0]
        kind = schema.get("type")
        if kind == "array":
            wanted = min(max(schema.get("minItems", 0), 1), schema.get("maxItems", 1 << 31))
            count = min(wanted, self._values_left) if depth < _DEEPEST else 0
            return [self._plainest(schema["items"], name, depth) for _ in range(count)]
        if kind == "string":
            return _text(schema, name)
        if kind in ("integer", "number"):
            return _number(schema, whole=kind == "integer")
        return {"boolean": False, "null": None}.get(str(kind), {})


def file_name(name: str) -> str:
    """Return a name for the file that a property takes."""
    words = name.removesuffix("s").removesuffix("_url") or "file"
    kind = next((found for word, found in _EXTENSIONS.items() if word in words), "bin")
    return f"{re.sub('[^A-Za-z0-9]+', '-', words).strip('-') or 'file'}.{kind}"


def _text(schema: PlainSchema, name: str) -> str:
    if schema.get("format") == "file":
        return f"https://example.com/{file_name(name)}"
    own = " ".join(re.findall("[A-Za-z0-9]+", name)) or "text"
    least = min(schema.get("minLength", 0), _LONGEST)
    tried = (own, *_TEXTS)
    return next(
        (text for text in tried if _is_text(text, schema)),
        own.ljust(least, "x")[: schema.get("maxLength")],
    )


def _is_text(text: str, schema: PlainSchema) -> bool:
    if not _is_within(len(text), schema, "Length"):
        return False
    return "pattern" not in schema or matches(schema["pattern"], text)


def _is_within(size: int, schema: PlainSchema, noun: str) -> bool:
    return bool(schema.get(f"min{noun}", 0) <= size <= schema.get(f"max{noun}", size))


def _number(schema: PlainSchema, *, whole: bool) -> float:
    """Return the number of a schema that is nearest to 0, if there is one that is."""
    step: float = schema.get("multipleOf", 1)
    low: float = max(schema.get("minimum", -math.inf), schema.get("exclusiveMinimum", -math.inf))
    high: float = min(schema.get("maximum", math.inf), schema.get("exclusiveMaximum", math.inf))
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


def _is_number(value: Any, schema: PlainSchema) -> bool:
    step = schema.get("multipleOf")
    return (
        schema.get("minimum", value) <= value <= schema.get("maximum", value)
        and value > schema.get("exclusiveMinimum", -math.inf)
        and value < schema.get("exclusiveMaximum", math.inf)
        and (step is None or is_multiple(value, step))
    )
