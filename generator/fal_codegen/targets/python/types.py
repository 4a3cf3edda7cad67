"""Python types of planned properties, by datamodel-code-generator.

No other module calls datamodel-code-generator. It generates the Python type of a schema, and
nothing else: names, order, documentation and defaults come from the plan. So it sees no text of a
document except enum values and patterns, and has nothing to rename.

Constraints that pydantic cannot express (see the runtime's `constraints`) are added to its types
as annotations.
"""

from __future__ import annotations

import ast
import gc
import json
import os
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import import_module
from itertools import chain, islice
from typing import Any

from fal_codegen.digests import digest_of
from fal_codegen.document.json_values import is_number
from fal_codegen.document.schema import (
    Array,
    Enum,
    FileUrl,
    Number,
    Ref,
    Scalar,
    Schema,
    as_json_schema,
    constraints,
    references,
    replace_references,
    scalar_kind,
    union_of,
    with_inner,
    without_constraints,
)
from fal_codegen.ir import Direction, Endpoint, Model
from fal_codegen.targets.python.expressions import PythonType, named
from fal_codegen.targets.python.type_cache import TypeRequest, cached
from fal_codegen.targets.python_quoting import literal

_TYPES = "Types"
_FILE = "FileInput"


@dataclass(frozen=True)
class Types:
    """The Python types of one endpoint.

    Attributes:
        fields: The type of each property, by model name and position.
        output: The type of the result.
    """

    fields: Mapping[str, tuple[PythonType, ...]]
    output: PythonType


def python_types(
    endpoints: Sequence[Endpoint], class_of: Callable[[Model], str]
) -> dict[str, Types]:
    """Return the Python types of endpoints' properties and results, by endpoint id.

    Most properties of most endpoints have one of a few hundred schemas, so datamodel-code-generator
    is asked about each of these once, in one call for all endpoints.

    Args:
        endpoints: The endpoints.
        class_of: Returns the name of a model's class.
    """
    requests = {endpoint.id: _requests(endpoint) for endpoint in endpoints}
    sources = cached(chain.from_iterable(requests.values()), _generate)
    types: dict[str, Types] = {}
    for endpoint in endpoints:
        models = {model.name: model for model in endpoint.models}
        classes = {name: class_of(model) for name, model in models.items()}
        tags = {name: model.tags for name, model in models.items() if classes[name] == name}
        found = (
            named(sources[key], [classes[name] for name in inner], tags, direction)
            for key, _, direction, inner in requests[endpoint.id]
        )
        types[endpoint.id] = Types(
            fields={
                model.name: tuple(islice(found, len(model.properties))) for model in endpoint.models
            },
            output=next(found),
        )
    return types


def _requests(endpoint: Endpoint) -> list[TypeRequest]:
    """Return the requests for every property of every model, and last for the result."""
    properties = [
        _request(prop.schema, model.direction)
        for model in endpoint.models
        for prop in model.properties
    ]
    return [*properties, _request(endpoint.output, Direction.OUTPUT)]


def _request(schema: Schema, direction: Direction) -> TypeRequest:
    names = {name: f"Model{index}" for index, name in enumerate(dict.fromkeys(references(schema)))}
    # Neutral names, which datamodel-code-generator has no reason to change.
    neutral = replace_references(schema, lambda ref: Ref(names[ref.name]))
    # As JSON, because `1` and `1.0` are equal in Python, but bounds keep their spelling.
    key = digest_of(json.dumps([as_json_schema(neutral), direction.value]))
    return TypeRequest(key, neutral, direction, tuple(names))


def _generate(requests: Sequence[TypeRequest]) -> tuple[str, ...]:
    """Generate the type of each schema with datamodel-code-generator."""
    batch = _Batch()
    schemas = [batch.schema(request.schema, request.direction) for request in requests]
    widest = max((len(request.models) for request in requests), default=0)
    definitions = {
        **{name: _object([]) for name in (_FILE, *(f"Model{index}" for index in range(widest)))},
        **{name: as_json_schema(schema) for name, schema in batch.definitions.items()},
        _TYPES: _object(schemas),
    }
    return _read_types(_generator()({"$defs": definitions}), batch.checks)[_TYPES]


def _object(schemas: Sequence[Schema]) -> dict[str, Any]:
    properties = {f"p{index}": as_json_schema(schema) for index, schema in enumerate(schemas)}
    # Every property is required here, so that a type is never mixed with its absence.
    return {"type": "object", "properties": properties, "required": list(properties)}


@dataclass(frozen=True)
class _Batch:
    """The schemas that datamodel-code-generator is asked about.

    Attributes:
        definitions: Schemas by name.
        checks: The sources of checks by the runtime, by a definition's name.
    """

    definitions: dict[str, Schema] = field(default_factory=dict)
    checks: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def schema(self, schema: Schema, direction: Direction) -> Schema:
        """Return the schema to ask about: a result may have more values than the document lists.

        An unknown enum value or an exceeded bound must not lose a result that was paid for.
        """
        asked = self._asked(schema, direction)
        checks = tuple(_checks(schema)) if direction is Direction.INPUT else ()
        if not checks:
            return asked
        name = f"Checked{len(self.checks)}"
        self.definitions[name] = asked
        self.checks[name] = checks
        return Ref(name)

    def _asked(self, schema: Schema, direction: Direction) -> Schema:
        is_open = direction is Direction.OUTPUT
        match without_constraints(schema) if is_open else schema:
            case FileUrl():
                return Ref(_FILE)
            case Enum(values):
                return _enum(values, is_open)
            case Array() as array:
                return replace(array, items=self.schema(array.items, direction), unique_items=False)
            case other:
                return with_inner(other, lambda part: self.schema(part, direction))


def _enum(values: Sequence[Scalar], is_open: bool) -> Schema:
    # A Literal holds no fractions: such numbers are numbers that the runtime checks.
    numbers = [value for value in values if is_number(value)]
    if not any(isinstance(value, float) for value in numbers):
        numbers = []
    listed = [value for value in values if value not in numbers or isinstance(value, bool)]
    kinds = map(scalar_kind, listed if is_open else ())
    return union_of(
        [*([Enum(tuple(listed))] if listed else []), *kinds, *([Number()] if numbers else [])]
    )


def _checks(schema: Schema) -> Iterator[str]:
    """Yield the sources of the runtime's checks of a schema, which pydantic lacks."""
    match schema:
        case Array(unique_items=True):
            yield "UniqueItems()"
        # To a Literal, True is 1 and False is 0.
        case Enum(values) if any(isinstance(value, float) or value in (0, 1) for value in values):
            yield f"OneOf({', '.join(map(literal, values))})"
        case FileUrl(min_length, max_length, file_limits):
            if constraints(schema):
                yield f"UrlLength({min_length or 0!r}, {max_length!r})"
            if stated := file_limits.stated():
                limits = (f"{name}={literal(value)}" for name, value in stated.items())
                yield f"FileLimits({', '.join(limits)})"
        case _:
            pass


@cache
def _generator() -> Callable[[Mapping[str, Any]], str]:
    """Import and configure datamodel-code-generator.

    Importing it creates 90,000 objects that live as long as the process. They are frozen, because
    collecting them takes longer than most of the generating.
    """
    # Installed plugins of pydantic must not change what is generated.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    gc.disable()
    import_module("datamodel_code_generator.parser.jsonschema")  # else imported while generating
    from datamodel_code_generator import generate
    from datamodel_code_generator.config import GenerateConfig
    from datamodel_code_generator.enums import DataModelType, InputFileType
    from datamodel_code_generator.format import PythonVersion
    from datamodel_code_generator.parser import LiteralType

    gc.freeze()
    gc.enable()
    # Not validated: building the validator takes as long as a large document.
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

    def ask(schema: Mapping[str, Any]) -> str:
        with warnings.catch_warnings():
            # Its deprecations, such as of a Python version, do not concern the user.
            warnings.simplefilter("ignore", FutureWarning)
            return str(generate(schema, config=config))

    return ask


def _read_types(source: str, checks: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Return the field types of each class.

    Root models are inlined where they are used, with their checks.
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
    for name, sources in checks.items():
        calls = [ast.parse(check, mode="eval").body for check in sources]
        aliases[name] = ast.Subscript(ast.Name("Annotated"), ast.Tuple([aliases[name], *calls]))
    inline = _Inline(aliases)
    return {
        name: tuple(ast.unparse(inline.visit(annotation)) for annotation in annotations)
        for name, annotations in fields.items()
    }


class _Inline(ast.NodeTransformer):
    """Replaces the name of an alias by its type."""

    def __init__(self, aliases: Mapping[str, ast.expr]) -> None:
        self._aliases = aliases

    def visit_Name(self, node: ast.Name) -> ast.expr:  # the name that ast looks for
        if node.id not in self._aliases:
            return node
        inlined: ast.expr = self.visit(self._aliases[node.id])
        return inlined
