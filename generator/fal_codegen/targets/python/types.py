"""Python types of planned properties, by datamodel-code-generator.

This is the only module that knows datamodel-code-generator. It is asked one thing: which Python
type a plain schema is. Names, order, documentation and defaults come from the plan, so it never
sees a document's text except in enum values and patterns, and it has nothing to rename.
"""

from __future__ import annotations

import ast
import gc
import os
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from fal_codegen.ir import REF, Direction, Endpoint, PlainSchema

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
    # Neutral names, which datamodel-code-generator has no reason to change.
    neutral = {model.name: f"Shape{index}" for index, model in enumerate(endpoint.models)}
    definitions = {_FILE: _object([])}
    for model in endpoint.models:
        asked = [_for_python(prop.schema, model.direction, neutral) for prop in model.properties]
        definitions[neutral[model.name]] = _object(asked)
    definitions[_RESULT] = _object([_for_python(endpoint.output, Direction.OUTPUT, neutral)])
    source = _generator()({"$defs": definitions})
    classes = _read_types(source, {short: name for name, short in neutral.items()})
    return Types(
        fields={model.name: classes[neutral[model.name]] for model in endpoint.models},
        output=classes[_RESULT][0],
    )


def names_in(annotation: str) -> Iterator[str]:
    """Yield the names that a type refers to."""
    for node in ast.walk(ast.parse(annotation, mode="eval")):
        if isinstance(node, ast.Name):
            yield node.id


def _object(schemas: Sequence[PlainSchema]) -> PlainSchema:
    properties = {f"p{index}": schema for index, schema in enumerate(schemas)}
    # Every property is required here, so that a type is never mixed with its absence.
    return {"type": "object", "properties": properties, "required": list(properties)}


def _for_python(schema: PlainSchema, direction: Direction, names: Mapping[str, str]) -> PlainSchema:
    """Return what is asked of a schema: the result's side admits more than the document says.

    An unknown enum value or a bound not kept must not lose a result that was paid for.
    """
    if "$ref" in schema:
        return {"$ref": REF + names[schema["$ref"].removeprefix(REF)]}
    if schema.get("format") == "file":
        return {"$ref": REF + _FILE}
    is_open = direction is Direction.OUTPUT
    if "enum" in schema:
        kinds = dict.fromkeys(_JSON_TYPES[type(value)] for value in schema["enum"])
        return {"anyOf": [schema, *({"type": kind} for kind in kinds)]} if is_open else schema
    changed = {key: value for key, value in schema.items() if not (is_open and key in _CONSTRAINTS)}
    if "anyOf" in schema:
        changed["anyOf"] = [_for_python(member, direction, names) for member in schema["anyOf"]]
    for keyword in ("items", "additionalProperties"):
        if keyword in schema:
            changed[keyword] = _for_python(schema[keyword], direction, names)
    return changed


_JSON_TYPES: Mapping[type, str] = {bool: "boolean", int: "integer", str: "string"}


@cache
def _generator() -> Callable[[PlainSchema], str]:
    """Return datamodel-code-generator, set up for what is asked of it.

    Importing it makes 90,000 objects, none of them garbage. The collector is kept
    from them, now and until the process ends: walking them takes longer than most generating.
    """
    # Plugins of pydantic that happen to be installed are to have no say in what is generated.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    gc.disable()
    import_module("datamodel_code_generator.parser.jsonschema")  # else imported while it generates
    from datamodel_code_generator import generate
    from datamodel_code_generator.config import GenerateConfig
    from datamodel_code_generator.enums import DataModelType, InputFileType
    from datamodel_code_generator.format import PythonVersion
    from datamodel_code_generator.parser import LiteralType

    gc.freeze()
    gc.enable()
    # Not validated: to build the validator takes as long as a large document.
    config = GenerateConfig.model_construct(
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

    def ask(schema: PlainSchema) -> str:
        with warnings.catch_warnings():
            # Its plans for itself, such as an end of support for a Python, are not the user's.
            warnings.simplefilter("ignore", FutureWarning)
            return str(generate(schema, config=config))

    return ask


def _read_types(source: str, names: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return the field types of each class.

    Root models are written out where they are used, and classes get their own names back.
    """
    fields: dict[str, list[ast.expr]] = {}
    aliases: dict[str, ast.expr] = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            alias = node.value.args  # X = TypeAliasType("X", …)
            aliases[ast.unparse(node.targets[0])] = alias[1]
        elif isinstance(node, ast.ClassDef):
            types = [line.annotation for line in node.body if isinstance(line, ast.AnnAssign)]
            if ast.unparse(node.bases[0]).startswith("RootModel"):
                aliases[node.name] = types[0]
            else:
                fields[node.name] = types
    inline = _Inline(names, aliases)
    return {
        name: tuple(ast.unparse(inline.visit(annotation)) for annotation in annotations)
        for name, annotations in fields.items()
    }


class _Inline(ast.NodeTransformer):
    """Puts what a name stands for in its place."""

    def __init__(self, names: Mapping[str, str], aliases: Mapping[str, ast.expr]) -> None:
        self._names = names
        self._aliases = aliases

    def visit_Name(self, node: ast.Name) -> ast.expr:  # the name that ast looks for
        if node.id in self._aliases:
            inlined: ast.expr = self.visit(self._aliases[node.id])
            return inlined
        return ast.Name(self._names.get(node.id, node.id))
