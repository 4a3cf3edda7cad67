"""Makes a value for a JSON Schema: a valid example, or else the plainest valid value."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from jsonschema_rs import Validator

from fal_codegen.document.json_schema import JsonSchema, validator
from fal_codegen.document.samples.budget import VALUE, Budget
from fal_codegen.document.samples.numbers import sample_numbers
from fal_codegen.document.samples.strings import sample_strings
from fal_codegen.emulator.samples.flattening import Flattening
from fal_codegen.emulator.samples.lazy import Lazy

__all__ = ["JsonSchemaSampler"]

_DEEP = 12
"""Steps into a schema after which only required parts are filled in, so that recursion ends."""

_DEEPEST = 50
"""Steps after which nothing is filled in: a schema that requires itself has no valid value."""

_LARGEST = 10_000
"""Items of an array and properties of an object, whatever the schema asks for."""

_CHECK = 10
"""Steps of the budget for checking a value, which may compile a validator."""

_PATIENCE = 16
"""Values to try for a schema that accepts some values and rejects others."""

_TRIES = 4
"""Values to try for each member of a union."""

_ANNOTATIONS = frozenset({"examples", "default", "readOnly", "writeOnly"})

_CHECKED = frozenset({"not", "if", "contains", "propertyNames", "dependentRequired"})
"""Keywords that values are not built for, but checked against."""

_IMAGE_SIDE = 1024
"""Width and height of an image without examples."""

_KINDS = {
    "object": ("properties", "required", "minProperties", "additionalProperties"),
    "array": ("items", "prefixItems", "minItems", "uniqueItems", "contains"),
    "string": ("pattern", "format", "minLength", "maxLength"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}
"""The type that a schema without `type` is assumed to have, by its keywords."""


class JsonSchemaSampler:
    """Makes the sample values of one document, within one budget of work.

    Args:
        schemas: The document's components, converted.
        omit: The flag of properties to leave out: `readOnly` in an input, `writeOnly` in a result.
        unknown_enum: A string to use wherever a schema lists the strings it expects, as a server
            with a newer document would. Every optional property is filled in then.
        fill: Whether to fill in every optional property.
    """

    def __init__(
        self,
        schemas: JsonSchema,
        *,
        omit: str,
        unknown_enum: str | None = None,
        fill: bool = False,
    ) -> None:
        self._schemas = schemas
        self._validators: dict[str, Validator] = {}
        self._omit = omit
        self._unknown_enum = unknown_enum
        self._fill = fill or unknown_enum is not None
        self._budget = Budget()
        self._flattening = Flattening(schemas, self._budget)
        self._examples: dict[str, Lazy[Any]] = {}
        self._strings: dict[tuple[str, tuple[str, ...]], Lazy[str]] = {}
        self._numbers: dict[str, Lazy[float]] = {}

    def sample(self, schema: Any) -> Any:
        """Return a value for a schema."""
        return self._value(schema, (), 0)

    def _value(self, schema: Any, path: tuple[str, ...], nth: int) -> Any:
        """Return a value.

        Args:
            schema: The schema.
            path: The name of the property for every step that leads to the value.
            nth: Which of the schema's values to return, if it has several.
        """
        if not isinstance(schema, dict):
            return {}
        self._budget.spend(VALUE)
        if len(path) > _DEEPEST or self._budget.is_spent:
            return None
        if self._unknown_enum is None:
            examples = self._valid_examples(schema, nth + 1)
            if nth < len(examples):
                return self._paid(examples[nth])
            nth -= len(examples)
        elif _lists_strings(schema):
            return self._unknown_enum
        if _CHECKED.isdisjoint(schema):
            return self._built(schema, path, nth)
        unnamed = ("",) * len(path)
        values = (
            self._built(variant, names, n)
            for names in (path, unnamed)
            for variant in self._variants(schema)
            for n in range(nth, nth + _PATIENCE)
        )
        return self._first_valid(values, schema)

    def _paid(self, value: Any) -> Any:
        """Return a value of the document, which may be large and used many times."""
        self._budget.spend(_size_of(value) // 10)
        return value

    def _variants(self, schema: JsonSchema) -> list[JsonSchema]:
        """Return a schema for each branch of `if`."""
        if "if" not in schema:
            return [schema]
        siblings = {key: item for key, item in schema.items() if key not in ("if", "then", "else")}
        variants = []
        for branch in ((schema["if"], schema.get("then")), (schema.get("else"),)):
            variant = siblings
            for part in branch:
                if isinstance(part, dict):
                    variant = self._flattening.intersection(variant, part)
            variants.append(variant)
        return variants

    def _built(self, schema: JsonSchema, path: tuple[str, ...], nth: int) -> Any:
        if "const" in schema:
            return self._paid(schema["const"])
        if "enum" in schema:
            return self._one_of(schema, nth)
        if "$ref" in schema:
            return self._value(self._flattening.without_reference(schema), _deeper(path), nth)
        if schema.get("allOf"):
            return self._value(self._flattening.without_all_of(schema), _deeper(path), nth)
        for union in ("anyOf", "oneOf"):
            if schema.get(union):
                return self._member(schema, union, path, nth)
        return self._plainest(schema, path, nth)

    def _valid_examples(self, schema: JsonSchema, count: int) -> list[Any]:
        """Return the first valid examples of a schema; its default is the last of them."""
        examples = [*schema.get("examples", [])]
        if schema.get("default") is not None:
            examples.append(schema["default"])
        if not examples:
            return []
        key = self._key(schema)
        if key not in self._examples:
            self._examples[key] = Lazy(
                example for example in examples if self._is_valid(example, schema)
            )
        return self._examples[key].first(count)

    def _one_of(self, schema: JsonSchema, nth: int) -> Any:
        siblings = {keyword: item for keyword, item in schema.items() if keyword != "enum"}
        options = [option for option in schema["enum"] if option is not None]
        self._budget.spend(len(options) // 10)
        if not siblings.keys() <= _ANNOTATIONS:
            options = [option for option in options if self._is_valid(option, siblings)] or options
        return self._paid(options[nth % len(options)]) if options else None

    def _member(self, schema: JsonSchema, union: str, path: tuple[str, ...], nth: int) -> Any:
        """Return a value of the first member of a union, other than null, that has a valid one."""
        members = [member for member in schema[union] if isinstance(member, dict)]
        if not members:
            return self._plainest(schema, path, nth)
        self._budget.spend(len(members))
        members.sort(key=lambda member: member == {"type": "null"})
        if self._unknown_enum:
            members.sort(key=lambda member: not _lists_strings(member))
        if len(path) > _DEEP:
            members.sort(key=lambda member: not member.keys().isdisjoint({"$ref", "items"}))
        siblings = {keyword: item for keyword, item in schema.items() if keyword != union}
        several = [member for member in members if member != {"type": "null"}]
        if nth and several:
            members = [several[nth % len(several)], *members]
            nth //= len(several)
        both = self._flattening.intersection
        if len(members) == 1 or self._unknown_enum:
            return self._value(both(siblings, members[0]), _deeper(path), nth)
        values = (
            self._value(both(siblings, member), _deeper(path), n)
            for n in range(nth, nth + _TRIES)
            for member in members
        )
        return self._first_valid(values, schema)

    def _first_valid(self, values: Iterable[Any], schema: JsonSchema) -> Any:
        """Return the first valid value, or else the first."""
        first: list[Any] = []
        for value in values:
            if self._is_valid(value, schema):
                return value
            first = first or [value]
            if self._budget.is_spent:
                break
        return first[0]

    def _plainest(self, schema: JsonSchema, path: tuple[str, ...], nth: int) -> Any:
        match _kind(schema):
            case "array":
                return self._array(schema, path, nth)
            case "string":
                return self._string(schema, path, nth)
            case "integer" | "number" as kind:
                return self._number(schema, nth, whole=kind == "integer")
            case "boolean":
                return nth % 2 == 1
            case "null":
                return None
            case "object":
                return self._object(schema, path, nth)
            case _:
                return nth or {}

    def _string(self, schema: JsonSchema, path: tuple[str, ...], nth: int) -> str:
        key = self._key(schema), path
        if key not in self._strings:
            strings = sample_strings(schema, path, self._budget, self._is_valid)
            self._strings[key] = Lazy(strings)
        return self._strings[key].nth(nth)

    def _number(self, schema: JsonSchema, nth: int, *, whole: bool) -> float:
        key = self._key(schema)
        if key not in self._numbers:
            self._numbers[key] = Lazy(sample_numbers(schema, self._budget, whole=whole))
        return self._numbers[key].nth(nth)

    def _object(self, schema: JsonSchema, path: tuple[str, ...], nth: int) -> JsonSchema:
        listed = {
            name: field
            for name, field in schema.get("properties", {}).items()
            if field is not False and not _has_flag(field, self._omit)
        }
        names = [name for name in listed if self._is_filled_in(name, schema, len(path))]
        names += sorted(set(schema.get("required", ())) - set(names))
        for name in names:  # the list grows: a required property may require others
            needed = schema.get("dependentRequired", {}).get(name, ())
            names += [other for other in needed if other not in names]
        missing = min(schema.get("minProperties", 0), _LARGEST) - len(names)
        if missing > 0:
            spare = dict.fromkeys((*names, *listed, *self._new_names(schema, missing)))
            names = list(spare)[: len(names) + missing]
        value = {}
        for name in names:
            field = listed[name] if name in listed else self._unlisted(schema, name)
            value[name] = self._value(field, (*path, name), nth)
        if _is_image(schema):
            value |= {
                side: _IMAGE_SIDE
                for side in ("width", "height")
                if side not in value or not _has_examples(listed[side])
                if self._is_valid(_IMAGE_SIDE, listed[side])
            }
        return value

    def _is_filled_in(self, name: str, schema: JsonSchema, depth: int) -> bool:
        if name in schema.get("required", ()):
            return True
        if len(schema.get("required", ())) >= schema.get("maxProperties", _LARGEST):
            return False
        has_example = _has_examples(schema["properties"][name])
        return depth < _DEEP and (self._fill or has_example)

    def _new_names(self, schema: JsonSchema, count: int) -> Iterator[str]:
        """Yield names that an object does not list but may have."""
        shape = schema.get("propertyNames")
        patterns = schema.get("patternProperties", {})
        shape = {"type": "string", **(shape if isinstance(shape, dict) else {})}
        if schema.get("additionalProperties") is False:
            shapes = [{**shape, "pattern": pattern} for pattern in patterns]
        else:
            shapes = [shape]
        for name_schema in shapes:
            for nth in range(count):
                name = self._value(name_schema, ("name",), nth)
                if isinstance(name, str):
                    yield name

    def _unlisted(self, schema: JsonSchema, name: str) -> Any:
        """Return the schema of a property that an object does not list."""
        for pattern, field in schema.get("patternProperties", {}).items():
            if self._is_valid(name, {"pattern": pattern}):
                return field
        return schema.get("additionalProperties", {})

    def _array(self, schema: JsonSchema, path: tuple[str, ...], nth: int) -> list[Any]:
        path = _deeper(path)
        value = [self._value(item, path, nth) for item in schema.get("prefixItems", [])]
        items, most = schema.get("items", {}), schema.get("maxItems", _LARGEST)
        wanted = schema.get("minItems", 0)
        if not value and "items" in schema and len(path) < _DEEP:
            wanted = max(wanted, min(1, most))
        if "contains" in schema:
            value.append(self._value(schema["contains"], path, nth))
        is_set = schema.get("uniqueItems") is True
        seen = set(map(_canonical, value))
        tries = 0
        while len(value) < wanted and tries < 4 * wanted and not self._budget.is_spent:
            item = self._value(items, path, nth + tries if is_set or nth else 0)
            tries += 1
            if not is_set or _canonical(item) not in seen:
                value.append(item)
                seen.add(_canonical(item))
        return value[:most]

    def _key(self, schema: JsonSchema) -> str:
        key = _canonical(schema)
        self._budget.spend(len(key) // 1000)
        return key

    def _is_valid(self, value: Any, schema: JsonSchema) -> bool:
        self._budget.spend(_CHECK + _size_of(value) // 200 + _size_of(schema) // 500)
        if self._budget.is_spent:
            return True
        key = _canonical(schema)
        if key not in self._validators:
            schemas = self._schemas if '"$ref"' in key else {}
            self._validators[key] = validator(schema, schemas, formats=True)
        return bool(self._validators[key].is_valid(value))


def _kind(schema: JsonSchema) -> str | None:
    kind = schema.get("type")
    if isinstance(kind, list):
        return next((member for member in kind if member != "null"), "null")
    if kind is not None:
        return str(kind)
    kinds = (kind for kind, keywords in _KINDS.items() if not schema.keys().isdisjoint(keywords))
    return next(kinds, None)


def _deeper(path: tuple[str, ...]) -> tuple[str, ...]:
    """Return the path for an unnamed step, which inherits the previous name."""
    return (*path, path[-1] if path else "")


def _lists_strings(schema: object) -> bool:
    values = schema.get("enum") if isinstance(schema, dict) else None
    return bool(values) and any(isinstance(value, str) for value in values or ())


def _has_examples(field: object) -> bool:
    return isinstance(field, dict) and bool(field.get("examples"))


def _has_flag(field: object, flag: str) -> bool:
    return isinstance(field, dict) and field.get(flag) is True


def _is_image(schema: JsonSchema) -> bool:
    """Return whether an object is a file with a width and a height."""
    fields: JsonSchema = schema.get("properties", {})
    return {"url", "width", "height"} <= fields.keys()


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _size_of(value: Any) -> int:
    """Return the number of scalars and characters of a JSON value."""
    if isinstance(value, dict):
        return sum(len(name) + _size_of(item) for name, item in value.items())
    if isinstance(value, list):
        return 1 + sum(map(_size_of, value))
    return 1 + len(value) if isinstance(value, str) else 1
