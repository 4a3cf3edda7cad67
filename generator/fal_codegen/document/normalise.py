"""Normalise: from a document's schemas to plain ones (see `ir`), repairing what is broken.

A schema is made plain before anything else sees it: one spelling of nullable, no single-member
`allOf`/`anyOf`, no component that is not an object, annotations apart from types. What cannot be
used as it is gets repaired under a named rule, on the record.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from fal_codegen.document.plain import NULL, any_of, fits, is_number, references, without_null
from fal_codegen.document.read import MAX_DEPTH, Document
from fal_codegen.document.schemas import (
    asserts,
    brings_properties,
    by_index,
    constraints,
    escape,
    is_composed,
    is_object,
    is_pattern,
    is_scalar,
    mapping,
    merge,
    strings,
    text_of,
)
from fal_codegen.errors import DocumentError
from fal_codegen.ir import REF, Default, Direction, PlainSchema, Property, Repair

RULES: Mapping[str, str] = {
    "dangling-ref": "a $ref that leads nowhere admits anything",
    "recursive-alias": "a component that is not an object and contains itself admits anything",
    "not-a-schema": "what is not a schema where one belongs admits anything",
    "unknown-type": "a type that JSON Schema does not know admits anything",
    "items-by-index": "items keyed by index, or prefixItems, become one schema for every item",
    "merged-all-of": "an allOf becomes one schema with the keywords of all its parts",
    "conditional-required": "a union that only says which properties go together is left out",
    "wide-union": "a union of more than 50 schemas admits anything",
    "unusable-enum": "an enum of objects, huge numbers or nothing is not checked here",
    "unusable-pattern": "a pattern that Rust's regular expressions cannot express is left out",
    "unusable-constraint": "a constraint whose value makes no sense is left out",
    "file-pattern": "a pattern of a file is left out: what is sent may be the URL of an upload",
    "required-unlisted": "a required property that is not listed is added, admitting anything",
    "unfit-default": "a default that is not a value of its own schema is only told in the docs",
}
"""The repair rules: name and reason."""

MAX_LEVELS = 64
"""Levels of references and composition in one property; the deepest genuine one has 5."""

MAX_UNION = 50
"""Members of a union; the widest genuine one has 4."""

MAX_NODES = 50_000
"""Schemas that one document may come to when its references are followed."""

_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_FILE: PlainSchema = {"type": "string", "format": "file"}


@dataclass(frozen=True)
class Shape:
    """An object schema that will become a model.

    Attributes:
        key: What `$ref`s in plain schemas call it until it has a name.
        hint: Text that its name is to be made from.
        properties: In the order of `x-fal-order-properties`, the others after it by name.
    """

    key: str
    hint: str
    direction: Direction
    description: str
    properties: tuple[Property, ...]
    is_open: bool


@dataclass(frozen=True)
class Normalised:
    """A document's Input and Output, plain.

    Attributes:
        shapes: Every object schema by key, those that others need first.
        input: Key of the Input's shape.
        output: Plain schema of the result.
    """

    shapes: Mapping[str, Shape]
    input: str
    output: PlainSchema
    repairs: tuple[Repair, ...]


def normalise(document: Document, *, not_files: Iterable[str] = ()) -> Normalised:
    """Make a document's Input and Output plain.

    Args:
        document: The document.
        not_files: Names of properties that look like files (`…_url`) and are not.

    Raises:
        DocumentError: The Input is not an object or cannot be found, or the document is recursive
            or branched beyond reason.
    """
    incoming = _Walk(document, Direction.INPUT, frozenset(not_files))
    root = incoming.plain(document.input, document.input_pointer, hint="Input")
    if not _is_model(root):
        raise DocumentError(
            "the Input is not an object with properties, so there is nothing to call it with",
            endpoint=document.endpoint_id,
            pointer=document.input_pointer,
            hint="correct the document, or remove the endpoint from the declaration",
        )
    incoming.finish()
    outgoing = _Walk(document, Direction.OUTPUT, frozenset())
    output = outgoing.plain(document.output, document.output_pointer, hint="Output")
    outgoing.finish()
    return Normalised(
        shapes={shape.key: shape for walk in (incoming, outgoing) for shape in walk.in_order()},
        input=root["$ref"].removeprefix(REF),
        output=output,
        repairs=tuple(dict.fromkeys(incoming.repairs + outgoing.repairs)),
    )


@dataclass
class _Walk:
    """One direction's walk over a document."""

    document: Document
    direction: Direction
    not_files: frozenset[str]
    repairs: list[Repair] = field(default_factory=list)
    _waiting: deque[tuple[str, Mapping[str, Any], str, str]] = field(default_factory=deque)
    _seen: set[str] = field(default_factory=set)
    _shapes: dict[str, Shape] = field(default_factory=dict)
    _trail: list[str] = field(default_factory=list)
    _level: int = 0
    _nodes: int = 0

    def finish(self) -> None:
        """Turn every object schema met so far, and those it leads to, into shapes."""
        while self._waiting:
            key, schema, pointer, hint = self._waiting.popleft()
            self._shapes[key] = Shape(
                key=key,
                hint=hint,
                direction=self.direction,
                description=text_of(schema.get("description")),
                properties=tuple(self._properties(schema, pointer, hint)),
                is_open=schema.get("additionalProperties", False) is not False,
            )

    def in_order(self) -> Iterator[Shape]:
        """Yield the shapes, each after those it refers to (as far as cycles allow)."""
        done: set[str] = set()
        for start in self._shapes:
            stack = [(start, iter(self._needs(start)))]
            while stack:
                key, needs = stack[-1]
                done.add(key)
                following = next((need for need in needs if need not in done), None)
                if following is not None:
                    stack.append((following, iter(self._needs(following))))
                else:
                    stack.pop()
                    yield self._shapes[key]

    def plain(self, node: object, pointer: str, *, hint: str) -> PlainSchema:
        """Return a schema in plain form; object schemas become references to shapes."""
        self._level += 1
        self._nodes += 1
        # Longer than a document is deep, a pointer leads through an allOf that contains itself.
        is_too_long = pointer.count("/") > MAX_DEPTH
        if self._level > MAX_LEVELS or self._nodes > MAX_NODES or is_too_long:
            raise DocumentError(
                "the schema is nested, recursive or branched beyond reason",
                endpoint=self.document.endpoint_id,
                pointer=pointer,
                hint="no genuine document is; check where it came from",
            )
        try:
            return self._plain(node, pointer, hint)
        finally:
            self._level -= 1

    def _plain(self, node: object, pointer: str, hint: str) -> PlainSchema:
        if node is True:
            return {}
        if not isinstance(node, dict):
            return self._repair("not-a-schema", pointer)
        if "$ref" in node:
            return self._reference(node, pointer, hint)
        if node.get("nullable") is True:
            rest = {key: value for key, value in node.items() if key != "nullable"}
            return any_of([self.plain(rest, pointer, hint=hint), NULL])
        for keyword in ("allOf", "anyOf", "oneOf"):
            if isinstance(node.get(keyword), list) and node[keyword]:
                return self._composed(node, keyword, pointer, hint)
        if "const" in node:
            return self._enum([node["const"]], f"{pointer}/const")
        if "enum" in node:
            return self._enum(node["enum"], pointer)
        kind = node.get("type")
        if isinstance(kind, list):
            kinds = [self.plain({**node, "type": one}, pointer, hint=hint) for one in kind]
            return any_of(kinds) if kinds else {}
        if kind == "object" or (kind is None and "properties" in node):
            return self._object(node, pointer, hint)
        if kind == "array":
            return self._array(node, pointer, hint)
        if kind in ("integer", "number"):
            return {"type": kind, **self._bounds(node, pointer)}
        if kind == "string":
            return {"type": "string", **self._lengths(node, pointer, "Length", "string")}
        if kind in ("boolean", "null"):
            return {"type": kind}
        return {} if kind is None else self._repair("unknown-type", f"{pointer}/type")

    def _reference(self, node: Mapping[str, Any], pointer: str, hint: str) -> PlainSchema:
        name, target = self._resolve(node["$ref"])
        is_root = pointer in (self.document.input_pointer, self.document.output_pointer)
        if target is None:
            if is_root:
                raise DocumentError(
                    f"the {self.direction.value} schema refers to {node['$ref']!r}, "
                    "which is not in the document",
                    endpoint=self.document.endpoint_id,
                    pointer=pointer,
                    hint="fetch the document again, or report the endpoint to fal",
                )
            return self._repair("dangling-ref", pointer)
        at, hint = f"/components/schemas/{escape(name)}", hint if is_root else name
        if isinstance(target, dict) and is_object(target, hint) and not is_composed(target):
            found = self._model(target, at, hint)
        elif at in self._trail:
            found = self._repair("recursive-alias", pointer)
        else:
            self._trail.append(at)
            try:
                found = self.plain(target, at, hint=hint)
            finally:
                self._trail.pop()
        return any_of([found, NULL]) if node.get("nullable") is True else found

    def _resolve(self, ref: object) -> tuple[str, object]:
        """Return a component's name and schema; None if there is no such component."""
        prefix = "#/components/schemas/"
        if not isinstance(ref, str) or not ref.startswith(prefix):
            return "", None
        name = unquote(ref.removeprefix(prefix)).replace("~1", "/").replace("~0", "~")
        return name, self.document.components.get(name)

    def _composed(
        self, node: Mapping[str, Any], keyword: str, pointer: str, hint: str
    ) -> PlainSchema:
        members = node[keyword]
        beside = {key: value for key, value in node.items() if key != keyword}
        if keyword == "allOf":
            if len(members) == 1 and not asserts(beside):
                return self.plain(members[0], f"{pointer}/allOf/0", hint=hint)
            self._repair("merged-all-of", f"{pointer}/allOf")
            merged = merge(self._parts(node, ()))
            if "description" in node:
                merged["description"] = node["description"]
            return self.plain(merged, pointer, hint=hint)
        if isinstance(beside.get("properties"), dict):
            if not any(brings_properties(member) for member in members):
                self._repair("conditional-required", f"{pointer}/{keyword}")
                return self.plain(beside, pointer, hint=hint)
            # What stands beside a union holds for each of its members.
            members = [{"allOf": [beside, member]} for member in members]
        if isinstance(beside.get("enum"), list) and None not in beside["enum"]:
            members = [one for one in members if mapping(one).get("type") != "null"] or members
        plain = []
        for index, member in enumerate(members):
            if isinstance(member, dict) and "$ref" not in member:
                member = {**constraints(beside, member), **member}
            suffix = f" {index}" if len(members) > 1 and brings_properties(member) else ""
            plain.append(self.plain(member, f"{pointer}/{keyword}/{index}", hint=hint + suffix))
        union = any_of(plain)
        if len(union.get("anyOf", ())) > MAX_UNION:
            return self._repair("wide-union", f"{pointer}/{keyword}")
        return union

    def _parts(self, node: object, trail: tuple[str, ...]) -> Iterator[Mapping[str, Any]]:
        """Yield the schemas that an allOf comes to, references followed, without their allOf."""
        if not isinstance(node, dict) or len(trail) > MAX_LEVELS:
            return
        if "$ref" in node:
            name, target = self._resolve(node["$ref"])
            if name not in trail:
                yield from self._parts(target, (*trail, name))
        members = node.get("allOf")
        for member in members if isinstance(members, list) else ():
            yield from self._parts(member, (*trail, ""))
        yield {key: value for key, value in node.items() if key not in ("$ref", "allOf")}

    def _enum(self, values: object, pointer: str) -> PlainSchema:
        if not isinstance(values, list) or not values:
            return self._repair("unusable-enum", pointer)
        numbers = [int(v) if isinstance(v, float) and v.is_integer() else v for v in values]
        try:
            # In Python, 1 and True are the same key; in JSON they are not the same value.
            members = list({(isinstance(v, bool), v): v for v in numbers if v is not None}.values())
        except TypeError:  # an object or array, which cannot be a key
            return self._repair("unusable-enum", pointer)
        if not members:
            return NULL
        if all(map(is_scalar, members)):
            return any_of([{"enum": members}, NULL]) if None in numbers else {"enum": members}
        self._repair("unusable-enum", pointer)
        kind = "integer" if all(isinstance(v, int) for v in members) else "number"
        return {"type": kind} if all(map(is_number, members)) else {}

    def _object(self, node: Mapping[str, Any], pointer: str, hint: str) -> PlainSchema:
        if is_object(node, hint):
            return self._model(node, pointer, hint)
        values = node.get("additionalProperties", True)
        if not isinstance(values, dict):
            return {"type": "object", "additionalProperties": {}}
        at = f"{pointer}/additionalProperties"
        return {
            "type": "object",
            "additionalProperties": self.plain(values, at, hint=f"{hint} Value"),
        }

    def _model(self, schema: Mapping[str, Any], pointer: str, hint: str) -> PlainSchema:
        key = f"{self.direction.value}:{pointer}"
        if key not in self._seen:
            self._seen.add(key)
            self._waiting.append((key, schema, pointer, hint))
        return {"$ref": REF + key}

    def _array(self, node: Mapping[str, Any], pointer: str, hint: str) -> PlainSchema:
        items, at, hint = node.get("items", {}), f"{pointer}/items", f"{hint} Item"
        indexed: list[object] = []
        if isinstance(items, list):
            indexed = items
        elif isinstance(node.get("prefixItems"), list):
            indexed, at = [*node["prefixItems"]], f"{pointer}/prefixItems"
            if "items" in node and items is not False:
                indexed.append(items)
        else:
            indexed = by_index(items)
        if indexed:
            self._repair("items-by-index", at)
            items = {"anyOf": indexed}
        lengths = self._lengths(node, pointer, "Items", "array")
        if node.get("uniqueItems") is True:
            lengths["uniqueItems"] = True
        return {"type": "array", "items": self.plain(items, at, hint=hint), **lengths}

    def _bounds(self, node: Mapping[str, Any], pointer: str) -> dict[str, Any]:
        bounds: dict[str, Any] = {}
        for keyword in _BOUNDS:
            value = node.get(keyword)
            if isinstance(value, bool):  # the spelling of OpenAPI 3.0: a flag beside the bound
                bound = keyword.replace("exclusiveM", "m")
                if value and is_number(node.get(bound)):
                    bounds.pop(bound, None)
                    bounds[keyword] = node[bound]
            elif is_number(value):
                bounds[keyword] = value
            elif value is not None:
                self._repair("unusable-constraint", f"{pointer}/{keyword}")
        step = node.get("multipleOf")
        if step is not None and is_number(step) and step > 0:
            bounds["multipleOf"] = step
        elif step is not None:
            self._repair("unusable-constraint", f"{pointer}/multipleOf")
        return bounds

    def _lengths(
        self, node: Mapping[str, Any], pointer: str, noun: str, kind: str
    ) -> dict[str, Any]:
        lengths: dict[str, Any] = {}
        for keyword in (f"min{noun}", f"max{noun}"):
            value = node.get(keyword)
            if isinstance(value, float) and value.is_integer():
                value = int(value)
            if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31:
                lengths[keyword] = value
            elif value is not None:
                self._repair("unusable-constraint", f"{pointer}/{keyword}")
        if kind == "string" and "pattern" in node:
            if is_pattern(node["pattern"]):
                lengths["pattern"] = node["pattern"]
            else:
                self._repair("unusable-pattern", f"{pointer}/pattern")
        return lengths

    def _properties(self, schema: Mapping[str, Any], pointer: str, hint: str) -> Iterator[Property]:
        listed: dict[str, Any] = dict(schema["properties"])
        required = set(strings(schema.get("required")))
        for name in sorted(required - set(listed)):
            self._repair("required-unlisted", f"{pointer}/required")
            listed[name] = {}
        first = [name for name in strings(schema.get("x-fal-order-properties")) if name in listed]
        for name in dict.fromkeys([*first, *sorted(listed)]):
            at = f"{pointer}/properties/{escape(name)}"
            yield self._property(name, listed[name], at, name in required, hint)

    def _property(
        self, name: str, node: object, pointer: str, required: bool, hint: str
    ) -> Property:
        notes: Mapping[str, Any] = node if isinstance(node, dict) else {}
        # Every property starts its own count of levels: shapes are queued, not nested.
        schema, nullable = without_null(self.plain(node, pointer, hint=f"{hint} {name}"))
        told = _default(notes.get("default"), schema)
        if told and not told.fits and not isinstance(told.value, (dict, list)):
            self._repair("unfit-default", f"{pointer}/default")
        if self.direction is Direction.INPUT and name not in self.not_files:
            schema = self._mark_files(name, notes, schema, pointer)
        examples = notes.get("examples")
        return Property(
            name=name,
            schema=schema,
            required=required,
            nullable=nullable,
            default=_default(notes.get("default"), schema),
            description=text_of(notes.get("description")),
            examples=tuple(examples) if isinstance(examples, list) else (),
            deprecated=notes.get("deprecated") is True,
        )

    def _mark_files(
        self, name: str, notes: Mapping[str, Any], schema: PlainSchema, pointer: str
    ) -> PlainSchema:
        """Mark the strings of a property that are URLs of files, if it is one of files."""
        if not _is_of_files(name, notes):
            return schema
        if schema.get("type") == "string":
            if "pattern" in schema:
                self._repair("file-pattern", pointer)
            return {**{key: schema[key] for key in schema if key != "pattern"}, **_FILE}
        if "anyOf" in schema:
            members = schema["anyOf"]
            return any_of([self._mark_files(name, notes, one, pointer) for one in members])
        if schema.get("type") == "array":
            return {**schema, "items": self._mark_files(name, notes, schema["items"], pointer)}
        return schema

    def _needs(self, key: str) -> list[str]:
        return [
            name.removeprefix(REF)
            for prop in self._shapes[key].properties
            for name in references(prop.schema)
        ]

    def _repair(self, rule: str, pointer: str) -> PlainSchema:
        self.repairs.append(Repair(rule, pointer))
        return {}


def _default(value: object, schema: PlainSchema) -> Default | None:
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer() and schema.get("type") != "number":
        value = int(value)  # in JSON, 5.0 is an integer
    return Default(value, fits=fits(value, schema))


def _is_of_files(name: str, notes: Mapping[str, Any]) -> bool:
    """Say whether a property's strings are URLs of files: `…_url`, `…_urls`, or said to be.

    Documents say so with a largest size or with the field of fal's own form.
    """
    is_limited = "max_file_size" in notes or "max_file_size" in mapping(notes.get("x-fal"))
    form_field = notes.get("_fal_ui_field", mapping(notes.get("ui")).get("field"))
    is_said = is_limited or form_field in ("image", "video", "audio", "file")
    return is_said or name.endswith(("_url", "_urls"))


def _is_model(schema: PlainSchema) -> bool:
    return str(schema.get("$ref", "")).startswith(REF)
