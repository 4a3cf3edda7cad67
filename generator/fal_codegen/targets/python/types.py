"""Python types of planned properties, by datamodel-code-generator.

This is the only module that knows datamodel-code-generator. It is asked one thing: which Python
type a plain schema is. Names, order, documentation and defaults come from the plan, so it never
sees a document's text except in enum values and patterns, and it has nothing to rename.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fal_codegen.ir import Direction, Endpoint, PlainSchema

_RESULT = "GeneratedResult"
_FILE = "FileInput"
_CONSTRAINTS = frozenset(
    """
    minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength pattern
    minItems maxItems
    """.split()
)


@dataclass(frozen=True)
class Types:
    """The Python types of one endpoint, as source text.

    Attributes:
        fields: The type of each property, by model name and position.
        output: The type of the result.
    """

    fields: Mapping[str, tuple[str, ...]]
    output: str


def python_types(endpoint: Endpoint) -> Types:
    """Return the Python type of every property of an endpoint's models, and of its result."""
    definitions: dict[str, Any] = {_FILE: _object({})}
    for model in endpoint.models:
        definitions[model.name] = _object(
            {
                f"p{index}": _for_python(prop.schema, model.direction)
                for index, prop in enumerate(model.properties)
            }
        )
    definitions[_RESULT] = _object({"p0": _for_python(endpoint.output, Direction.OUTPUT)})
    classes = _generate({"$defs": definitions})
    return Types(
        fields={model.name: classes[model.name] for model in endpoint.models},
        output=classes[_RESULT][0],
    )


def names_in(annotation: str) -> Iterator[str]:
    """Yield the names that a type refers to."""
    for node in ast.walk(ast.parse(annotation, mode="eval")):
        if isinstance(node, ast.Name):
            yield node.id


def _object(properties: Mapping[str, PlainSchema]) -> PlainSchema:
    # Every property is required here, so that a type is never mixed with its absence.
    return {"type": "object", "properties": properties, "required": list(properties)}


def _for_python(schema: PlainSchema, direction: Direction) -> PlainSchema:
    """Return what is asked of a schema: the result's side admits more than the document says.

    An unknown enum value or a bound not kept must not lose a result that was paid for.
    """
    if schema.get("format") == "file":
        return {"$ref": f"#/$defs/{_FILE}"}
    is_open = direction is Direction.OUTPUT
    if "enum" in schema:
        kinds = dict.fromkeys(_JSON_TYPES[type(value)] for value in schema["enum"])
        others = [{"type": kind} for kind in kinds] if is_open else []
        return {"anyOf": [schema, *others]} if others else schema
    changed = {key: value for key, value in schema.items() if not (is_open and key in _CONSTRAINTS)}
    if "anyOf" in schema:
        changed["anyOf"] = [_for_python(member, direction) for member in schema["anyOf"]]
    for keyword in ("items", "additionalProperties"):
        if keyword in schema:
            changed[keyword] = _for_python(schema[keyword], direction)
    return changed


_JSON_TYPES: Mapping[type, str] = {bool: "boolean", int: "integer", str: "string"}


def _generate(schema: PlainSchema) -> dict[str, tuple[str, ...]]:
    from datamodel_code_generator import generate
    from datamodel_code_generator.enums import DataModelType, InputFileType
    from datamodel_code_generator.format import PythonVersion
    from datamodel_code_generator.parser import LiteralType

    source = generate(
        schema,
        input_file_type=InputFileType.JsonSchema,
        output_model_type=DataModelType.PydanticV2BaseModel,
        target_python_version=PythonVersion.PY_310,
        enum_field_as_literal=LiteralType.All,
        use_annotated=True,
        field_constraints=True,
        use_standard_collections=True,
        use_union_operator=True,
        disable_timestamp=True,
        formatters=[],
    )
    return _read_types(str(source))


def _read_types(source: str) -> dict[str, tuple[str, ...]]:
    """Return the field types of each class; root models are written out where they are used."""
    fields: dict[str, list[ast.expr]] = {}
    aliases: dict[str, ast.expr] = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef):
            types = [line.annotation for line in node.body if isinstance(line, ast.AnnAssign)]
            if ast.unparse(node.bases[0]).startswith("RootModel"):
                aliases[node.name] = types[0]
            else:
                fields[node.name] = types
    inline = _Inline(aliases)
    return {
        name: tuple(ast.unparse(inline.visit(annotation)) for annotation in annotations)
        for name, annotations in fields.items()
    }


class _Inline(ast.NodeTransformer):
    """Puts the type of a root model in place of its name."""

    def __init__(self, aliases: Mapping[str, ast.expr]) -> None:
        self._aliases = aliases

    def visit_Name(self, node: ast.Name) -> ast.expr:
        alias = self._aliases.get(node.id)
        return node if alias is None else self.visit(alias)
