"""Normalise: from a document's schemas to typed ones (see `schema`), repairing what is broken.

Typed schemas have one spelling of nullable, no `allOf`, no single-member `anyOf`, no component that
is not an object, and annotations apart from types. What cannot be used as it is gets repaired under
a named rule, on the record.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

from fal_codegen.document.annotations import examples_of, text_of
from fal_codegen.document.composition import (
    asserts,
    brings_properties,
    is_composed,
    merge,
    narrowed,
    passed_on,
    passes_on,
)
from fal_codegen.document.constraints import bounded, enumeration, limit
from fal_codegen.document.file_inputs import is_file, is_of_files, or_url
from fal_codegen.document.fits import fits
from fal_codegen.document.json_values import by_index, mapping, strings
from fal_codegen.document.keywords import conflicts, dropped
from fal_codegen.document.overlap import may_overlap
from fal_codegen.document.patterns.javascript import javascript
from fal_codegen.document.patterns.rust import rust
from fal_codegen.document.pointers import dereferenced, escape, follow, pointer_of, tokens_of
from fal_codegen.document.read import MAX_DEPTH, Document
from fal_codegen.document.schema import (
    Anything,
    Array,
    Boolean,
    FileUrl,
    Integer,
    Map,
    Null,
    Number,
    Ref,
    Schema,
    String,
    Union,
    alternatives,
    references,
    union_of,
    with_inner,
    without_null,
)
from fal_codegen.errors import DocumentError
from fal_codegen.ir import Default, Direction, Property, Repair

MAX_LEVELS = 64
"""Levels of references and composition in one property; the deepest genuine one has 5."""

MAX_UNION = 50
"""Members of a union; the widest genuine one has 4."""

MAX_NODES = 50_000
"""Schemas that one document may come to when its references are followed."""


@dataclass(frozen=True)
class Shape:
    """An object schema that will become a model.

    Attributes:
        key: The name that references have for it until `plan` gives it one.
        hint: Text that its name is to be made from.
        properties: In the order of `x-fal-order-properties`, the others after it by name.
        tags: What the document's discriminators say of it: values by the name of a property.
    """

    key: str
    hint: str
    direction: Direction
    description: str
    properties: tuple[Property, ...]
    is_open: bool
    tags: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Normalised:
    """A document's Input and Output, as typed schemas.

    Attributes:
        shapes: Every object schema by key, those that others need first.
        input: Key of the Input's shape.
        output: Schema of the result.
    """

    shapes: Mapping[str, Shape]
    input: str
    output: Schema
    repairs: tuple[Repair, ...]


def normalise(document: Document, *, not_files: Iterable[str] = ()) -> Normalised:
    """Return a document's Input and Output as typed schemas.

    Args:
        document: The document.
        not_files: Names of properties that look like files (`…_url`) and are not.

    Raises:
        DocumentError: The Input is not an object or cannot be found, or the document is recursive
            or branched beyond reason.
    """
    incoming = _Walk(document, Direction.INPUT, frozenset(not_files))
    root = incoming.schema(document.input, document.input_pointer, hint="Input")
    if not isinstance(root, Ref):
        raise DocumentError(
            "the Input is not an object with properties, so there is nothing to call it with",
            endpoint=document.endpoint_id,
            pointer=document.input_pointer,
            hint="correct the document, or remove the endpoint from the declaration",
        )
    incoming.finish()
    outgoing = _Walk(document, Direction.OUTPUT, frozenset())
    output = outgoing.schema(document.output, document.output_pointer, hint="Output")
    outgoing.finish()
    return Normalised(
        shapes={shape.key: shape for walk in (incoming, outgoing) for shape in walk.in_order()},
        input=root.name,
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
    _tags: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    _one_ofs: list[tuple[str, list[Schema]]] = field(default_factory=list)
    _trail: list[str] = field(default_factory=list)
    _is_in_file: bool = False
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
                is_open=_is_open(schema),
                tags={},
            )
        if self.direction is Direction.INPUT:
            self._accept_urls()
        for key, tags in self._tags.items():
            stated = {name: tuple(dict.fromkeys(values)) for name, values in tags.items()}
            self._shapes[key] = replace(self._shapes[key], tags=stated)
        for pointer, members in self._one_ofs:
            if any(may_overlap(*pair, self._shapes) for pair in combinations(members, 2)):
                self._repair("overlapping-one-of", pointer)

    def _accept_urls(self) -> None:
        """Let a URL stand for a file wherever a model of one is taken."""
        files = {key for key, shape in self._shapes.items() if is_file(shape.properties)}
        for key, shape in self._shapes.items():
            properties = tuple(
                prop
                if prop.name in self.not_files
                else replace(prop, schema=or_url(prop.schema, files))
                for prop in shape.properties
            )
            self._shapes[key] = replace(shape, properties=properties)

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

    def schema(self, node: object, pointer: str, *, hint: str) -> Schema:
        """Return the typed schema of a node; object schemas become references to shapes."""
        self._level += 1
        self._count(pointer)
        try:
            return self._schema(node, pointer, hint)
        finally:
            self._level -= 1

    def _count(self, pointer: str) -> None:
        """Count a schema, and refuse a document that comes to more than anybody could have meant.

        Raises:
            DocumentError: It does.
        """
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

    def _schema(self, node: object, pointer: str, hint: str) -> Schema:
        if node is True:
            return Anything()
        if not isinstance(node, dict):
            return self._repair("not-a-schema", pointer)
        if "$ref" in node:
            return self._reference(node, pointer, hint)
        if node.get("nullable") is True:
            rest = {key: value for key, value in node.items() if key != "nullable"}
            return union_of([self.schema(rest, pointer, hint=hint), Null()])
        for keyword in ("allOf", "anyOf", "oneOf"):
            if isinstance(node.get(keyword), list) and node[keyword]:
                return self._composed(node, keyword, pointer, hint)
        if "const" in node or "enum" in node:
            self._drop(node, "enum", pointer)
            if "const" in node:
                return enumeration([node["const"]], f"{pointer}/const", self._repair)
            return enumeration(node["enum"], pointer, self._repair)
        kind = node.get("type")
        if isinstance(kind, list):
            kinds = [self.schema({**node, "type": one}, pointer, hint=hint) for one in kind]
            return union_of(kinds) if kinds else Anything()
        if kind == "object" or (kind is None and "properties" in node):
            return self._object(node, pointer, hint)
        if kind == "array":
            return self._array(node, pointer, hint)
        if kind in ("integer", "number", "string", "boolean", "null"):
            self._drop(node, kind, pointer)
        match kind:
            case "integer":
                return bounded(Integer, node, pointer, self._repair)
            case "number":
                return bounded(Number, node, pointer, self._repair)
            case "string":
                return self._string(node, pointer)
            case "boolean":
                return Boolean()
            case "null":
                return Null()
            case None:
                self._drop(node, "anything", pointer)
                return Anything()
            case _:
                return self._repair("unknown-type", f"{pointer}/type")

    def _reference(self, node: Mapping[str, Any], pointer: str, hint: str) -> Schema:
        at, target = self._resolve(node["$ref"])
        is_root = pointer in (self.document.input_pointer, self.document.output_pointer)
        if at is None or target is None:
            if is_root:
                raise DocumentError(
                    f"the {self.direction.value} schema refers to {node['$ref']!r}, "
                    "which is not in the document",
                    endpoint=self.document.endpoint_id,
                    pointer=pointer,
                    hint="fetch the document again, or report the endpoint to fal",
                )
            return self._repair("dangling-ref", pointer)
        if not str(self.document.content["openapi"]).startswith("3.0"):
            self._drop(node, "reference", pointer)  # in OpenAPI 3.0, it counts for nothing
        hint = hint if is_root else _hint_of(at)
        if isinstance(target, dict) and _makes_model(target, hint) and not is_composed(target):
            found = self._model(target, at, hint)
        elif at in self._trail:
            found = self._repair("recursive-alias", pointer)
        else:
            self._trail.append(at)
            try:
                found = self.schema(target, at, hint=hint)
            finally:
                self._trail.pop()
        return union_of([found, Null()]) if node.get("nullable") is True else found

    def _resolve(self, ref: object) -> tuple[str | None, object]:
        """Return where a `$ref` leads, and the schema there; None if it leads nowhere."""
        pointer = pointer_of(ref)
        return pointer, None if pointer is None else follow(self.document.content, pointer)

    def _composed(self, node: Mapping[str, Any], keyword: str, pointer: str, hint: str) -> Schema:
        members = node[keyword]
        beside = {key: value for key, value in node.items() if key != keyword}
        if keyword == "allOf":
            if len(members) == 1 and not asserts(beside):
                self._drop(beside, "reference", pointer)
                return self.schema(members[0], f"{pointer}/allOf/0", hint=hint)
            self._repair("merged-all-of", f"{pointer}/allOf")
            parts = [*self._parts(node, pointer, ())]
            merged = merge(parts)
            for name in conflicts(parts, merged):
                self._repair("unchecked-keyword", f"{pointer}/allOf/{name}")
            if "description" in node:
                merged["description"] = node["description"]
            return self.schema(merged, pointer, hint=hint)
        if isinstance(beside.get("enum"), list) and None not in beside["enum"]:
            members = [one for one in members if mapping(one).get("type") != "null"] or members
        targets = [pointer_of(mapping(member).get("$ref")) for member in members]
        if isinstance(beside.get("properties"), dict):
            if not any(brings_properties(member) for member in members):
                self._repair("conditional-required", f"{pointer}/{keyword}")
                return self.schema(beside, pointer, hint=hint)
            # What stands beside a union holds for each of its members.
            members = [{"allOf": [beside, member]} for member in members]
        else:
            for name in dropped(beside, "anything"):
                if not all(passes_on(name, beside, member) for member in members):
                    self._repair("unchecked-keyword", f"{pointer}/{name}")
        plain = []
        for index, member in enumerate(members):
            if isinstance(member, dict) and "$ref" not in member:
                member = narrowed(member, passed_on(beside, member))
            suffix = f" {index}" if len(members) > 1 and brings_properties(member) else ""
            plain.append(self.schema(member, f"{pointer}/{keyword}/{index}", hint=hint + suffix))
        self._discriminate(node.get("discriminator"), targets, plain)
        if keyword == "oneOf" and "discriminator" not in node:
            self._one_ofs.append((f"{pointer}/oneOf", plain))
        union = union_of(plain)
        if len(alternatives(union)) > MAX_UNION:
            return self._repair("wide-union", f"{pointer}/{keyword}")
        return union

    def _discriminate(
        self, discriminator: object, targets: list[str | None], plain: list[Schema]
    ) -> None:
        """Note the values of a property by which a discriminator tells members of a union apart.

        Args:
            discriminator: What the document states beside the union.
            targets: Where the `$ref` of each member leads.
            plain: The members, plain.
        """
        name = mapping(discriminator).get("propertyName")
        stated = mapping(mapping(discriminator).get("mapping")).items()
        for target, schema in zip(targets, plain, strict=True):
            key = _key_of(schema)
            if isinstance(name, str) and target is not None and key is not None:
                values = [value for value, named in stated if _target_of(named) == target]
                tags = self._tags.setdefault(key, {}).setdefault(name, [])
                tags += values or [tokens_of(target)[-1]]

    def _parts(
        self, node: object, pointer: str, trail: tuple[str, ...]
    ) -> Iterator[Mapping[str, Any]]:
        """Yield the schemas that an allOf comes to, references followed, without their allOf."""
        self._count(pointer)
        if not isinstance(node, dict) or len(trail) > MAX_LEVELS:
            return
        if "$ref" in node:
            at, target = self._resolve(node["$ref"])
            if at is not None and at not in trail:
                yield from self._parts(target, pointer, (*trail, at))
        members = node.get("allOf")
        for member in members if isinstance(members, list) else ():
            yield from self._parts(member, pointer, (*trail, ""))
        yield {key: value for key, value in node.items() if key not in ("$ref", "allOf")}

    def _object(self, node: Mapping[str, Any], pointer: str, hint: str) -> Schema:
        if _makes_model(node, hint):
            return self._model(node, pointer, hint)
        self._drop(node, "map", pointer)
        values = node.get("additionalProperties", True)
        if not isinstance(values, dict):
            return Map(Anything())
        at = f"{pointer}/additionalProperties"
        return Map(self.schema(values, at, hint=f"{hint} Value"))

    def _model(self, schema: Mapping[str, Any], pointer: str, hint: str) -> Schema:
        key = f"{self.direction.value}:{pointer}"
        if key not in self._seen:
            self._seen.add(key)
            self._drop(schema, "model", pointer)
            self._waiting.append((key, schema, pointer, hint))
        return Ref(key)

    def _array(self, node: Mapping[str, Any], pointer: str, hint: str) -> Schema:
        self._drop(node, "array", pointer)
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
        return Array(
            min_items=limit(node, "minItems", pointer, self._repair),
            max_items=limit(node, "maxItems", pointer, self._repair),
            unique_items=node.get("uniqueItems") is True,
            items=self.schema(items, at, hint=hint),
        )

    def _string(self, node: Mapping[str, Any], pointer: str) -> String:
        return String(
            min_length=limit(node, "minLength", pointer, self._repair),
            max_length=limit(node, "maxLength", pointer, self._repair),
            pattern=self._pattern(node, f"{pointer}/pattern"),
        )

    def _pattern(self, node: Mapping[str, Any], pointer: str) -> str | None:
        if "pattern" not in node:
            return None
        pattern = rust(node["pattern"])
        if pattern is None:
            self._repair("unusable-pattern", pointer)
        elif self.direction is Direction.INPUT and (refusal := javascript(pattern).refusal):
            self._repair(refusal, pointer)
        return pattern

    def _properties(self, schema: Mapping[str, Any], pointer: str, hint: str) -> Iterator[Property]:
        properties = schema["properties"]
        hidden = {name for name in properties if self._is_hidden(properties[name], pointer)}
        listed: dict[str, Any] = {name: properties[name] for name in {*properties} - hidden}
        required = set(strings(schema.get("required"))) - hidden
        for name in sorted(required - set(listed)):
            self._repair("required-unlisted", f"{pointer}/required")
            listed[name] = {}
        first = [name for name in strings(schema.get("x-fal-order-properties")) if name in listed]
        examples = [*examples_of(schema), *examples_of(self._body(pointer))]
        for name in dict.fromkeys([*first, *sorted(listed)]):
            at = f"{pointer}/properties/{escape(name)}"
            if name == "__proto__":
                self._repair("unportable-name", at)
            is_null = any(name in one and one[name] is None for one in map(mapping, examples))
            yield self._property(name, listed[name], at, name in required, hint, is_null)

    def _body(self, pointer: str) -> Mapping[str, Any]:
        """Return the body of the Input, if the Input is at a pointer: it has examples as well."""
        document, root = self.document.content, self.document.input_pointer
        is_input = dereferenced(document, root)[1] == pointer
        return mapping(follow(document, root.removesuffix("/schema"))) if is_input else {}

    def _is_hidden(self, node: object, pointer: str) -> bool:
        """Return whether a property does not travel this way: it is only read, or only written."""
        keyword = "readOnly" if self.direction is Direction.INPUT else "writeOnly"
        return any(part.get(keyword) is True for part in self._parts(node, pointer, ()))

    def _property(
        self,
        name: str,
        node: object,
        pointer: str,
        required: bool,
        hint: str,
        is_shown_null: bool,
    ) -> Property:
        notes: Mapping[str, Any] = node if isinstance(node, dict) else {}
        is_files = self.direction is Direction.INPUT and name not in self.not_files
        self._is_in_file = is_files and is_of_files(name, notes)
        # Every property starts its own count of levels: shapes are queued, not nested.
        schema, nullable = without_null(self.schema(node, pointer, hint=f"{hint} {name}"))
        told = _default(notes.get("default"), schema)
        if told and not told.fits and not isinstance(told.value, (dict, list)):
            self._repair("unfit-default", f"{pointer}/default")
        if self._is_in_file:
            schema = self._mark_files(schema, pointer)
        if self.direction is Direction.INPUT and not required:
            # A document whose own example is null shows that the server takes null.
            nullable = nullable or is_shown_null or None in examples_of(notes)
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

    def _mark_files(self, schema: Schema, pointer: str) -> Schema:
        """Return the schema of a property of files: each string in it is the URL of one."""
        match schema:
            case String(min_length, max_length, pattern):
                if pattern is not None:
                    self._repair("file-pattern", pointer)
                return FileUrl(min_length, max_length)
            case Union() | Array():
                return with_inner(schema, lambda part: self._mark_files(part, pointer))
            case _:
                return schema

    def _needs(self, key: str) -> list[str]:
        return [name for prop in self._shapes[key].properties for name in references(prop.schema)]

    def _drop(self, node: Mapping[str, Any], kind: str, pointer: str) -> None:
        """Report the keywords of a schema that its typed schema drops (see `keywords`)."""
        for keyword in dropped(node, kind):
            # Formats describe results; and what is a URL of a file is checked as one.
            is_checked = self.direction is Direction.INPUT and not self._is_in_file
            if keyword != "format" or is_checked:
                self._repair("unchecked-keyword", f"{pointer}/{keyword}")

    def _repair(self, rule: str, pointer: str) -> Schema:
        self.repairs.append(Repair(rule, pointer))
        return Anything()


def _default(value: object, schema: Schema) -> Default | None:
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer() and not isinstance(schema, Number):
        value = int(value)  # in JSON, 5.0 is an integer
    return Default(value, fits=fits(value, schema))


def _makes_model(node: Mapping[str, Any], hint: str) -> bool:
    """Return whether an object schema makes a model; without properties, it is a map.

    An endpoint's Input and Output (so their hints) are models even without properties.
    """
    properties = node.get("properties")
    return isinstance(properties, dict) and (
        bool(properties)
        or hint in ("Input", "Output")
        or node.get("additionalProperties", True) is False
    )


def _is_open(schema: Mapping[str, Any]) -> bool:
    """Return whether an object schema itself allows names that it does not list."""
    is_patterned = bool(mapping(schema.get("patternProperties")))
    return is_patterned or schema.get("additionalProperties", False) is not False


def _hint_of(pointer: str) -> str:
    """Return the text that the name of a schema is made from: where it is in the document."""
    return " ".join(tokens_of(pointer.removeprefix("/components/schemas")))


def _key_of(schema: Schema) -> str | None:
    """Return the key of the model that a schema is, apart from null; None if it is none."""
    model = without_null(schema)[0]
    return model.name if isinstance(model, Ref) else None


def _target_of(target: object) -> str | None:
    """Return the pointer of a schema in a discriminator's mapping: a `$ref`, or a bare name."""
    pointer = pointer_of(target)
    return pointer or (f"/components/schemas/{escape(target)}" if isinstance(target, str) else None)
