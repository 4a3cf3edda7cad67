"""Makes values for a JSON Schema: valid examples, then the plainest valid values."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, count, islice
from typing import Any

from fal_codegen.document.json_values import JsonSchema, canonical_text
from fal_codegen.document.samples.budget import VALUE, Budget
from fal_codegen.document.samples.flattening import flat
from fal_codegen.document.samples.numbers import sample_numbers
from fal_codegen.document.samples.strings import sample_strings

__all__ = ["Sampler"]

_DEEP = 12
"""Steps into a schema after which only required parts are filled in, so that recursion ends."""

_DEEPEST = 50
"""Steps after which nothing is filled in: a schema that requires itself has no valid value."""

_LARGEST = 10_000
"""Items of an array and properties of an object, whatever the schema asks for."""

_CHECK = 10
"""Steps of the budget for checking a value."""

_PATIENCE = 64
"""Invalid values to make for a schema that accepts some values and rejects others."""

_TRIES = 4
"""Values to make for each item of a list without duplicates, at most."""

_CHECKED = frozenset({"not", "if", "contains", "propertyNames", "dependentRequired"})
"""Keywords that values are not built for, but checked against."""

_KINDS = {
    "object": ("properties", "required", "minProperties", "additionalProperties"),
    "array": ("items", "prefixItems", "minItems", "uniqueItems", "contains"),
    "string": ("pattern", "format", "minLength", "maxLength"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}
"""The type that a schema without `type` is assumed to have, by its keywords."""


class Sampler:
    """Makes the sample values of one document, within one budget of work.

    Args:
        target: Returns the schema that a `$ref` leads to; None if it leads nowhere.
        is_valid: Returns whether a value is valid for one of its schemas, or for a part of one.
        budget: The work that may go into the values.
        omit: The flag of properties to leave out (see `Direction.omits`).
        fill: Whether to fill in every optional property, not only those with a valid example.
        only_examples: Whether values consist of examples alone. Optional properties without one
            are left out, and a schema may have no value.
    """

    def __init__(
        self,
        target: Callable[[object], Any],
        is_valid: Callable[[Any, JsonSchema], bool],
        budget: Budget,
        *,
        omit: str | None = None,
        fill: bool = False,
        only_examples: bool = False,
    ) -> None:
        self._check = is_valid
        self._budget = budget
        self._target = target
        self._omit = omit
        self._fill = fill or only_examples
        self._only_examples = only_examples

    def sample(self, schema: Any) -> Any:
        """Return a value for a schema; None if it has none."""
        return next(self._values(schema, ()), None)

    def _values(self, schema: Any, path: tuple[str, ...]) -> Iterator[Any]:
        """Yield the values of a schema, the best first, and others as far as there are any.

        Args:
            schema: The schema.
            path: The name of the property for every step that leads to the value.
        """
        self._budget.spend(VALUE)
        if len(path) > _DEEPEST or self._budget.is_spent:
            if not self._only_examples:
                yield None
            return
        schema = schema if isinstance(schema, dict) else {}
        examples = [*schema.get("examples", ())]
        if schema.get("default") is not None:
            examples.append(schema["default"])
        for example in examples:
            if self._is_valid(example, schema):
                yield self._paid(example)
        schema = _without(schema, "examples", "default")
        if _CHECKED.isdisjoint(schema):
            yield from self._built(schema, path)
        else:
            unnamed = ("",) * len(path)
            variants = _branches(schema)
            built = (self._built(part, names) for names in (path, unnamed) for part in variants)
            yield from self._valid(_in_turns(built), schema)

    def _paid(self, value: Any) -> Any:
        """Return a value of the document, which may be large and used many times."""
        self._budget.spend(_size_of(value) // 10)
        return value

    def _valid(
        self, values: Iterable[Any], schema: JsonSchema, patience: int = _PATIENCE
    ) -> Iterator[Any]:
        """Yield the valid values; if none is found, the first."""
        invalid: list[Any] = []
        is_found = False
        for value in values:
            if self._is_valid(value, schema):
                is_found = True
                yield value
            else:
                invalid.append(value)
            if len(invalid) == patience or self._budget.is_spent:
                break
        if not is_found:
            yield from invalid[:1]

    def _is_valid(self, value: Any, schema: JsonSchema) -> bool:
        self._budget.spend(_CHECK + _size_of(value) // 200)
        return self._budget.is_spent or self._check(value, schema)

    def _built(self, schema: JsonSchema, path: tuple[str, ...]) -> Iterator[Any]:
        """Yield values that are built from the keywords of a schema."""
        if "const" in schema or "enum" in schema:
            return self._listed(schema)
        if "$ref" in schema or schema.get("allOf"):
            return self._values(flat(schema, self._target, self._budget), _deeper(path))
        for union in ("anyOf", "oneOf"):
            if members := [part for part in schema.get(union, ()) if isinstance(part, dict)]:
                return self._of_members(schema, union, members, path)
        match _kind(schema):
            case "array":
                return self._arrays(schema, path)
            case "object":
                return self._objects(schema, path)
            case _ if self._only_examples:
                return iter(())
            case "string":
                return sample_strings(schema, path, self._budget, self._is_valid)
            case "integer" | "number" as kind:
                return sample_numbers(schema, self._budget, whole=kind == "integer")
            case "boolean":
                return iter((False, True))
            case "null":
                return iter((None,))
            case _:
                return chain(({},), count(1))

    def _listed(self, schema: JsonSchema) -> Iterator[Any]:
        """Yield the values of an enum, null only if it is the only one, or that of a `const`."""
        if self._only_examples:
            return
        listed = [value for value in schema.get("enum", ()) if value is not None]
        listed = listed or [schema.get("const")]
        self._budget.spend(len(listed) // 10)
        valid = self._valid(listed, _without(schema, "enum"), patience=len(listed))
        yield from map(self._paid, valid)

    def _of_members(
        self, schema: JsonSchema, union: str, members: list[JsonSchema], path: tuple[str, ...]
    ) -> Iterator[Any]:
        """Yield values of each member of a union in turn, null last."""
        self._budget.spend(len(members))
        members.sort(key=lambda member: member == {"type": "null"})
        if len(path) > _DEEP:
            members.sort(key=lambda member: not member.keys().isdisjoint({"$ref", "items"}))
        siblings = _without(schema, union)
        values = (self._values(_with_all_of(siblings, member), path) for member in members)
        return self._valid(_in_turns(values), schema)

    def _objects(self, schema: JsonSchema, path: tuple[str, ...]) -> Iterator[JsonSchema]:
        """Yield an object, then others that differ from it in one property."""
        plainest: JsonSchema = {}
        others: dict[str, Iterator[Any]] = {}
        for name in self._names(schema, len(path)):
            values = others[name] = self._values(self._property(schema, name), (*path, name))
            plainest.update((name, value) for value in islice(values, 1))
            if name not in plainest and name in schema.get("required", ()):
                return
        if not plainest and self._only_examples:
            return
        yield plainest
        for name, values in others.items():
            yield from ({**plainest, name: value} for value in values)
        for name in self._new_names(schema) if len(plainest) < _most_properties(schema) else ():
            for value in self._values(self._property(schema, name), (*path, name)):
                yield {**plainest, name: value}

    def _names(self, schema: JsonSchema, depth: int) -> list[str]:
        """Return the names of the properties to fill in."""
        listed = [
            name
            for name, field in schema.get("properties", {}).items()
            if field is not False and not _has_flag(field, self._omit)
        ]
        names = [name for name in listed if self._is_filled_in(name, schema, depth)]
        names += sorted(set(schema.get("required", ())) - set(names))
        for name in names:  # the list grows: a required property may require others
            needed = schema.get("dependentRequired", {}).get(name, ())
            names += [other for other in needed if other not in names]
        least = min(schema.get("minProperties", 0), _LARGEST)
        if len(names) < least:
            spare = _distinct(chain(names, listed, self._new_names(schema)), ())
            names = list(islice(spare, least))
        return names

    def _is_filled_in(self, name: str, schema: JsonSchema, depth: int) -> bool:
        if name in schema.get("required", ()):
            return True
        if len(schema.get("required", ())) >= _most_properties(schema) or depth >= _DEEP:
            return False
        field = schema["properties"][name]
        examples = field.get("examples", ()) if isinstance(field, dict) else ()
        return self._fill or any(self._is_valid(example, field) for example in examples)

    def _property(self, schema: JsonSchema, name: str) -> Any:
        """Return the schema of a property, which may not be listed."""
        if name in schema.get("properties", {}):
            return schema["properties"][name]
        for pattern, field in schema.get("patternProperties", {}).items():
            if self._is_valid(name, {"pattern": pattern}):
                return field
        return schema.get("additionalProperties", {})

    def _new_names(self, schema: JsonSchema) -> Iterator[str]:
        """Yield names that an object does not list but may have."""
        shape = schema.get("propertyNames")
        shapes = [{"type": "string", **(shape if isinstance(shape, dict) else {})}]
        if schema.get("additionalProperties") is False:
            patterns = schema.get("patternProperties", {})
            shapes = [{**shapes[0], "pattern": pattern} for pattern in patterns]
        names = chain.from_iterable(self._values(shape, ("name",)) for shape in shapes)
        return (name for name in names if isinstance(name, str))

    def _arrays(self, schema: JsonSchema, path: tuple[str, ...]) -> Iterator[list[Any]]:
        """Yield an array, then others that differ from it in their first item."""
        path = _deeper(path)
        first = [*schema.get("prefixItems", ())]
        if "contains" in schema:
            first.append(schema["contains"])
        least, most = schema.get("minItems", 0), schema.get("maxItems", _LARGEST)
        if not first and "items" in schema and len(path) < _DEEP:
            least = max(least, min(1, most))
        plainest = [next(self._values(item, path), None) for item in first]
        missing = max(min(least, _LARGEST) - len(plainest), 0)
        rest = schema.get("items", {})
        if schema.get("uniqueItems") is True:
            items = _distinct(islice(self._values(rest, path), _TRIES * missing), plainest)
        else:
            again = (self._values(rest, path) for _ in range(missing))
            items = chain.from_iterable(islice(values, 1) for values in again)
        for item in islice(items, missing):
            plainest.append(item)
            if self._budget.is_spent:
                break
        del plainest[most:]
        if plainest or not self._only_examples:
            yield plainest
        if plainest:
            for value in islice(self._values([*first, rest][0], path), 1, None):
                if value not in plainest[1:]:
                    yield [value, *plainest[1:]]


def _without(schema: JsonSchema, *keywords: str) -> JsonSchema:
    return {keyword: item for keyword, item in schema.items() if keyword not in keywords}


def _with_all_of(schema: JsonSchema, *parts: object) -> JsonSchema:
    return {**schema, "allOf": [*schema.get("allOf", ()), *parts]}


def _branches(schema: JsonSchema) -> list[JsonSchema]:
    """Return a schema for each branch of `if`."""
    if "if" not in schema:
        return [schema]
    siblings = _without(schema, "if", "then", "else")
    return [
        _with_all_of(siblings, schema["if"], schema.get("then", True)),
        _with_all_of(siblings, schema.get("else", True)),
    ]


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


def _most_properties(schema: JsonSchema) -> int:
    return int(schema.get("maxProperties", _LARGEST))


def _has_flag(field: object, flag: str | None) -> bool:
    return isinstance(field, dict) and field.get(flag) is True


def _in_turns(iterators: Iterable[Iterator[Any]]) -> Iterator[Any]:
    """Yield a value of each iterator in turn, as long as any has values."""
    waiting = deque(iterators)
    while waiting:
        values = waiting.popleft()
        for value in islice(values, 1):
            yield value
            waiting.append(values)


def _distinct(values: Iterable[Any], others: Iterable[Any]) -> Iterator[Any]:
    """Yield each value that is not among others, once."""
    seen = set(map(canonical_text, others))
    for value in values:
        text = canonical_text(value)
        if text not in seen:
            seen.add(text)
            yield value


def _size_of(value: Any) -> int:
    """Return the number of scalars and characters of a JSON value."""
    if isinstance(value, dict):
        return sum(len(name) + _size_of(item) for name, item in value.items())
    if isinstance(value, list):
        return 1 + sum(map(_size_of, value))
    return 1 + len(value) if isinstance(value, str) else 1
