"""Python types of planned properties, by datamodel-code-generator.

This is the only module that knows datamodel-code-generator. It is asked one thing: which Python
type a plain schema is. Names, order, documentation and defaults come from the plan, so it never
sees a document's text except in enum values and patterns, and it has nothing to rename.

What JSON Schema asks and pydantic cannot (see the runtime's `checks`) is put around its answer.
"""

from __future__ import annotations

import ast
import gc
import os
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module

from fal_codegen.ir import REF, Direction, Endpoint, PlainSchema
from fal_codegen.plain import is_number
from fal_codegen.targets.python.quoting import literal

_RESULT = "GeneratedResult"
_FILE = "FileInput"
_CONSTRAINTS = frozenset(
    """
    minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength pattern
    minItems maxItems uniqueItems
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
    asked = _Asked(neutral)
    for model in endpoint.models:
        schemas = [asked.schema(prop.schema, model.direction) for prop in model.properties]
        asked.definitions[neutral[model.name]] = _object(schemas)
    result = asked.schema(endpoint.output, Direction.OUTPUT)
    asked.definitions[_RESULT] = _object([result])
    source = _generator()({"$defs": {_FILE: _object([]), **asked.definitions}})
    classes = _read_types(source, {short: name for name, short in neutral.items()}, asked.checks)
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


@dataclass(frozen=True)
class _Asked:
    """What datamodel-code-generator is asked about one endpoint.

    Attributes:
        names: What models are called while they are asked about.
        definitions: Schemas by name.
        checks: What the runtime is to check besides, as source text, by a definition's name.
    """

    names: Mapping[str, str]
    definitions: dict[str, PlainSchema] = field(default_factory=dict)
    checks: dict[str, str] = field(default_factory=dict)

    def schema(self, schema: PlainSchema, direction: Direction) -> PlainSchema:
        """Return what is asked of a schema: the result's side admits more than the document says.

        An unknown enum value or a bound not kept must not lose a result that was paid for.
        """
        asked = self._asked(schema, direction)
        check = _check(schema) if direction is Direction.INPUT else ""
        if not check:
            return asked
        name = f"Checked{len(self.checks)}"
        self.definitions[name] = asked
        self.checks[name] = check
        return {"$ref": REF + name}

    def _asked(self, schema: PlainSchema, direction: Direction) -> PlainSchema:
        if "$ref" in schema:
            return {"$ref": REF + self.names[schema["$ref"].removeprefix(REF)]}
        if schema.get("format") == "file":
            return {"$ref": REF + _FILE}
        is_open = direction is Direction.OUTPUT
        if "enum" in schema:
            return _enum(schema["enum"], is_open)
        left_out = _CONSTRAINTS if is_open else {"uniqueItems"}
        asked = {key: value for key, value in schema.items() if key not in left_out}
        if "anyOf" in schema:
            asked["anyOf"] = [self.schema(member, direction) for member in schema["anyOf"]]
        for keyword in ("items", "additionalProperties"):
            if keyword in schema:
                asked[keyword] = self.schema(schema[keyword], direction)
        return asked


def _enum(values: Sequence[object], is_open: bool) -> PlainSchema:
    # A Literal holds no fractions, so numbers are then numbers, and checked.
    numbers = [value for value in values if is_number(value)]
    if not any(isinstance(value, float) for value in numbers):
        numbers = []
    listed = [value for value in values if value not in numbers or isinstance(value, bool)]
    kinds = [_JSON_TYPES[type(value)] for value in (listed if is_open else ())]
    members: list[PlainSchema] = [{"enum": listed}] if listed else []
    members += [{"type": kind} for kind in dict.fromkeys(kinds + ["number"] * bool(numbers))]
    return members[0] if len(members) == 1 else {"anyOf": members}


def _check(schema: PlainSchema) -> str:
    """Return the source of a check that pydantic's own constraints cannot express, or nothing."""
    if schema.get("uniqueItems"):
        return "UniqueItems()"
    values = schema.get("enum", ())
    # To a Literal, True is 1 and False is 0.
    if any(isinstance(value, float) or value in (0, 1) for value in values):
        return f"OneOf({', '.join(map(literal, values))})"
    if schema.get("format") == "file" and len(schema) > len(("type", "format")):
        fewest, most = schema.get("minLength", 0), schema.get("maxLength")
        return f"UrlLength({fewest!r}, {most!r})"
    return ""


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


def _read_types(
    source: str, names: Mapping[str, str], checks: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    """Return the field types of each class.

    Root models are written out where they are used, those to be checked with their check, and
    classes get their own names back.
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
    for name, check in checks.items():
        call = ast.parse(check, mode="eval").body
        aliases[name] = ast.Subscript(ast.Name("Annotated"), ast.Tuple([aliases[name], call]))
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
