"""Zod schemas, as source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

from fal_codegen.document.patterns.javascript import to_javascript
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
    constraints,
    inner,
    received,
)
from fal_codegen.exhaustive import assert_never
from fal_codegen.ir import Direction, Property
from fal_codegen.targets.tags import Tags, union_tags
from fal_codegen.targets.typescript.quoting import INHERITED, key, literal, string
from fal_codegen.targets.typescript.types import tuple_length
from fal_codegen.text.brackets import Bracketed, Fragment, flat


@dataclass(frozen=True)
class Scope:
    """The names that the schemas of a module can refer to.

    Attributes:
        defined: Names of the models whose schemas come earlier in the module; the others do not
            exist yet when it is evaluated, and are looked up when they are used.
        tags: The tags of all models.
    """

    defined: Set[str]
    tags: Tags


def zod_schema(schema: Schema, direction: Direction, scope: Scope) -> Fragment:
    """Return the zod schema of a schema.

    A result is checked for its types only: an unknown enum value or an exceeded bound must not
    lose a result that was paid for.
    """
    is_input = direction is Direction.INPUT
    return _Zod(direction, scope).schema(schema if is_input else received(schema))


def property_schema(
    prop: Property, direction: Direction, scope: Scope, tag: Sequence[object]
) -> Fragment:
    """Return the zod schema of a property, which may be absent.

    Args:
        prop: The property.
        direction: Which way its values travel.
        scope: What the schema can refer to.
        tag: As `types.property_type` has it.
    """
    bare = zod_schema(prop.schema, direction, scope)
    if tag:
        bare = _call("runtime.tag", bare, *map(literal, tag))
    nullable = ".nullable()" if prop.nullable else ""
    if prop.required:
        return (bare, nullable)
    optional = (bare, nullable, ".optional()")
    return _call("runtime.inherited", optional) if prop.name in INHERITED else optional


def property_uses_runtime(prop: Property, direction: Direction, tags: Tags) -> bool:
    """Return whether the zod schema of a property uses the runtime."""
    is_inherited = prop.name in INHERITED and not prop.required
    return is_inherited or uses_runtime(prop.schema, direction, tags)


def uses_runtime(schema: Schema, direction: Direction, tags: Tags) -> bool:
    """Return whether the zod schema of a schema uses the runtime."""
    is_tagged = isinstance(schema, Union) and bool(union_tags(schema, tags))
    is_checked = direction is Direction.INPUT and _is_checked(schema)
    parts = inner(schema)
    return is_tagged or is_checked or any(uses_runtime(part, direction, tags) for part in parts)


def _is_checked(schema: Schema) -> bool:
    """Return whether the runtime checks a constraint of a schema itself."""
    match schema:
        case FileUrl():
            return True
        case String(min_length, max_length):
            return min_length is not None or max_length is not None or bool(_pattern(schema))
        case Array(unique_items=unique_items):
            return unique_items
        case _:
            return False


def _pattern(schema: Schema) -> str:
    """Return the source of a string's pattern; empty if there is none for JavaScript."""
    pattern = schema.pattern if isinstance(schema, String) else None
    return to_javascript(pattern).source if pattern else ""


class _Zod:
    def __init__(self, direction: Direction, scope: Scope) -> None:
        self._direction = direction
        self._scope = scope

    def schema(self, schema: Schema) -> Fragment:
        match schema:
            case Union():
                return self._any(schema)
            case Enum(values):
                literals = [literal(value) for value in values]
                return (_call if len(literals) == 1 else _call_with_array)("z.literal", *literals)
            case Ref(name):
                return name if name in self._scope.defined else f"z.lazy(() => {name})"
            case Array(items):
                if length := tuple_length(schema, self._direction):
                    unbounded = replace(schema, min_items=None, max_items=None)
                    checks = _checks(unbounded)
                    return (_call_with_array("z.tuple", *[self.schema(items)] * length), *checks)
                return (_call("z.array", self.schema(items)), *_checks(schema))
            case Map(values):
                return _call("z.record", "z.string()", self.schema(values))
            case Integer():
                # JavaScript has no larger exact integers, and one must not lose a result.
                is_input = self._direction is Direction.INPUT
                return ("z.int()" if is_input else "z.number()", *_checks(schema))
            case Number():
                return ("z.number()", *_checks(schema))
            case FileUrl():
                return ("runtime.file", *_checks(schema))
            case String():
                return ("z.string()", *_checks(schema))
            case Boolean():
                return "z.boolean()"
            case Null():
                return "z.null()"
            case Anything():
                return "z.unknown()"
            case _:
                assert_never(schema)

    def _any(self, union: Union) -> Fragment:
        members = [self.schema(member) for member in union.members]
        tags = union_tags(union, self._scope.tags)
        if not tags:
            return self._union(members)
        names = (member.name if isinstance(member, Ref) else "" for member in union.members)
        variants = [
            Bracketed("[", (member, _tags(tags.get(name, {}))), "]")
            for member, name in zip(members, names, strict=True)
        ]
        return _call_with_array("runtime.tagged", *variants)

    def _union(self, members: Sequence[Fragment]) -> Fragment:
        distinct = list({flat(member): member for member in members}.values())
        return distinct[0] if len(distinct) == 1 else _call_with_array("z.union", *distinct)


def _checks(schema: Schema) -> list[Fragment]:
    """Return the calls that check the constraints of a schema."""
    lengths: list[str] = []
    checks: list[Fragment] = []
    for keyword, value in constraints(schema).items():
        match keyword:
            case "minimum":
                checks.append(f".gte({literal(value)})")
            case "exclusiveMinimum":
                checks.append(f".gt({literal(value)})")
            case "maximum":
                checks.append(f".lte({literal(value)})")
            case "exclusiveMaximum":
                checks.append(f".lt({literal(value)})")
            case "multipleOf":
                checks.append(f".multipleOf({literal(value)})")
            case "minItems":
                checks.append(f".min({literal(value)})")
            case "maxItems":
                checks.append(f".max({literal(value)})")
            case "uniqueItems":
                checks.append(".check(runtime.distinct)")
            case "minLength":
                lengths.append(f"min: {value}")
            case "maxLength":
                lengths.append(f"max: {value}")
            case "pattern":
                if source := _pattern(schema):
                    checks.append(
                        (".regex(runtime.pattern", Bracketed("(", (string(source),), "))"))
                    )
            case _:
                assert_never(keyword)
    length = [f".check(runtime.characters({{ {', '.join(lengths)} }}))"] if lengths else []
    return [*length, *checks]


def _tags(tagged: Mapping[str, Sequence[Any]]) -> Fragment:
    entries = (f"{key(name)}: [{', '.join(map(literal, tagged[name]))}]" for name in tagged)
    inner = ", ".join(entries)
    return f"{{ {inner} }}" if inner else "{}"


def _call(function: str, *arguments: Fragment) -> Fragment:
    """Return the call of a function."""
    return (function, Bracketed("(", arguments, ")"))


def _call_with_array(function: str, *items: Fragment) -> Fragment:
    """Return the call of a function with an array, broken as one with its brackets."""
    return (function, Bracketed("([", items, "])"))
