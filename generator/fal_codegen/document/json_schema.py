"""Convert the schemas of a fal document to JSON Schema 2020-12, and validate values.

The emulator validates inputs and results, and drift proves witnesses. Both go by every keyword of a
document; typed schemas, for which `accepts` decides, express what generated types check.

fal's documents call themselves OpenAPI 3.0.4 but mix 3.0 (`nullable`, boolean `exclusiveMinimum`)
with 3.1 (`anyOf [X, null]`, `prefixItems`, `const`), and sometimes contain keywords that are valid
in neither. Keywords that a JSON Schema validator cannot read are dropped: an emulator has to serve
every document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

import jsonschema_rs

from fal_codegen.document.annotations import examples_of
from fal_codegen.document.json_values import JsonSchema, mapping
from fal_codegen.document.pointers import escape, follow, pointer_of, target_of, tokens_of
from fal_codegen.document.stated_limits import SIZES, bounds_in, size_in

__all__ = [
    "JsonSchema",
    "followed_in",
    "json_schema",
    "json_schemas",
    "reference_to",
    "validator",
    "with_inner",
]

_COMPONENTS = "/components/schemas"

_ONE = {"items", "additionalProperties", "not", "contains", "propertyNames", "if", "then", "else"}
_LIST = {"allOf", "anyOf", "oneOf", "prefixItems"}
_MAP = {"properties", "patternProperties"}
_PLAIN = {
    *("type", "enum", "const", "required", "dependentRequired", "default", "format"),
    *("multipleOf", "pattern", "uniqueItems", "readOnly", "writeOnly"),
}
_KEPT = _ONE | _LIST | _MAP | _PLAIN


def json_schemas(document: Mapping[str, Any], *, omitted: str | None = None) -> JsonSchema:
    """Convert `components.schemas`, and the other schemas that a `$ref` of the document leads to.

    Those are named by their JSON Pointer.

    Args:
        document: The document.
        omitted: The flag of properties that are not required: `readOnly` in an input,
            `writeOnly` in a result.
    """
    elsewhere = {pointer for pointer in _targets(document) if not _is_kept(pointer)}
    schemas = {
        **mapping(follow(document, _COMPONENTS)),
        **{pointer: follow(document, pointer) for pointer in sorted(elsewhere)},
    }
    return {
        name: json_schema(document, schema, omitted=omitted) for name, schema in schemas.items()
    }


def json_schema(document: Mapping[str, Any], schema: object, *, omitted: str | None = None) -> Any:
    """Convert one schema of a document; a `$ref` without a target accepts anything.

    Every `$ref` of the converted schema leads to one of `json_schemas`: a validator would fetch
    any other.

    Args:
        document: The document.
        schema: The schema.
        omitted: As in `json_schemas`.
    """

    def reference(ref: object) -> str | None:
        pointer = pointer_of(ref)
        if pointer is None or follow(document, pointer) is None:
            return None
        # Documents also spell references with characters that a URI cannot have.
        return f"#{quote(pointer)}" if _is_kept(pointer) else reference_to(pointer)

    return _convert(schema, reference, omitted)


def reference_to(name: str) -> str:
    """Return the `$ref` to one of `json_schemas`."""
    return f"#{_COMPONENTS}/{quote(escape(name), safe='')}"


def followed_in(schemas: JsonSchema) -> Callable[[object], Any]:
    """Return a function that returns the one of `json_schemas` that a `$ref` leads to."""
    return partial(target_of, {"components": {"schemas": schemas}})


def validator(
    schema: Any, schemas: JsonSchema, *, formats: bool = False
) -> jsonschema_rs.Validator:
    """Return a validator of a converted schema that may refer to converted components.

    Args:
        schema: The schema.
        schemas: The components.
        formats: Whether a string must be of its `format`, if that is one of JSON Schema's.

    Raises:
        ValueError: The validator cannot read the schema.
    """
    if isinstance(schema, dict):
        schema = {**schema, "components": {"schemas": schemas}}
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=formats)


def with_inner(schema: JsonSchema, change: Callable[[Any], Any]) -> JsonSchema:
    """Return a schema with each of the schemas in it changed."""
    changed = dict(schema)
    for keyword, value in schema.items():
        if keyword in _ONE:
            changed[keyword] = change(value)
        elif keyword in _LIST and isinstance(value, list):
            changed[keyword] = list(map(change, value))
        elif keyword in _MAP and isinstance(value, dict):
            changed[keyword] = {name: change(item) for name, item in value.items()}
    return changed


def _is_kept(pointer: str) -> bool:
    """Return whether a pointer leads to a component, or to a schema inside it that is converted."""
    if not pointer.startswith(f"{_COMPONENTS}/"):
        return False
    steps = iter(tokens_of(pointer)[3:])
    return all(
        keyword in _ONE or (keyword in _LIST | _MAP and next(steps, None) is not None)
        for keyword in steps
    )


def _targets(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the JSON Pointers in the `$ref`s of a document, as far as they lead somewhere."""
    stack: list[object] = [document]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            stack += node.values()
            pointer = pointer_of(node.get("$ref"))
            if pointer is not None and follow(document, pointer) is not None:
                yield pointer
        elif isinstance(node, list):
            stack += node


def _convert(schema: object, reference: Callable[[object], str | None], omitted: str | None) -> Any:
    if isinstance(schema, bool):
        return schema
    if not isinstance(schema, dict):
        return True

    def sub(value: object) -> Any:
        return _convert(value, reference, omitted)

    plain: JsonSchema = {}
    bounds = bounds_in(schema)
    for keyword, value in with_inner(schema, sub).items():
        if keyword == "$ref" and (ref := reference(value)):
            plain["$ref"] = ref
        elif keyword in SIZES and (size := size_in(schema, keyword)) is not None:
            plain[keyword] = size
        elif keyword in bounds:
            plain[keyword] = bounds[keyword]
        elif keyword in _KEPT:
            plain[keyword] = value
    if examples := examples_of(schema):
        plain["examples"] = examples
    plain = {keyword: value for keyword, value in plain.items() if _is_readable(keyword, value)}
    if omitted and "required" in plain:
        fields = plain.get("properties", {})
        plain["required"] = [
            name for name in plain["required"] if not _has_flag(fields.get(name), omitted)
        ]
    return _nullable(plain) if schema.get("nullable") is True else plain


def _has_flag(field: object, flag: str) -> bool:
    return isinstance(field, dict) and field.get(flag) is True


def _is_readable(keyword: str, value: object) -> bool:
    """Return whether a validator can read a keyword; the metaschema does not check patterns."""
    if keyword == "pattern" and isinstance(value, str):
        return _is_regex(value)
    if keyword == "patternProperties" and isinstance(value, dict):
        return all(_is_regex(pattern) for pattern in value)
    return jsonschema_rs.meta.is_valid({keyword: value})


def _is_regex(pattern: str) -> bool:
    try:
        jsonschema_rs.Draft202012Validator({"pattern": pattern})
    except ValueError:
        return False
    return True


def _nullable(schema: JsonSchema) -> JsonSchema:
    kinds = schema.get("type")
    if kinds is None:
        return {"anyOf": [schema, {"type": "null"}]}
    kinds = [kinds] if isinstance(kinds, str) else list(kinds)
    nullable = {**schema, "type": list(dict.fromkeys([*kinds, "null"]))}
    if "enum" in schema and None not in schema["enum"]:
        nullable["enum"] = [*schema["enum"], None]
    return nullable
