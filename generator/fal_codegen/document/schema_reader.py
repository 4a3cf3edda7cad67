"""Read schemas: from the schemas of a document to typed ones, repairing broken parts."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from fal_codegen.document.composition import (
    asserts,
    brings_properties,
    conflicts,
    is_composed,
    merge,
    narrowed,
    passed_on,
    passes_on,
)
from fal_codegen.document.constraints import bounded, enumeration, file_limits, limit
from fal_codegen.document.file_limits import NO_LIMITS, FileLimits
from fal_codegen.document.json_values import by_index, mapping
from fal_codegen.document.keywords import dropped
from fal_codegen.document.models import Direction
from fal_codegen.document.pointers import escape, follow, pointer_of, tokens_of
from fal_codegen.document.read import Document
from fal_codegen.document.repairs import Repair
from fal_codegen.document.schema import (
    Anything,
    Array,
    Boolean,
    Integer,
    Map,
    Null,
    Number,
    Ref,
    Schema,
    String,
    alternatives,
    union_of,
    without_null,
)
from fal_codegen.document.strict_json import MAX_DEPTH
from fal_codegen.errors import DocumentError
from fal_codegen.exhaustive import assert_never
from fal_codegen.paths import OVERLAYS

MAX_LEVELS = 64
"""Levels of references and composition in one property; the deepest genuine one has 5."""

MAX_UNION = 50
"""Members of a union; the widest genuine one has 4."""

MAX_NODES = 50_000
"""Schemas that one document may have once its references are followed."""


class NameHint(NamedTuple):
    """Source text for the name of a schema.

    Attributes:
        text: The text.
        is_root: Whether the schema is the Input or the Output itself.
    """

    text: str
    is_root: bool = False

    def of_part(self, suffix: str) -> NameHint:
        """Return the hint for a part of the schema."""
        return NameHint(f"{self.text} {suffix}")


class ObjectNode(NamedTuple):
    """An object schema of a document that will become a shape.

    Attributes:
        key: The name that references have for it.
        node: The schema.
        pointer: Its place in the document.
        name_hint: Source text for its name.
    """

    key: str
    node: Mapping[str, Any]
    pointer: str
    name_hint: str


@dataclass
class SchemaReader:
    """Reads the schemas of one direction of a document.

    Attributes:
        objects: Object schemas that a reference was made to and whose properties are not read yet.
        tags: The values of the discriminators of object schemas, by key and property.
        one_ofs: The pointer and the members of each `oneOf` without a discriminator.
        repairs: The repairs, in the order in which they were made.
    """

    document: Document
    direction: Direction
    objects: deque[ObjectNode] = field(default_factory=deque)
    tags: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    one_ofs: list[tuple[str, Sequence[Schema]]] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)
    _trail: list[str] = field(default_factory=list)
    _file_pointer: str | None = None
    _level: int = 0
    _nodes: int = 0

    def property_schema(
        self, node: object, pointer: str, *, name_hint: str, is_file: bool
    ) -> Schema:
        """Return the typed schema of a property, which may be the URL of a file."""
        self._file_pointer = pointer if is_file else None
        # Every property starts its own count of levels: object schemas are queued, not nested.
        return self.schema(node, pointer, NameHint(name_hint))

    def schema(self, node: object, pointer: str, name_hint: NameHint) -> Schema:
        """Return the typed schema of a node; object schemas become references to shapes."""
        self._level += 1
        self._count(pointer)
        try:
            return self._schema(node, pointer, name_hint)
        finally:
            self._level -= 1

    def _count(self, pointer: str) -> None:
        """Count a schema.

        Raises:
            DocumentError: The document exceeds a limit.
        """
        self._nodes += 1
        # A pointer with more steps than a document has levels runs in a circle of references.
        is_too_long = pointer.count("/") > MAX_DEPTH
        if self._level > MAX_LEVELS or self._nodes > MAX_NODES or is_too_long:
            raise DocumentError(
                "the schemas exceed the nesting or branching limit",
                endpoint=self.document.endpoint_id,
                pointer=pointer,
            )

    def _schema(self, node: object, pointer: str, name_hint: NameHint) -> Schema:
        if node is True:
            return Anything()
        if not isinstance(node, dict):
            return self.repair("not-a-schema", pointer)
        if "$ref" in node:
            return self._reference(node, pointer, name_hint)
        if node.get("nullable") is True:
            rest = {key: value for key, value in node.items() if key != "nullable"}
            return union_of([self.schema(rest, pointer, name_hint), Null()])
        for keyword in ("allOf", "anyOf", "oneOf"):
            if isinstance(node.get(keyword), list) and node[keyword]:
                if keyword == "allOf":
                    return self._all_of(node, pointer, name_hint)
                return self._union(node, keyword, pointer, name_hint)
        if "const" in node or "enum" in node:
            self._drop(node, "enum", pointer)
            if "const" in node:
                return enumeration([node["const"]], f"{pointer}/const", self.repair)
            return enumeration(node["enum"], pointer, self.repair)
        return self._typed(node, pointer, name_hint)

    def _typed(self, node: Mapping[str, Any], pointer: str, name_hint: NameHint) -> Schema:
        match node.get("type"):
            case list(types):
                members = [self.schema({**node, "type": t}, pointer, name_hint) for t in types]
                return union_of(members) if members else Anything()
            case "object":
                return self._object(node, pointer, name_hint)
            case "array":
                return self._array(node, pointer, name_hint)
            case "integer" | "number" | "string" | "boolean" | "null" as kind:
                self._drop(node, kind, pointer)
                return self._scalar(node, kind, pointer)
            case None if "properties" in node:
                return self._object(node, pointer, name_hint)
            case None:
                self._drop(node, "anything", pointer)
                return Anything()
            case _:
                return self.repair("unknown-type", f"{pointer}/type")

    def _scalar(
        self,
        node: Mapping[str, Any],
        kind: Literal["integer", "number", "string", "boolean", "null"],
        pointer: str,
    ) -> Schema:
        match kind:
            case "integer":
                return bounded(Integer, node, pointer, self.repair)
            case "number":
                return bounded(Number, node, pointer, self.repair)
            case "string":
                return String(
                    min_length=limit(node, "minLength", pointer, self.repair),
                    max_length=limit(node, "maxLength", pointer, self.repair),
                    pattern=self._pattern(node, f"{pointer}/pattern"),
                    file_limits=self._file_limits(node, pointer),
                )
            case "boolean":
                return Boolean()
            case "null":
                return Null()
            case _:
                assert_never(kind)

    def _reference(self, node: Mapping[str, Any], pointer: str, name_hint: NameHint) -> Schema:
        at, target = self._resolve(node["$ref"])
        is_root = pointer in (self.document.input_pointer, self.document.output_pointer)
        if at is None or target is None:
            if is_root:
                overlay = OVERLAYS / f"{self.document.endpoint_id}.json"
                raise DocumentError(
                    f"the {self.direction.value} schema refers to {node['$ref']!r}, "
                    "which is not in the document",
                    endpoint=self.document.endpoint_id,
                    pointer=pointer,
                    hint=f"correct the reference with an overlay, {overlay} (write it before you "
                    "add the endpoint), and report the endpoint to fal",
                )
            return self.repair("dangling-ref", pointer)
        if not str(self.document.content["openapi"]).startswith("3.0"):
            self._drop(node, "reference", pointer)  # in OpenAPI 3.0, keywords beside it are ignored
        name_hint = name_hint if is_root else NameHint(_name_of(at))
        if isinstance(target, dict) and _makes_model(target, name_hint) and not is_composed(target):
            found = self._model(target, at, name_hint)
        elif at in self._trail:
            found = self.repair("recursive-alias", pointer)
        else:
            self._trail.append(at)
            try:
                found = self.schema(target, at, name_hint)
            finally:
                self._trail.pop()
        return union_of([found, Null()]) if node.get("nullable") is True else found

    def _resolve(self, ref: object) -> tuple[str | None, object]:
        """Return the pointer and the target of a `$ref`; None for each that does not exist."""
        pointer = pointer_of(ref)
        return pointer, None if pointer is None else follow(self.document.content, pointer)

    def _all_of(self, node: Mapping[str, Any], pointer: str, name_hint: NameHint) -> Schema:
        members = node["allOf"]
        beside = {key: value for key, value in node.items() if key != "allOf"}
        if len(members) == 1 and not asserts(beside):
            self._drop(beside, "reference", pointer)
            return self.schema(members[0], f"{pointer}/allOf/0", name_hint)
        self.repair("merged-all-of", f"{pointer}/allOf")
        parts = list(self.parts(node, pointer))
        merged = merge(parts)
        for name in conflicts(parts, merged):
            self.repair("unchecked-keyword", f"{pointer}/allOf/{name}")
        if "description" in node:
            merged["description"] = node["description"]
        return self.schema(merged, pointer, name_hint)

    def _union(
        self, node: Mapping[str, Any], keyword: str, pointer: str, name_hint: NameHint
    ) -> Schema:
        members = node[keyword]
        beside = {key: value for key, value in node.items() if key != keyword}
        if isinstance(beside.get("enum"), list) and None not in beside["enum"]:
            others = [member for member in members if mapping(member).get("type") != "null"]
            members = others or members
        stated = members
        if isinstance(beside.get("properties"), dict):
            if not any(map(brings_properties, members)):
                self.repair("conditional-required", f"{pointer}/{keyword}")
                return self.schema(beside, pointer, name_hint)
            # The keywords beside a union apply to each of its members.
            members = [{"allOf": [beside, member]} for member in members]
        else:
            for name in dropped(beside, "anything"):
                if not all(passes_on(name, beside, member) for member in members):
                    self.repair("unchecked-keyword", f"{pointer}/{name}")
        schemas: list[Schema] = []
        for index, member in enumerate(members):
            if isinstance(member, dict) and "$ref" not in member:
                member = narrowed(member, passed_on(beside, member))
            is_numbered = len(members) > 1 and brings_properties(member)
            hint = name_hint.of_part(str(index)) if is_numbered else name_hint
            schemas.append(self.schema(member, f"{pointer}/{keyword}/{index}", hint))
        self._discriminate(node.get("discriminator"), stated, schemas)
        if keyword == "oneOf" and "discriminator" not in node:
            self.one_ofs.append((f"{pointer}/oneOf", schemas))
        union = union_of(schemas)
        if len(alternatives(union)) > MAX_UNION:
            return self.repair("wide-union", f"{pointer}/{keyword}")
        return union

    def _discriminate(
        self, discriminator: object, members: Sequence[object], schemas: Sequence[Schema]
    ) -> None:
        """Record the values of a property that discriminate between the members of a union.

        Args:
            discriminator: The keyword beside the union.
            members: The members of the union, in the document.
            schemas: The typed members.
        """
        name = mapping(discriminator).get("propertyName")
        if not isinstance(name, str):
            return
        stated = mapping(mapping(discriminator).get("mapping")).items()
        for member, schema in zip(members, schemas, strict=True):
            target, key = pointer_of(mapping(member).get("$ref")), _key_of(schema)
            if target is not None and key is not None:
                values = [value for value, named in stated if _target_of(named) == target]
                tags = self.tags.setdefault(key, {}).setdefault(name, [])
                tags += values or [tokens_of(target)[-1]]

    def parts(
        self, node: object, pointer: str, trail: tuple[str, ...] = ()
    ) -> Iterator[Mapping[str, Any]]:
        """Yield the schemas that an allOf consists of, references followed, without their allOf."""
        self._count(pointer)
        if not isinstance(node, dict) or len(trail) > MAX_LEVELS:
            return
        if "$ref" in node:
            at, target = self._resolve(node["$ref"])
            if at is not None and at not in trail:
                yield from self.parts(target, pointer, (*trail, at))
        elif "allOf" not in node:
            yield node
            return
        members = node.get("allOf")
        for member in members if isinstance(members, list) else ():
            yield from self.parts(member, pointer, (*trail, ""))
        yield {key: value for key, value in node.items() if key not in ("$ref", "allOf")}

    def _object(self, node: Mapping[str, Any], pointer: str, name_hint: NameHint) -> Schema:
        if _makes_model(node, name_hint):
            return self._model(node, pointer, name_hint)
        self._drop(node, "map", pointer)
        values = node.get("additionalProperties", True)
        if not isinstance(values, dict) or mapping(node.get("patternProperties")):
            return Map(Anything())  # values whose names match a pattern have other schemas
        at = f"{pointer}/additionalProperties"
        return Map(self.schema(values, at, name_hint.of_part("Value")))

    def _model(self, schema: Mapping[str, Any], pointer: str, name_hint: NameHint) -> Schema:
        key = f"{self.direction.value}:{pointer}"
        if key not in self._seen:
            self._seen.add(key)
            self._drop(schema, "model", pointer)
            self.objects.append(ObjectNode(key, schema, pointer, name_hint.text))
        return Ref(key)

    def _array(self, node: Mapping[str, Any], pointer: str, name_hint: NameHint) -> Schema:
        self._drop(node, "array", pointer)
        items, at = node.get("items", {}), f"{pointer}/items"
        first: list[object] = []
        others: object = False
        if isinstance(items, list):
            first, others = items, node.get("additionalItems", True)
        elif isinstance(node.get("prefixItems"), list):
            first, others = node["prefixItems"], node.get("items", True)
            at = f"{pointer}/prefixItems"
        else:
            first = by_index(items)
        max_items = limit(node, "maxItems", pointer, self.repair)
        if first:
            self.repair("items-by-index", at)
            has_others = others is not False and (max_items is None or max_items > len(first))
            items = {"anyOf": [*first, others] if has_others else first}
        return Array(
            min_items=limit(node, "minItems", pointer, self.repair),
            max_items=max_items,
            unique_items=node.get("uniqueItems") is True,
            items=self.schema(items, at, name_hint.of_part("Item")),
        )

    def _pattern(self, node: Mapping[str, Any], pointer: str) -> str | None:
        if "pattern" not in node:  # as in most documents, which need not wait for these imports
            return None
        from fal_codegen.document.patterns.javascript import to_javascript
        from fal_codegen.document.patterns.rust import to_rust

        pattern = to_rust(node["pattern"])
        if pattern is None:
            self.repair("unusable-pattern", pointer)
        elif self.direction is Direction.INPUT and (refusal := to_javascript(pattern).refusal):
            self.repair(refusal, pointer)
        return pattern

    def _file_limits(self, node: Mapping[str, Any], pointer: str) -> FileLimits:
        """Return the limits of a file inside a property; the property's own are read with it."""
        is_inside = self._file_pointer not in (None, pointer)
        return file_limits(node, pointer, self.repair) if is_inside else NO_LIMITS

    def _drop(self, node: Mapping[str, Any], kind: str, pointer: str) -> None:
        """Report the keywords of a schema that its typed schema cannot express (see `keywords`)."""
        for keyword in dropped(node, kind):
            # A format only describes a result, and the URL of a file is checked as a URL.
            is_checked = self.direction is Direction.INPUT and self._file_pointer is None
            if keyword != "format" or is_checked:
                self.repair("unchecked-keyword", f"{pointer}/{keyword}")

    def repair(self, rule: str, pointer: str) -> Anything:
        """Record a repair, and return the schema that accepts any value."""
        self.repairs.append(Repair(rule, pointer))
        return Anything()


def _makes_model(node: Mapping[str, Any], name_hint: NameHint) -> bool:
    """Return whether an object schema makes a model; without properties, it is a map.

    The Input and the Output are models even without properties.
    """
    properties = node.get("properties")
    return isinstance(properties, dict) and (
        bool(properties) or name_hint.is_root or node.get("additionalProperties", True) is False
    )


def _name_of(pointer: str) -> str:
    """Return the text that names a schema: its place in the document."""
    return " ".join(tokens_of(pointer.removeprefix("/components/schemas")))


def _key_of(schema: Schema) -> str | None:
    """Return the key of the model that a schema refers to, apart from null; None if to none."""
    model = without_null(schema)[0]
    return model.name if isinstance(model, Ref) else None


def _target_of(target: object) -> str | None:
    """Return the pointer of a schema in a discriminator's mapping: a `$ref`, or a bare name."""
    pointer = pointer_of(target)
    return pointer or (f"/components/schemas/{escape(target)}" if isinstance(target, str) else None)
