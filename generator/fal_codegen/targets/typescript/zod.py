"""Zod schemas of plain schemas, as source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from typing import Any

from fal_codegen.ir import REF, Direction, PlainSchema, Property
from fal_codegen.targets.typescript.layout import Source, call, call_with_array, flat
from fal_codegen.targets.typescript.patterns import is_portable
from fal_codegen.targets.typescript.quoting import literal, string

_BOUNDS = {
    "minimum": ".gte",
    "exclusiveMinimum": ".gt",
    "maximum": ".lte",
    "exclusiveMaximum": ".lt",
    "multipleOf": ".multipleOf",
}
_ITEMS = {"minItems": ".min", "maxItems": ".max"}
_CHARACTERS = {"minLength": "min", "maxLength": "max"}
_KINDS = {bool: "z.boolean()", int: "z.number()", float: "z.number()", str: "z.string()"}


def schema_of(schema: PlainSchema, direction: Direction, defined: Set[str]) -> Source:
    """Return the schema of a plain schema's values.

    A result is checked for its types only: an unknown enum value or a bound not kept must not lose
    what was paid for.

    Args:
        schema: The plain schema.
        direction: Which way its values travel.
        defined: Names of the models whose schemas come earlier in the module; those of others do
            not exist yet when it is evaluated, and are looked up when they are used.
    """
    return _Zod(direction is Direction.INPUT, defined).schema(schema)


def property_schema(prop: Property, direction: Direction, defined: Set[str]) -> Source:
    """Return the schema of a property, which may be absent."""
    bare = schema_of(prop.schema, direction, defined)
    nullable = ".nullable()" if prop.nullable else ""
    return (bare, nullable, "" if prop.required else ".optional()")


def uses_runtime(schema: PlainSchema) -> bool:
    """Say whether the schema of an input's values refers to what all modules share."""
    inner = (*schema.get("anyOf", ()), schema.get("items"), schema.get("additionalProperties"))
    is_checked = any(keyword in schema for keyword in (*_CHARACTERS, "uniqueItems"))
    is_file = schema.get("format") == "file"
    return (
        is_file
        or is_checked
        or bool(_pattern(schema))
        or any(map(uses_runtime, filter(None, inner)))
    )


def _pattern(schema: PlainSchema) -> str:
    """Return the pattern that can be checked; empty if there is none."""
    pattern: str = schema.get("pattern", "")
    return pattern if is_portable(pattern) else ""


class _Zod:
    def __init__(self, is_strict: bool, defined: Set[str]) -> None:
        self._is_strict = is_strict
        self._defined = defined

    def schema(self, schema: PlainSchema) -> Source:
        if "anyOf" in schema:
            return self._union([self.schema(member) for member in schema["anyOf"]])
        if "enum" in schema:
            return self._enum(schema["enum"])
        if "$ref" in schema:
            name = schema["$ref"].removeprefix(REF)
            return name if name in self._defined else f"z.lazy(() => {name})"
        kind = schema.get("type")
        if kind == "array":
            unique = self._is_strict and schema.get("uniqueItems", False)
            limits = [*self._chain(schema, _ITEMS), *[".check(runtime.distinct)"] * unique]
            return (call("z.array", self.schema(schema["items"])), *limits)
        if kind == "object":
            return call("z.record", "z.string()", self.schema(schema["additionalProperties"]))
        if kind == "integer":
            # Only so far are whole numbers exact in JavaScript; a result is not lost for that.
            return ("z.int()" if self._is_strict else "z.number()", *self._chain(schema, _BOUNDS))
        if kind == "number":
            return ("z.number()", *self._chain(schema, _BOUNDS))
        if kind == "string":
            return "runtime.file" if schema.get("format") == "file" else self._string(schema)
        return {"boolean": "z.boolean()", "null": "z.null()"}.get(str(kind), "z.unknown()")

    def _union(self, members: Sequence[Source]) -> Source:
        distinct = list({flat(member): member for member in members}.values())
        return distinct[0] if len(distinct) == 1 else call_with_array("z.union", *distinct)

    def _enum(self, values: list[Any]) -> Source:
        if self._is_strict:
            literals = [literal(value) for value in values]
            is_one = len(literals) == 1
            return (call if is_one else call_with_array)("z.literal", *literals)
        return self._union([_KINDS[type(value)] for value in values])

    def _string(self, schema: PlainSchema) -> Source:
        if not self._is_strict:
            return "z.string()"
        limits = [f"{name}: {schema[word]}" for word, name in _CHARACTERS.items() if word in schema]
        length = f".check(runtime.characters({{ {', '.join(limits)} }}))" if limits else ""
        pattern = _pattern(schema)
        regex = f".regex(runtime.pattern({string(pattern)}))" if pattern else ""
        return f"z.string(){length}{regex}"

    def _chain(self, schema: PlainSchema, methods: dict[str, str]) -> Iterator[Source]:
        if self._is_strict:
            for keyword, method in methods.items():
                if keyword in schema:
                    yield f"{method}({literal(schema[keyword])})"
