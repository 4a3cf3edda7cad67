"""Zod schemas of plain schemas, as source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from fal_codegen.document.patterns import javascript
from fal_codegen.ir import REF, Direction, PlainSchema, Property
from fal_codegen.targets.tags import Tags, union_tags
from fal_codegen.targets.typescript.layout import Group, Source, call, call_with_array, flat
from fal_codegen.targets.typescript.quoting import INHERITED, key, literal, string

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


@dataclass(frozen=True)
class Known:
    """What the schemas of a module can refer to.

    Attributes:
        defined: Names of the models whose schemas come earlier in the module; those of others do
            not exist yet when it is evaluated, and are looked up when they are used.
        tags: The tags of all models.
    """

    defined: Set[str]
    tags: Tags


def schema_of(schema: PlainSchema, direction: Direction, known: Known) -> Source:
    """Return the schema of a plain schema's values.

    A result is checked for its types only: an unknown enum value or a bound not kept must not lose
    what was paid for.
    """
    return _Zod(direction is Direction.INPUT, known).schema(schema)


def property_schema(
    prop: Property, direction: Direction, known: Known, tag: Sequence[object]
) -> Source:
    """Return the schema of a property, which may be absent.

    Args:
        prop: The property.
        direction: Which way its values travel.
        known: What the schema can refer to.
        tag: As `types.property_type` has it.
    """
    bare = schema_of(prop.schema, direction, known)
    if tag:
        bare = call("runtime.tag", bare, *map(literal, tag))
    nullable = ".nullable()" if prop.nullable else ""
    if prop.required:
        return (bare, nullable)
    optional = (bare, nullable, ".optional()")
    return call("runtime.inherited", optional) if prop.name in INHERITED else optional


def property_uses_runtime(prop: Property, direction: Direction, tags: Tags) -> bool:
    """Return whether the schema of a property refers to what all modules share."""
    is_inherited = prop.name in INHERITED and not prop.required
    return is_inherited or uses_runtime(prop.schema, direction, tags)


def uses_runtime(schema: PlainSchema, direction: Direction, tags: Tags) -> bool:
    """Return whether the schema of some values refers to what all modules share."""
    is_checked = direction is Direction.INPUT and (
        schema.get("format") == "file"
        or any(keyword in schema for keyword in (*_CHARACTERS, "uniqueItems"))
        or bool(_pattern(schema))
    )
    inner = (*schema.get("anyOf", ()), schema.get("items"), schema.get("additionalProperties"))
    return (
        is_checked
        or bool(union_tags(schema, tags))
        or any(uses_runtime(one, direction, tags) for one in inner if one)
    )


def _pattern(schema: PlainSchema) -> str:
    """Return the source of the pattern that can be checked; empty if there is none."""
    return javascript(schema.get("pattern", "")).source


class _Zod:
    def __init__(self, is_strict: bool, known: Known) -> None:
        self._is_strict = is_strict
        self._known = known

    def schema(self, schema: PlainSchema) -> Source:
        if "anyOf" in schema:
            return self._any(schema)
        if "enum" in schema:
            return self._enum(schema["enum"])
        if "$ref" in schema:
            name = schema["$ref"].removeprefix(REF)
            return name if name in self._known.defined else f"z.lazy(() => {name})"
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

    def _any(self, schema: PlainSchema) -> Source:
        members = [self.schema(member) for member in schema["anyOf"]]
        tags = union_tags(schema, self._known.tags)
        if not tags:
            return self._union(members)
        names = (member.get("$ref", "").removeprefix(REF) for member in schema["anyOf"])
        variants = [
            Group("[", (member, _tags(tags.get(name, {}))), "]")
            for member, name in zip(members, names, strict=True)
        ]
        return call_with_array("runtime.tagged", *variants)

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
        regex: Source = ""
        if pattern:
            regex = (".regex(runtime.pattern", Group("(", (string(pattern),), "))"))
        return (f"z.string(){length}", regex)

    def _chain(self, schema: PlainSchema, methods: dict[str, str]) -> Iterator[Source]:
        if self._is_strict:
            for keyword, method in methods.items():
                if keyword in schema:
                    yield f"{method}({literal(schema[keyword])})"


def _tags(tagged: Mapping[str, Sequence[Any]]) -> Source:
    entries = (f"{key(name)}: [{', '.join(map(literal, tagged[name]))}]" for name in tagged)
    inner = ", ".join(entries)
    return f"{{ {inner} }}" if inner else "{}"
