"""Python types of single levels of schemas, as datamodel-code-generator decides them.

No other module calls datamodel-code-generator. It is asked about one level of a schema at a time,
with a stand-in for each value and each schema inside: `{"type": "integer", "minimum": 1}` has the
type `Annotated[int, Field(ge=1)]`, whatever the minimum is. So it sees no text of a document.

Importing it takes as long as everything else that a first run does. Its answers about the levels
that genuine documents have are therefore in `datamodel_types.json`; it is imported for others.
"""

from __future__ import annotations

import ast
import gc
import json
import os
import warnings
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from fal_codegen.document.json_values import is_scalar
from fal_codegen.document.schema import (
    CONSTRAINT_KEYWORDS,
    Enum,
    Keyword,
    Number,
    Ref,
    Scalar,
    Schema,
    as_json_schema,
    constraints,
)

KNOWN = Path(__file__).with_suffix(".json")
"""What is known: a list of objects, each with a JSON Schema and datamodel-code-generator's type."""

FIRST, SECOND = Ref("Inner0"), Ref("Inner1")
"""The stand-ins for schemas inside."""

_VALUES = "values"
_STAND_INS: Mapping[Keyword, Scalar] = {
    **{keyword: number for number, keyword in enumerate(CONSTRAINT_KEYWORDS, start=1)},
    "pattern": "pattern",
}


def datamodel_type(level: Schema, *inside: ast.expr) -> ast.expr:
    """Return the type of a schema.

    Args:
        level: The schema, in which `FIRST` and `SECOND` stand for the schemas inside.
        inside: The types of these schemas.
    """
    asked, values = _with_stand_ins(level)
    names = dict(zip((FIRST.name, SECOND.name), inside, strict=False))
    answer = ast.parse(_answer(json.dumps(asked)), mode="eval").body
    filled: ast.expr = _Filled(values, names).visit(answer)
    return filled


def _with_stand_ins(level: Schema) -> tuple[dict[str, Any], dict[object, ast.expr]]:
    """Return a schema as JSON Schema with stand-ins for its values, and the values by stand-in."""
    schema = as_json_schema(level)
    if isinstance(level, Enum):
        values: list[ast.expr] = [ast.Constant(value) for value in level.values]
        return {"enum": [_VALUES]}, {_VALUES: ast.Tuple(values) if len(values) > 1 else values[0]}
    stated, stand_ins = constraints(level), _STAND_INS
    if isinstance(level, Number):  # whose bounds are floats in Python, if a float can hold them
        stated = {key: float(value) if is_scalar(value) else value for key, value in stated.items()}
        stand_ins = {keyword: float(stand_ins[keyword]) for keyword in stated}
    if any(type(value) is not type(stand_ins[keyword]) for keyword, value in stated.items()):
        return schema, {}  # such as an integer with a fractional bound: its type has another one
    schema.update({keyword: stand_ins[keyword] for keyword in stated})
    return schema, {stand_ins[keyword]: ast.Constant(stated[keyword]) for keyword in stated}


class _Filled(ast.NodeTransformer):
    """Replaces stand-ins by what they stand for."""

    def __init__(self, values: Mapping[object, ast.expr], names: Mapping[str, ast.expr]) -> None:
        self._values = values
        self._names = names

    def visit_Constant(self, node: ast.Constant) -> ast.expr:  # the names that ast looks for
        return self._values.get(node.value, node)

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._names.get(node.id, node)


@cache
def _answer(asked: str) -> str:
    """Return the type of a JSON Schema."""
    return _known().get(asked) or ask(json.loads(asked))


@cache
def _known() -> dict[str, str]:
    answers = json.loads(KNOWN.read_bytes())
    return {json.dumps(answer["schema"]): answer["type"] for answer in answers}


def ask(schema: Mapping[str, Any]) -> str:
    """Return the type of a JSON Schema, by datamodel-code-generator."""
    empty: dict[str, Any] = {"type": "object", "properties": {}}
    definitions = {FIRST.name: empty, SECOND.name: empty}
    # The property is required, so that its type is not mixed with its absence.
    asked = {"type": "object", "properties": {"asked": schema}, "required": ["asked"]}
    module = ast.parse(_generator()({"$defs": {**definitions, "Question": asked}}))
    [annotation] = (
        line.annotation
        for node in module.body
        if isinstance(node, ast.ClassDef) and node.name == "Question"
        for line in node.body
        if isinstance(line, ast.AnnAssign)
    )
    return ast.unparse(annotation)


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

    def generated(schema: Mapping[str, Any]) -> str:
        with warnings.catch_warnings():
            # Its deprecations, such as of a Python version, do not concern the user.
            warnings.simplefilter("ignore", FutureWarning)
            return str(generate(schema, config=config))

    return generated
