"""Python types of planned properties, composed of the types of their levels.

datamodel-code-generator decides the type of each level (see `datamodel_types`); names, order,
documentation and defaults come from the plan. A result may have more values than the document
lists: an unknown enum value or an exceeded bound must not lose a result that was paid for.

Constraints that pydantic cannot express (see the runtime's `constraints`) are added to the types as
annotations.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial, reduce
from typing import NamedTuple

from fal_codegen.document.json_values import is_number
from fal_codegen.document.schema import (
    Anything,
    Array,
    Boolean,
    Enum,
    FileUrl,
    Integer,
    Map,
    Null,
    Number,
    Ref,
    Scalar,
    Schema,
    String,
    Union,
    alternatives,
    constraints,
    references,
    replace_references,
    scalar_kind,
    union_of,
    without_constraints,
)
from fal_codegen.exhaustive import assert_never
from fal_codegen.ir import Direction, Endpoint, Model
from fal_codegen.targets.python.datamodel_types import FIRST, SECOND, datamodel_type
from fal_codegen.targets.python.expressions import PythonType, named
from fal_codegen.targets.python_quoting import literal

_FILE = "FileInput"


class Types(NamedTuple):
    """The Python types of one endpoint.

    Attributes:
        fields: The type of each property, by model name and position.
        output: The type of the result.
    """

    fields: Mapping[str, tuple[PythonType, ...]]
    output: PythonType


def python_types(endpoint: Endpoint, class_of: Callable[[Model], str]) -> Types:
    """Return the Python types of an endpoint's properties and of its result.

    Args:
        endpoint: The endpoint.
        class_of: Returns the name of a model's class.
    """
    models = {model.name: model for model in endpoint.models}
    classes = {name: class_of(model) for name, model in models.items()}
    tags = {name: model.tags for name, model in models.items() if classes[name] == name}

    def type_of(schema: Schema, direction: Direction) -> PythonType:
        inner = dict.fromkeys(references(schema))
        neutral = {name: Ref(f"Model{index}") for index, name in enumerate(inner)}
        asked = replace_references(schema, lambda ref: neutral[ref.name]) if inner else schema
        return named(_source(asked, direction), [classes[name] for name in inner], tags, direction)

    return Types(
        fields={
            model.name: tuple(type_of(prop.schema, model.direction) for prop in model.properties)
            for model in endpoint.models
        },
        output=type_of(endpoint.output, Direction.OUTPUT),
    )


_sources: dict[tuple[str, Direction], str] = {}
"""Most properties of most endpoints have one of a few hundred schemas."""


def _source(schema: Schema, direction: Direction) -> str:
    """Return the source of a schema's type.

    Args:
        schema: The schema, in which models are called `Model0`, `Model1`, ….
        direction: Which way its values travel.
    """
    key = repr(schema), direction  # schemas with the bounds 1 and 1.0 are equal
    if key not in _sources:
        _sources[key] = ast.unparse(_type(schema, is_open=direction is Direction.OUTPUT))
    return _sources[key]


def _type(schema: Schema, *, is_open: bool) -> ast.expr:
    """Return the type of a schema, with the checks that pydantic lacks.

    Args:
        schema: The schema.
        is_open: Whether its constraints do not count, and the values of enums are only examples.
    """
    if is_open:
        return _unchecked(without_constraints(schema), is_open=True)
    checks = [ast.parse(check, mode="eval").body for check in _checks(schema)]
    unchecked = _unchecked(schema, is_open=False)
    if not checks:
        return unchecked
    return ast.Subscript(ast.Name("Annotated"), ast.Tuple([unchecked, *checks]))


def _unchecked(schema: Schema, *, is_open: bool) -> ast.expr:
    match schema:
        case FileUrl():
            return ast.Name(_FILE)
        case Ref(name):
            return ast.Name(name)
        case Enum(values):
            return _union(map(datamodel_type, _enum(values, is_open=is_open)))
        case Union(members):
            others = (member for member in members if member != Null())
            union = _union(_type(member, is_open=is_open) for member in others)
            is_nullable = Null() in members
            return datamodel_type(Union((FIRST, Null())), union) if is_nullable else union
        case Array(items):
            bare = replace(schema, items=FIRST, unique_items=False)
            return datamodel_type(bare, _type(items, is_open=is_open))
        case Map(values):
            return datamodel_type(Map(FIRST), _type(values, is_open=is_open))
        case Anything() | Null() | Boolean() | Integer() | Number() | String():
            return datamodel_type(schema)
        case _:
            assert_never(schema)


def _union(types: Iterable[ast.expr]) -> ast.expr:
    return reduce(partial(datamodel_type, Union((FIRST, SECOND))), types)


def _enum(values: Sequence[Scalar], *, is_open: bool) -> Sequence[Schema]:
    """Return the schemas that accept the values of an enum."""
    # A Literal holds no fractions: such numbers are numbers that the runtime checks.
    numbers = [value for value in values if is_number(value)]
    if not any(isinstance(value, float) for value in numbers):
        numbers = []
    listed = [value for value in values if value not in numbers or isinstance(value, bool)]
    kinds = map(scalar_kind, listed if is_open else ())
    return alternatives(
        union_of(
            [*([Enum(tuple(listed))] if listed else []), *kinds, *([Number()] if numbers else [])]
        )
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
