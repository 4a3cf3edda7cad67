"""Make up a value for a schema: one of its examples if they hold, else the plainest that is valid.

Deterministic: one schema always gives the same value.
"""

from __future__ import annotations

import math
from typing import Any

import jsonschema_rs

from fal_codegen.document.json_schema import Schema, resolve

__all__ = ["Examples"]

_DEEP = 12
"""Steps into a schema after which only what is required is filled in, for recursion to end."""

_BOTTOM = 50
"""Steps after which nothing is: a schema that requires itself has no value that is valid."""

_MOST = 10_000
"""Values that one is made of, and characters of a text, after which nothing more is filled in."""

_EXTENSIONS = {"image": "png", "video": "mp4", "audio": "mp3"}
"""What a made-up file is, by a word in the name of the field that holds it."""


class Examples:
    """The values of one document.

    With `unknown_enum`, that text stands wherever the schema wants one of a set of strings, and
    every optional field is filled in: what a server sends that knows more values than the document.
    """

    def __init__(self, schemas: Schema, *, unknown_enum: str | None = None) -> None:
        self._root: Schema = {"components": {"schemas": schemas}}
        self._unknown_enum = unknown_enum
        self._left = _MOST

    def value(self, schema: Any, names: tuple[str, ...] = ()) -> Any:
        """Return a value for `schema`; `names` has a name for every step on the way to it."""
        if not isinstance(schema, dict):
            return {}
        self._left -= 1
        if len(names) > _BOTTOM or self._left < 0:
            return None
        if self._unknown_enum and _is_set_of_strings(schema):
            return self._unknown_enum
        if self._unknown_enum is None:
            for example in self._given(schema):
                return example
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return next((value for value in schema["enum"] if value is not None), None)
        if "$ref" in schema:
            return self.value(resolve(self._root, schema["$ref"]), _deeper(names))
        if "allOf" in schema:
            return self._all_of(schema, names)
        for alternatives in ("anyOf", "oneOf"):
            if alternatives in schema:
                return self.value(self._preferred(schema[alternatives]), names)
        return self._plain(schema, names)

    def _given(self, schema: Schema) -> list[Any]:
        """Return those of the document's own examples that are valid, its default last."""
        given = [*schema.get("examples", [])]
        if "default" in schema and schema["default"] is not None:
            given.append(schema["default"])
        if not given:
            return given
        validator = jsonschema_rs.Draft202012Validator({**schema, **self._root})
        return [example for example in given if validator.is_valid(example)]

    def _preferred(self, alternatives: list[Any]) -> Any:
        """Choose the first alternative but null, or where an unknown value is to stand."""
        real = [option for option in alternatives if option != {"type": "null"}] or alternatives
        if self._unknown_enum:
            return next((option for option in real if _is_set_of_strings(option)), real[0])
        return real[0]

    def _all_of(self, schema: Schema, names: tuple[str, ...]) -> Any:
        """Lay the parts over each other if they are objects; if not, the first speaks for all."""
        rest = {keyword: value for keyword, value in schema.items() if keyword != "allOf"}
        parts = [self.value(part, names) for part in schema["allOf"]]
        if "properties" in rest:
            parts.append(self._plain(rest, names))
        if parts and all(isinstance(part, dict) for part in parts):
            return {name: value for part in parts for name, value in part.items()}
        return parts[0] if parts else self._plain(rest, names)

    def _plain(self, schema: Schema, names: tuple[str, ...]) -> Any:
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = next((k for k in kind if k != "null"), "null")
        if kind == "array" or (kind is None and "items" in schema):
            return self._array(schema, names)
        match kind:
            case "string":
                return _string(schema, names)
            case "integer":
                return _integer(schema)
            case "number":
                return _number(schema)
            case "boolean":
                return False
            case "null":
                return None
            case _:
                return self._object(schema, names)

    def _object(self, schema: Schema, names: tuple[str, ...]) -> Schema:
        required = set(schema.get("required", ()))
        shallow = len(names) < _DEEP
        return {
            name: self.value(field, (*names, name))
            for name, field in schema.get("properties", {}).items()
            if name in required or (shallow and (self._unknown_enum or _has_examples(field)))
        } | {name: {} for name in sorted(required - set(schema.get("properties", {})))}

    def _array(self, schema: Schema, names: tuple[str, ...]) -> list[Any]:
        names = _deeper(names)
        fixed = [self.value(item, names) for item in schema.get("prefixItems", [])]
        wanted = schema.get("minItems", 0)
        if not fixed and "items" in schema and len(names) < _DEEP:
            wanted = max(wanted, min(1, schema.get("maxItems", 1)))
        missing = max(min(wanted - len(fixed), self._left), 0)
        return fixed + [self.value(schema.get("items", {}), names) for _ in range(missing)]


def _deeper(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names for a step that has none of its own: it goes by the name before it."""
    return (*names, names[-1] if names else "")


def _is_set_of_strings(schema: object) -> bool:
    values = schema.get("enum") if isinstance(schema, dict) else None
    return bool(values) and any(isinstance(value, str) for value in values or ())


def _has_examples(field: object) -> bool:
    return isinstance(field, dict) and bool(field.get("examples"))


def _string(schema: Schema, names: tuple[str, ...]) -> str:
    last = names[-1] if names else ""
    if last == "url" or last.endswith(("_url", "_urls")) or schema.get("format") in ("uri", "url"):
        field = next((name for name in reversed(names) if name != "url"), "file")
        kind = next((ext for word, ext in _EXTENSIONS.items() if word in field), "bin")
        text = f"https://v3.fal.media/files/emulator/{field}.{kind}"
    else:
        text = last or "text"
    text = text.ljust(min(schema.get("minLength", 0), _MOST), "x")
    return text[: schema.get("maxLength", len(text))]


def _integer(schema: Schema) -> int:
    low = max(schema.get("minimum", -math.inf), schema.get("exclusiveMinimum", -math.inf) + 1)
    high = min(schema.get("maximum", math.inf), schema.get("exclusiveMaximum", math.inf) - 1)
    return math.ceil(_multiple(max(low, min(0, high)), schema.get("multipleOf", 1)))


def _number(schema: Schema) -> float:
    low = max(schema.get("minimum", -math.inf), schema.get("exclusiveMinimum", -math.inf))
    high = min(schema.get("maximum", math.inf), schema.get("exclusiveMaximum", math.inf))
    value = float(max(low, min(0.0, high)))
    if value in (schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")):
        low, high = max(low, value - 2), min(high, value + 2)
        value = (low + high) / 2
    return _multiple(value, schema["multipleOf"]) if "multipleOf" in schema else value


def _multiple(value: float, step: float) -> float:
    """Return the first multiple of `step` that is not below `value`."""
    ratio = value / step
    return value if math.isinf(ratio) else math.ceil(ratio) * step
