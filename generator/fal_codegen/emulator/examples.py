"""Make up a value for a schema: one of its examples if they hold, else the plainest that is valid.

Deterministic: one schema always gives the same value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import jsonschema_rs

from fal_codegen.document.json_schema import Schema, resolve, validator
from fal_codegen.emulator.combining import combined
from fal_codegen.emulator.numbers import number
from fal_codegen.emulator.strings import string

__all__ = ["Examples"]

_DEEP = 12
"""Steps into a schema after which only what is required is filled in, for recursion to end."""

_BOTTOM = 50
"""Steps after which nothing is: a schema that requires itself has no value that is valid."""

_MOST = 10_000
"""Values that one is made of, after which nothing more is filled in."""

_CHECKS = 2_000
"""Values that are checked, after which the first that comes will do: each check takes long."""

_PATIENCE = 16
"""Values of a schema to try where one may be valid and another not."""

_TRIES = 4
"""Values of each alternative to try."""

_ANNOTATIONS = frozenset({"examples", "default", "readOnly", "writeOnly"})

_UNCERTAIN = frozenset({"not", "if", "contains", "propertyNames", "dependentRequired"})
"""Keywords that a value is not built for; it is held against them when it is there."""

_IMAGE_SIDE = 1024
"""Width and height of an image whose document does not say any."""

_KINDS = {
    "object": ("properties", "required", "minProperties", "additionalProperties"),
    "array": ("items", "prefixItems", "minItems", "uniqueItems", "contains"),
    "string": ("pattern", "format", "minLength", "maxLength"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}
"""What a schema without a type is about, by its keywords."""


class Examples:
    """The values of one document.

    Args:
        schemas: Its components, converted.
        leave_out: Properties with this flag are left out: `readOnly` ones of an input, `writeOnly`
            ones of a result.
        unknown_enum: A string that stands wherever a schema wants one of a set of strings. Every
            optional field is filled in then: it is what a server sends that knows more values than
            the document.
    """

    def __init__(
        self, schemas: Schema, *, leave_out: str = "writeOnly", unknown_enum: str | None = None
    ) -> None:
        self._schemas = schemas
        self._root: Schema = {"components": {"schemas": schemas}}
        self._leave_out = leave_out
        self._unknown_enum = unknown_enum
        self._left = _MOST
        self._checks = _CHECKS
        self._validators: dict[str, jsonschema_rs.Validator] = {}

    def value(self, schema: Any, names: tuple[str, ...] = (), nth: int = 0) -> Any:
        """Return a value for `schema`.

        Args:
            schema: The schema.
            names: A name for every step on the way to it.
            nth: Which of its values, as far as there are several: lists may need different ones.
        """
        if not isinstance(schema, dict):
            return {}
        self._left -= 1
        if len(names) > _BOTTOM or self._left < 0:
            return None
        if self._unknown_enum is None:
            given = list(islice(self._given(schema), nth + 1))
            if nth < len(given):
                return given[nth]
            nth -= len(given)
        elif _is_set_of_strings(schema):
            return self._unknown_enum
        if _UNCERTAIN.isdisjoint(schema):
            return self._made(schema, names, nth)
        tried = (
            self._made(variant, so_called, n)
            for so_called in (names, ())
            for variant in self._variants(schema)
            for n in range(nth, nth + _PATIENCE)
        )
        return self._first_valid(tried, schema)

    def _variants(self, schema: Schema) -> list[Schema]:
        """Return the ways in which a schema with a condition can be met."""
        beside = {key: item for key, item in schema.items() if key not in ("if", "then", "else")}
        ways = [(schema.get("if"), schema.get("then")), (schema.get("else"),)]
        variants = []
        for way in ways:
            variant = beside
            for part in way:
                if isinstance(part, dict):
                    variant = self._combined(variant, self._flat(part))
            variants.append(variant)
        return variants if "if" in schema else [schema]

    def _made(self, schema: Schema, names: tuple[str, ...], nth: int) -> Any:
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._one_of(schema, nth)
        if "$ref" in schema:
            referred = self._resolve(schema["$ref"])
            beside = {keyword: item for keyword, item in schema.items() if keyword != "$ref"}
            if not isinstance(referred, dict):
                return self.value(beside, _deeper(names), nth)
            return self.value(self._combined(beside, referred), _deeper(names), nth)
        if schema.get("allOf"):
            return self.value(self._without_parts(schema), _deeper(names), nth)
        for alternatives in ("anyOf", "oneOf"):
            if schema.get(alternatives):
                return self._alternative(schema, alternatives, names, nth)
        return self._plain(schema, names, nth)

    def _given(self, schema: Schema) -> Iterator[Any]:
        """Yield those of the document's own examples that are valid, its default last."""
        given = [*schema.get("examples", [])]
        if schema.get("default") is not None:
            given.append(schema["default"])
        return (example for example in given if self._is_valid(example, schema))

    def _one_of(self, schema: Schema, nth: int) -> Any:
        beside = {keyword: item for keyword, item in schema.items() if keyword != "enum"}
        options = [option for option in schema["enum"] if option is not None]
        if not beside.keys() <= _ANNOTATIONS:
            options = [option for option in options if self._is_valid(option, beside)] or options
        return options[nth % len(options)] if options else None

    def _alternative(self, schema: Schema, keyword: str, names: tuple[str, ...], nth: int) -> Any:
        """Return a value of the first alternative but null that has a valid one."""
        options = [option for option in schema[keyword] if isinstance(option, dict)]
        if not options:
            return self._plain(schema, names, nth)
        options.sort(key=lambda option: option == {"type": "null"})
        if self._unknown_enum:
            options.sort(key=lambda option: not _is_set_of_strings(option))
        if len(names) > _DEEP:
            options.sort(key=lambda option: not option.keys().isdisjoint({"$ref", "items"}))
        beside = {name: item for name, item in schema.items() if name != keyword}
        several = [option for option in options if option != {"type": "null"}]
        if nth and several:
            options = [several[nth % len(several)], *options]
            nth //= len(several)
        if len(options) == 1 or self._unknown_enum:
            return self.value(self._combined(beside, options[0]), _deeper(names), nth)
        tried = (
            self.value(self._combined(beside, one), _deeper(names), n)
            for n in range(nth, nth + _TRIES)
            for one in options
        )
        return self._first_valid(tried, schema)

    def _first_valid(self, values: Iterable[Any], schema: Schema) -> Any:
        """Return the first of some values that is valid, or else the first."""
        first: list[Any] = []
        for value in values:
            if self._is_valid(value, schema):
                return value
            first = first or [value]
            if self._left < 0:
                break
        return first[0]

    def _plain(self, schema: Schema, names: tuple[str, ...], nth: int) -> Any:
        match _kind(schema):
            case "array":
                return self._array(schema, names, nth)
            case "string":
                return string(schema, names, nth)
            case "integer":
                return number(schema, whole=True, nth=nth)
            case "number":
                return number(schema, whole=False, nth=nth)
            case "boolean":
                return nth % 2 == 1
            case "null":
                return None
            case "object":
                return self._object(schema, names, nth)
            case _:
                return nth or {}

    def _object(self, schema: Schema, names: tuple[str, ...], nth: int) -> Schema:
        listed = {
            name: field
            for name, field in schema.get("properties", {}).items()
            if field is not False and not _has_flag(field, self._leave_out)
        }
        wanted = [name for name in listed if self._is_filled_in(name, schema, len(names))]
        wanted += sorted(set(schema.get("required", ())) - set(wanted))
        for name in wanted:  # the list grows: what is needed may need more
            needed = schema.get("dependentRequired", {}).get(name, ())
            wanted += [other for other in needed if other not in wanted]
        missing = min(schema.get("minProperties", 0), self._left) - len(wanted)
        spare = [*listed, *self._new_names(schema, missing)]
        wanted += [name for name in spare if name not in wanted][: max(missing, 0)]
        made = {}
        for name in wanted:
            field = listed[name] if name in listed else _schema_of_others(schema, name)
            made[name] = self.value(field, (*names, name), nth)
        if _is_image(schema):
            made |= {
                side: _IMAGE_SIDE
                for side in ("width", "height")
                if side not in made or not _has_examples(listed[side])
                if self._is_valid(_IMAGE_SIDE, listed[side])
            }
        return made

    def _is_filled_in(self, name: str, schema: Schema, depth: int) -> bool:
        if name in schema.get("required", ()):
            return True
        if len(schema.get("required", ())) >= schema.get("maxProperties", _MOST):
            return False
        has_example = _has_examples(schema["properties"][name])
        return depth < _DEEP and (self._unknown_enum is not None or has_example)

    def _new_names(self, schema: Schema, count: int) -> Iterator[str]:
        """Yield names that an object does not list but may have."""
        shape = schema.get("propertyNames")
        patterns = schema.get("patternProperties", {})
        shape = {"type": "string", **(shape if isinstance(shape, dict) else {})}
        if schema.get("additionalProperties") is False:
            shapes = [{**shape, "pattern": pattern} for pattern in patterns]
        else:
            shapes = [shape]
        for one in shapes:
            for nth in range(max(count, 0)):
                name = self.value(one, ("name",), nth)
                if isinstance(name, str):
                    yield name

    def _array(self, schema: Schema, names: tuple[str, ...], nth: int) -> list[Any]:
        names = _deeper(names)
        made = [self.value(item, names, nth) for item in schema.get("prefixItems", [])]
        items, most = schema.get("items", {}), schema.get("maxItems", _MOST)
        wanted = schema.get("minItems", 0)
        if not made and "items" in schema and len(names) < _DEEP:
            wanted = max(wanted, min(1, most))
        if "contains" in schema:
            made.append(self.value(schema["contains"], names, nth))
        is_set = schema.get("uniqueItems") is True
        seen = {_canonical(item) for item in made}
        tries = 0
        while len(made) < wanted and self._left > 0 and tries < 4 * wanted:
            item = self.value(items, names, nth + tries if is_set or nth else 0)
            tries += 1
            if not is_set or _canonical(item) not in seen:
                made.append(item)
                seen.add(_canonical(item))
        return made[:most]

    def _is_valid(self, value: Any, schema: Schema) -> bool:
        self._checks -= 1
        if self._checks < 0:
            return True
        key = _canonical(schema)
        if key not in self._validators:
            self._validators[key] = validator(schema, self._schemas, formats=True)
        return bool(self._validators[key].is_valid(value))

    def _combined(self, first: Schema, second: Schema) -> Schema:
        if "$ref" in first and "$ref" in second:
            second = self._flat(second)
        return combined(first, second)

    def flat(self, schema: Schema) -> Schema:
        """Return a schema with its references followed, and its parts put together."""
        schema = self._flat(schema)
        return self._without_parts(schema) if schema.get("allOf") else schema

    def _without_parts(self, schema: Schema) -> Schema:
        """Return a schema without `allOf`: combined with what is in there."""
        beside = {keyword: item for keyword, item in schema.items() if keyword != "allOf"}
        for part in schema["allOf"]:
            if isinstance(part, dict):
                beside = self._combined(beside, self._flat(part))
        return beside

    def _flat(self, schema: Schema) -> Schema:
        """Return a schema without a reference: combined with what it refers to."""
        for _ in range(_BOTTOM):
            if "$ref" not in schema:
                return schema
            referred = self._resolve(schema["$ref"])
            beside = {keyword: item for keyword, item in schema.items() if keyword != "$ref"}
            schema = combined(beside, referred if isinstance(referred, dict) else {})
        return {}

    def _resolve(self, reference: str) -> Any:
        return resolve(self._root, reference)


def _kind(schema: Schema) -> str | None:
    kind = schema.get("type")
    if isinstance(kind, list):
        return next((one for one in kind if one != "null"), "null")
    if kind is not None:
        return str(kind)
    about = (kind for kind, words in _KINDS.items() if not schema.keys().isdisjoint(words))
    return next(about, None)


def _deeper(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names for a step that has none of its own: it goes by the name before it."""
    return (*names, names[-1] if names else "")


def _is_set_of_strings(schema: object) -> bool:
    values = schema.get("enum") if isinstance(schema, dict) else None
    return bool(values) and any(isinstance(value, str) for value in values or ())


def _has_examples(field: object) -> bool:
    return isinstance(field, dict) and bool(field.get("examples"))


def _has_flag(field: object, flag: str) -> bool:
    return isinstance(field, dict) and field.get(flag) is True


def _is_image(schema: Schema) -> bool:
    """Return whether an object is a file with a width and a height."""
    fields: Schema = schema.get("properties", {})
    return {"url", "width", "height"} <= fields.keys()


def _schema_of_others(schema: Schema, name: str) -> Any:
    """Return the schema of a property that an object does not list."""
    for pattern, field in schema.get("patternProperties", {}).items():
        try:
            if re.search(pattern, name):
                return field
        except re.error:  # of another dialect
            continue
    return schema.get("additionalProperties", {})


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
