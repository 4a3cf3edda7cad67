"""Random schemas: values, changes and other spellings."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import strategies as st

Schema = dict[str, Any]
Draw = Callable[..., Any]

NAMES = ("a", "b", "c")
UNLISTED = "other"
NULL: Schema = {"type": "null"}
SMALL = st.integers(0, 4)
TEXTS = ("", "a", "ab", "ba", "bbb", "aaaa")


@st.composite
def schemas(draw: Draw, depth: int = 2) -> Schema:
    """Draw a schema in its simplest spelling: null only as a member of an `anyOf`."""
    kinds = [strings, numbers, numbers, enums, st.just({"type": "boolean"})]
    if depth:
        kinds += [arrays(depth), objects(depth), objects(depth), unions(depth)]
    kind = draw(st.sampled_from(kinds))
    schema: Schema = draw(kind() if callable(kind) else kind)
    if draw(st.integers(0, 9)) == 0:
        schema["default"] = draw(st.sampled_from([0, 1.5, "a", True]))
    if draw(st.integers(0, 9)) == 0:
        schema["description"] = draw(st.sampled_from(["One.", "Other."]))
    return {"anyOf": [schema, NULL]} if draw(st.integers(0, 4)) == 0 else schema


@st.composite
def strings(draw: Draw) -> Schema:
    return {"type": "string", **draw(some(minLength=SMALL, maxLength=SMALL, pattern=PATTERNS))}


@st.composite
def numbers(draw: Draw) -> Schema:
    bound = st.sampled_from([-2, 0, 0.5, 1, 3, 8])
    return {
        "type": draw(st.sampled_from(["integer", "number"])),
        **draw(
            some(
                minimum=bound,
                maximum=bound,
                exclusiveMinimum=bound,
                multipleOf=st.sampled_from([1, 2, 4]),
            )
        ),
    }


@st.composite
def enums(draw: Draw) -> Schema:
    values = st.sampled_from(["a", "b", "ab", 1, 2, 2.5])
    return {"enum": draw(st.lists(values, min_size=1, max_size=3, unique=True))}


@st.composite
def arrays(draw: Draw, depth: int) -> Schema:
    return {
        "type": "array",
        "items": draw(schemas(depth - 1)),
        **draw(
            some(minItems=st.integers(0, 2), maxItems=st.integers(0, 3), uniqueItems=st.booleans())
        ),
    }


@st.composite
def objects(draw: Draw, depth: int) -> Schema:
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=3))
    properties = {name: draw(schemas(depth - 1)) for name in names}
    schema: Schema = {"type": "object", "properties": properties}
    schema["required"] = [name for name in names if draw(st.booleans())]
    additional = draw(st.sampled_from([None, None, False, {"type": "string"}]))
    return schema if additional is None else {**schema, "additionalProperties": additional}


@st.composite
def unions(draw: Draw, depth: int) -> Schema:
    return {"anyOf": draw(st.lists(schemas(depth - 1), min_size=2, max_size=3))}


PATTERNS = st.sampled_from(["^a", "b$", "^ab"])


@st.composite
def some(draw: Draw, /, **keywords: st.SearchStrategy[Any]) -> Schema:
    """Draw values for some of the keywords."""
    return {name: draw(value) for name, value in keywords.items() if draw(st.integers(0, 2)) == 0}


@st.composite
def changed(draw: Draw, schema: Schema) -> Schema:
    """Draw a schema that differs from another in one or two places."""
    result = copy.deepcopy(schema)
    for _ in range(draw(st.integers(1, 2))):
        node = draw(st.sampled_from(list(nodes(result))))
        _change(draw, node)
    return result


def _change(draw: Draw, node: Schema) -> None:
    """Change a node in place: add, remove or alter a constraint."""
    other = draw(schemas(1))
    if draw(st.integers(0, 5)) == 0:
        node.clear()
        node.update(other)
    elif "anyOf" in node:
        members = node["anyOf"]
        if len(members) > 1 and draw(st.booleans()):
            members.pop(draw(st.integers(0, len(members) - 1)))
        else:
            members.append(other)
    elif "enum" in node:
        values = node["enum"]
        value = draw(st.sampled_from(["a", "b", "c", 1, 3]))
        if value in values and len(values) > 1:
            values.remove(value)
        elif value not in values:
            values.append(value)
    elif node.get("type") == "object":
        name = draw(st.sampled_from(NAMES))
        if name not in node["properties"]:
            node["properties"][name] = other
        elif draw(st.booleans()):
            del node["properties"][name]
            node["required"] = [n for n in node["required"] if n != name]
            return
        if draw(st.booleans()):
            node["required"] = sorted({*node["required"]} ^ {name})
    else:
        fresh = draw({"string": strings(), "array": arrays(1)}.get(node.get("type", ""), numbers()))
        keywords = sorted({*fresh, *node} - {"type", "items", "default", "description"})
        for keyword in keywords:
            if draw(st.booleans()):
                node.pop(keyword, None)
                if keyword in fresh:
                    node[keyword] = fresh[keyword]


def nodes(schema: Schema) -> Iterator[Schema]:
    """Yield a schema and the schemas inside it."""
    yield schema
    below = [*schema.get("anyOf", ()), *schema.get("properties", {}).values()]
    below += [schema[name] for name in ("items", "additionalProperties") if name in schema]
    for child in below:
        if isinstance(child, dict) and child != NULL:
            yield from nodes(child)


@st.composite
def values(draw: Draw, schema: Schema) -> Any:
    """Draw a value that is likely to be valid; objects have listed names, or `other`."""
    if "anyOf" in schema:
        return draw(values(draw(st.sampled_from(schema["anyOf"]))))
    if "enum" in schema:
        return draw(st.sampled_from(schema["enum"]))
    kind = schema["type"]
    if kind == "object":
        optional = set(schema["properties"]) - set(schema["required"])
        chosen = {name for name in sorted(optional) if draw(st.booleans())}
        found = {
            name: draw(values(inner))
            for name, inner in schema["properties"].items()
            if name in chosen or name in schema["required"]
        }
        extra = schema.get("additionalProperties")
        if isinstance(extra, dict) and draw(st.booleans()):
            found[UNLISTED] = draw(values(extra))
        return found
    if kind == "array":
        low = schema.get("minItems", 0)
        high = max(low, schema.get("maxItems", low + 2))
        return draw(st.lists(values(schema["items"]), min_size=low, max_size=high))
    if kind == "string":
        return draw(st.sampled_from(TEXTS))
    if kind in ("integer", "number"):
        edges = [schema[name] for name in schema if "inimum" in name or "aximum" in name]
        steps = [edge + step for edge in (*edges, 0) for step in (-1, -0.5, 0, 0.5, 1, 3, 4)]
        whole = [int(step) for step in steps if float(step).is_integer()]
        return draw(st.sampled_from(whole if kind == "integer" else steps))
    return draw(st.booleans()) if kind == "boolean" else None


class Respelled:
    """Spells a schema in another way; `components` holds the parts that it moved out."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self.components: dict[str, Schema] = {}

    def schema(self, schema: Schema) -> Schema:
        spelled = self._keywords(schema)
        choice = self._draw(st.integers(0, 9))
        if choice == 0:
            return {"allOf": [spelled]}
        if choice == 1:
            return {self._one_of("anyOf", "oneOf"): [spelled]}
        if choice in (2, 3):
            name = f"Part.{len(self.components)}"
            self.components[name] = spelled
            return {"$ref": f"#/components/schemas/{name}"}
        return spelled

    def _keywords(self, schema: Schema) -> Schema:
        members = schema.get("anyOf", ())
        if len(members) == 2 and NULL in members and members[0] != NULL:
            beside = {name: value for name, value in schema.items() if name != "anyOf"}
            return {**self._nullable(members[0]), **beside}
        result: Schema = {}
        for name in self._draw(st.permutations(sorted(schema))):
            value = schema[name]
            if name in ("anyOf", "required", "enum"):
                value = self._draw(st.permutations(value))
            if name == "anyOf":
                value = [member if member == NULL else self.schema(member) for member in value]
            elif name == "properties":
                names = self._draw(st.permutations(sorted(value)))
                value = {key: self.schema(value[key]) for key in names}
            elif name in ("items", "additionalProperties") and isinstance(value, dict):
                value = self.schema(value)
            elif type(value) is int and name != "type":
                value = self._one_of(value, float(value))
            result[name] = value
        if len(schema.get("enum", ())) == 1 and self._draw(st.booleans()):
            result["const"] = result.pop("enum")[0]
        return self._with_idle(result)

    def _nullable(self, inner: Schema) -> Schema:
        spelled = self._keywords(inner)
        way = self._draw(st.integers(0, 3))
        if way == 0:
            return {**spelled, "nullable": True}
        if way == 1 and isinstance(spelled.get("type"), str) and not {"enum", "const"} & {*spelled}:
            return {**spelled, "type": self._draw(st.permutations([spelled["type"], "null"]))}
        if way == 2 and "enum" in spelled and "type" not in spelled:
            return {**spelled, "enum": self._draw(st.permutations([*spelled["enum"], None]))}
        return {self._one_of("anyOf", "oneOf"): self._draw(st.permutations([spelled, NULL]))}

    def _with_idle(self, schema: Schema) -> Schema:
        """Add keywords without effect."""
        idle = {
            "string": {"minLength": 0},
            "array": {"minItems": 0, "uniqueItems": False},
            "object": {"additionalProperties": self._one_of(True, {})},
        }.get(str(schema.get("type")), {})
        return {**idle, **schema} if self._draw(st.booleans()) else schema

    def _one_of(self, *choices: Any) -> Any:
        return self._draw(st.sampled_from(choices))
